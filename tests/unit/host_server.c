// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's VMBus server: versions, messages, offers and their rescinds,
 * hostile messages, events.
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
	echo_once(&ch);			/* served until it is closed */
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

static void test_release_before_close_is_named(void **state)
{
	(void)state;
	rescind("echo0", 1);
	relid_post(g, LIS_MSG_RELID_RELEASED, 1);
	assert_violation(g, "the channel is open");
}

static int gpadls_left(void)
{
	struct json_object *request, *reply, *o;
	int n;

	request = json_tokener_parse("{\"verb\":\"bus\",\"args\":[\"list\"]}");
	assert_int_equal(vmbus_server_control(g->server, request, &reply), 0);
	assert_true(json_object_object_get_ex(reply, "gpadls_left", &o));
	n = json_object_get_int(o);
	json_object_put(request);
	json_object_put(reply);
	return n;
}

/* As the in-tree bus does it */
static void test_release_before_teardown_is_counted(void **state)
{
	(void)state;
	rescind("echo0", 1);
	relid_post(g, LIS_MSG_CLOSE_CHANNEL, 1);
	assert_int_equal(gpadls_left(), 0);
	relid_post(g, LIS_MSG_RELID_RELEASED, 1);
	assert_int_equal(gpadls_left(), 1);
	assert_clean(g);
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

static void test_posts_are_refused_as_often_as_ordered(void **state)
{
	struct lis_msg_initiate_contact m = contact_message(LIS_VMBUS_V5_3);

	(void)state;
	assert_true(control_verb("{\"verb\":\"hostile\",\"args\":[\"post_busy\",\"2\"]}"));
	HOSTILE("post_no_memory");
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(post_on(g, 4, &m, sizeof(m)),
				 LIS_HV_INSUFFICIENT_BUFFERS);
	assert_int_equal(post_on(g, 4, &m, sizeof(m)),
			 LIS_HV_INSUFFICIENT_MEMORY);
	assert_int_equal(waiting(g), 0);
	assert_true(contact(g, LIS_VMBUS_V5_3));
}

static void test_answers_are_lost_as_often_as_ordered(void **state)
{
	struct lis_msg_initiate_contact m = contact_message(LIS_VMBUS_V5_3);

	(void)state;
	HOSTILE("never_answer");
	post_on(g, 4, &m, sizeof(m));
	assert_int_equal(waiting(g), 0);
	assert_true(contact(g, LIS_VMBUS_V5_3));
}

static void test_events_reach_a_wrong_vp_and_strays_come(void **state)
{
	(void)state;
	HOSTILE("wrong_vp");
	echo_once(&ch);
	expect_interrupt_on(g, ch.relid, 3);
	echo_once(&ch);
	expect_interrupt_on(g, ch.relid, 2);
	HOSTILE("stray_events");
	assert_int_equal(g->events[0], 1);
	assert_int_equal(g->events[LIS_RELID_MAX], 1);
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
		T(rescind_of_an_open_channel_in_the_proper_order, start_open),
		T(rescind_under_io_answers_nothing_after_torndown, start_open),
		T(release_before_close_is_named, start_open),
		T(release_before_teardown_is_counted, start_open),
		T(rescind_crosses_open_and_gpadl, start),
		T(hostile_offers_come_in_the_ordered_form, start_only),
		T(hostile_messages_are_sent_as_ordered, start_open),
		T(hostile_refusals_hit_the_next_request_only, start),
		T(posts_are_refused_as_often_as_ordered, start_only),
		T(answers_are_lost_as_often_as_ordered, start_only),
		T(events_reach_a_wrong_vp_and_strays_come, start_open),
		T(wait_takes_one_event_each, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
