// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels of hvhost's VMBus server: open and close in every order, modify,
 * packets that break the rules, flow control.
 *
 * srcs: tests/hvhost/dev/ic.c tests/hvhost/dev/ic_spec.c tests/hvhost/dev/ic_ctl.c tests/hvhost/dev/ic_args.c tests/hvhost/dev/ic_text.c tests/hvhost/dev/ic_lies.c tests/hvhost/dev/ic_heartbeat.c
 * srcs: tests/hvhost/dev/ic_shutdown.c tests/hvhost/dev/ic_timesync.c tests/hvhost/dev/ic_kvp.c tests/hvhost/dev/ic_kvp_ip.c tests/hvhost/dev/ic_vss.c tests/hvhost/dev/ic_fcopy.c
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c tests/hvhost/vmbus/control.c
 * srcs: tests/hvhost/vmbus/hostile.c tests/hvhost/dev/controller.c tests/hvhost/dev/storvsp.c tests/hvhost/dev/storvsp_srb.c
 * srcs: tests/hvhost/dev/scsi.c tests/hvhost/dev/scsi_block.c tests/hvhost/dev/scsi_inquiry.c tests/hvhost/dev/disk.c tests/hvhost/dev/disk_map.c
 * srcs: tests/hvhost/dev/disk_cache.c tests/hvhost/dev/disk_image.c tests/hvhost/dev/disk_inbox.c
 * srcs: tests/hvhost/dev/scsi_medium.c tests/hvhost/dev/disk_spec.c tests/hvhost/dev/controller_ctl.c tests/hvhost/dev/scsi_reserve.c
 * srcs: tests/hvhost/dev/fc.c
 * srcs: tests/hvhost/vmbus/map.c tests/hvhost/dev/nic.c tests/hvhost/dev/nic_buffer.c tests/hvhost/dev/nic_ctl.c tests/hvhost/dev/nic_spec.c
 * srcs: tests/hvhost/dev/netvsp.c tests/hvhost/dev/netvsp_init.c tests/hvhost/dev/netvsp_rx.c tests/hvhost/dev/netvsp_lies.c tests/hvhost/dev/netvsp_tx.c tests/hvhost/dev/net_backend.c
 * srcs: tests/hvhost/dev/net_user.c tests/hvhost/dev/rndis.c tests/hvhost/dev/rndis_query.c tests/hvhost/dev/rndis_set.c
 * srcs: tests/hvhost/dev/rndis_packet.c tests/hvhost/dev/net_frame.c tests/hvhost/dev/net_send.c
 * libs: -luring -lnbd -ljson-c -lslirp
 */
#include "host_echo_guest.h"

/* --- open and close ------------------------------------------------------- */

static void test_an_open_channel_echoes_and_interrupts_its_vp(void **state)
{
	(void)state;
	echo_once(&ch);
	expect_interrupt_on(g, ch.relid, 2);
	assert_clean(g);
}

static void test_a_channel_can_be_closed_and_opened_many_times(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 50; i++) {
		channel_open_at(g, &ch, &offers[i % 2], 16, RING_PAGES);
		echo_once(&ch);
		channel_close_all(g, &ch);
	}
	assert_int_equal(g->bound, 0);
	assert_clean(g);
}

static void test_torndown_waits_for_requests_in_flight(void **state)
{
	uint64_t payload = ECHO_HOLD;

	(void)state;
	send_inband(g, &ch, 1, &payload, 8);
	echo_wait_held(1);
	relid_post(g, LIS_MSG_CLOSE_CHANNEL, ch.relid);
	gpadl_teardown_post(g, ch.relid, ch.gpadl);
	usleep(20000);
	assert_int_equal(waiting(g), 0);
	echo_let_go();
	expect(g, LIS_MSG_GPADL_TORNDOWN, 12);
	assert_clean(g);
}

static void test_an_open_while_closing_is_queued(void **state)
{
	uint64_t payload = ECHO_HOLD;

	(void)state;
	send_inband(g, &ch, 1, &payload, 8);
	echo_wait_held(1);
	relid_post(g, LIS_MSG_CLOSE_CHANNEL, ch.relid);
	/* The old ring's list is still in use and may be used again */
	memset(ch.out, 0, 16);
	memset(ch.in, 0, 16);
	open_post(g, &ch, 1);
	assert_int_equal(waiting(g), 0);
	echo_let_go();
	assert_int_equal(open_answer(g, &ch), 0);
	echo_once(&ch);
	assert_clean(g);
}

