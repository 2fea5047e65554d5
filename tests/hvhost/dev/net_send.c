// SPDX-License-Identifier: GPL-2.0-only
/*
 * Offloads of frames that the guest sends.
 * Locking: see net_send.h.
 */
#include "net_send.h"

#include <string.h>

#define ETH_VLAN_BE	0x8100

/* --- checksums ------------------------------------------------------------ */

static void leave_checksum(struct net_send *out, const struct net_frame *f)
{
	out->h.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	out->h.csum_start = f->l4;
	out->h.csum_offset = net_l4_checksum_at(f) - f->l4;
}

static unsigned int l4_offload(const struct net_frame *f)
{
	if (f->version == 4)
		return f->protocol == NET_TCP ? OFFLOAD_TX_TCP4 :
						OFFLOAD_TX_UDP4;
	return f->protocol == NET_TCP ? OFFLOAD_TX_TCP6 : OFFLOAD_TX_UDP6;
}

static const char *prepare_l4(struct net_send *out, const struct net_frame *f,
			      uint32_t info, unsigned int on)
{
	uint32_t at = info >> LIS_CSUM_TX_HDR_SHIFT & LIS_CSUM_TX_HDR_MASK;
	uint8_t protocol = info & LIS_CSUM_TX_TCP ? NET_TCP : NET_UDP;

	if (!f->l4 || f->protocol != protocol)
		return "checksum: the frame has no such header";
	if (!(on & l4_offload(f)))
		return "checksum: not switched on";
	if (at && at != f->l4)
		return "checksum: offset of the transport header";
	if (net_be16(f->data + net_l4_checksum_at(f)) !=
	    net_pseudo_sum(f, f->l4_bytes))
		return "checksum: no sum of the pseudo header in its place";
	if (f->l4_bytes > f->bytes - f->l4)
		return "checksum: IP length over the frame's";
	leave_checksum(out, f);
	return NULL;
}

static const char *prepare_checksum(struct net_send *out, struct net_frame *f,
				    uint32_t info, unsigned int on)
{
	const uint32_t l4 = LIS_CSUM_TX_TCP | LIS_CSUM_TX_UDP;
	uint32_t versions = info & (LIS_CSUM_TX_IP4 | LIS_CSUM_TX_IP6);

	if (!(info & (l4 | LIS_CSUM_TX_IP_HDR)))
		return NULL;		/* nothing is asked for */
	if (versions != (f->version == 4 ? LIS_CSUM_TX_IP4 : LIS_CSUM_TX_IP6) ||
	    !f->version)
		return "checksum: IP version";
	if ((info & l4) == l4)
		return "checksum: TCP and UDP";
	if (info & LIS_CSUM_TX_IP_HDR) {
		if (f->version != 4 || !(on & OFFLOAD_TX_IP4))
			return "checksum: IP header, not switched on";
		net_ip_checksum_set(f);
	}
	return info & l4 ? prepare_l4(out, f, info, on) : NULL;
}

/* --- large sends ---------------------------------------------------------- */

static const char *lso_error(const struct net_frame *f, uint32_t info,
			     unsigned int on)
{
	uint32_t mss = info & LIS_LSO_MSS_MASK;
	bool six = info & LIS_LSO_IP6;

	if (!(info & LIS_LSO_V2))
		return "LSO: version 1";
	if (f->version != (six ? 6 : 4) || !f->l4 || f->protocol != NET_TCP)
		return "LSO: no TCP of that IP version";
	if (!(on & (six ? OFFLOAD_LSO6 : OFFLOAD_LSO4)))
		return "LSO: not switched on";
	if ((info >> LIS_LSO_HDR_SHIFT & LIS_LSO_HDR_MASK) != f->l4)
		return "LSO: offset of the TCP header";
	if (!mss || f->bytes - f->payload > RNDIS_LSO_MAX)
		return "LSO: segment size";
	if (f->bytes - f->payload <= mss)
		return "LSO: a single segment";
	return NULL;
}

/* The guest leaves lengths out; who gets the frame wants them. */
static void complete_lengths(struct net_frame *f)
{
	uint32_t l4_bytes = f->bytes - f->l4;
	uint8_t *ip = f->data + f->l3;

	if (f->version == 4) {
		net_put_be16(ip + 2, f->bytes - f->l3);
		net_ip_checksum_set(f);
	} else {
		net_put_be16(ip + 4, f->bytes - f->l3 - 40);
	}
	net_put_be16(f->data + net_l4_checksum_at(f),
		     net_pseudo_sum(f, l4_bytes));
}

static const char *prepare_lso(struct net_send *out, struct net_frame *f,
			       uint32_t info, unsigned int on)
{
	const char *wrong = lso_error(f, info, on);

	if (wrong)
		return wrong;
	if (net_be16(f->data + net_l4_checksum_at(f)) != net_pseudo_sum(f, 0))
		return "LSO: no sum of the pseudo header without length";
	complete_lengths(f);
	leave_checksum(out, f);
	out->h.gso_type = f->version == 4 ? VIRTIO_NET_HDR_GSO_TCPV4 :
					    VIRTIO_NET_HDR_GSO_TCPV6;
	out->h.gso_size = info & LIS_LSO_MSS_MASK;
	out->h.hdr_len = f->payload;
	return NULL;
}

/* --- VLAN ----------------------------------------------------------------- */

static const char *insert_tag(struct net_send *out, uint32_t info)
{
	uint16_t id = info >> LIS_VLAN_ID_SHIFT & LIS_VLAN_ID_MASK;
	uint16_t tag = (info & LIS_VLAN_PRIORITY_MASK) << 13 |
		       (info & LIS_VLAN_DEI ? 1 << 12 : 0) | id;

	if (id == LIS_VLAN_ID_MASK)
		return "VLAN: id 4095";
	memmove(out->frame - NET_VLAN_BYTES, out->frame, 2 * NET_MAC_BYTES);
	out->frame -= NET_VLAN_BYTES;
	out->bytes += NET_VLAN_BYTES;
	net_put_be16(out->frame + 12, ETH_VLAN_BE);
	net_put_be16(out->frame + 14, tag);
	if (out->h.flags)
		out->h.csum_start += NET_VLAN_BYTES;
	if (out->h.gso_type)
		out->h.hdr_len += NET_VLAN_BYTES;
	return NULL;
}

const char *net_send_prepare(struct net_send *out, const struct rndis *r,
			     const struct rndis_data *d, uint8_t *frame)
{
	unsigned int on = atomic_load_explicit(&r->offloads,
					       memory_order_relaxed);
	const char *wrong = NULL;
	struct net_frame f;

	*out = (struct net_send){ .frame = frame, .bytes = d->data_bytes };
	net_frame_parse(&f, frame, d->data_bytes);
	if (d->has & 1 << INFO_LSO)
		wrong = prepare_lso(out, &f, d->info[INFO_LSO], on);
	else if (d->data_bytes > r->frame_bytes + NET_VLAN_BYTES)
		wrong = "frame longer than the MTU allows";
	else if (d->has & 1 << INFO_CSUM)
		wrong = prepare_checksum(out, &f, d->info[INFO_CSUM], on);
	if (!wrong && d->has & 1 << INFO_VLAN)
		wrong = insert_tag(out, d->info[INFO_VLAN]);
	return wrong;
}
