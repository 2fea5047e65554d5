// SPDX-License-Identifier: GPL-2.0-only
/*
 * netvsp: from the first message to the buffers and sub-channels.
 *
 * Locking: runs in the primary's worker.
 */
#include <stdlib.h>
#include <string.h>

#include "netvsp_int.h"

#define MAX_MDL_CHAIN		34
#define FRAME_DEFAULT		1514
#define FRAME_MAX		9216
#define SEND_SECTION_BYTES	6144
#define RECV_HEADROOM		256	/* for the RNDIS header */
#define RECV_SLACK		36
#define RECV_MAX_OLD		(15u << 20)	/* up to version 2 */
#define NDIS_MAJOR		6
#define NT_NOT_SUPPORTED	0xc00000bbu

/* --- version and NDIS ----------------------------------------------------- */

static bool version_known(uint32_t version)
{
	return version == LIS_NVSP_V1 || version == LIS_NVSP_V2 ||
	       version == LIS_NVSP_V4 || version == LIS_NVSP_V5 ||
	       version == LIS_NVSP_V6 || version == LIS_NVSP_V6_1;
}

static void begin(struct netvsp *v, uint32_t version)
{
	struct rndis *r = &v->nic->rndis;

	v->state = NETVSP_VERSION;
	atomic_store(&v->nic->version, version);
	r->frame_bytes = FRAME_DEFAULT;
	r->rss = version >= LIS_NVSP_V5;
	r->large_objects = version >= LIS_NVSP_V5;
	r->rsc = false;
	r->queues = r->rss ? v->nic->max_queues : 1;
	rndis_reset(r);
}

static void init(struct netvsp *v, const struct vmbus_packet *p,
		 const struct lis_nvsp_msg *m)
{
	uint32_t version = m->init.version_max;
	struct lis_nvsp_msg done = {
		.type = LIS_NVSP_INIT_COMPLETE,
		.init_complete = {
			.deprecated_version = version == LIS_NVSP_V1 ?
					      LIS_NVSP_V1 : 0xffffffff,
			.max_mdl_chain = MAX_MDL_CHAIN,
			.status = LIS_NVSP_STATUS_NONE,
		},
	};

	if (m->init.version_min != version)
		vmbus_channel_violation(v->ch, "packet INIT: versions %#x and %#x differ",
					m->init.version_min, version);
	else if (version_known(version) && version <= v->nic->newest) {
		done.init_complete.status = LIS_NVSP_STATUS_SUCCESS;
		begin(v, version);
	}
	netvsp_complete(v, p, &done);
}

static void ndis_config(struct netvsp *v, const struct vmbus_packet *p,
			const struct lis_nvsp_msg *m)
{
	uint32_t bytes = m->ndis_config.mtu;

	(void)p;
	if (bytes < FRAME_DEFAULT || bytes > FRAME_MAX) {
		vmbus_channel_violation(v->ch, "packet NDIS_CONFIG: MTU %u",
					bytes);
		return;
	}
	v->nic->rndis.frame_bytes = bytes;
	v->nic->rndis.rsc = atomic_load(&v->nic->version) >= LIS_NVSP_V6_1 &&
			    m->ndis_config.capabilities & LIS_NVSP_CAP_RSC;
}

static void ndis_version(struct netvsp *v, const struct vmbus_packet *p,
			 const struct lis_nvsp_msg *m)
{
	uint32_t minor = atomic_load(&v->nic->version) >= LIS_NVSP_V5 ? 30 : 1;

	(void)p;
	if (m->ndis_version.major != NDIS_MAJOR ||
	    m->ndis_version.minor != minor)
		vmbus_channel_violation(v->ch, "packet NDIS_VERSION: %u.%u, expected 6.%u",
					m->ndis_version.major,
					m->ndis_version.minor, minor);
	v->state = NETVSP_NDIS;
}

/* --- buffers -------------------------------------------------------------- */

static struct nic_buffer *cut_recv(struct netvsp *v, struct nic_buffer *b)
{
	b->section_bytes = RECV_HEADROOM + v->nic->rndis.frame_bytes +
			   RECV_SLACK;
	b->sections = b->map->bytes / b->section_bytes;
	if (b->sections > NIC_CONTROL_SUBALLOCS &&
	    (atomic_load(&v->nic->version) > LIS_NVSP_V2 ||
	     b->map->bytes <= RECV_MAX_OLD))
		return b;
	vmbus_channel_violation(v->ch, "packet SEND_RECEIVE_BUFFER: %u bytes",
				b->map->bytes);
	nic_buffer_put(v->nic, b);
	return NULL;
}