static void test_unload_waits_then_forgets_everything(void **state)
{
	struct lis_msg_hdr unload = { .type = LIS_MSG_UNLOAD };
	uint64_t payload = ECHO_HOLD;

	(void)state;
	send_inband(g, &ch, 1, &payload, 8);
	echo_wait_held(1);
	post(g, &unload, sizeof(unload));
	assert_int_equal(waiting(g), 0);
	echo_let_go();
	expect(g, LIS_MSG_UNLOAD_COMPLETE, sizeof(unload));
	assert_int_equal(g->bound, 0);
	assert_clean(g);
	post(g, &unload, sizeof(unload));
	assert_violation(g, "UNLOAD: not connected");
	connect_and_take(g, LIS_VMBUS_V4_0, offers, 2);
	assert_int_equal(offers[0].relid, 1);
	channel_open_at(g, &ch, &offers[0], 16, RING_PAGES);
	echo_once(&ch);
	assert_clean(g);
}

static void test_a_new_contact_ends_the_old_connection(void **state)
{
	struct lis_msg_initiate_contact m = contact_message(LIS_VMBUS_V5_3);
	uint64_t payload = ECHO_HOLD;

	(void)state;
	send_inband(g, &ch, 1, &payload, 8);
	echo_wait_held(1);
	post_on(g, 4, &m, sizeof(m));
	assert_int_equal(waiting(g), 0);
	echo_let_go();
	expect(g, LIS_MSG_VERSION_RESPONSE, 16);
	assert_int_equal(g->bound, 0);
	relid_post(g, LIS_MSG_CLOSE_CHANNEL, ch.relid);
	assert_violation(g, "relid 1 is not offered");
	connect_and_take(g, LIS_VMBUS_V5_3, offers, 2);
	assert_clean(g);
}

static void test_reset_waits_for_requests_and_keeps_devices(void **state)
{
	uint64_t payload = 5;

	(void)state;
	for (unsigned int i = 0; i < 20; i++)
		send_inband(g, &ch, i, &payload, 8);
	vmbus_server_reset(g->server);
	assert_int_equal(g->bound, 0);
	assert_int_equal(waiting(g), 0);
	connect_and_take(g, LIS_VMBUS_V5_3, offers, 2);
	assert_clean(g);
}

static void refuse_open(struct lis_msg_open m, const char *why)
{
	const struct lis_msg_open_result *r;

	post(g, &m, sizeof(m));
	r = EXPECT(g, LIS_MSG_OPEN_RESULT, struct lis_msg_open_result);
	assert_int_equal(r->relid, m.relid);
	assert_int_equal(r->open_id, m.open_id);
	assert_int_not_equal(r->status, 0);
	assert_violation(g, why);
}

static void test_wrong_opens_are_refused_and_named(void **state)
{
	struct lis_msg_open good = {
		.hdr.type = LIS_MSG_OPEN_CHANNEL, .relid = 1, .open_id = 55,
		.downstream_page = RING_PAGES }, m;

	(void)state;
	channel_rings(g, &ch, &offers[0], 16, RING_PAGES);
	good.ring_gpadl = ch.gpadl;
	m = good;
	m.ring_gpadl++;
	refuse_open(m, "ring GPADL is not a live one");
	m = good;
	m.relid = 2;
	refuse_open(m, "ring GPADL is not a live one");
	m = good;
	m.downstream_page = 1;
	refuse_open(m, "under 2 pages");
	m = good;
	m.downstream_page = 2 * RING_PAGES - 1;
	refuse_open(m, "under 2 pages");
	m = good;
	m.downstream_page = UINT32_MAX;
	refuse_open(m, "under 2 pages");
	m = good;
	m.target_vp = VPS;
	refuse_open(m, "target VP does not exist");
	ch.in->read_index = 4;
	refuse_open(good, "initial read index");
	ch.in->read_index = 0;
	post(g, &good, sizeof(good));
	assert_int_equal(EXPECT(g, LIS_MSG_OPEN_RESULT,
				struct lis_msg_open_result)->status, 0);
	assert_clean(g);
	post(g, &good, sizeof(good));
	assert_violation(g, "already open");
	gpadl_teardown_post(g, 1, ch.gpadl);
	assert_violation(g, "is the ring of the open channel");
	relid_post(g, LIS_MSG_CLOSE_CHANNEL, 1);
	expect(g, LIS_MSG_GPADL_TORNDOWN, 12);
	relid_post(g, LIS_MSG_CLOSE_CHANNEL, 1);
	assert_violation(g, "CLOSE_CHANNEL: not open");
	assert_int_equal(waiting(g), 0);
}

/* --- modify --------------------------------------------------------------- */

