// SPDX-License-Identifier: GPL-2.0-only
/*
 * storvsp: the packets of a controller's channels.  The primary channel
 * negotiates; then all of them carry SCSI requests.
 *
 * Locking: each channel's state belongs to its worker; the controller's lock
 * is held for reading while packets are served.
 */
#include <stdlib.h>
#include <string.h>

#include "storvsp_int.h"

#define RETRY_MS	1

/* --- negotiation ---------------------------------------------------------- */

static uint32_t query_version(struct storvsp *v, const struct request *r)
{
	static const uint16_t known[] = {
		LIS_STOR_V2_0, LIS_STOR_V4_2, LIS_STOR_V5_1, LIS_STOR_V6_0,
		LIS_STOR_V6_2,
	};
	uint16_t asked = r->packet.version.version;

	for (unsigned int i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i] != asked || asked > v->ctl->newest)
			continue;
		atomic_store(&v->ctl->version, asked);
		v->init = INIT_VERSION;
		return LIS_NT_SUCCESS;
	}
	return LIS_NT_REVISION_MISMATCH;
}

static unsigned int subchannels_allowed(const struct storvsp *v)
{
	return atomic_load(&v->ctl->version) >= LIS_STOR_V5_1 ?
	       v->ctl->max_subchannels : 0;
}

static uint32_t query_properties(struct storvsp *v, struct request *r)
{
	unsigned int subchannels = subchannels_allowed(v);

	r->packet.properties = (struct lis_stor_properties){
		.max_subchannels = subchannels,
		.flags = subchannels ? LIS_STOR_PROP_MULTI_CHANNEL : 0,
		.max_transfer_bytes = SCSI_MAX_TRANSFER,
	};
	v->init = INIT_PROPERTIES;
	return LIS_NT_SUCCESS;
}

static uint32_t create_subchannels(struct storvsp *v, const struct request *r)
{
	unsigned int count = r->packet.subchannel_count;

	if (!count || count > subchannels_allowed(v)) {
		vmbus_channel_violation(v->ch, "packet CREATE_SUB_CHANNELS: count %u of %u",
					count, subchannels_allowed(v));
		return LIS_NT_INVALID_PARAMETER;
	}
	v->offer_subchannels = count;
	return LIS_NT_SUCCESS;
}

static uint32_t end_initialization(struct storvsp *v)
{
	v->init = INIT_READY;
	atomic_store(&v->ctl->bus_changed, false);
	atomic_store(&v->ctl->ready, true);
	v->kick_others = true;
	return LIS_NT_SUCCESS;
}

/* Only Fibre Channel has names. */
static uint32_t fchba_data(struct storvsp *v, struct request *r)
{
	if (v->ctl->bus != DISK_FC) {
		vmbus_channel_violation(v->ch, "packet FCHBA_DATA: no Fibre Channel adapter");
		return LIS_NT_INVALID_PARAMETER;
	}
	if (vmbus_channel_mischief(v->ch, MISCHIEF_FC_REFUSED))
		return LIS_NT_INVALID_PARAMETER;
	fc_answer(&v->ctl->fc, &r->packet.wwn);
	if (vmbus_channel_mischief(v->ch, MISCHIEF_FC_NO_NAMES))
		memset(&r->packet.wwn, 0, sizeof(r->packet.wwn));
	if (vmbus_channel_mischief(v->ch, MISCHIEF_FC_SHORT))
		r->packet_bytes = LIS_STOR_PACKET_BYTES_OLD - FC_NAME_BYTES;
	return LIS_NT_SUCCESS;
}

/* Operations by the states in which they are in order */
static const struct operation {
	const char *name;
	unsigned int states;
} operations[] = {
	[LIS_STOR_EXECUTE_SRB] = { "EXECUTE_SRB", 1 << INIT_READY },
	[LIS_STOR_RESET_LUN] = { "RESET_LUN", 1 << INIT_READY },
	[LIS_STOR_RESET_ADAPTER] = { "RESET_ADAPTER", 1 << INIT_READY },
	[LIS_STOR_RESET_BUS] = { "RESET_BUS", 1 << INIT_READY },
	[LIS_STOR_BEGIN_INIT] = { "BEGIN_INITIALIZATION", 1 << INIT_NONE },
	[LIS_STOR_END_INIT] = { "END_INITIALIZATION", 1 << INIT_PROPERTIES },
	[LIS_STOR_QUERY_VERSION] = {
		"QUERY_PROTOCOL_VERSION", 1 << INIT_BEGUN },
	[LIS_STOR_QUERY_PROPERTIES] = {
		"QUERY_PROPERTIES", 1 << INIT_VERSION },
	[LIS_STOR_FCHBA_DATA] = { "FCHBA_DATA",
		1 << INIT_PROPERTIES | 1 << INIT_READY },
	[LIS_STOR_CREATE_SUBCHANNELS] = { "CREATE_SUB_CHANNELS",
		1 << INIT_PROPERTIES | 1 << INIT_READY },
	[LIS_STOR_EVENT_NOTIFICATION] = {
		"EVENT_NOTIFICATION", 1 << INIT_READY },
};

