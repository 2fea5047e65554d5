// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's storvsp: negotiation by generation, sub-channels, hot-plug, faults
 * and wrong requests.
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
#include "host_scsi.h"

/* --- negotiation ----------------------------------------------------------- */

static void test_versions_above_the_generation_are_refused(void **state)
{
	(void)state;
	assert_int_equal(operation(LIS_STOR_BEGIN_INIT), LIS_NT_SUCCESS);
	assert_int_equal(query_version(0x0603), LIS_NT_REVISION_MISMATCH);
	assert_int_equal(query_version(0x0602), LIS_NT_SUCCESS);
	assert_int_equal(bench->reply.version.version, 0x0602);
	assert_clean(bench->g);
}

static void test_old_host_speaks_48_byte_packets(void **state)
{
	struct lis_stor_packet pkt = {
		.operation = LIS_STOR_BEGIN_INIT,
		.flags = LIS_STOR_FLAG_WANT_COMPLETION };

	(void)state;
	/* Before the version is agreed on, both sizes are answered in kind */
	send_inband(bench->g, &bench->c, ++bench->id, &pkt, 64);
	take_reply_on(&bench->c, 64);
	bench->version = LIS_STOR_V2_0;
	assert_int_equal(query_version(LIS_STOR_V6_2),
			 LIS_NT_REVISION_MISMATCH);
	assert_int_equal(query_version(LIS_STOR_V4_2), LIS_NT_SUCCESS);
	assert_int_equal(operation(LIS_STOR_QUERY_PROPERTIES), 0);
	assert_int_equal(bench->reply.properties.max_subchannels, 0);
	assert_int_equal(operation(LIS_STOR_END_INIT), 0);
	COMMAND(0, IN, 36, 0x12, 0, 0, 0, 36, 0);
	assert_good(36);
	assert_int_equal(data()[2], 4);		/* SPC-2 */
	assert_clean(bench->g);
	send_inband(bench->g, &bench->c, ++bench->id, &pkt, 64);
	assert_violation(bench->g, "packet payload: 64 bytes, expected 48");
}

static void test_operations_out_of_order_are_refused(void **state)
{
	(void)state;
	assert_int_equal(operation(LIS_STOR_QUERY_PROPERTIES),
			 LIS_NT_INVALID_DEVICE_STATE);
	assert_violation(bench->g, "QUERY_PROPERTIES: out of order");
	COMMAND(0, NONE, 0, 0x00, 0, 0, 0, 0, 0);
	assert_int_equal(bench->reply.status, LIS_NT_INVALID_DEVICE_STATE);
	assert_violation(bench->g, "EXECUTE_SRB: out of order");
	initialize(LIS_STOR_V6_2);
	assert_int_equal(operation(LIS_STOR_BEGIN_INIT),
			 LIS_NT_INVALID_DEVICE_STATE);
	assert_violation(bench->g, "BEGIN_INITIALIZATION: out of order");
	assert_int_equal(operation(77), LIS_NT_INVALID_PARAMETER);
	assert_violation(bench->g, "operation 77");
}

static void test_reopened_channel_negotiates_again(void **state)
{
	struct guest_channel *c = &bench->c;
	struct lis_msg_offer again = {
		.relid = c->relid, .connection_id = c->connection };

	(void)state;
	channel_close_all(bench->g, c);
	bench->version = 0;
	channel_open_at(bench->g, c, &again, 64, RING_PAGES);
	initialize(LIS_STOR_V5_1);
	COMMAND(0, NONE, 0, 0x00, 0, 0, 0, 0, 0);
	assert_good(0);
	assert_clean(bench->g);
}