static void test_modify_moves_interrupts_to_another_vp(void **state)
{
	struct lis_msg_modify_channel m = {
		.hdr.type = LIS_MSG_MODIFY_CHANNEL, .relid = 1,
		.target_vp = 3 };

	(void)state;
	post(g, &m, sizeof(m));
	assert_int_equal(EXPECT(g, LIS_MSG_MODIFY_CHANNEL_RESPONSE,
				struct lis_msg_modify_response)->status, 0);
	echo_once(&ch);
	expect_interrupt_on(g, ch.relid, 3);
	assert_clean(g);
	m.target_vp = 17;
	post(g, &m, sizeof(m));
	assert_int_not_equal(EXPECT(g, LIS_MSG_MODIFY_CHANNEL_RESPONSE,
				    struct lis_msg_modify_response)->status,
			     0);
	assert_violation(g, "target VP 17 of 4");
}

static void test_modify_is_answered_from_5_3_on_and_exists_from_4_1(void **s)
{
	struct lis_msg_modify_channel m = {
		.hdr.type = LIS_MSG_MODIFY_CHANNEL, .relid = 1,
		.target_vp = 1 };

	(void)s;
	connect_and_take(g, LIS_VMBUS_V5_2, offers, 2);
	channel_open_at(g, &ch, &offers[0], 16, RING_PAGES);
	post(g, &m, sizeof(m));
	echo_once(&ch);
	expect_interrupt_on(g, ch.relid, 1);
	assert_int_equal(waiting(g), 0);
	assert_clean(g);
	connect_and_take(g, LIS_VMBUS_V4_0, offers, 2);
	channel_open_at(g, &ch, &offers[0], 16, RING_PAGES);
	post(g, &m, sizeof(m));
	assert_violation(g, "MODIFY_CHANNEL: not in version 4.0");
}

/* --- packets -------------------------------------------------------------- */

struct raw {
	struct lis_pkt_gpa_direct d;
	struct lis_gpa_range range;
	uint64_t pfn[2];
	uint64_t payload;
};

static struct raw raw_packet(void)
{
	struct raw p = { .d = { .desc = {
		.type = LIS_PKT_GPA_DIRECT, .offset8 = 6, .length8 = 7,
		.flags = 1 }, .range_count = 1 },
		.range = { 2 * PAGE, 0 }, .pfn = { 100, 101 } };

	return p;
}

/* The packet is named and skipped; the channel goes on. */
static void skipped(const struct raw *p, const char *why)
{
	assert_true(ring_write(&ch, p, p->d.desc.length8 * 8));
	signal_host(g, &ch);
	assert_violation(g, why);
	echo_once(&ch);
}

static void test_wrong_packets_are_named_and_skipped(void **state)
{
	struct raw p;

	(void)state;
	p = raw_packet();
	p.range.byte_offset = 4096;
	skipped(&p, "echo0 relid 1 packet GPA_DIRECT: range 0 offset 4096 > 4095");
	p = raw_packet();
	p.range.byte_count = 0;
	skipped(&p, "range 0 is empty");
	p = raw_packet();
	p.range.byte_count = 2 * PAGE + 1;
	skipped(&p, "range 0 needs 3 pages");
	p = raw_packet();
	p.range.byte_count = UINT32_MAX;
	skipped(&p, "range 0 needs");
	p = raw_packet();
	p.d.range_count = 2;
	skipped(&p, "range 1 of 2 is missing");
	p = raw_packet();
	p.d.range_count = UINT32_MAX;
	skipped(&p, "is missing");
	p = raw_packet();
	p.d.range_count = 0;
	skipped(&p, "no range");
	p = raw_packet();
	p.d.desc.offset8 = 3;
	skipped(&p, "no range");
	p = raw_packet();
	p.d.desc.offset8 = 1;
	skipped(&p, "payload offset 8 of 56");
	p = raw_packet();
	p.d.desc.offset8 = 8;
	skipped(&p, "payload offset 64 of 56");
	p = raw_packet();
	p.d.desc.type = 7;
	skipped(&p, "packet: type 7");
	p = raw_packet();
	p.d.desc.type = LIS_PKT_INBAND;
	skipped(&p, "payload offset 48, not 16");
	assert_clean(g);
}

/* As RHEL 7 sends them: the offset tells where the payload is */
static void test_ranges_may_end_before_the_payload(void **state)
{
	struct raw p = raw_packet();
	struct packet answer;

	(void)state;
	p.range.byte_count = PAGE;
	p.d.desc.transaction_id = 4711;
	p.payload = 0x0123456789abcdef;
	assert_true(ring_write(&ch, &p, sizeof(p)));
	signal_host(g, &ch);
	assert_true(ring_wait(g, &ch, &answer, PATIENCE));
	assert_int_equal(answer.desc.transaction_id, 4711);
	assert_int_equal(answer.body_bytes, sizeof(p.payload));
	assert_memory_equal(answer.body, &p.payload, sizeof(p.payload));
	assert_clean(g);
}

