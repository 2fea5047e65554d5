// SPDX-License-Identifier: GPL-2.0-only
/*
 * netvsp: the channels of a NIC and the packets in them.
 *
 * Locking: each channel's state belongs to its worker; see nic.h.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "netvsp_int.h"

/* --- packets to the guest ------------------------------------------------- */

uint32_t netvsp_message_bytes(const struct netvsp *v)
{
	return atomic_load(&v->nic->version) >= LIS_NVSP_V6_1 ?
	       LIS_NVSP_BYTES : LIS_NVSP_BYTES_OLD;
}

/* Keep the order: nobody overtakes what waits for room. */
void netvsp_post(struct netvsp *v, uint16_t type, uint64_t transaction_id,
		 const void *payload, uint32_t bytes)
{
	struct netvsp_owed *o;

	if (!v->owed && vmbus_channel_send(v->ch, type, 0, transaction_id,
					   payload, bytes))
		return;
	o = calloc(1, sizeof(*o));
	if (!o || bytes > sizeof(o->payload))
		abort();
	o->type = type;
	o->transaction_id = transaction_id;
	o->bytes = bytes;
	memcpy(o->payload, payload, bytes);
	*v->owed_end = o;
	v->owed_end = &o->next;
}

static void drop_owed(struct netvsp *v)
{
	struct netvsp_owed *o = v->owed;

	v->owed = o->next;
	if (!v->owed)
		v->owed_end = &v->owed;
	free(o);
}

static void send_owed(struct netvsp *v)
{
	while (v->owed && vmbus_channel_send(v->ch, v->owed->type, 0,
					     v->owed->transaction_id,
					     v->owed->payload, v->owed->bytes))
		drop_owed(v);
}

void netvsp_complete(struct netvsp *v, const struct vmbus_packet *p,
		     const struct lis_nvsp_msg *m)
{
	netvsp_post(v, LIS_PKT_COMPLETION, p->transaction_id, m,
		    netvsp_message_bytes(v));
}

/* All sub-channels are open: tell which one sends what. */
static void send_table(struct netvsp *v)
{
	unsigned int channels = atomic_load(&v->nic->granted) + 1, open = 0;
	uint32_t fixed = netvsp_message_bytes(v);
	uint8_t packet[LIS_NVSP_BYTES + 4 * LIS_NVSP_TABLE_ENTRIES] = { 0 };
	struct lis_nvsp_msg m = {
		.type = LIS_NVSP_INDIRECTION_TABLE,
		.table = { LIS_NVSP_TABLE_ENTRIES, fixed },
	};
	uint32_t table[LIS_NVSP_TABLE_ENTRIES];

	pthread_mutex_lock(&v->nic->lock);
	for (unsigned int i = 0; i < channels; i++)
		open += v->nic->channels[i] != NULL;
	pthread_mutex_unlock(&v->nic->lock);
	if (open < channels)
		return;
	v->table_owed = false;
	for (uint32_t i = 0; i < LIS_NVSP_TABLE_ENTRIES; i++)
		table[i] = i % channels;
	netvsp_lie_table(v, &m, &table[LIS_NVSP_TABLE_ENTRIES - 1]);
	memcpy(packet, &m, fixed);
	memcpy(packet + fixed, table, sizeof(table));
	netvsp_post(v, LIS_PKT_INBAND, 0, packet, fixed + sizeof(table));
}

/* --- packets from the guest ----------------------------------------------- */

static bool size_ok(struct netvsp *v, uint32_t bytes)
{
	uint32_t version = atomic_load(&v->nic->version);
	bool small = bytes == (LIS_NVSP_BYTES_OLD + 7) / 8 * 8;
	bool large = bytes == LIS_NVSP_BYTES;

	if (version >= LIS_NVSP_V6_1 ? large : small || large)
		return true;
	vmbus_channel_violation(v->ch, "packet payload: %u bytes", bytes);
	return false;
}

/* The guest has read what we put into the receive buffer. */
static void completed(struct netvsp *v, const struct vmbus_packet *p)
{
	uint32_t head[2] = { 0, 0 };

	memcpy(head, p->payload, p->payload_bytes < sizeof(head) ?
	       p->payload_bytes : sizeof(head));
	if (head[0] != LIS_NVSP_RNDIS_COMPLETE ||
	    (head[1] != LIS_NVSP_STATUS_SUCCESS &&
	     !atomic_load(&v->nic->lied)))
		vmbus_channel_violation(v->ch, "packet COMPLETION: message %u, status %u",
					head[0], head[1]);
	if (!nic_suballoc_completed(v->nic, p->transaction_id, v->index))
		vmbus_channel_violation(v->ch, "packet COMPLETION: id %#llx is not outstanding",
					(unsigned long long)p->transaction_id);
	v->kick_others |= v->index && atomic_load(&v->nic->starved);
}

static bool in_service(const struct netvsp *v)
{
	return v->index || v->state == NETVSP_RECV || v->state == NETVSP_READY;
}