static void test_subchannels_carry_requests_after_the_handshake(void **state)
{
	struct lis_stor_packet create = {
		.operation = LIS_STOR_CREATE_SUBCHANNELS,
		.subchannel_count = 2 };
	static const uint8_t ready[6];
	struct lis_msg_offer offers[2];
	struct guest_channel sub;

	(void)state;
	assert_int_equal(operation(LIS_STOR_BEGIN_INIT), LIS_NT_SUCCESS);
	assert_int_equal(query_version(LIS_STOR_V6_2), LIS_NT_SUCCESS);
	bench->version = LIS_STOR_V6_2;
	assert_int_equal(operation(LIS_STOR_QUERY_PROPERTIES), LIS_NT_SUCCESS);
	assert_int_equal(bench->reply.properties.max_subchannels, 3);
	assert_int_equal(bench->reply.properties.flags,
			 LIS_STOR_PROP_MULTI_CHANNEL);
	assert_true(bench->reply.properties.max_transfer_bytes >= 65536);
	assert_int_equal(control(&create), LIS_NT_SUCCESS);
	for (unsigned int i = 0; i < 2; i++) {
		offers[i] = *EXPECT(bench->g, LIS_MSG_OFFER_CHANNEL,
				    struct lis_msg_offer);
		assert_int_equal(offers[i].subchannel_index, i + 1);
	}
	channel_open_at(bench->g, &sub, &offers[1], 128, RING_PAGES);
	send_srb_on(&sub, 0, ready, 6, NONE, 0);
	/* It is held until END_INITIALIZATION on the primary */
	assert_int_equal(sub.in->write_index, 0);
	bench->id = 500;
	assert_int_equal(operation(LIS_STOR_END_INIT), LIS_NT_SUCCESS);
	bench->id = 5;
	take_reply_on(&sub, LIS_STOR_PACKET_BYTES);
	assert_good(0);
	assert_clean(bench->g);

	create.operation = LIS_STOR_CREATE_SUBCHANNELS;
	create.subchannel_count = 4;
	assert_int_equal(control(&create), LIS_NT_INVALID_PARAMETER);
	assert_violation(bench->g, "CREATE_SUB_CHANNELS: count 4 of 3");

	/* Closing the primary first is the guest's fault; the host rescinds */
	channel_close_all(bench->g, &sub);
	relid_post(bench->g, LIS_MSG_CLOSE_CHANNEL, bench->c.relid);
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(EXPECT(bench->g, LIS_MSG_RESCIND_OFFER,
					struct lis_msg_relid)->relid,
				 offers[i].relid);
	assert_clean(bench->g);
}

/* --- changes and faults ---------------------------------------------------- */