static void stopped(const char *why)
{
	signal_host(g, &ch);
	assert_violation(g, why);
	/* Only a new open helps */
	channel_close_all(g, &ch);
	channel_open_at(g, &ch, &offers[0], 16, RING_PAGES);
	echo_once(&ch);
	assert_clean(g);
	/* With empty rings for the next one */
	channel_close_all(g, &ch);
	channel_open_at(g, &ch, &offers[0], 16, RING_PAGES);
}

static void test_broken_framing_stops_the_channel_until_reopened(void **state)
{
	struct lis_pkt_desc d = { .type = LIS_PKT_INBAND, .offset8 = 2,
				  .length8 = 2, .flags = 1 };
	uint64_t words[4] = { 0 };

	(void)state;
	ch.out->write_index = ch.out_size;
	stopped("guest to host ring: write index 0x3000");
	ch.out->write_index = 12;
	stopped("write index 0xc");
	d.length8 = 1;
	memcpy(words, &d, 16);
	ring_write(&ch, words, 16);
	stopped("packet length 0x8");
	d.length8 = 100;
	memcpy(words, &d, 16);
	ring_write(&ch, words, 16);
	stopped("packet longer than the data");
	ch.out->write_index = 8;
	stopped("packet shorter than its descriptor");
	d.length8 = 2;
	memcpy(words, &d, 16);
	ring_write(&ch, words, 16);
	memset(ch.out_data + 16, 1, 8);
	stopped("packet trailer");
	ch.in->read_index = 4096 * 3;
	send_inband(g, &ch, 1, words, 8);
	stopped("host to guest ring: read index 0x3000");
}

static void test_a_slow_guest_gets_everything_in_order(void **state)
{
	enum { COUNT = 3000 };
	uint64_t payload[25] = { 0 };
	unsigned int sent = 0, got = 0;
	struct packet p;

	(void)state;
	while (got < COUNT) {
		while (sent < COUNT && ring_room(&ch) > 300) {
			payload[0] = sent;
			send_inband(g, &ch, sent++, payload, sizeof(payload));
		}
		assert_true(ring_wait(g, &ch, &p, PATIENCE));
		assert_int_equal(p.desc.transaction_id, got);
		got++;
		/* Room came: the host asked to be told */
		if (ch.in->pending_send_size)
			signal_host(g, &ch);
	}
	assert_clean(g);
}

static void test_a_burst_costs_one_interrupt(void **state)
{
	struct json_object *stats, *o, *n;
	uint64_t payload = 1;
	struct packet p;

	(void)state;
	/* Stalled, the worker sees all of them at once */
	assert_true(control_verb("{\"verb\":\"bus\",\"args\":[\"stall\",\"echo0\"]}"));
	for (unsigned int i = 0; i < 50; i++)
		send_inband(g, &ch, i, &payload, 8);
	assert_true(control_verb("{\"verb\":\"bus\",\"args\":[\"resume\",\"echo0\"]}"));
	for (unsigned int i = 0; i < 50; i++)
		assert_true(ring_wait(g, &ch, &p, PATIENCE));
	stats = vmbus_server_stats(g->server, true);
	o = json_object_array_get_idx(stats, 0);
	assert_true(json_object_object_get_ex(o, "rx_packets", &n));
	assert_int_equal(json_object_get_int(n), 50);
	assert_true(json_object_object_get_ex(o, "host_interrupts", &n));
	assert_int_equal(json_object_get_int(n), 1);
	assert_true(json_object_object_get_ex(o, "guest_signals", &n));
	assert_int_equal(json_object_get_int(n), 50);
	json_object_put(stats);
	stats = vmbus_server_stats(g->server, false);
	o = json_object_array_get_idx(stats, 0);
	assert_true(json_object_object_get_ex(o, "rx_packets", &n));
	assert_int_equal(json_object_get_int(n), 0);
	json_object_put(stats);
	assert_clean(g);
}

#define T(name, setup) cmocka_unit_test_setup_teardown(test_##name, setup, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(an_open_channel_echoes_and_interrupts_its_vp, start_open),
		T(a_channel_can_be_closed_and_opened_many_times, start),
		T(torndown_waits_for_requests_in_flight, start_open),
		T(an_open_while_closing_is_queued, start_open),
		T(unload_waits_then_forgets_everything, start_open),
		T(a_new_contact_ends_the_old_connection, start_open),
		T(reset_waits_for_requests_and_keeps_devices, start_open),
		T(wrong_opens_are_refused_and_named, start),
		T(modify_moves_interrupts_to_another_vp, start_open),
		T(modify_is_answered_from_5_3_on_and_exists_from_4_1, start),
		T(wrong_packets_are_named_and_skipped, start_open),
		T(ranges_may_end_before_the_payload, start_open),
		T(broken_framing_stops_the_channel_until_reopened, start_open),
		T(a_slow_guest_gets_everything_in_order, start_open),
		T(a_burst_costs_one_interrupt, start_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
