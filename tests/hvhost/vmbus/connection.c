// SPDX-License-Identifier: GPL-2.0-only
/*
 * The connection: contact, version choice, unload.  Leaving a connection
 * takes time when requests are in flight; the answer is sent by whoever ends
 * the last worker.
 *
 * Locking: every function runs with server.lock held.
 */
#include <string.h>

#include "server_int.h"

static void answer_contact(struct vmbus_server *s, bool supported,
			   uint8_t state, uint32_t id)
{
	struct lis_msg_version_response_6 m = {
		.base.hdr.type = LIS_MSG_VERSION_RESPONSE,
		.base.supported = supported,
		.base.state = state,
		.base.connection_id = id,
	};

	server_post(s, &m, supported && s->conn.version >= LIS_VMBUS_V6_0 ?
		    sizeof(m) : sizeof(m.base));
}

/* Where the guest wants our messages: before 3.0 always VP 0 */
static uint32_t contact_vp(struct vmbus_server *s,
			   const struct lis_msg_initiate_contact *m)
{
	if (m->version < LIS_VMBUS_V3_0)
		return 0;
	if (m->target_vp < s->fx->vp_count)
		return m->target_vp;
	server_violation(s, "bus INITIATE_CONTACT: target VP %u of %u",
			 m->target_vp, s->fx->vp_count);
	return 0;
}

static bool contact_fields_ok(struct vmbus_server *s,
			      const struct lis_msg_initiate_contact *m)
{
	bool ok = true;

	if (m->version >= LIS_VMBUS_V5_0 &&
	    m->target_sint != LIS_HV_SINT_VMBUS) {
		server_violation(s, "bus INITIATE_CONTACT: target SINT %u",
				 m->target_sint);
		ok = false;
	}
	if (m->version >= LIS_VMBUS_V5_1 && m->target_vtl) {
		server_violation(s, "bus INITIATE_CONTACT: target VTL %u",
				 m->target_vtl);
		ok = false;
	}
	if (m->version >= LIS_VMBUS_V5_0 && m->reserved)
		server_violation(s, "bus INITIATE_CONTACT: reserved %#x",
				 m->reserved);
	return ok;
}

static void contact_now(struct vmbus_server *s, uint32_t port,
			const struct lis_msg_initiate_contact *m)
{
	struct connection *c = &s->conn;

	memset(c, 0, sizeof(*c));
	c->message_vp = contact_vp(s, m);
	if (!vmbus_version_known(m->version) || m->version > s->newest ||
	    !contact_fields_ok(s, m)) {
		answer_contact(s, false, 0, 0);
		return;
	}
	if (!m->monitor_p2c != !m->monitor_c2p) {
		server_violation(s, "bus INITIATE_CONTACT: one monitor page");
		answer_contact(s, true, 2, 0);
		return;
	}
	c->state = CONN_CONNECTED;
	c->version = m->version;
	c->port = port;
	if (m->version < LIS_VMBUS_V2_4)
		c->interrupt_page = m->interrupt_page;
	/* The features of 6.0 are an intersection; ours is empty */
	answer_contact(s, true, 0,
		       m->version >= LIS_VMBUS_V5_0 ? port : m->version);
	server_event(s, "connected");
}

/* All workers are gone: nothing touches guest memory any more. */
static void left(struct vmbus_server *s)
{
	struct connection old = s->conn;
	struct device *dev;

	for (uint32_t relid = 1; relid <= LIS_RELID_MAX; relid++)
		if (s->channels[relid])
			offer_forget(s, s->channels[relid]);
	gpadl_drop_all(s);
	for (dev = s->devices; dev; dev = dev->next) {
		dev->reoffer_pending = false;
		dev->ops->disconnect(dev);
	}
	s->conn.state = CONN_NONE;
	server_event(s, "disconnected");
	switch (old.reason) {
	case LEAVE_UNLOAD:
		server_post(s, &(struct lis_msg_hdr){
			.type = LIS_MSG_UNLOAD_COMPLETE },
			sizeof(struct lis_msg_hdr));
		break;
	case LEAVE_CONTACT:
		contact_now(s, old.contact_port, &old.contact);
		break;
	case LEAVE_RESET:
		break;
	}
}

void conn_progress(struct vmbus_server *s)
{
	if (s->conn.state == CONN_LEAVING && !s->workers)
		left(s);
}

void conn_leave(struct vmbus_server *s, enum leave_reason reason)
{
	s->conn.reason = reason;
	s->conn.state = CONN_LEAVING;
	for (uint32_t relid = 1; relid <= LIS_RELID_MAX; relid++) {
		if (!s->channels[relid])
			continue;
		s->channels[relid]->reopen_queued = false;
		channel_stop(s->channels[relid]);
	}
	conn_progress(s);
}

void conn_initiate(struct vmbus_server *s, uint32_t vp, uint32_t port,
		   const struct lis_msg_initiate_contact *m)
{
	(void)vp;
	if (s->conn.state == CONN_NONE) {
		contact_now(s, port, m);
		return;
	}
	/* A new owner of the machine (kexec): the old one is gone */
	s->conn.contact = *m;
	s->conn.contact_port = port;
	conn_leave(s, LEAVE_CONTACT);
}

void conn_unload(struct vmbus_server *s)
{
	conn_leave(s, LEAVE_UNLOAD);
}