#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static uint32_t control_packet(struct storvsp *v, struct request *r)
{
	switch (r->packet.operation) {
	case LIS_STOR_BEGIN_INIT:
		v->init = INIT_BEGUN;
		break;
	case LIS_STOR_QUERY_VERSION:
		return query_version(v, r);
	case LIS_STOR_QUERY_PROPERTIES:
		return query_properties(v, r);
	case LIS_STOR_FCHBA_DATA:
		return fchba_data(v, r);
	case LIS_STOR_CREATE_SUBCHANNELS:
		return create_subchannels(v, r);
	case LIS_STOR_END_INIT:
		return end_initialization(v);
	default:	/* resets and notifications: nothing to do */
		break;
	}
	return LIS_NT_SUCCESS;
}

/* --- packets -------------------------------------------------------------- */

static bool packet_size_ok(struct storvsp *v, uint32_t bytes)
{
	uint16_t version = atomic_load(&v->ctl->version);
	bool small = bytes == LIS_STOR_PACKET_BYTES_OLD;
	bool large = bytes == LIS_STOR_PACKET_BYTES;

	if (version ? (version >= LIS_STOR_V5_1 ? large : small) :
	    small || large)
		return true;
	vmbus_channel_violation(v->ch, "packet payload: %u bytes, expected %u",
				bytes, version && version < LIS_STOR_V5_1 ?
				LIS_STOR_PACKET_BYTES_OLD :
				LIS_STOR_PACKET_BYTES);
	return false;
}

static const struct operation *operation_of(struct storvsp *v, uint32_t op)
{
	const struct operation *o = op < OPERATIONS ? &operations[op] : NULL;

	if (o && o->name)
		return o;
	vmbus_channel_violation(v->ch, "packet: operation %u", op);
	return NULL;
}

static void serve_packet(struct storvsp *v, struct request *r,
			 const struct vmbus_packet *p)
{
	const struct operation *o;

	memset(&r->packet, 0, sizeof(r->packet));
	memcpy(&r->packet, p->payload, p->payload_bytes);
	r->packet_bytes = p->payload_bytes;
	r->transaction_id = p->transaction_id;
	r->want_completion = p->want_completion;
	r->scsi.done_bytes = 0;
	o = operation_of(v, r->packet.operation);
	if (!o) {
		storvsp_reply(v, r, LIS_NT_INVALID_PARAMETER);
		return;
	}
	if (r->packet.flags & ~LIS_STOR_FLAG_WANT_COMPLETION)
		vmbus_channel_violation(v->ch, "packet %s: flags %#x", o->name,
					r->packet.flags);
	if (!p->want_completion)
		vmbus_channel_violation(v->ch, "packet %s: no completion requested",
					o->name);
	if (!(o->states & 1u << v->init)) {
		vmbus_channel_violation(v->ch, "packet %s: out of order (state %d)",
					o->name, v->init);
		storvsp_reply(v, r, LIS_NT_INVALID_DEVICE_STATE);
	} else if (r->packet.operation == LIS_STOR_EXECUTE_SRB) {
		storvsp_execute_srb(v, r, p);
	} else {
		storvsp_reply(v, r, control_packet(v, r));
	}
}

/* Take a packet that wants a request; false: there is none now. */
static bool next_packet(struct storvsp *v, struct vmbus_packet *p)
{
	while (vmbus_channel_receive(v->ch, p)) {
		if (p->type == LIS_PKT_COMPLETION)
			vmbus_channel_violation(v->ch, "packet COMPLETION: nothing was asked");
		else if (packet_size_ok(v, p->payload_bytes))
			return true;
	}
	return false;
}

/* Serve what is in the ring, as long as there are free requests. */
static void serve_burst(struct storvsp *v)
{
	struct vmbus_packet p;

	v->starved = false;
	while (!v->unsent) {
		struct request *r = storvsp_request_new(v);

		if (!r) {
			v->starved = true;
			return;
		}
		if (!next_packet(v, &p)) {
			storvsp_request_free(v, r);
			return;
		}
		serve_packet(v, r, &p);
	}
}

