// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's VMBus server: versions, offers, open and close in every order,
 * rescinds, packets that break the rules.
 *
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c tests/hvhost/vmbus/control.c
 * srcs: tests/hvhost/vmbus/hostile.c tests/hvhost/dev/controller.c tests/hvhost/dev/storvsp.c tests/hvhost/dev/storvsp_srb.c
 * srcs: tests/hvhost/dev/scsi.c tests/hvhost/dev/scsi_block.c tests/hvhost/dev/scsi_inquiry.c tests/hvhost/dev/disk.c
 * libs: -luring -ljson-c
 */
#include "host_guest.h"
#include "host_echo.h"

#define RING_PAGES 4

static struct guest *g;
static struct lis_msg_offer offers[2];
static struct guest_channel ch;

static void server_start(const char *generation)
{
	g = guest_new(generation, 0);
	echo_add(g->server, "echo0", 1);
	echo_add(g->server, "echo1", 2);
}

static int start_only(void **state)
{
	(void)state;
	server_start("ws2022");
	return 0;
}

static int start(void **state)
{
	start_only(state);
	connect_and_take(g, LIS_VMBUS_V5_3, offers, 2);
	return 0;
}

static int start_open(void **state)
{
	start(state);
	channel_open_at(g, &ch, &offers[0], 16, RING_PAGES);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	guest_free(g);
	return 0;
}

static bool control_verb(const char *text)
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

static void echo_once(struct guest_channel *c)
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

/* --- versions ------------------------------------------------------------- */

static const uint32_t all_versions[] = {
	LIS_VMBUS_V2_4, LIS_VMBUS_V3_0, LIS_VMBUS_V4_0, LIS_VMBUS_V4_1,
	LIS_VMBUS_V5_0, LIS_VMBUS_V5_1, LIS_VMBUS_V5_2, LIS_VMBUS_V5_3,
	LIS_VMBUS_V6_0,
};

#define VERSIONS (sizeof(all_versions) / sizeof(all_versions[0]))

static void test_each_generation_grants_up_to_its_version(void **state)
{
	static const struct {
		const char *name;
		uint32_t newest;
	} generations[] = {
		{ "ws2012", LIS_VMBUS_V2_4 }, { "ws2012r2", LIS_VMBUS_V3_0 },
		{ "ws2016", LIS_VMBUS_V4_0 }, { "ws2019", LIS_VMBUS_V5_2 },
		{ "ws2022", LIS_VMBUS_V5_3 }, { "ws2025", LIS_VMBUS_V6_0 },
	};

	(void)state;
	for (unsigned int i = 0; i < 6; i++) {
		server_start(generations[i].name);
		for (unsigned int v = VERSIONS; v--;)
			assert_int_equal(contact(g, all_versions[v]),
					 all_versions[v] <=
					 generations[i].newest);
		assert_clean(g);
		guest_free(g);
	}
}

static void test_port_4_exists_from_5_0_on_only(void **state)
{
	struct lis_msg_initiate_contact m = contact_message(LIS_VMBUS_V4_0);

	(void)state;
	server_start("ws2016");
	assert_int_equal(post_on(g, 4, &m, sizeof(m)),
			 LIS_HV_INVALID_CONNECTION_ID);
	assert_int_equal(post_on(g, 7, &m, sizeof(m)),
			 LIS_HV_INVALID_CONNECTION_ID);
	assert_int_equal(waiting(g), 0);
	guest_free(g);
	server_start("ws2019");
	assert_true(contact(g, LIS_VMBUS_V5_0));
	guest_free(g);
}

static void test_unknown_versions_are_refused(void **state)
{
	static const uint32_t wrong[] = {
		0, 13, 0x50004, 0x70000, 0x40002, 0xffffffff };

	(void)state;
	for (unsigned int i = 0; i < 6; i++)
		assert_false(contact(g, wrong[i]));
	assert_clean(g);
	assert_true(contact(g, LIS_VMBUS_V4_1));
}

