// SPDX-License-Identifier: GPL-2.0-only
/*
 * netvsp: frames and RNDIS messages for the guest, written into the receive
 * buffer and announced by transfer-page packets.
 *
 * Locking: runs in the channel's worker; the primary's also adds to the lists
 * of others.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "netvsp_int.h"
#include "rndis_packet.h"

#define BUDGET		64		/* frames between looks at the ring */
#define RANGES_MAX	64		/* in one packet, of one frame */
#define RANGES_SHARED	16		/* the same, of several frames */
#define DATA_AT		256		/* of a frame in its message */
#define ETH_VLAN	0x8100
#define PACKET_ID_VERSION	1

static void count(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* --- packets to the guest ------------------------------------------------- */

/* One packet of what waits first; false: nothing, or no room.  Locked. */
static bool deliver_some(struct netvsp *v, struct nic_list *l, uint32_t type)
{
	struct lis_nvsp_msg m = {
		.type = LIS_NVSP_RNDIS,
		.rndis = { type, LIS_NVSP_NO_SECTION, 0 },
	};
	struct lis_pkt_xfer_range ranges[RANGES_MAX];
	struct nic *nic = v->nic;
	uint32_t n = l->first, first = n, last = n;
	unsigned int used = 0;
	uint16_t set;

	/* All parts of a frame are in the same packet */
	while (n != NIC_NO_SUBALLOC && (!used || used +
	       nic->suballocs[n].parts <= RANGES_SHARED)) {
		unsigned int end = used + nic->suballocs[n].parts;

		for (; used < end; used++) {
			const struct nic_suballoc *a = &nic->suballocs[n];

			ranges[used].byte_count = a->bytes;
			ranges[used].byte_offset = a->offset;
			last = n;
			n = a->next;
		}
	}
	if (!used)
		return false;
	set = nic->recv->id;
	netvsp_lie_ranges(v, &ranges[0], &set);
	if (!vmbus_channel_send_pages(v->ch, set, first,
					       ranges, used, &m,
					       netvsp_message_bytes(v)))
		return false;
	l->first = n;
	l->count -= used;
	/* The guest gives back all of them by the first one's number */
	nic->suballocs[last].next = NIC_NO_SUBALLOC;
	nic->suballocs[first].owner = v->index;
	return true;
}

void netvsp_deliver(struct netvsp *v)
{
	pthread_mutex_lock(&v->nic->lock);
	while (deliver_some(v, &v->control, LIS_NVSP_CHANNEL_CONTROL))
		;
	while (deliver_some(v, &v->data, LIS_NVSP_CHANNEL_DATA))
		;
	pthread_mutex_unlock(&v->nic->lock);
}

/* --- control -------------------------------------------------------------- */

bool netvsp_send_control(struct netvsp *v, const void *message, uint32_t bytes)
{
	struct nic *nic = v->nic;
	struct nic_buffer *b = nic_buffer_get(nic, &nic->recv);
	uint32_t n = b ? nic_suballoc_take(nic, true) : NIC_NO_SUBALLOC;

	if (n != NIC_NO_SUBALLOC) {
		vmbus_map_write(b->map, n * b->section_bytes, message, bytes);
		pthread_mutex_lock(&nic->lock);
		nic->suballocs[n].offset = n * b->section_bytes;
		nic->suballocs[n].bytes = bytes;
		nic->suballocs[n].parts = 1;
		nic_list_add(nic, &v->control, n);
		pthread_mutex_unlock(&nic->lock);
	}
	nic_buffer_put(nic, b);
	return n != NIC_NO_SUBALLOC;
}

void netvsp_indicate(struct netvsp *v, uint32_t status)
{
	struct lis_rndis_indicate m = {
		.hdr = { LIS_RNDIS_INDICATE, sizeof(m) },
		.status = status,
	};

	netvsp_send_control(v, &m, sizeof(m));
}

/* --- frames --------------------------------------------------------------- */

struct arrived {
	uint8_t *frame;
	struct rndis_data d;
	unsigned int queue;
	unsigned int parts;		/* sub-allocations, 1 unless coalesced */
	uint32_t part_bytes;
};

/* The sender left a checksum to its NIC, which was us. */
static bool complete_checksum(const struct virtio_net_hdr *h, uint8_t *frame,
			      uint32_t bytes)
{
	uint32_t at = h->csum_start + h->csum_offset;
	uint16_t sum;

	if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return true;
	if (h->csum_start >= bytes || at + 2 > bytes)
		return false;
	sum = ~net_sum(frame + h->csum_start, bytes - h->csum_start, 0);
	/* 0 is the same sum, but means that a UDP sender made none */
	net_put_be16(frame + at, sum ?: 0xffff);
	return true;
}

/* Does the guest take it in one piece? */
static bool plan_parts(const struct nic *nic, const struct virtio_net_hdr *h,
		       struct arrived *a)
{
	unsigned int on = atomic_load(&nic->rndis.offloads), need;

	a->parts = 1;
	a->part_bytes = nic->rndis.frame_bytes;
	if (!h->gso_type)
		return true;
	need = (h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) ==
	       VIRTIO_NET_HDR_GSO_TCPV4 ? OFFLOAD_RSC4 : OFFLOAD_RSC6;
	a->parts = (a->d.data_bytes + a->part_bytes - 1) / a->part_bytes;
	return on & need && a->parts <= RANGES_MAX;
}

static void strip_tag(struct arrived *a)
{
	uint16_t tag;

	if (net_be16(a->frame + 12) != ETH_VLAN ||
	    a->d.data_bytes < NET_ETH_BYTES + NET_VLAN_BYTES)
		return;
	tag = net_be16(a->frame + 14);
	memmove(a->frame + NET_VLAN_BYTES, a->frame, 2 * NET_MAC_BYTES);
	a->frame += NET_VLAN_BYTES;
	a->d.data_bytes -= NET_VLAN_BYTES;
	a->d.has |= 1 << INFO_VLAN;
	a->d.info[INFO_VLAN] = tag >> 13 | (tag & 1 << 12 ? LIS_VLAN_DEI : 0) |
			       (tag & LIS_VLAN_ID_MASK) << LIS_VLAN_ID_SHIFT;
}

static uint32_t checksum_info(const struct net_frame *f, unsigned int on)
{
	bool four = f->version == 4, tcp = f->protocol == NET_TCP;
	uint32_t info = 0;
	unsigned int want;

	on >>= OFFLOAD_RX_SHIFT;
	if (four && on & OFFLOAD_TX_IP4)
		info |= net_ip_checksum_ok(f) ? LIS_CSUM_RX_IP_OK :
						LIS_CSUM_RX_IP_BAD;
	if (!f->l4)
		return info;
	if (tcp)
		want = four ? OFFLOAD_TX_TCP4 : OFFLOAD_TX_TCP6;
	else
		want = four ? OFFLOAD_TX_UDP4 : OFFLOAD_TX_UDP6;
	if (!(on & want))
		return info;
	if (net_l4_checksum_ok(f))
		return info | (tcp ? LIS_CSUM_RX_TCP_OK : LIS_CSUM_RX_UDP_OK);
	return info | (tcp ? LIS_CSUM_RX_TCP_BAD : LIS_CSUM_RX_UDP_BAD);
}

static void inspect(struct nic *nic, struct arrived *a)
{
	const struct rndis_rss *rss = &nic->rndis.hash;
	struct net_frame f;
	uint32_t hash;

	net_frame_parse(&f, a->frame, a->d.data_bytes);
	if (!f.version)
		return;
	a->d.info[INFO_CSUM] = checksum_info(&f, nic->rndis.offloads);
	if (a->d.info[INFO_CSUM]) {
		a->d.has |= 1 << INFO_CSUM;
		count(&nic->counts.rx_checksums, 1);
	}
	if (!rss->on || !net_toeplitz(&f, rss->key, rss->types, &hash))
		return;
	a->d.has |= 1 << INFO_HASH;
	a->d.info[INFO_HASH] = hash;
	a->queue = rss->table[hash & (rss->entries - 1)];
}

/* Part @part of it; the first tells all that is known about the frame. */
static uint32_t write_part(struct netvsp *v, struct nic_buffer *b, uint32_t n,
			   const struct arrived *a, unsigned int part)
{
	uint32_t at = n * b->section_bytes, from = part * a->part_bytes;
	struct rndis_data d = a->d;
	uint8_t head[RNDIS_HEAD_MAX] = { 0 };
	size_t head_bytes;

	if (a->parts > 1) {
		uint32_t flags = LIS_PACKET_ID_SUBALLOC;

		flags |= part ? 0 : LIS_PACKET_ID_FIRST;
		flags |= part + 1 < a->parts ? 0 : LIS_PACKET_ID_LAST;
		d.has = part ? 0 : d.has;
		d.has |= 1 << INFO_PACKET_ID;
		d.info[INFO_PACKET_ID] |= flags << 8;
		d.data_bytes -= from;
		if (d.data_bytes > a->part_bytes)
			d.data_bytes = a->part_bytes;
	}
	d.data_at = DATA_AT;
	d.message_bytes = DATA_AT + d.data_bytes;
	head_bytes = rndis_packet_build(&d, head);
	netvsp_lie_head(v, head);
	vmbus_map_write(b->map, at, head, head_bytes);
	vmbus_map_write(b->map, at + DATA_AT, a->frame + from, d.data_bytes);
	return d.message_bytes;
}

/* There is room for all parts: see receive_one().  Nobody else takes any. */
static struct nic_list write_frame(struct netvsp *v, struct nic_buffer *b,
				   struct arrived *a)
{
	struct nic *nic = v->nic;
	struct nic_list parts;

	nic_list_init(&parts);
	if (a->parts > 1)
		a->d.info[INFO_PACKET_ID] = PACKET_ID_VERSION |
					    ++nic->packet_id << 16;
	for (unsigned int i = 0; i < a->parts; i++) {
		uint32_t n = nic_suballoc_take(nic, false);

		if (n == NIC_NO_SUBALLOC)
			abort();
		nic->suballocs[n].bytes = write_part(v, b, n, a, i);
		nic->suballocs[n].offset = n * b->section_bytes;
		nic->suballocs[n].parts = a->parts;
		nic_list_add(nic, &parts, n);
	}
	return parts;
}

/* Queues that are not open yet are served by the primary. */
static void enqueue(struct netvsp *v, struct nic_list *parts,
		    const struct arrived *a)
{
	struct nic *nic = v->nic;
	struct netvsp *to;

	pthread_mutex_lock(&nic->lock);
	to = nic->channels[a->queue];
	if (!to)
		to = v;
	nic_list_join(nic, &to->data, parts);
	if (to != v && to->data.count == a->parts)
		eventfd_write(to->ready_fd, 1);
	pthread_mutex_unlock(&nic->lock);
	count(&nic->counts.rx_frames, 1);
	count(&nic->counts.rx_bytes, a->d.data_bytes);
	count(&nic->counts.rx_coalesced, a->parts > 1);
}

static void take_frame(struct netvsp *v, struct nic_buffer *b,
		       const struct virtio_net_hdr *h, struct arrived *a)
{
	struct nic *nic = v->nic;
	struct nic_list parts;

	strip_tag(a);
	if (!atomic_load(&nic->link_up) || !plan_parts(nic, h, a) ||
	    (!h->gso_type && a->d.data_bytes > nic->rndis.frame_bytes) ||
	    !rndis_wants(&nic->rndis, a->frame)) {
		count(&nic->counts.rx_dropped, 1);
		return;
	}
	inspect(nic, a);
	parts = write_frame(v, b, a);
	enqueue(v, &parts, a);
}

/* Room for the next frame, however large; looked at again: some may have come
 * before the flag was set.
 */
static bool room(struct nic *nic)
{
	uint32_t need = nic->backend->coalescing ? RANGES_MAX : 1;

	if (nic_suballoc_room(nic, need))
		return true;
	atomic_store(&nic->starved, true);
	return nic_suballoc_room(nic, need);
}

/* false: there is no frame, or no room for one */
static bool receive_one(struct netvsp *v, struct nic_buffer *b)
{
	struct arrived a = { .frame = v->frame };
	struct virtio_net_hdr h;

	if (!room(v->nic)) {
		count(&v->nic->counts.rx_no_buffer, 1);
		return false;
	}
	atomic_store(&v->nic->starved, false);
	a.d.data_bytes = net_backend_receive(v->nic->backend, &h, a.frame,
					     NET_FRAME_MAX);
	if (a.d.data_bytes >= NET_ETH_BYTES &&
	    complete_checksum(&h, a.frame, a.d.data_bytes))
		take_frame(v, b, &h, &a);
	return a.d.data_bytes;
}

/* Nobody listens: what has come is stale. */
static void discard(struct netvsp *v)
{
	struct virtio_net_hdr h;

	for (unsigned int i = 0; i < BUDGET; i++)
		if (!net_backend_receive(v->nic->backend, &h, v->frame,
					 NET_FRAME_MAX))
			return;
}

/* What the guest wants now; larger frames that wait in the tap are dropped. */
static void order_coalescing(struct nic *nic)
{
	unsigned int on = atomic_load(&nic->rndis.offloads);
	unsigned int which = (on & OFFLOAD_RSC4 ? NET_COALESCE_4 : 0) |
			     (on & OFFLOAD_RSC6 ? NET_COALESCE_6 : 0);

	if (which != nic->backend->coalescing)
		net_backend_coalesce(nic->backend, which);
}

bool netvsp_receive(struct netvsp *v)
{
	struct nic *nic = v->nic;
	struct nic_buffer *b = nic_buffer_get(nic, &nic->recv);

	if (!b) {
		discard(v);
		return true;
	}
	order_coalescing(nic);
	for (unsigned int i = 0; i < BUDGET && receive_one(v, b); i++)
		;
	nic_buffer_put(nic, b);
	return !atomic_load(&nic->starved);
}