static void recv_buffer(struct netvsp *v, const struct vmbus_packet *p,
			const struct lis_nvsp_msg *m)
{
	struct lis_nvsp_msg done = {
		.type = LIS_NVSP_SEND_RECV_BUF_COMPLETE,
		.recv_buf_complete.status = LIS_NVSP_STATUS_FAILURE,
	};
	struct nic_buffer *b = nic_buffer_create(v->ch, m->send_buf.gpadl,
						 m->send_buf.id);

	if (!b)
		vmbus_channel_violation(v->ch, "packet SEND_RECEIVE_BUFFER: GPADL %#x",
					m->send_buf.gpadl);
	else
		b = cut_recv(v, b);
	if (b) {
		done.recv_buf_complete = (struct lis_nvsp_recv_buf_complete){
			.status = LIS_NVSP_STATUS_SUCCESS,
			.section_count = 1,
			.section = { 0, b->section_bytes, b->sections,
				     b->section_bytes * b->sections },
		};
		netvsp_lie_section(v, &done.recv_buf_complete.section);
		nic_recv_install(v->nic, b);
		v->state = NETVSP_RECV;
	}
	netvsp_complete(v, p, &done);
}

static void send_buffer(struct netvsp *v, const struct vmbus_packet *p,
			const struct lis_nvsp_msg *m)
{
	struct lis_nvsp_msg done = {
		.type = LIS_NVSP_SEND_SEND_BUF_COMPLETE,
		.send_buf_complete.status = LIS_NVSP_STATUS_FAILURE,
	};
	struct nic_buffer *b = nic_buffer_create(v->ch, m->send_buf.gpadl,
						 m->send_buf.id);

	if (!b || b->map->bytes < SEND_SECTION_BYTES) {
		vmbus_channel_violation(v->ch, "packet SEND_SEND_BUFFER: GPADL %#x",
					m->send_buf.gpadl);
		nic_buffer_put(v->nic, b);
	} else {
		b->section_bytes = SEND_SECTION_BYTES;
		b->sections = b->map->bytes / SEND_SECTION_BYTES;
		pthread_mutex_lock(&v->nic->lock);
		v->nic->send = b;
		pthread_mutex_unlock(&v->nic->lock);
		v->state = NETVSP_READY;
		done.send_buf_complete.status = LIS_NVSP_STATUS_SUCCESS;
		done.send_buf_complete.section_bytes = SEND_SECTION_BYTES;
		netvsp_lie_send_section(v,
				&done.send_buf_complete.section_bytes);
	}
	netvsp_complete(v, p, &done);
}

static void revoke(struct netvsp *v, const struct vmbus_packet *p,
		   const struct lis_nvsp_msg *m)
{
	bool recv = m->type == LIS_NVSP_REVOKE_RECV_BUF;
	struct nic_buffer **which = recv ? &v->nic->recv : &v->nic->send;

	if (!*which || (*which)->id != m->revoke_buf.id)
		vmbus_channel_violation(v->ch, "packet REVOKE %s buffer: id %#x",
					recv ? "receive" : "send",
					m->revoke_buf.id);
	else
		nic_buffer_drop(v->nic, which);
	v->state = NETVSP_REVOKED;
	if (p->want_completion)
		netvsp_complete(v, p, &(struct lis_nvsp_msg){
				.type = m->type });
}

/* --- sub-channels, data path ---------------------------------------------- */

static void subchannels(struct netvsp *v, const struct vmbus_packet *p,
			const struct lis_nvsp_msg *m)
{
	unsigned int count = m->subchannel.count, most = v->nic->max_queues - 1;
	struct lis_nvsp_msg done = {
		.type = LIS_NVSP_SUBCHANNEL,
		.subchannel_complete.status = LIS_NVSP_STATUS_FAILURE,
	};

	if (m->subchannel.operation != LIS_NVSP_SUBCHANNEL_ALLOCATE || !count ||
	    atomic_load(&v->nic->granted)) {
		vmbus_channel_violation(v->ch, "packet SUB_CHANNEL: operation %u, count %u",
					m->subchannel.operation, count);
	} else {
		if (count > most)
			count = most;
		done.subchannel_complete.status = LIS_NVSP_STATUS_SUCCESS;
		done.subchannel_complete.granted = count;
		atomic_store(&v->nic->granted, count);
		v->offer_subchannels = count;
		v->table_owed = count;
	}
	netvsp_complete(v, p, &done);
}