static void test_the_answer_goes_to_the_vp_that_was_named(void **state)
{
	struct lis_msg_initiate_contact m = contact_message(LIS_VMBUS_V5_3);

	(void)state;
	m.target_vp = 3;
	post_on(g, 4, &m, sizeof(m));
	expect(g, LIS_MSG_VERSION_RESPONSE, 16);
	assert_int_equal(g->queue[0].vp, 3);
	m = contact_message(LIS_VMBUS_V2_4);
	post_on(g, 1, &m, sizeof(m));
	expect(g, LIS_MSG_VERSION_RESPONSE, 16);
	assert_int_equal(g->queue[1].vp, 0);
	m = contact_message(LIS_VMBUS_V5_3);
	m.target_vp = VPS;
	post_on(g, 4, &m, sizeof(m));
	expect(g, LIS_MSG_VERSION_RESPONSE, 16);
	assert_violation(g, "target VP 4 of 4");
}

static void test_wrong_contact_fields_are_named(void **state)
{
	struct lis_msg_initiate_contact m = contact_message(LIS_VMBUS_V5_3);
	const struct lis_msg_version_response *r;

	(void)state;
	m.target_sint = 3;
	post_on(g, 4, &m, sizeof(m));
	r = expect(g, LIS_MSG_VERSION_RESPONSE, 16);
	assert_int_equal(r->supported, 0);
	assert_violation(g, "target SINT 3");
	m = contact_message(LIS_VMBUS_V5_3);
	m.monitor_p2c = 4096;
	post_on(g, 4, &m, sizeof(m));
	r = expect(g, LIS_MSG_VERSION_RESPONSE, 16);
	assert_int_equal(r->supported, 1);
	assert_int_not_equal(r->state, 0);
	assert_violation(g, "one monitor page");
}

/* --- messages ------------------------------------------------------------- */

static void test_wrong_messages_are_named_and_ignored(void **state)
{
	struct lis_msg_hdr hdr = { .type = LIS_MSG_REQUEST_OFFERS };
	struct lis_msg_relid m = { .hdr.type = LIS_MSG_CLOSE_CHANNEL };
	uint32_t word = LIS_MSG_UNLOAD;

	(void)state;
	post_on(g, 4, &hdr, sizeof(hdr));
	assert_violation(g, "REQUEST_OFFERS: not connected");
	assert_true(contact(g, LIS_VMBUS_V5_3));
	post(g, &word, 4);
	assert_violation(g, "no header");
	post(g, &m, 8);
	assert_violation(g, "CLOSE_CHANNEL: 8 bytes, expected 12");
	hdr.type = 999;
	post(g, &hdr, sizeof(hdr));
	assert_violation(g, "type 999");
	hdr.type = LIS_MSG_OFFER_CHANNEL;
	post(g, &hdr, sizeof(hdr));
	assert_violation(g, "type 1");
	m.relid = 2048;
	post(g, &m, sizeof(m));
	assert_violation(g, "relid 2048 is not offered");
	hdr.type = LIS_MSG_REQUEST_OFFERS;
	post_on(g, 1, &hdr, sizeof(hdr));
	assert_violation(g, "posted to connection 1, not 4");
	expect(g, LIS_MSG_OFFER_CHANNEL, sizeof(offers[0]));
	expect(g, LIS_MSG_OFFER_CHANNEL, sizeof(offers[0]));
	expect(g, LIS_MSG_ALL_OFFERS_DELIVERED, 8);
	post(g, &hdr, sizeof(hdr));
	assert_violation(g, "sent twice");
	assert_int_equal(waiting(g), 0);
}

/* --- offers --------------------------------------------------------------- */

static void test_offers_say_what_the_device_is(void **state)
{
	(void)state;
	assert_int_equal(offers[0].relid, 1);
	assert_int_equal(offers[1].relid, 2);
	assert_int_equal(offers[0].instance_id.b[15], 1);
	assert_int_equal(offers[1].instance_id.b[15], 2);
	assert_int_equal(offers[0].subchannel_index, 0);
	assert_int_equal(offers[0].monitor_allocated, 0);
	assert_int_equal(offers[0].dedicated_interrupt, 1);
	assert_true(offers[0].connection_id != offers[1].connection_id);
	assert_clean(g);
}

