// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest may ask its NIC: the OIDs of RNDIS QUERY.
 * Locking: see rndis.h.
 */
#include <string.h>

#include "rndis.h"

#define LSO_MIN_SEGMENTS	2
#define VENDOR			"OpenLIS hvhost"

static const uint32_t supported[] = {
	LIS_OID_SUPPORTED_LIST, LIS_OID_HARDWARE_STATUS,
	LIS_OID_MEDIA_SUPPORTED, LIS_OID_MEDIA_IN_USE, LIS_OID_MAX_FRAME_SIZE,
	LIS_OID_LINK_SPEED, LIS_OID_VENDOR_ID, LIS_OID_VENDOR_DESCRIPTION,
	LIS_OID_PACKET_FILTER, LIS_OID_MAX_TOTAL_SIZE, LIS_OID_MEDIA_CONNECT,
	LIS_OID_XMIT_OK, LIS_OID_RCV_OK, LIS_OID_XMIT_ERROR,
	LIS_OID_RCV_ERROR, LIS_OID_RCV_NO_BUFFER, LIS_OID_RSS_CAPABILITIES,
	LIS_OID_RSS_PARAMETERS, LIS_OID_MAX_LINK_SPEED, LIS_OID_RNDIS_CONFIG,
	LIS_OID_PERMANENT_MAC, LIS_OID_CURRENT_MAC, LIS_OID_MULTICAST_LIST,
	LIS_OID_MULTICAST_MAX, LIS_OID_ENCAPSULATION, LIS_OID_OFFLOAD_CONFIG,
	LIS_OID_OFFLOAD_PARAMETERS, LIS_OID_OFFLOAD_CAPABILITIES,
};

static uint32_t put(uint8_t *info, uint32_t *bytes, const void *from,
		    uint32_t n)
{
	memcpy(info, from, n);
	*bytes = n;
	return LIS_RNDIS_STATUS_SUCCESS;
}

static uint32_t put_number(uint8_t *info, uint32_t *bytes, uint32_t n)
{
	return put(info, bytes, &n, sizeof(n));
}

/* Checksum abilities of one direction; @shift: where its bits are */
static struct lis_ndis_csum csum4(unsigned int on, unsigned int shift)
{
	struct lis_ndis_csum c = { 0 };

	on >>= shift;
	if (on & OFFLOAD_TX_IP4)
		c.flags |= LIS_NDIS_CSUM_IP | LIS_NDIS_CSUM_IP_OPTIONS;
	if (on & OFFLOAD_TX_TCP4)
		c.flags |= LIS_NDIS_CSUM_TCP | LIS_NDIS_CSUM_TCP_OPTIONS;
	if (on & OFFLOAD_TX_UDP4)
		c.flags |= LIS_NDIS_CSUM_UDP;
	if (c.flags)
		c.encapsulation = LIS_NDIS_ENCAP_8023;
	return c;
}

static struct lis_ndis_csum csum6(unsigned int on, unsigned int shift)
{
	struct lis_ndis_csum c = { 0 };

	on >>= shift;
	if (on & OFFLOAD_TX_TCP6)
		c.flags |= LIS_NDIS_CSUM_TCP | LIS_NDIS_CSUM_TCP_OPTIONS |
			   LIS_NDIS_CSUM_IP_OPTIONS;
	if (on & OFFLOAD_TX_UDP6)
		c.flags |= LIS_NDIS_CSUM_UDP;
	if (c.flags)
		c.encapsulation = LIS_NDIS_ENCAP_8023;
	return c;
}

static uint32_t put_offload(const struct rndis *r, unsigned int on,
			    uint8_t *info, uint32_t *bytes)
{
	static const struct lis_ndis_lso2 lso = {
		LIS_NDIS_ENCAP_8023, RNDIS_LSO_MAX, LSO_MIN_SEGMENTS };
	struct lis_ndis_offload o = {
		.hdr = { LIS_NDIS_TYPE_OFFLOAD, r->large_objects ? 3 : 1,
			 r->large_objects ? LIS_NDIS_OFFLOAD_BYTES_3 :
					    LIS_NDIS_OFFLOAD_BYTES_1 },
		.tx4 = csum4(on, 0),
		.rx4 = csum4(on, OFFLOAD_RX_SHIFT),
		.tx6 = csum6(on, 0),
		.rx6 = csum6(on, OFFLOAD_RX_SHIFT),
	};

	if (on & OFFLOAD_LSO4)
		o.lso4 = lso;
	if (on & OFFLOAD_LSO6) {
		o.lso6 = lso;
		o.lso6_flags = LIS_NDIS_LSO6_EXT | LIS_NDIS_LSO6_TCP_OPTIONS;
	}
	o.rsc4 = !!(on & OFFLOAD_RSC4);
	o.rsc6 = !!(on & OFFLOAD_RSC6);
	return put(info, bytes, &o, o.hdr.size);
}

