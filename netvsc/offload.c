// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host can do for a NIC: checksums, segmentation, spreading of frames
 * received; and asking for it.  Pure.
 */
#include <linux/minmax.h>
#include <linux/string.h>
#include "pure.h"

static bool has(const struct lis_ndis_csum *c, u32 flags)
{
	return c->encapsulation & LIS_NDIS_ENCAP_8023 &&
	       (c->flags & flags) == flags;
}

/* TCP without its options would be of no use. */
#define TCP	(LIS_NDIS_CSUM_TCP | LIS_NDIS_CSUM_TCP_OPTIONS)

static u32 checksums(const struct lis_ndis_offload *n)
{
	u32 can = 0;

	/* v4 packets with IP options reach the host like any other */
	if (has(&n->tx4, TCP | LIS_NDIS_CSUM_IP))
		can |= NETVSC_CAN_TCP4_TX;
	if (has(&n->tx4, LIS_NDIS_CSUM_UDP))
		can |= NETVSC_CAN_UDP4_TX;
	if (has(&n->tx6, TCP))
		can |= NETVSC_CAN_TCP6_TX;
	if (has(&n->tx6, LIS_NDIS_CSUM_UDP))
		can |= NETVSC_CAN_UDP6_TX;
	if (has(&n->rx4, LIS_NDIS_CSUM_TCP))
		can |= NETVSC_CAN_TCP4_RX;
	if (has(&n->rx4, LIS_NDIS_CSUM_UDP))
		can |= NETVSC_CAN_UDP4_RX;
	if (has(&n->rx4, LIS_NDIS_CSUM_IP))
		can |= NETVSC_CAN_IP4_RX;
	if (has(&n->rx6, LIS_NDIS_CSUM_TCP))
		can |= NETVSC_CAN_TCP6_RX;
	if (has(&n->rx6, LIS_NDIS_CSUM_UDP))
		can |= NETVSC_CAN_UDP6_RX;
	return can;
}

static bool segments(const struct lis_ndis_lso2 *l)
{
	return l->encapsulation & LIS_NDIS_ENCAP_8023 &&
	       l->max_bytes >= NETVSC_TSO_MIN && l->min_segments <= 2;
}

/**
 * netvsc_check_offload - understand the host's abilities.
 * @info: of the answer
 * @len: its bytes
 * @o: the result; segmentation only with the checksums it needs
 *
 * Return: NULL, or what is wrong.
 */
const char *netvsc_check_offload(const u8 *info, u32 len,
				 struct netvsc_offload *o)
{
	struct lis_ndis_offload n;
	u32 use;

	memset(o, 0, sizeof(*o));
	memset(&n, 0, sizeof(n));
	if (len < LIS_NDIS_OFFLOAD_BYTES_1)
		return "short list of offloads";
	memcpy(&n, info, min_t(u32, len, sizeof(n)));
	if (n.hdr.type != LIS_NDIS_TYPE_OFFLOAD || !n.hdr.revision ||
	    n.hdr.size < LIS_NDIS_OFFLOAD_BYTES_1 || n.hdr.size > len)
		return "list of offloads that is none";
	o->can = checksums(&n);
	o->tso_bytes = NETVSC_TSO_MAX;
	use = o->can;
	if (use & NETVSC_CAN_TCP4_TX && segments(&n.lso4)) {
		o->can |= NETVSC_CAN_TSO4;
		o->tso_bytes = min(o->tso_bytes, n.lso4.max_bytes);
	}
	if (use & NETVSC_CAN_TCP6_TX && segments(&n.lso6) &&
	    n.lso6_flags & LIS_NDIS_LSO6_TCP_OPTIONS) {
		o->can |= NETVSC_CAN_TSO6;
		o->tso_bytes = min(o->tso_bytes, n.lso6.max_bytes);
	}
	if (n.rsc4)
		o->can |= NETVSC_CAN_RSC4;
	if (n.rsc6)
		o->can |= NETVSC_CAN_RSC6;
	return NULL;
}

static u8 both_ways(u32 can, u32 tx, u32 rx)
{
	if (can & tx)
		return can & rx ? LIS_NDIS_PARAM_BOTH : LIS_NDIS_PARAM_TX;
	return can & rx ? LIS_NDIS_PARAM_RX : LIS_NDIS_PARAM_OFF;
}

static u8 on_off(bool on)
{
	return on ? LIS_NDIS_PARAM_ON : LIS_NDIS_PARAM_OFF;
}

/**
 * netvsc_build_offload - switch offloads on, and the others off.
 * @to: LIS_NDIS_PARAMS_BYTES_3
 * @can: NETVSC_CAN_*
 * @v5: NVSP 5 or later was agreed on
 * @coalesce: frames may come put together, if @can says so
 *
 * Return: bytes.
 */
u32 netvsc_build_offload(void *to, u32 can, bool v5, bool coalesce)
{
	struct lis_ndis_offload_params *p = to;
	u32 bytes = v5 ? LIS_NDIS_PARAMS_BYTES_3 : LIS_NDIS_PARAMS_BYTES_1;

	memset(p, 0, sizeof(*p));
	p->hdr.type = LIS_NDIS_TYPE_DEFAULT;
	p->hdr.revision = v5 ? 3 : 1;
	p->hdr.size = bytes;
	/* sent by LSO only, but it goes with the TCP checksum */
	p->ip4_csum = both_ways(can, NETVSC_CAN_TCP4_TX, NETVSC_CAN_IP4_RX);
	p->tcp4_csum = both_ways(can, NETVSC_CAN_TCP4_TX, NETVSC_CAN_TCP4_RX);
	p->udp4_csum = both_ways(can, NETVSC_CAN_UDP4_TX, NETVSC_CAN_UDP4_RX);
	p->tcp6_csum = both_ways(can, NETVSC_CAN_TCP6_TX, NETVSC_CAN_TCP6_RX);
	p->udp6_csum = both_ways(can, NETVSC_CAN_UDP6_TX, NETVSC_CAN_UDP6_RX);
	p->lso4 = on_off(can & NETVSC_CAN_TSO4);
	p->lso6 = on_off(can & NETVSC_CAN_TSO6);
	if (v5) {
		p->rsc4 = on_off(coalesce && can & NETVSC_CAN_RSC4);
		p->rsc6 = on_off(coalesce && can & NETVSC_CAN_RSC6);
	}
	return bytes;
}

/**
 * netvsc_check_rss_caps - how many queues the host can spread frames over.
 * @info: of the answer
 * @len: its bytes
 * @queues: at least 1
 * @entries: of the table, a power of two up to LIS_NDIS_RSS_TABLE_ENTRIES
 *
 * Return: NULL, or what is wrong.
 */
const char *netvsc_check_rss_caps(const u8 *info, u32 len, u32 *queues,
				  u32 *entries)
{
	struct lis_ndis_rss_caps c;
	u32 n;

	memset(&c, 0, sizeof(c));
	if (len < LIS_NDIS_RSS_CAPS_BYTES)
		return "short list of RSS abilities";
	memcpy(&c, info, min_t(u32, len, sizeof(c)));
	if (c.hdr.type != LIS_NDIS_TYPE_RSS_CAPABILITIES || !c.queues)
		return "list of RSS abilities that is none";
	*queues = c.queues;
	n = c.table_entries;
	if (!n || n > LIS_NDIS_RSS_TABLE_ENTRIES)
		n = LIS_NDIS_RSS_TABLE_ENTRIES;
	while (n & (n - 1))
		n &= n - 1;
	*entries = n;
	return NULL;
}