static void test_resize_raises_a_unit_attention_once(void **state)
{
	(void)state;
	control_verb("{\"verb\":\"disk\",\"args\":[\"resize\",\"0:0\",\"16M\"]}",
		     true);
	COMMAND(0, NONE, 0, 0x00, 0, 0, 0, 0, 0);
	assert_sense(6, 0x2a, 0x09);
	COMMAND(0, IN, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_good(8);
	assert_int_equal(be32(data()), (16 << 20) / 512 - 1);
	control_verb("{\"verb\":\"disk\",\"args\":[\"resize\",\"0:7\",\"16M\"]}",
		     false);
	assert_clean(bench->g);
}

static void test_hot_add_and_remove_announce_themselves(void **state)
{
	struct lis_stor_packet *pkt;
	struct packet p;

	(void)state;
	add_disk(",lun=9");
	assert_true(ring_wait(bench->g, &bench->c, &p, PATIENCE));
	pkt = (struct lis_stor_packet *)p.body;
	assert_int_equal(p.desc.type, LIS_PKT_INBAND);
	assert_int_equal(p.desc.flags, 0);
	assert_int_equal(p.desc.transaction_id, 0);
	assert_int_equal(pkt->operation, LIS_STOR_ENUMERATE_BUS);
	COMMAND(0, NONE, 0, 0x00, 0, 0, 0, 0, 0);
	assert_sense(6, 0x3f, 0x0e);
	COMMAND(9, IN, 36, 0x12, 0, 0, 0, 36, 0);
	assert_good(36);
	assert_int_equal(data()[0], 0);
	control_verb("{\"verb\":\"disk\",\"args\":[\"remove\",\"0:9\"]}", true);
	assert_true(ring_wait(bench->g, &bench->c, &p, PATIENCE));
	assert_int_equal(pkt->operation, LIS_STOR_ENUMERATE_BUS);
	COMMAND(9, IN, 36, 0x12, 0, 0, 0, 36, 0);
	assert_int_equal(data()[0], 0x7f);
	assert_clean(bench->g);
}

static void test_ordered_failures_come_as_medium_errors(void **state)
{
	(void)state;
	control_verb("{\"verb\":\"disk\",\"args\":[\"fail\",\"0:0\",\"3\"]}",
		     true);
	for (unsigned int i = 1; i <= 6; i++) {
		COMMAND(0, IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
		if (i % 3)
			assert_good(512);
		else
			assert_sense(3, 0x11, 0);
	}
	assert_clean(bench->g);
}

static void test_ordered_answers_replace_transfers(void **state)
{
	(void)state;
	memset(data(), 0x5a, 512);
	control_verb("{\"verb\":\"disk\",\"args\":[\"answer\",\"0:0\",\"84\",\"02\",\"0b4403\",\"2\"]}",
		     true);
	/* Only reads and writes */
	COMMAND(0, NONE, 0, 0x00, 0, 0, 0, 0, 0);
	assert_good(0);
	COMMAND(0, OUT, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_sense(0xb, 0x44, 3);
	COMMAND(0, IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_sense(0xb, 0x44, 3);
	COMMAND(0, IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_good(512);
	assert_int_equal(data()[0], 0);		/* nothing was written */
	control_verb("{\"verb\":\"disk\",\"args\":[\"answer\",\"0:0\",\"05\",\"00\",\"0\"]}",
		     true);
	COMMAND(0, IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_int_equal(bench->reply.srb.srb_status, LIS_SRB_BUSY);
	assert_int_equal(bench->reply.srb.sense_length, 0);
	assert_int_equal(bench->reply.srb.transfer_length, 0);
	COMMAND(0, IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_good(512);
	control_verb("{\"verb\":\"disk\",\"args\":[\"answer\",\"0:0\",\"100\",\"00\",\"0\"]}",
		     false);
	assert_clean(bench->g);
}

static void test_answers_are_ordered_for_an_opcode(void **state)
{
	(void)state;
	control_verb("{\"verb\":\"disk\",\"args\":[\"answer\",\"0:0\",\"06\",\"00\",\"0\",\"1\",\"35\"]}",
		     true);
	COMMAND(0, IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_good(512);
	COMMAND(0, NONE, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(bench->reply.srb.srb_status, LIS_SRB_INVALID_REQUEST);
	COMMAND(0, NONE, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_good(0);
	control_verb("{\"verb\":\"disk\",\"args\":[\"answer\",\"0:0\",\"84\",\"02\",\"052000\",\"3\",\"all\"]}",
		     true);
	COMMAND(0, IN, 36, 0x12, 0, 0, 0, 36, 0);
	assert_sense(5, 0x20, 0);
	COMMAND(0, IN, 512, 0xa0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0);
	assert_sense(5, 0x20, 0);
	COMMAND(0, NONE, 0, 0x00, 0, 0, 0, 0, 0);
	assert_sense(5, 0x20, 0);
	COMMAND(0, NONE, 0, 0x00, 0, 0, 0, 0, 0);
	assert_good(0);
	control_verb("{\"verb\":\"disk\",\"args\":[\"answer\",\"0:0\",\"84\",\"02\",\"052000\",\"3\",\"any\"]}",
		     false);
	control_verb("{\"verb\":\"disk\",\"args\":[\"answer\",\"0:0\",\"84\",\"02\",\"052000\",\"3\",\"100\"]}",
		     false);
	assert_clean(bench->g);
}

static void test_close_does_not_wait_for_delayed_requests(void **state)
{
	static const uint8_t read[] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0 };
	struct json_object *wait;

	(void)state;
	(void)wait;
	control_verb("{\"verb\":\"disk\",\"args\":[\"delay\",\"0:0\",\"3600000\"]}",
		     true);
	send_srb_on(&bench->c, 0, read, 10, IN, 512);
	channel_close_all(bench->g, &bench->c);
	assert_int_equal(bench->c.in->write_index, bench->c.in->read_index);
	assert_clean(bench->g);
}

static void test_wrong_requests_are_named_and_answered(void **state)
{
	static const uint8_t read[] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0 };
	struct lis_stor_packet pkt;

	(void)state;
	/* The CDB wants 4096 bytes, the buffer has 512 */
	command(0, read, 10, IN, 512);
	assert_int_equal(bench->reply.srb.srb_status, LIS_SRB_INVALID_REQUEST);
	assert_violation(bench->g, "CDB moves more than the data buffer");
	command(0, read, 10, OUT, 4096);
	assert_int_equal(bench->reply.srb.srb_status, LIS_SRB_INVALID_REQUEST);
	assert_violation(bench->g, "direction does not suit");
	command(0, read, 4, IN, 4096);
	assert_violation(bench->g, "CDB is shorter");
	fill_srb(&pkt, 0, read, 10, IN, 8192);
	send_gpa_direct(bench->g, &bench->c, ++bench->id, DATA_GPA, 4096, &pkt,
			64);
	take_reply_on(&bench->c, 64);
	assert_int_equal(bench->reply.srb.srb_status, LIS_SRB_INVALID_REQUEST);
	assert_violation(bench->g, "transfer length over the range's");
	fill_srb(&pkt, 0, read, 10, IN, 4096);
	send_gpa_direct(bench->g, &bench->c, ++bench->id,
			(uint64_t)RAM_PAGES * PAGE, 4096, &pkt, 64);
	take_reply_on(&bench->c, 64);
	assert_violation(bench->g, "not RAM");
	pkt.srb.sense_length = 21;
	send_gpa_direct(bench->g, &bench->c, ++bench->id, DATA_GPA, 4096, &pkt,
			64);
	take_reply_on(&bench->c, 64);
	assert_violation(bench->g, "sense length");
	/* And the channel goes on */
	command(0, read, 10, IN, 4096);
	assert_good(4096);
	assert_clean(bench->g);
}

static void test_many_requests_in_one_burst_are_all_answered(void **state)
{
	enum { COUNT = 1000 };
	static const uint8_t read[] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0 };
	static bool seen[COUNT + 1];
	unsigned int sent = 0, got = 0;
	struct lis_stor_packet pkt;
	struct packet p;

	(void)state;
	memset(seen, 0, sizeof(seen));
	fill_srb(&pkt, 0, read, 10, IN, 4096);
	while (got < COUNT) {
		while (sent < COUNT && ring_room(&bench->c) > 300)
			send_gpa_direct(bench->g, &bench->c, 10000 + ++sent,
					DATA_GPA, 4096, &pkt, 64);
		assert_true(ring_wait(bench->g, &bench->c, &p, PATIENCE));
		/* Taking from a full ring: the host may wait for room */
		signal_host(bench->g, &bench->c);
		assert_true(p.desc.transaction_id > 10000 &&
			    p.desc.transaction_id <= 10000 + COUNT);
		assert_false(seen[p.desc.transaction_id - 10000]);
		seen[p.desc.transaction_id - 10000] = true;
		got++;
	}
	assert_clean(bench->g);
}

static void test_close_and_unload_drain_requests_in_flight(void **state)
{
	static const uint8_t read[] = { 0x28, 0, 0, 0, 0, 0, 0, 8, 0, 0 };
	struct lis_msg_hdr unload = { .type = LIS_MSG_UNLOAD };
	struct lis_stor_packet pkt;

	(void)state;
	fill_srb(&pkt, 0, read, 10, IN, 1 << 20);
	for (unsigned int i = 0; i < 8; i++)
		send_gpa_direct(bench->g, &bench->c, ++bench->id, DATA_GPA,
				1 << 20, &pkt, 64);
	post(bench->g, &unload, sizeof(unload));
	expect(bench->g, LIS_MSG_UNLOAD_COMPLETE, sizeof(unload));
	/* From here on the host must not write: ASan cannot see it, we do */
	memset(data(), 0x77, 1 << 20);
	assert_int_equal(bench->g->bound, 0);
	for (unsigned int i = 0; i < 1 << 20; i++)
		assert_int_equal(data()[i], 0x77);
	assert_clean(bench->g);
}

static void test_hostile_completions_are_performed(void **state)
{
	struct packet p;
	static const uint8_t ready[6];

	(void)state;
	control_verb("{\"verb\":\"hostile\",\"args\":[\"duplicate_completion\"]}",
		     true);
	send_srb_on(&bench->c, 0, ready, 6, NONE, 0);
	take_reply_on(&bench->c, 64);
	take_reply_on(&bench->c, 64);
	control_verb("{\"verb\":\"hostile\",\"args\":[\"unknown_id\",\"scsi0\"]}",
		     true);
	send_srb_on(&bench->c, 0, ready, 6, NONE, 0);
	assert_true(ring_wait(bench->g, &bench->c, &p, PATIENCE));
	assert_int_not_equal(p.desc.transaction_id, bench->id);
	control_verb("{\"verb\":\"hostile\",\"args\":[\"truncated_packet\"]}",
		     true);
	send_srb_on(&bench->c, 0, ready, 6, NONE, 0);
	assert_true(ring_wait(bench->g, &bench->c, &p, PATIENCE));
	assert_int_equal(p.body_bytes, 8);
	control_verb("{\"verb\":\"hostile\",\"args\":[\"bad_type\"]}", true);
	send_srb_on(&bench->c, 0, ready, 6, NONE, 0);
	assert_true(ring_wait(bench->g, &bench->c, &p, PATIENCE));
	assert_int_equal(p.desc.type, 99);
	control_verb("{\"verb\":\"hostile\",\"args\":[\"transfer_length_too_long\"]}",
		     true);
	COMMAND(0, IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_int_equal(bench->reply.srb.transfer_length, 512 + 4096);
	control_verb("{\"verb\":\"hostile\",\"args\":[\"bad_sense_length\"]}",
		     true);
	COMMAND(0, NONE, 0, 0x00, 0, 0, 0, 0, 0);
	assert_int_equal(bench->reply.srb.sense_length, 255);
	control_verb("{\"verb\":\"hostile\",\"args\":[\"index_corrupt\"]}",
		     true);
	send_srb_on(&bench->c, 0, ready, 6, NONE, 0);
	for (unsigned int i = 0; i < 5000; i++) {
		if (bench->c.in->write_index > bench->c.in_size)
			break;
		usleep(1000);
	}
	assert_true(bench->c.in->write_index > bench->c.in_size);
	control_verb("{\"verb\":\"hostile\",\"args\":[\"nonsense\"]}", false);
	assert_clean(bench->g);
}

static int64_t disk_count(const char *key)
{
	struct json_object *request = json_tokener_parse(
		"{\"verb\":\"disk\",\"args\":[\"list\"]}");
	struct json_object *reply, *list, *n;
	int64_t count;

	assert_int_equal(vmbus_server_control(bench->g->server, request,
					      &reply), 0);
	assert_true(json_object_object_get_ex(reply, "disks", &list));
	assert_int_equal(json_object_array_length(list), 1);
	assert_true(json_object_object_get_ex(
		json_object_array_get_idx(list, 0), key, &n));
	count = json_object_get_int64(n);
	json_object_put(request);
	json_object_put(reply);
	return count;
}

static void test_disk_list_counts_what_reached_the_disk(void **state)
{
	(void)state;
	COMMAND(0, OUT, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	COMMAND(0, OUT, 512, 0x2a, 8, 0, 0, 0, 0, 0, 0, 1, 0);
	COMMAND(0, IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	COMMAND(0, NONE, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(disk_count("reads"), 1);
	assert_int_equal(disk_count("writes"), 2);
	assert_int_equal(disk_count("fua_writes"), 1);
	assert_int_equal(disk_count("flushes"), 1);
	assert_int_equal(disk_count("bytes"), DISK_BYTES);
	assert_clean(bench->g);
}

static void test_bad_disk_specifications_are_named(void **state)
{
	static const struct {
		const char *spec, *words;
	} wrong[] = {
		{ "/nonexistent/x", "/nonexistent/x: No such file" },
		{ "/tmp", "/tmp: " },
		{ "/etc/passwd,lun=64", "LUNs 0 to 63" },
		{ "/etc/passwd,sectors=520", "bad option sectors=520" },
		{ "/etc/passwd,ro,colour=red", "bad option colour=red" },
		{ ",ro", "no file" },
	};
	struct guest *g = guest_new(NULL, 0);

	(void)state;
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char *error;

		assert_false(vmbus_server_add_disk(g->server, wrong[i].spec,
						   &error));
		if (!strstr(error, wrong[i].words) || strchr(error, '\n'))
			fail_msg("\"%s\" lacks \"%s\"", error, wrong[i].words);
		free(error);
	}
	guest_free(g);
}

#define T(name, setup) cmocka_unit_test_setup_teardown(test_##name, setup, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(versions_above_the_generation_are_refused, start_raw),
		T(old_host_speaks_48_byte_packets, start_old),
		T(operations_out_of_order_are_refused, start_raw),
		T(reopened_channel_negotiates_again, start),
		T(subchannels_carry_requests_after_the_handshake, start_raw),
		T(resize_raises_a_unit_attention_once, start),
		T(hot_add_and_remove_announce_themselves, start),
		T(ordered_failures_come_as_medium_errors, start),
		T(ordered_answers_replace_transfers, start),
		T(answers_are_ordered_for_an_opcode, start),
		T(close_does_not_wait_for_delayed_requests, start),
		T(wrong_requests_are_named_and_answered, start),
		T(many_requests_in_one_burst_are_all_answered, start),
		T(many_requests_in_one_burst_are_all_answered, start_ram),
		T(close_and_unload_drain_requests_in_flight, start),
		T(hostile_completions_are_performed, start),
		T(disk_list_counts_what_reached_the_disk, start),
		cmocka_unit_test(test_bad_disk_specifications_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
