// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lies of hvhost's integration components: each is told when it was ordered,
 * as often as it was, about what its name says; odd answers are counted then.
 *
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c tests/hvhost/vmbus/hostile.c
 * srcs: tests/hvhost/vmbus/map.c tests/hvhost/dev/nic.c tests/hvhost/dev/nic_buffer.c tests/hvhost/dev/nic_spec.c
 * srcs: tests/hvhost/dev/netvsp.c tests/hvhost/dev/netvsp_init.c tests/hvhost/dev/netvsp_rx.c tests/hvhost/dev/netvsp_lies.c tests/hvhost/dev/netvsp_tx.c
 * srcs: tests/hvhost/dev/net_backend.c tests/hvhost/dev/net_user.c tests/hvhost/dev/rndis.c tests/hvhost/dev/rndis_query.c tests/hvhost/dev/rndis_set.c
 * srcs: tests/hvhost/dev/rndis_packet.c tests/hvhost/dev/net_frame.c tests/hvhost/dev/net_send.c
 * srcs: tests/hvhost/dev/ic.c tests/hvhost/dev/ic_spec.c tests/hvhost/dev/ic_ctl.c tests/hvhost/dev/ic_args.c tests/hvhost/dev/ic_text.c
 * srcs: tests/hvhost/dev/ic_lies.c tests/hvhost/dev/ic_heartbeat.c tests/hvhost/dev/ic_shutdown.c tests/hvhost/dev/ic_timesync.c
 * srcs: tests/hvhost/dev/ic_kvp.c tests/hvhost/dev/ic_kvp_ip.c tests/hvhost/dev/ic_vss.c tests/hvhost/dev/ic_fcopy.c
 * libs: -ljson-c -lslirp
 */
#include "host_ic.h"

#include <lis/proto/ic_files.h>
#include <lis/proto/ic_kvp.h>

static void order(const char *lie, const char *count)
{
	const char *const argv[] = { lie, bench->service, count };
	char error[2000];

	pthread_mutex_lock(&bench->g->server->lock);
	if (!hostile_apply(bench->g->server, count ? 3 : 2, argv, error,
			   sizeof(error)))
		fail_msg("%s: %s", lie, error);
	pthread_mutex_unlock(&bench->g->server->lock);
}

static int start_heartbeat(void **state)
{
	(void)state;
	start_with("ws2022", "heartbeat=100");
	agree(3, 0, 3, 0);
	return 0;
}

static struct lis_ic_pipe pipe_header;
static struct lis_ic_header head;

static void take_raw(void)
{
	assert_true(ring_wait(bench->g, &bench->c, &bench->packet, PATIENCE));
	memcpy(&pipe_header, bench->packet.body, sizeof(pipe_header));
	memcpy(&head, header(), sizeof(head));
}

/* Ordered while nothing else is due: the next message is that one. */
static void tell(const char *lie)
{
	order(lie, NULL);
	take_raw();
}

static void test_frame(void **state)
{
	(void)state;
	take_raw();
	tell("ic_short");
	assert_int_equal(bench->packet.body_bytes, 24);	/* 18 */
	tell("ic_pipe_length");
	assert_int_equal(pipe_header.bytes, 0xfffffff0u);
	tell("ic_pipe_type");
	assert_int_equal(pipe_header.type, 7);
	tell("ic_size");
	assert_int_equal(head.bytes, 0xffff);
	tell("ic_size_zero");
	assert_int_equal(head.bytes, 0);
	tell("ic_type");
	assert_int_equal(head.type, 0x4711);
	tell("ic_cut");
	assert_int_equal(head.bytes, sizeof(struct lis_ic_heartbeat) / 2);
	assert_int_equal(pipe_header.bytes, head.bytes + sizeof(head));
	tell("ic_version");
	assert_int_equal(head.version.major, 99);
	tell("ic_flags");
	assert_int_equal(head.flags, 0);
	tell("ic_response");
	assert_int_equal(head.flags & LIS_IC_FLAG_RESPONSE,
			 LIS_IC_FLAG_RESPONSE);
	tell("ic_long");
	assert_int_equal(pipe_header.bytes, head.bytes + sizeof(head));
	assert_true(pipe_header.bytes > LIS_IC_MESSAGE_MAX);
	tell("ic_repeat");
	take_raw();
	take_raw();
	assert_int_equal(head.bytes, sizeof(struct lis_ic_heartbeat));
	assert_int_equal(count_of("heartbeat", "lies"), 12);
	/* An answer that is no answer */
	assert_int_equal(count_of("heartbeat", "odd"), 0);
	memset(bench->packet.body, 0xff, bench->packet.body_bytes);
	put_back();
	while (!count_of("heartbeat", "odd"))
		usleep(1000);
	assert_clean(bench->g);
}

