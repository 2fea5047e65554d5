// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server object, and the way of a guest message to its handler: port,
 * size, state and version are checked here once for all messages.
 *
 * Locking: takes server.lock around everything; handlers run locked.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "server_int.h"

/* --- reporting ------------------------------------------------------------ */

void server_trace_line(struct vmbus_server *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	flockfile(s->trace);
	vfprintf(s->trace, fmt, args);
	putc('\n', s->trace);
	funlockfile(s->trace);
	va_end(args);
}

void server_violation(struct vmbus_server *s, const char *fmt, ...)
{
	char line[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	server_trace(s, "violation: %s", line);
	s->fx->violation(s->fx->ctx, "%s", line);
}

struct vmbus_channel *server_channel(struct vmbus_server *s, const char *what,
				     uint32_t relid)
{
	struct vmbus_channel *ch = NULL;

	if (relid && relid <= LIS_RELID_MAX)
		ch = s->channels[relid];
	if (!ch || !ch->announced) {
		server_violation(s, "bus %s: relid %u is not offered", what,
				 relid);
		return NULL;
	}
	return ch;
}

bool server_mischief(struct vmbus_server *s, enum bus_mischief what)
{
	if (!s->bus_mischief[what])
		return false;
	s->bus_mischief[what]--;
	return true;
}

/* What a guest waits for */
static bool is_answer(uint32_t type)
{
	switch (type) {
	case LIS_MSG_OPEN_RESULT:
	case LIS_MSG_GPADL_CREATED:
	case LIS_MSG_GPADL_TORNDOWN:
	case LIS_MSG_VERSION_RESPONSE:
	case LIS_MSG_UNLOAD_COMPLETE:
	case LIS_MSG_MODIFY_CHANNEL_RESPONSE:
		return true;
	default:
		return false;
	}
}

void server_post(struct vmbus_server *s, const void *msg, size_t len)
{
	const struct lis_msg_hdr *hdr = msg;

	if (is_answer(hdr->type) && server_mischief(s, BUS_NEVER_ANSWER))
		return;
	server_trace(s, "bus to guest vp %u type %u bytes %zu",
		     s->conn.message_vp, hdr->type, len);
	s->fx->post_message(s->fx->ctx, s->conn.message_vp, LIS_HV_SINT_VMBUS,
			    msg, len);
}

/* --- guest messages ------------------------------------------------------- */

struct message_rule {
	const char *name;
	uint16_t min, max;	/* bytes */
	uint32_t since;		/* version */
};

#define RULE(message, structure, since) [LIS_MSG_##message] = {		\
	#message, sizeof(structure), sizeof(structure), since }
#define RULE_UP_TO_MAX(message, structure) [LIS_MSG_##message] = {	\
	#message, sizeof(structure), LIS_HV_MSG_PAYLOAD_MAX, 0 }

static const struct message_rule rules[LIS_MSG_COUNT] = {
	RULE(REQUEST_OFFERS, struct lis_msg_hdr, 0),
	RULE(OPEN_CHANNEL, struct lis_msg_open, 0),
	RULE(CLOSE_CHANNEL, struct lis_msg_relid, 0),
	RULE_UP_TO_MAX(GPADL_HEADER, struct lis_msg_gpadl_header),
	RULE_UP_TO_MAX(GPADL_BODY, struct lis_msg_gpadl_body),
	RULE(GPADL_TEARDOWN, struct lis_msg_gpadl_teardown, 0),
	RULE(RELID_RELEASED, struct lis_msg_relid, 0),
	RULE(INITIATE_CONTACT, struct lis_msg_initiate_contact, 0),
	RULE(UNLOAD, struct lis_msg_hdr, 0),
	RULE(MODIFY_CHANNEL, struct lis_msg_modify_channel, LIS_VMBUS_V4_1),
};

static bool message_size_ok(struct vmbus_server *s, uint32_t type, size_t len)
{
	const struct message_rule *rule = &rules[type];

	if (len >= rule->min && len <= rule->max)
		return true;
	server_violation(s, "bus %s: %zu bytes, expected %u%s", rule->name,
			 len, rule->min, rule->min == rule->max ? "" : " or more");
	return false;
}

/* Everything but INITIATE_CONTACT belongs to a connection. */
static bool message_allowed(struct vmbus_server *s, uint32_t port,
			    uint32_t type)
{
	const struct message_rule *rule = &rules[type];

	if (s->conn.state != CONN_CONNECTED) {
		/* The in-tree bus lets go of its channels after UNLOAD */
		if (type != LIS_MSG_RELID_RELEASED)
			server_violation(s, "bus %s: not connected",
					 rule->name);
		return false;
	}
	if (s->conn.version < rule->since) {
		server_violation(s, "bus %s: not in version %u.%u", rule->name,
				 s->conn.version >> 16,
				 s->conn.version & 0xffff);
		return false;
	}
	if (port != s->conn.port)
		server_violation(s, "bus %s: posted to connection %u, not %u",
				 rule->name, port, s->conn.port);
	return true;
}

static void message_dispatch(struct vmbus_server *s, uint32_t type,
			     const void *msg, size_t len)
{
	switch (type) {
	case LIS_MSG_REQUEST_OFFERS:
		offer_request(s);
		break;
	case LIS_MSG_OPEN_CHANNEL:
		channel_open(s, msg);
		break;
	case LIS_MSG_CLOSE_CHANNEL:
		channel_close(s, ((const struct lis_msg_relid *)msg)->relid);
		break;
	case LIS_MSG_GPADL_HEADER:
		gpadl_header(s, msg, len);
		break;
	case LIS_MSG_GPADL_BODY:
		gpadl_body(s, msg, len);
		break;
	case LIS_MSG_GPADL_TEARDOWN:
		gpadl_teardown(s, msg);
		break;
	case LIS_MSG_RELID_RELEASED:
		offer_released(s, ((const struct lis_msg_relid *)msg)->relid);
		break;
	case LIS_MSG_UNLOAD:
		conn_unload(s);
		break;
	case LIS_MSG_MODIFY_CHANNEL:
		channel_modify(s, msg);
		break;
	}
}

static void message_locked(struct vmbus_server *s, uint32_t vp, uint32_t port,
			   const void *msg, size_t len)
{
	const struct lis_msg_hdr *hdr = msg;

	if (len < sizeof(*hdr)) {
		server_violation(s, "bus message: %zu bytes, no header", len);
		return;
	}
	server_trace(s, "bus from guest vp %u port %u type %u bytes %zu", vp,
		     port, hdr->type, len);
	if (hdr->type >= LIS_MSG_COUNT || !rules[hdr->type].name) {
		server_violation(s, "bus message: type %u", hdr->type);
		return;
	}
	if (hdr->padding)
		server_violation(s, "bus %s: padding %#x",
				 rules[hdr->type].name, hdr->padding);
	if (!message_size_ok(s, hdr->type, len))
		return;
	if (hdr->type == LIS_MSG_INITIATE_CONTACT)
		conn_initiate(s, vp, port, msg);
	else if (message_allowed(s, port, hdr->type))
		message_dispatch(s, hdr->type, msg, len);
}

uint32_t vmbus_server_message(struct vmbus_server *s, uint32_t vp,
			      uint32_t connection_id,
			      const void *payload, size_t len)
{
	/* A private, aligned copy: the caller's may be guest memory */
	uint64_t copy[LIS_HV_MSG_PAYLOAD_MAX / 8] = { 0 };
	uint32_t status = LIS_HV_SUCCESS;

	if (connection_id != LIS_CONN_MESSAGE &&
	    (connection_id != LIS_CONN_MESSAGE_5 ||
	     s->newest < LIS_VMBUS_V5_0))
		return LIS_HV_INVALID_CONNECTION_ID;
	if (len > sizeof(copy))
		return LIS_HV_INVALID_PARAMETER;
	memcpy(copy, payload, len);
	pthread_mutex_lock(&s->lock);
	worker_reap(s);
	if (server_mischief(s, BUS_POST_BUSY)) {
		status = LIS_HV_INSUFFICIENT_BUFFERS;
	} else if (server_mischief(s, BUS_POST_NO_MEMORY)) {
		status = LIS_HV_INSUFFICIENT_MEMORY;
	} else {
		message_locked(s, vp, connection_id, copy, len);
		pthread_cond_broadcast(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	return status;
}

/* --- life ----------------------------------------------------------------- */

struct vmbus_server *vmbus_server_new(const struct hv_effects *effects,
				      const struct vmbus_server_config *cfg)
{
	const struct hv_generation *generation =
		hv_generation_find(cfg->generation ?: "ws2022");
	uint32_t cap = cfg->version_cap;
	pthread_condattr_t attr;
	struct vmbus_server *s;

	if (!generation || (cap && !vmbus_version_known(cap))) {
		errno = EINVAL;
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &attr);
	pthread_condattr_destroy(&attr);
	s->fx = effects;
	s->generation = generation;
	s->newest = cap ? cap : generation->vmbus;
	s->max_subchannels = cfg->max_subchannels;
	s->trace = cfg->trace;
	s->past = json_object_new_array();
	return s;
}

const struct hv_generation *vmbus_server_generation(struct vmbus_server *s)
{
	return s->generation;
}

unsigned int vmbus_server_subchannels(struct vmbus_server *s)
{
	return s->max_subchannels;
}

uint64_t vmbus_server_reference_time(struct vmbus_server *s)
{
	return s->fx->reference_time ? s->fx->reference_time(s->fx->ctx) : 0;
}

void vmbus_server_reset(struct vmbus_server *s)
{
	struct device *dev;

	pthread_mutex_lock(&s->lock);
	conn_leave(s, LEAVE_RESET);
	while (s->workers)
		pthread_cond_wait(&s->changed, &s->lock);
	worker_reap(s);
	for (dev = s->devices; dev; dev = dev->next)
		if (dev->ops->power_loss)
			dev->ops->power_loss(dev);
	pthread_mutex_unlock(&s->lock);
}

void vmbus_server_free(struct vmbus_server *s)
{
	struct device *dev, *next;

	if (!s)
		return;
	vmbus_server_reset(s);
	for (dev = s->devices; dev; dev = next) {
		next = dev->next;
		dev->ops->destroy(dev);
	}
	event_free(s);
	json_object_put(s->past);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
