/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fake guest of a server with two echo devices: how tests of the server and
 * of its channels begin and end, and what both of them do.
 */
#ifndef HOST_ECHO_GUEST_H
#define HOST_ECHO_GUEST_H

#include "host_guest_ring.h"
#include "host_echo.h"

#define RING_PAGES 4

static struct guest *g;
static struct lis_msg_offer offers[2];
static struct guest_channel ch;

static inline void server_start(const char *generation)
{
	g = guest_new(generation, 0);
	echo_add(g->server, "echo0", 1);
	echo_add(g->server, "echo1", 2);
}

static inline int start_only(void **state)
{
	(void)state;
	server_start("ws2022");
	return 0;
}

static inline int start(void **state)
{
	start_only(state);
	connect_and_take(g, LIS_VMBUS_V5_3, offers, 2);
	return 0;
}

static inline int start_open(void **state)
{
	start(state);
	channel_open_at(g, &ch, &offers[0], 16, RING_PAGES);
	return 0;
}

static inline int stop(void **state)
{
	(void)state;
	guest_free(g);
	return 0;
}

static inline bool control_verb(const char *text)
{
	struct json_object *request = json_tokener_parse(text), *reply, *o;
	bool ok;

	assert_non_null(request);
	assert_int_equal(vmbus_server_control(g->server, request, &reply), 0);
	assert_true(json_object_object_get_ex(reply, "ok", &o));
	ok = json_object_get_boolean(o);
	json_object_put(request);
	json_object_put(reply);
	return ok;
}

static inline void echo_once(struct guest_channel *c)
{
	static uint64_t id = 40;
	uint64_t payload[3] = { id, ~id, 7 };
	struct packet p;

	send_inband(g, c, ++id, payload, sizeof(payload));
	assert_true(ring_wait(g, c, &p, PATIENCE));
	assert_int_equal(p.desc.type, LIS_PKT_COMPLETION);
	assert_int_equal(p.desc.transaction_id, id);
	assert_int_equal(p.body_bytes, sizeof(payload));
	assert_memory_equal(p.body, payload, sizeof(payload));
}

#endif