static void serve_packet(struct netvsp *v, const struct vmbus_packet *p)
{
	struct lis_nvsp_msg m = { 0 };

	if (p->type == LIS_PKT_COMPLETION) {
		completed(v, p);
		return;
	}
	if (!size_ok(v, p->payload_bytes))
		return;
	memcpy(&m, p->payload, p->payload_bytes);
	if (m.type != LIS_NVSP_RNDIS)
		netvsp_message(v, p, &m);
	else if (in_service(v))
		netvsp_rndis(v, p, &m.rndis);
	else
		vmbus_channel_violation(v->ch, "packet RNDIS: out of order (state %d)",
					v->state);
}

static void after_burst(struct netvsp *v)
{
	bool kick = v->kick_others;

	v->kick_others = false;
	if (v->offer_subchannels) {
		vmbus_channel_flush(v->ch);
		vmbus_device_offer_subchannels(&v->nic->dev,
					       v->offer_subchannels);
		v->offer_subchannels = 0;
	}
	if (v->index && !v->announced) {
		v->announced = true;
		kick = true;
	}
	if (kick)
		vmbus_device_kick(&v->nic->dev);
}

static void announce_link(struct netvsp *v)
{
	if (atomic_load(&v->nic->rndis.initialized) &&
	    atomic_exchange(&v->nic->link_changed, false))
		netvsp_indicate(v, atomic_load(&v->nic->link_up) ?
				LIS_RNDIS_MEDIA_CONNECT :
				LIS_RNDIS_MEDIA_DISCONNECT);
}

/* --- provider ------------------------------------------------------------- */

static int netvsp_run(void *state)
{
	struct netvsp *v = state;
	struct vmbus_packet p;
	bool listen = true;

	if (v->index)
		eventfd_read(v->ready_fd, &(eventfd_t){ 0 });
	send_owed(v);
	while (!v->owed && vmbus_channel_receive(v->ch, &p))
		serve_packet(v, &p);
	if (!v->index) {
		if (v->table_owed)
			send_table(v);
		announce_link(v);
		listen = netvsp_receive(v);
	}
	netvsp_deliver(v);
	after_burst(v);
	if (v->index)
		vmbus_channel_watch(v->ch, v->ready_fd);
	else
		vmbus_channel_watch(v->ch, listen ? v->nic->backend->fd : -1);
	return -1;
}

static bool netvsp_idle(void *state)
{
	(void)state;
	return true;
}

static void netvsp_forget(struct netvsp *v)
{
	while (v->owed)
		drop_owed(v);
	if (v->ready_fd >= 0)
		close(v->ready_fd);
	free(v->gather);
	free(v->frame);
	free(v);
}

static void *netvsp_open(struct device *dev, struct vmbus_channel *ch)
{
	struct nic *nic = (struct nic *)dev;
	struct netvsp *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->nic = nic;
	v->ch = ch;
	v->index = vmbus_channel_index(ch);
	v->owed_end = &v->owed;
	nic_list_init(&v->data);
	nic_list_init(&v->control);
	v->ready_fd = v->index ? eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) : -1;
	v->gather = malloc(NETVSP_GATHER_MAX);
	v->frame = malloc(NET_FRAME_MAX);
	if (!v->gather || !v->frame || (v->index && v->ready_fd < 0)) {
		netvsp_forget(v);
		return NULL;
	}
	if (!v->index) {
		atomic_store(&nic->version, 0);
		atomic_store(&nic->granted, 0);
		atomic_store(&nic->lied, false);
	}
	pthread_mutex_lock(&nic->lock);
	nic->channels[v->index] = v;
	pthread_mutex_unlock(&nic->lock);
	return v;
}

static void netvsp_close(void *state)
{
	struct netvsp *v = state;
	struct nic *nic = v->nic;

	pthread_mutex_lock(&nic->lock);
	nic->channels[v->index] = NULL;
	pthread_mutex_unlock(&nic->lock);
	nic_suballoc_free(nic, v->data.first);
	nic_suballoc_free(nic, v->control.first);
	if (!v->index) {
		rndis_reset(&nic->rndis);
		nic_buffer_drop(nic, &nic->recv);
		nic_buffer_drop(nic, &nic->send);
	}
	netvsp_forget(v);
}

static void netvsp_disconnect(struct device *dev)
{
	struct nic *nic = (struct nic *)dev;

	atomic_store(&nic->version, 0);
	rndis_reset(&nic->rndis);
	memcpy(nic->rndis.mac, nic->rndis.permanent_mac, NET_MAC_BYTES);
}

static void netvsp_destroy(struct device *dev)
{
	struct nic *nic = (struct nic *)dev;

	net_backend_close(nic->backend);
	pthread_mutex_destroy(&nic->lock);
	free(nic);
}

const struct device_ops netvsp_ops = {
	.open = netvsp_open,
	.run = netvsp_run,
	.idle = netvsp_idle,
	.close = netvsp_close,
	.disconnect = netvsp_disconnect,
	.destroy = netvsp_destroy,
};