static void announce_bus_change(struct storvsp *v)
{
	struct lis_stor_packet packet = {
		.operation = LIS_STOR_ENUMERATE_BUS,
	};
	uint16_t version = atomic_load(&v->ctl->version);

	if (vmbus_channel_index(v->ch) || v->init != INIT_READY ||
	    !atomic_exchange(&v->ctl->bus_changed, false) ||
	    version < LIS_STOR_V4_2)
		return;
	if (!vmbus_channel_send(v->ch, LIS_PKT_INBAND, 0, 0, &packet,
				version >= LIS_STOR_V5_1 ?
				LIS_STOR_PACKET_BYTES :
				LIS_STOR_PACKET_BYTES_OLD))
		atomic_store(&v->ctl->bus_changed, true);
}

/* What a burst ordered that needs the server, done without our lock */
static void after_burst(struct storvsp *v)
{
	if (v->offer_subchannels) {
		vmbus_channel_flush(v->ch);
		vmbus_device_offer_subchannels(&v->ctl->dev,
					       v->offer_subchannels);
		v->offer_subchannels = 0;
	}
	if (v->kick_others) {
		v->kick_others = false;
		vmbus_device_kick(&v->ctl->dev);
	}
}

/* --- provider ------------------------------------------------------------- */

static int storvsp_run(void *state)
{
	struct storvsp *v = state;
	bool done;

	storvsp_run_delayed(v, vmbus_channel_stopping(v->ch));
	if (v->init != INIT_READY && vmbus_channel_index(v->ch)) {
		/* A sub-channel waits until its primary is set up */
		if (!atomic_load(&v->ctl->ready))
			return -1;
		v->init = INIT_READY;
	}
	storvsp_send_waiting(v);
	announce_bus_change(v);
	do {
		pthread_rwlock_rdlock(&v->ctl->lock);
		serve_burst(v);
		pthread_rwlock_unlock(&v->ctl->lock);
		done = disk_queue_run(v->queue);
		if (v->starved && done)
			vmbus_channel_flush(v->ch);
	} while (v->starved && done);
	after_burst(v);
	vmbus_channel_watch(v->ch, disk_queue_pending(v->queue) ?
			    disk_queue_fd(v->queue) : -1);
	return disk_queue_stuck(v->queue) ? RETRY_MS : storvsp_delay_left(v);
}

static bool storvsp_idle(void *state)
{
	struct storvsp *v = state;

	return !disk_queue_pending(v->queue) && !v->delayed_count;
}

static void *storvsp_open(struct device *dev, struct vmbus_channel *ch)
{
	struct storvsp *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->ctl = (struct controller *)dev;
	v->ch = ch;
	v->unsent_end = &v->unsent;
	v->queue = disk_queue_new(REQUESTS, storvsp_io_done, v);
	if (!v->queue) {
		free(v);
		return NULL;
	}
	if (!vmbus_channel_index(ch)) {
		atomic_store(&v->ctl->version, 0);
		atomic_store(&v->ctl->ready, false);
	}
	return v;
}

static void storvsp_close(void *state)
{
	struct storvsp *v = state;

	if (!vmbus_channel_index(v->ch))
		atomic_store(&v->ctl->ready, false);
	while (v->unsent) {
		struct request *r = v->unsent;

		v->unsent = r->next;
		storvsp_request_free(v, r);
	}
	disk_queue_free(v->queue);
	free(v);
}

static void storvsp_disconnect(struct device *dev)
{
	struct controller *ctl = (struct controller *)dev;

	atomic_store(&ctl->version, 0);
	atomic_store(&ctl->ready, false);
	pthread_rwlock_rdlock(&ctl->lock);
	for (unsigned int i = 0; i < LUN_PLACES; i++)
		if (ctl->luns[i])
			scsi_unlock(ctl->luns[i]);
	pthread_rwlock_unlock(&ctl->lock);
}

static void storvsp_power_loss(struct device *dev)
{
	struct controller *ctl = (struct controller *)dev;

	pthread_rwlock_rdlock(&ctl->lock);
	for (unsigned int i = 0; i < LUN_PLACES; i++)
		if (ctl->luns[i] && ctl->luns[i]->disk)
			disk_power_loss(ctl->luns[i]->disk);
	pthread_rwlock_unlock(&ctl->lock);
}

static void storvsp_destroy(struct device *dev)
{
	struct controller *ctl = (struct controller *)dev;

	for (unsigned int i = 0; i < LUN_PLACES; i++)
		if (ctl->luns[i])
			lun_put(ctl->luns[i]);
	pthread_rwlock_destroy(&ctl->lock);
	free(ctl);
}

const struct device_ops storvsp_ops = {
	.open = storvsp_open,
	.run = storvsp_run,
	.idle = storvsp_idle,
	.close = storvsp_close,
	.disconnect = storvsp_disconnect,
	.power_loss = storvsp_power_loss,
	.destroy = storvsp_destroy,
};
