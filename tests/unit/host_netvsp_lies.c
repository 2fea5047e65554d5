// SPDX-License-Identifier: GPL-2.0-only
/*
 * The lies of hvhost's netvsp: each is told when it was ordered, once, about
 * the thing that its name says; and what a guest refuses then is no violation.
 *
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c tests/hvhost/vmbus/hostile.c
 * srcs: tests/hvhost/vmbus/map.c tests/hvhost/dev/nic.c tests/hvhost/dev/nic_buffer.c tests/hvhost/dev/nic_spec.c
 * srcs: tests/hvhost/dev/netvsp.c tests/hvhost/dev/netvsp_init.c tests/hvhost/dev/netvsp_rx.c tests/hvhost/dev/netvsp_lies.c tests/hvhost/dev/netvsp_tx.c
 * srcs: tests/hvhost/dev/net_backend.c tests/hvhost/dev/net_user.c tests/hvhost/dev/rndis.c tests/hvhost/dev/rndis_query.c tests/hvhost/dev/rndis_set.c
 * srcs: tests/hvhost/dev/rndis_packet.c tests/hvhost/dev/net_frame.c tests/hvhost/dev/net_send.c
 * libs: -ljson-c -lslirp
 */
#include "host_netvsp.h"

#include "vmbus/server_int.h"

static void order(const char *lie)
{
	const char *const argv[] = { lie, "nic0" };
	char error[200];

	pthread_mutex_lock(&bench->g->server->lock);
	assert_true(hostile_apply(bench->g->server, 2, argv, error,
				  sizeof(error)));
	pthread_mutex_unlock(&bench->g->server->lock);
}

/* The ranges and the head of the message of a frame that comes now */
static struct lis_pkt_xfer_range range;
static uint32_t set;
static struct lis_rndis_packet head;
static struct lis_rndis_ppi info;

static void take_frame(void)
{
	struct packet *p = &bench->packet;
	const uint8_t *message;

	put_frame(0x55);
	assert_true(ring_wait(bench->g, &bench->c, p, PATIENCE));
	assert_int_equal(p->desc.type, LIS_PKT_TRANSFER_PAGES);
	memcpy(&set, p->body, sizeof(set));
	memcpy(&range, p->body + 8, sizeof(range));
	if (range.byte_offset >= RECV_PAGES * PAGE)
		return;
	message = bench->g->ram + RECV_PAGE * PAGE + range.byte_offset;
	memcpy(&head, message, sizeof(head));
	memcpy(&info, message + sizeof(head), sizeof(info));
}

/* The frame that comes next is told of as it is. */
static void expect_truth(void)
{
	struct rndis_data d;

	give_back(bench->packet.desc.transaction_id);
	take_frame();
	assert_int_equal(set & 0xffff, LIS_NVSP_RECV_BUF_ID);
	assert_null(rndis_packet_parse(&d, bench->g->ram + RECV_PAGE * PAGE +
				       range.byte_offset, range.byte_count));
	assert_int_equal(d.data_bytes, FRAME_BYTES);
	give_back(bench->packet.desc.transaction_id);
}

static void test_ranges(void **state)
{
	(void)state;
	order("net_range");
	take_frame();
	assert_true(range.byte_offset >= RECV_PAGES * PAGE);
	expect_truth();
	order("net_range_length");
	take_frame();
	assert_int_equal(range.byte_count, 4);
	expect_truth();
	order("net_set");
	take_frame();
	assert_int_not_equal(set & 0xffff, LIS_NVSP_RECV_BUF_ID);
	expect_truth();
	assert_clean(bench->g);
}

static void test_frames(void **state)
{
	(void)state;
	order("net_type");
	take_frame();
	assert_int_not_equal(head.hdr.type, LIS_RNDIS_PACKET);
	expect_truth();
	order("net_length");
	take_frame();
	assert_true(head.hdr.length > range.byte_count);
	expect_truth();
	order("net_data");
	take_frame();
	assert_true(head.data_offset > range.byte_count);
	expect_truth();
	order("net_short");
	take_frame();
	assert_true(head.data_length < NET_ETH_BYTES);
	expect_truth();
	order("net_info");
	take_frame();
	assert_int_equal(head.ppi_offset, sizeof(head) - LIS_RNDIS_BODY);
	assert_int_equal(head.ppi_length, sizeof(info));
	assert_int_equal(info.size, 0);
	expect_truth();
	assert_clean(bench->g);
}

/* What the host answers when it is asked for its address */
static struct lis_rndis_query_done ask_mac(uint8_t *mac)
{
	struct lis_rndis_request q = {
		.hdr = { LIS_RNDIS_QUERY, sizeof(q) }, .request_id = 9,
		.oid = LIS_OID_PERMANENT_MAC };
	struct lis_rndis_query_done done;
	const uint8_t *m;
	uint64_t id;

	assert_int_equal(send_section(1, 0, &q, sizeof(q)), 1);
	m = take_message(1, &id);
	memcpy(&done, m, sizeof(done));
	memcpy(mac, m + sizeof(done), NET_MAC_BYTES);
	give_back(id);
	return done;
}

static void test_answers(void **state)
{
	struct lis_rndis_query_done done;
	uint8_t mac[NET_MAC_BYTES];

	(void)state;
	order("net_answer");
	assert_int_not_equal(ask_mac(mac).request_id, 9);
	order("net_answer_length");
	assert_true(ask_mac(mac).info_length > 1000);
	order("net_mac");
	ask_mac(mac);
	assert_int_equal(mac[0] & 1, 1);
	done = ask_mac(mac);
	assert_int_equal(done.request_id, 9);
	assert_int_equal(done.info_length, NET_MAC_BYTES);
	assert_int_equal(mac[0] & 1, 0);
	assert_clean(bench->g);
}

static void test_refusals_are_the_right_answer(void **state)
{
	struct packet p = { .desc = { .type = LIS_PKT_COMPLETION, .offset8 = 2,
		.length8 = 2 + nvsp_bytes() / 8 } };
	struct lis_nvsp_msg m = { .type = LIS_NVSP_RNDIS_COMPLETE,
				  .rndis_complete = { LIS_NVSP_STATUS_FAILURE } };

	(void)state;
	memcpy(p.body, &m, nvsp_bytes());
	order("net_range");
	take_frame();
	p.desc.transaction_id = bench->packet.desc.transaction_id;
	assert_true(ring_write(&bench->c, &p, 16 + nvsp_bytes()));
	signal_host(bench->g, &bench->c);
	take_frame();
	expect_truth();
	assert_clean(bench->g);
}

#define T(name) cmocka_unit_test_setup_teardown(test_##name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(ranges),
		T(frames),
		T(answers),
		T(refusals_are_the_right_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