static void test_a_device_added_later_is_offered_at_once(void **state)
{
	(void)state;
	echo_add(g->server, "echo2", 3);
	assert_int_equal(EXPECT(g, LIS_MSG_OFFER_CHANNEL,
				struct lis_msg_offer)->relid, 3);
	assert_clean(g);
}

static void test_a_relid_is_reused_only_after_its_release(void **state)
{
	(void)state;
	assert_true(control_verb("{\"verb\":\"bus\",\"args\":[\"rescind\",\"echo0\"]}"));
	assert_int_equal(EXPECT(g, LIS_MSG_RESCIND_OFFER,
				struct lis_msg_relid)->relid, 1);
	echo_add(g->server, "echo2", 3);
	assert_int_equal(EXPECT(g, LIS_MSG_OFFER_CHANNEL,
				struct lis_msg_offer)->relid, 3);
	assert_true(control_verb("{\"verb\":\"bus\",\"args\":[\"reoffer\",\"echo0\"]}"));
	assert_int_equal(waiting(g), 0);	/* 1 is still the guest's */
	relid_post(g, LIS_MSG_RELID_RELEASED, 1);
	assert_int_equal(EXPECT(g, LIS_MSG_OFFER_CHANNEL,
				struct lis_msg_offer)->relid, 1);
	assert_clean(g);
	relid_post(g, LIS_MSG_RELID_RELEASED, 1);
	assert_violation(g, "it is not rescinded");
	relid_post(g, LIS_MSG_RELID_RELEASED, 9);
	assert_violation(g, "relid 9 is not offered");
}

/* --- open and close ------------------------------------------------------- */

