// SPDX-License-Identifier: GPL-2.0-only
/*
 * netvsp: frames and RNDIS messages for the guest, written into the receive
 * buffer and announced by transfer-page packets.
 *
 * Locking: runs in the channel's worker; the primary's also adds to the lists
 * of others.
 */
#include <string.h>
#include <sys/eventfd.h>

#include "netvsp_int.h"
#include "rndis_packet.h"

#define BUDGET		64		/* frames between looks at the ring */
#define RANGES_MAX	16		/* in one packet */
#define DATA_AT		256		/* of a frame in its message */
#define ETH_VLAN	0x8100

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

	for (; n != NIC_NO_SUBALLOC && used < RANGES_MAX; used++) {
		const struct nic_suballoc *a = &nic->suballocs[n];

		ranges[used].byte_count = a->bytes;
		ranges[used].byte_offset = a->offset;
		last = n;
		n = a->next;
	}
	if (!used || !vmbus_channel_send_pages(v->ch, nic->recv->id, first,
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
};

/* The sender left a checksum to its NIC, which was us. */
static bool complete_checksum(const struct virtio_net_hdr *h, uint8_t *frame,
			      uint32_t bytes)
{
	uint32_t at = h->csum_start + h->csum_offset;
	uint16_t sum;

	if (h->gso_type)
		return false;
	if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return true;
	if (h->csum_start >= bytes || at + 2 > bytes)
		return false;
	sum = ~net_sum(frame + h->csum_start, bytes - h->csum_start, 0);
	/* 0 is the same sum, but means that a UDP sender made none */
	net_put_be16(frame + at, sum ?: 0xffff);
	return true;
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
	if (a->d.info[INFO_CSUM])
		a->d.has |= 1 << INFO_CSUM;
	if (!rss->on || !net_toeplitz(&f, rss->key, rss->types, &hash))
		return;
	a->d.has |= 1 << INFO_HASH;
	a->d.info[INFO_HASH] = hash;
	a->queue = rss->table[hash & (rss->entries - 1)];
}

static void write_message(struct nic_buffer *b, uint32_t n, struct arrived *a)
{
	uint32_t at = n * b->section_bytes;
	uint8_t head[RNDIS_HEAD_MAX];
	size_t head_bytes;

	a->d.data_at = DATA_AT;
	a->d.message_bytes = DATA_AT + a->d.data_bytes;
	head_bytes = rndis_packet_build(&a->d, head);
	vmbus_map_write(b->map, at, head, head_bytes);
	vmbus_map_write(b->map, at + DATA_AT, a->frame, a->d.data_bytes);
}

/* Queues that are not open yet are served by the primary. */
static void enqueue(struct netvsp *v, uint32_t n, const struct arrived *a)
{
	struct nic *nic = v->nic;
	struct netvsp *to;

	pthread_mutex_lock(&nic->lock);
	to = nic->channels[a->queue];
	if (!to)
		to = v;
	nic->suballocs[n].offset = n * nic->recv->section_bytes;
	nic->suballocs[n].bytes = a->d.message_bytes;
	nic_list_add(nic, &to->data, n);
	if (to != v && to->data.count == 1)
		eventfd_write(to->ready_fd, 1);
	pthread_mutex_unlock(&nic->lock);
	count(&nic->counts.rx_frames, 1);
	count(&nic->counts.rx_bytes, a->d.data_bytes);
}

static void take_frame(struct netvsp *v, struct nic_buffer *b, uint32_t n,
		       struct arrived *a)
{
	struct nic *nic = v->nic;

	strip_tag(a);
	if (!atomic_load(&nic->link_up) ||
	    a->d.data_bytes > nic->rndis.frame_bytes ||
	    !rndis_wants(&nic->rndis, a->frame)) {
		count(&nic->counts.rx_dropped, 1);
		nic_suballoc_free(nic, n);
		return;
	}
	inspect(nic, a);
	write_message(b, n, a);
	enqueue(v, n, a);
}

/* false: there is no frame, or no room for one */
static bool receive_one(struct netvsp *v, struct nic_buffer *b)
{
	uint32_t n = nic_suballoc_take(v->nic, false);
	struct arrived a = { .frame = v->frame };
	struct virtio_net_hdr h;

	if (n == NIC_NO_SUBALLOC) {
		atomic_store(&v->nic->starved, true);
		/* Looked at again: it may have come before the flag was set */
		n = nic_suballoc_take(v->nic, false);
	}
	if (n == NIC_NO_SUBALLOC) {
		count(&v->nic->counts.rx_no_buffer, 1);
		return false;
	}
	atomic_store(&v->nic->starved, false);
	a.d.data_bytes = net_backend_receive(v->nic->backend, &h, a.frame,
					     NET_FRAME_MAX);
	if (a.d.data_bytes >= NET_ETH_BYTES &&
	    complete_checksum(&h, a.frame, a.d.data_bytes)) {
		take_frame(v, b, n, &a);
		return true;
	}
	nic_suballoc_free(v->nic, n);
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

bool netvsp_receive(struct netvsp *v)
{
	struct nic *nic = v->nic;
	struct nic_buffer *b = nic_buffer_get(nic, &nic->recv);

	if (!b) {
		discard(v);
		return true;
	}
	for (unsigned int i = 0; i < BUDGET && receive_one(v, b); i++)
		;
	nic_buffer_put(nic, b);
	return !atomic_load(&nic->starved);
}