/* Receive checksums are verified here, whatever the back end can do. */
static unsigned int able(const struct rndis *r)
{
	unsigned int tx = OFFLOAD_TX_IP4 | OFFLOAD_TX_TCP4 | OFFLOAD_TX_UDP4 |
			  OFFLOAD_TX_TCP6 | OFFLOAD_TX_UDP6;
	unsigned int rx = tx << OFFLOAD_RX_SHIFT;

	if (!r->offload)
		return rx;
	if (r->rsc)
		rx |= OFFLOAD_RSC4 | OFFLOAD_RSC6;
	return tx | rx | OFFLOAD_LSO4 | OFFLOAD_LSO6;
}

static uint32_t put_rss_caps(const struct rndis *r, uint8_t *info,
			     uint32_t *bytes)
{
	struct lis_ndis_rss_caps caps = {
		.hdr = { LIS_NDIS_TYPE_RSS_CAPABILITIES, 2,
			 LIS_NDIS_RSS_CAPS_BYTES },
		.flags = LIS_NDIS_HASH_TOEPLITZ | LIS_NDIS_RSS_CAP_TCP4 |
			 LIS_NDIS_RSS_CAP_TCP6 | LIS_NDIS_RSS_CAP_UDP4,
		.messages = r->queues,
		.queues = r->queues,
		.table_entries = LIS_NDIS_RSS_TABLE_ENTRIES,
	};

	if (!r->rss)
		return LIS_RNDIS_STATUS_NOT_SUPPORTED;
	return put(info, bytes, &caps, LIS_NDIS_RSS_CAPS_BYTES);
}

static uint32_t put_counter(const struct rndis *r, uint32_t oid,
			    uint8_t *info, uint32_t *bytes)
{
	const struct rndis_counts *c = r->counts;
	uint64_t n = 0;

	switch (oid) {
	case LIS_OID_XMIT_OK: n = c->tx_frames; break;
	case LIS_OID_RCV_OK: n = c->rx_frames; break;
	case LIS_OID_XMIT_ERROR: n = c->tx_errors; break;
	case LIS_OID_RCV_NO_BUFFER: n = c->rx_no_buffer; break;
	}
	return put(info, bytes, &n, sizeof(n));
}

static uint32_t query_link(const struct rndis *r, uint32_t oid, uint8_t *info,
			   uint32_t *bytes)
{
	static const uint64_t both[2] = { RNDIS_LINK_SPEED * 100ull,
					  RNDIS_LINK_SPEED * 100ull };

	if (oid == LIS_OID_LINK_SPEED)
		return put_number(info, bytes, RNDIS_LINK_SPEED);
	if (oid == LIS_OID_MAX_LINK_SPEED)
		return put(info, bytes, both, sizeof(both));
	return put_number(info, bytes, atomic_load(r->link_up) ?
			  LIS_NDIS_CONNECTED : LIS_NDIS_DISCONNECTED);
}

uint32_t rndis_query(struct rndis *r, uint32_t oid, uint8_t *info,
		     uint32_t *bytes)
{
	switch (oid) {
	case LIS_OID_SUPPORTED_LIST:
		return put(info, bytes, supported, sizeof(supported));
	case LIS_OID_PERMANENT_MAC:
		return put(info, bytes, r->permanent_mac, NET_MAC_BYTES);
	case LIS_OID_CURRENT_MAC:
		return put(info, bytes, r->mac, NET_MAC_BYTES);
	case LIS_OID_HARDWARE_STATUS:
	case LIS_OID_MEDIA_SUPPORTED:
	case LIS_OID_MEDIA_IN_USE:
	case LIS_OID_VENDOR_ID:
		return put_number(info, bytes, 0);
	case LIS_OID_VENDOR_DESCRIPTION:
		return put(info, bytes, VENDOR, sizeof(VENDOR));
	case LIS_OID_MAX_FRAME_SIZE:
		return put_number(info, bytes, r->frame_bytes - NET_ETH_BYTES);
	case LIS_OID_MAX_TOTAL_SIZE:
		return put_number(info, bytes, r->frame_bytes);
	case LIS_OID_LINK_SPEED:
	case LIS_OID_MAX_LINK_SPEED:
	case LIS_OID_MEDIA_CONNECT:
		return query_link(r, oid, info, bytes);
	case LIS_OID_PACKET_FILTER:
		return put_number(info, bytes, atomic_load(&r->filter));
	case LIS_OID_MULTICAST_LIST:
		return put(info, bytes, r->multicast,
			   r->multicast_count * NET_MAC_BYTES);
	case LIS_OID_MULTICAST_MAX:
		return put_number(info, bytes, RNDIS_MULTICAST_MAX);
	case LIS_OID_XMIT_OK:
	case LIS_OID_RCV_OK:
	case LIS_OID_XMIT_ERROR:
	case LIS_OID_RCV_ERROR:
	case LIS_OID_RCV_NO_BUFFER:
		return put_counter(r, oid, info, bytes);
	case LIS_OID_RSS_CAPABILITIES:
		return put_rss_caps(r, info, bytes);
	case LIS_OID_OFFLOAD_CAPABILITIES:
		return put_offload(r, able(r), info, bytes);
	case LIS_OID_OFFLOAD_CONFIG:
		return put_offload(r, atomic_load(&r->offloads), info, bytes);
	}
	return LIS_RNDIS_STATUS_NOT_SUPPORTED;
}