static void test_an_open_channel_echoes_and_interrupts_its_vp(void **state)
{
	(void)state;
	echo_once(&ch);
	assert_int_equal(g->event_vp[ch.relid], 2);
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
	m = good, m.ring_gpadl++;
	refuse_open(m, "ring GPADL is not a live one");
	m = good, m.relid = 2;
	refuse_open(m, "ring GPADL is not a live one");
	m = good, m.downstream_page = 1;
	refuse_open(m, "under 2 pages");
	m = good, m.downstream_page = 2 * RING_PAGES - 1;
	refuse_open(m, "under 2 pages");
	m = good, m.downstream_page = UINT32_MAX;
	refuse_open(m, "under 2 pages");
	m = good, m.target_vp = VPS;
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

/* --- rescind -------------------------------------------------------------- */

static void rescind(const char *name, uint32_t relid)
{
	char text[80];

	snprintf(text, sizeof(text),
		 "{\"verb\":\"bus\",\"args\":[\"rescind\",\"%s\"]}", name);
	assert_true(control_verb(text));
	assert_int_equal(EXPECT(g, LIS_MSG_RESCIND_OFFER,
				struct lis_msg_relid)->relid, relid);
}

static void test_rescind_of_an_open_channel_in_the_proper_order(void **state)
{
	(void)state;
	rescind("echo0", 1);
	relid_post(g, LIS_MSG_CLOSE_CHANNEL, 1);
	gpadl_destroy(g, 1, ch.gpadl);
	relid_post(g, LIS_MSG_RELID_RELEASED, 1);
	assert_clean(g);
	assert_true(control_verb("{\"verb\":\"bus\",\"args\":[\"reoffer\",\"echo0\"]}"));
	offers[0] = *EXPECT(g, LIS_MSG_OFFER_CHANNEL, struct lis_msg_offer);
	channel_open_at(g, &ch, &offers[0], 16, RING_PAGES);
	echo_once(&ch);
	assert_clean(g);
}

static void test_rescind_under_io_answers_nothing_after_torndown(void **state)
{
	uint64_t payload = ECHO_HOLD;
	uint32_t at;

	(void)state;
	send_inband(g, &ch, 1, &payload, 8);
	echo_wait_held(1);
	rescind("echo0", 1);
	relid_post(g, LIS_MSG_CLOSE_CHANNEL, 1);
	gpadl_teardown_post(g, 1, ch.gpadl);
	assert_int_equal(waiting(g), 0);
	at = ch.in->write_index;
	echo_let_go();
	expect(g, LIS_MSG_GPADL_TORNDOWN, 12);
	assert_int_equal(ch.in->write_index, at);
	relid_post(g, LIS_MSG_RELID_RELEASED, 1);
	assert_clean(g);
}

static void test_release_before_teardown_or_close_is_named(void **state)
{
	(void)state;
	rescind("echo0", 1);
	relid_post(g, LIS_MSG_RELID_RELEASED, 1);
	assert_violation(g, "the channel is open");
	relid_post(g, LIS_MSG_CLOSE_CHANNEL, 1);
	relid_post(g, LIS_MSG_RELID_RELEASED, 1);
	assert_violation(g, "1 GPADL left");
}

static void test_rescind_crosses_open_and_gpadl(void **state)
{
	const struct lis_msg_gpadl_created *r;
	uint32_t handle;

	(void)state;
	channel_rings(g, &ch, &offers[0], 16, RING_PAGES);
	rescind("echo0", 1);
	open_post(g, &ch, 0);			/* RESCIND is its answer */
	handle = gpadl_post(g, 1, 100, 60);
	r = EXPECT(g, LIS_MSG_GPADL_CREATED, struct lis_msg_gpadl_created);
	assert_int_equal(r->gpadl, handle);
	assert_int_not_equal(r->status, 0);
	gpadl_destroy(g, 1, ch.gpadl);
	relid_post(g, LIS_MSG_RELID_RELEASED, 1);
	assert_int_equal(waiting(g), 0);
	assert_clean(g);
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
	assert_int_equal(g->event_vp[1], 3);
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
	assert_int_equal(g->event_vp[1], 1);
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
	p = raw_packet(), p.range.byte_offset = 4096;
	skipped(&p, "echo0 relid 1 packet GPA_DIRECT: range 0 offset 4096 > 4095");
	p = raw_packet(), p.range.byte_count = 0;
	skipped(&p, "range 0 is empty");
	p = raw_packet(), p.range.byte_count = 2 * PAGE + 1;
	skipped(&p, "range 0 needs 3 pages");
	p = raw_packet(), p.range.byte_count = UINT32_MAX;
	skipped(&p, "range 0 needs");
	p = raw_packet(), p.range.byte_count = PAGE;
	skipped(&p, "ranges end at 40, payload begins at 48");
	p = raw_packet(), p.d.range_count = 2;
	skipped(&p, "range 1 of 2 is missing");
	p = raw_packet(), p.d.range_count = UINT32_MAX;
	skipped(&p, "is missing");
	p = raw_packet(), p.d.range_count = 0;
	skipped(&p, "no range");
	p = raw_packet(), p.d.desc.offset8 = 3;
	skipped(&p, "no range");
	p = raw_packet(), p.d.desc.offset8 = 1;
	skipped(&p, "payload offset 8 of 56");
	p = raw_packet(), p.d.desc.offset8 = 8;
	skipped(&p, "payload offset 64 of 56");
	p = raw_packet(), p.d.desc.type = 7;
	skipped(&p, "packet: type 7");
	p = raw_packet(), p.d.desc.type = LIS_PKT_INBAND;
	skipped(&p, "payload offset 48, not 16");
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

/* --- hostile and wait ----------------------------------------------------- */

static void test_hostile_messages_are_sent_as_ordered(void **state)
{
	(void)state;
#define HOSTILE(name) \
	assert_true(control_verb("{\"verb\":\"hostile\",\"args\":[\"" name "\"]}"))
	HOSTILE("rescind_unknown");
	assert_int_equal(EXPECT(g, LIS_MSG_RESCIND_OFFER,
				struct lis_msg_relid)->relid, LIS_RELID_MAX);
	HOSTILE("open_result_stray");
	expect(g, LIS_MSG_OPEN_RESULT, 20);
	HOSTILE("gpadl_created_stray");
	expect(g, LIS_MSG_GPADL_CREATED, 20);
	HOSTILE("message_short");
	expect(g, LIS_MSG_OFFER_CHANNEL, 20);
	HOSTILE("message_unknown");
	expect(g, 4711, 8);
	assert_false(control_verb("{\"verb\":\"hostile\",\"args\":[\"x\"]}"));
	echo_once(&ch);
	assert_clean(g);
}

static void test_hostile_offers_come_in_the_ordered_form(void **state)
{
	struct lis_msg_hdr ask = { .type = LIS_MSG_REQUEST_OFFERS };
	static const uint32_t relids[] = { 2048, 2, 2, 1 };

	(void)state;
	HOSTILE("offer_order");
	HOSTILE("offer_duplicate_relid");
	HOSTILE("offer_bad_relid");
	assert_true(contact(g, LIS_VMBUS_V5_3));
	post(g, &ask, sizeof(ask));
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(EXPECT(g, LIS_MSG_OFFER_CHANNEL,
					struct lis_msg_offer)->relid,
				 relids[i]);
	expect(g, LIS_MSG_ALL_OFFERS_DELIVERED, 8);
}

static void test_hostile_refusals_hit_the_next_request_only(void **state)
{
	const struct lis_msg_gpadl_created *r;

	(void)state;
	HOSTILE("gpadl_fail");
	gpadl_post(g, 1, 16, 4);
	r = EXPECT(g, LIS_MSG_GPADL_CREATED, struct lis_msg_gpadl_created);
	assert_int_not_equal(r->status, 0);
	HOSTILE("open_fail");
	channel_rings(g, &ch, &offers[0], 16, RING_PAGES);
	open_post(g, &ch, 0);
	assert_int_not_equal(open_answer(g, &ch), 0);
	open_post(g, &ch, 0);
	assert_int_equal(open_answer(g, &ch), 0);
	assert_clean(g);
}

static void test_wait_takes_one_event_each(void **state)
{
	(void)state;
#define WAIT(name) "{\"verb\":\"wait\",\"args\":[\"" name "\",\"0\"]}"
	assert_true(control_verb(WAIT("connected")));
	assert_false(control_verb(WAIT("connected")));
	vmbus_server_event(g->server, "reboot");
	assert_true(control_verb(WAIT("reboot")));
	assert_false(control_verb("{\"verb\":\"wait\",\"args\":[\"x\",\"y\"]}"));
	assert_false(control_verb("{\"verb\":\"bus\",\"args\":[\"rescind\",\"no\"]}"));
}

#define T(name, setup) cmocka_unit_test_setup_teardown(test_##name, setup, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_generation_grants_up_to_its_version),
		cmocka_unit_test(test_port_4_exists_from_5_0_on_only),
		T(unknown_versions_are_refused, start_only),
		T(the_answer_goes_to_the_vp_that_was_named, start_only),
		T(wrong_contact_fields_are_named, start_only),
		T(wrong_messages_are_named_and_ignored, start_only),
		T(offers_say_what_the_device_is, start),
		T(a_device_added_later_is_offered_at_once, start),
		T(a_relid_is_reused_only_after_its_release, start),
		T(an_open_channel_echoes_and_interrupts_its_vp, start_open),
		T(a_channel_can_be_closed_and_opened_many_times, start),
		T(torndown_waits_for_requests_in_flight, start_open),
		T(an_open_while_closing_is_queued, start_open),
		T(unload_waits_then_forgets_everything, start_open),
		T(a_new_contact_ends_the_old_connection, start_open),
		T(reset_waits_for_requests_and_keeps_devices, start_open),
		T(wrong_opens_are_refused_and_named, start),
		T(rescind_of_an_open_channel_in_the_proper_order, start_open),
		T(rescind_under_io_answers_nothing_after_torndown, start_open),
		T(release_before_teardown_or_close_is_named, start_open),
		T(rescind_crosses_open_and_gpadl, start),
		T(modify_moves_interrupts_to_another_vp, start_open),
		T(modify_is_answered_from_5_3_on_and_exists_from_4_1, start),
		T(wrong_packets_are_named_and_skipped, start_open),
		T(broken_framing_stops_the_channel_until_reopened, start_open),
		T(a_slow_guest_gets_everything_in_order, start_open),
		T(a_burst_costs_one_interrupt, start_open),
		T(hostile_offers_come_in_the_ordered_form, start_only),
		T(hostile_messages_are_sent_as_ordered, start_open),
		T(hostile_refusals_hit_the_next_request_only, start),
		T(wait_takes_one_event_each, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