static void tell_versions(const char *lie)
{
	order(lie, NULL);
	do
		take_raw();
	while (head.type != LIS_IC_NEGOTIATE);
}

static void test_versions(void **state)
{
	struct lis_ic_negotiate n;

	(void)state;
	tell_versions("ic_counts");
	memcpy(&n, body(), sizeof(n));
	assert_int_equal(n.frameworks, 0xffff);
	assert_int_equal(n.messages, 0xffff);
	tell_versions("ic_counts_zero");
	memcpy(&n, body(), sizeof(n));
	assert_int_equal(n.frameworks, 0);
	assert_int_equal(head.bytes, sizeof(n));
	tell_versions("ic_no_version");
	memcpy(&n, body(), sizeof(n));
	assert_int_equal(n.frameworks, 2);
	assert_int_equal(body()[sizeof(n)], 99);
	say("ic negotiate heartbeat");
	agree(3, 0, 3, 0);
	expect_state("heartbeat", "ready");
}

static void test_burst(void **state)
{
	struct lis_ic_heartbeat b;

	(void)state;
	say("ic period heartbeat 0");
	order("ic_burst", "1000");
	for (int i = 0; i < 1000; i++) {
		do
			take_raw();
		while (head.type != LIS_IC_HEARTBEAT);
		memcpy(&b, body(), sizeof(b));
		b.sequence++;
		memcpy(body(), &b, sizeof(b));
		answer(LIS_IC_S_OK);
	}
	assert_clean(bench->g);
}

static int start_kvp(void **state)
{
	(void)state;
	start_with("ws2022", "kvp");
	agree(3, 0, 4, 0);
	return 0;
}

static uint32_t word_at(unsigned int at)
{
	uint32_t n;

	memcpy(&n, body() + at, sizeof(n));
	return n;
}

static void list_once(const char *lie)
{
	order(lie, NULL);
	ask("kvp list");
	take_raw();
	answer(LIS_IC_E_NO_MORE);
	expect_done();
}

static void test_pairs(void **state)
{
	(void)state;
	expect_state("kvp", "ready");
	list_once("ic_op");
	assert_int_equal(body()[0], 0x77);
	list_once("ic_pool");
	assert_int_equal(body()[1], 0xee);
	list_once("ic_index");
	assert_int_equal(word_at(4), 0xfffffff0u);
	list_once("ic_key_size");
	assert_int_equal(word_at(12), 0xfffffff0u);
	list_once("ic_value_size");
	assert_int_equal(word_at(16), 0xfffffff0u);
	list_once("ic_value_type");
	assert_int_equal(word_at(8), 0x4711);
	list_once("ic_text");
	assert_int_equal(body()[LIS_KVP_MESSAGE_BYTES - 1], 'A');
	assert_clean(bench->g);
}

#define S(name, start) cmocka_unit_test_setup_teardown(test_##name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		S(frame, start_heartbeat),
		S(versions, start_heartbeat),
		S(burst, start_heartbeat),
		S(pairs, start_kvp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