/* There is no virtual function to switch to. */
static void data_path(struct netvsp *v, const struct vmbus_packet *p,
		      const struct lis_nvsp_msg *m)
{
	if (m->data_path.active)
		vmbus_channel_violation(v->ch, "packet SWITCH_DATA_PATH: %u, without a VF",
					m->data_path.active);
	if (p->want_completion)
		netvsp_complete(v, p, &(struct lis_nvsp_msg){
				.type = m->type });
}

static void oid_query_ex(struct netvsp *v, const struct vmbus_packet *p,
			 const struct lis_nvsp_msg *m)
{
	struct lis_nvsp_msg done = { .type = LIS_NVSP_OID_QUERY_EX_COMPLETE };
	uint32_t status = NT_NOT_SUPPORTED;

	(void)m;
	memcpy(done.raw, &status, sizeof(status));
	netvsp_complete(v, p, &done);
}

/* Messages by the states in which they are in order */
#define IN(state)	(1u << NETVSP_##state)

static const struct message {
	uint32_t type;
	const char *name;
	unsigned int states;
	uint32_t since;			/* version */
	bool completed;			/* has to ask for its completion */
	void (*serve)(struct netvsp *v, const struct vmbus_packet *p,
		      const struct lis_nvsp_msg *m);
} messages[] = {
	{ LIS_NVSP_INIT, "INIT", IN(NEW), 0, true, init },
	{ LIS_NVSP_SEND_NDIS_CONFIG, "NDIS_CONFIG", IN(VERSION) | IN(NDIS),
	  LIS_NVSP_V2, false, ndis_config },
	{ LIS_NVSP_SEND_NDIS_VERSION, "NDIS_VERSION", IN(VERSION), 0, false,
	  ndis_version },
	{ LIS_NVSP_SEND_RECV_BUF, "SEND_RECEIVE_BUFFER", IN(NDIS), 0, true,
	  recv_buffer },
	{ LIS_NVSP_SEND_SEND_BUF, "SEND_SEND_BUFFER", IN(RECV), 0, true,
	  send_buffer },
	{ LIS_NVSP_REVOKE_RECV_BUF, "REVOKE_RECEIVE_BUFFER",
	  IN(RECV) | IN(READY) | IN(REVOKED), 0, false, revoke },
	{ LIS_NVSP_REVOKE_SEND_BUF, "REVOKE_SEND_BUFFER",
	  IN(READY) | IN(REVOKED), 0, false, revoke },
	{ LIS_NVSP_SUBCHANNEL, "SUB_CHANNEL", IN(READY), LIS_NVSP_V5, true,
	  subchannels },
	{ LIS_NVSP_SWITCH_DATA_PATH, "SWITCH_DATA_PATH", IN(READY),
	  LIS_NVSP_V4, false, data_path },
	{ LIS_NVSP_OID_QUERY_EX, "OID_QUERY_EX", IN(READY), LIS_NVSP_V5, true,
	  oid_query_ex },
};

static const struct message *message_of(uint32_t type)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++)
		if (messages[i].type == type)
			return &messages[i];
	return NULL;
}

/* What is out of order gets no answer, as on Hyper-V. */
void netvsp_message(struct netvsp *v, const struct vmbus_packet *p,
		    const struct lis_nvsp_msg *m)
{
	const struct message *known = message_of(m->type);

	if (!known)
		vmbus_channel_violation(v->ch, "packet: NVSP message %u",
					m->type);
	else if (v->index)
		vmbus_channel_violation(v->ch, "packet %s: on a sub-channel",
					known->name);
	else if (!(known->states & 1u << v->state))
		vmbus_channel_violation(v->ch, "packet %s: out of order (state %d)",
					known->name, v->state);
	else if (atomic_load(&v->nic->version) < known->since)
		vmbus_channel_violation(v->ch, "packet %s: not in version %#x",
					known->name,
					atomic_load(&v->nic->version));
	else if (p->type != LIS_PKT_INBAND)
		vmbus_channel_violation(v->ch, "packet %s: not in-band",
					known->name);
	else if (known->completed && !p->want_completion)
		vmbus_channel_violation(v->ch, "packet %s: no completion requested",
					known->name);
	else
		known->serve(v, p, m);
}
