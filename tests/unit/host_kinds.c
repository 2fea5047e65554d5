// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's IDE channels and Fibre Channel adapters: what their offers say, which
 * requests reach which disk, what specifications and names of disks mean.
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
#include "dev/fc.h"
#include "dev/disk_spec.h"

static struct lis_msg_offer offer;

static void start_with(const char *options)
{
	bench = calloc(1, sizeof(*bench));
	bench->g = guest_new("ws2022", 3);
	make_file(bench->path, "/tmp", DISK_BYTES);
	add_disk(options);
	connect_and_take(bench->g, LIS_VMBUS_V5_3, &offer, 1);
	channel_open_at(bench->g, &bench->c, &offer, 16, RING_PAGES);
}

static int start_ide(void **state)
{
	(void)state;
	start_with(",bus=ide,controller=3");
	return 0;
}

static int start_fc(void **state)
{
	char *error;

	(void)state;
	start_with(",bus=fc,controller=2,target=3,lun=254");
	assert_false(vmbus_server_add_fc(bench->g->server, "2", &error));
	assert_non_null(strstr(error, "there already"));
	free(error);
	return 0;
}

/* A command to any address; only its SRB status is looked at */
static uint8_t status_at(uint8_t path, uint8_t target, uint8_t lun)
{
	static const uint8_t ready[6];
	struct lis_stor_packet pkt;

	fill_srb(&pkt, lun, ready, 6, NONE, 0);
	pkt.srb.path = path;
	pkt.srb.target = target;
	send_inband(bench->g, &bench->c, ++bench->id, &pkt,
		    packet_bytes(bench->version));
	take_reply_on(&bench->c, packet_bytes(bench->version));
	return bench->reply.srb.srb_status;
}

static void test_ide_offers_say_channel_and_device(void **state)
{
	static const uint8_t class_id[] = {
		0x32, 0x26, 0x41, 0x32, 0xcb, 0x86, 0xa2, 0x44,
		0x9b, 0x5c, 0x50, 0xd1, 0x41, 0x73, 0x54, 0xf5 };
	static const uint8_t instance[16] = { 1, 0, 0, 0, 1, 0, 0x99, 0x88 };

	(void)state;
	assert_memory_equal(offer.class_id.b, class_id, 16);
	assert_memory_equal(offer.instance_id.b, instance, 16);
	assert_int_equal(offer.user[2], 1);
	assert_int_equal(offer.user[3], 1);
	assert_int_equal(offer.user[8], 2);
}

static void test_ide_channels_have_one_disk_and_no_subchannels(void **state)
{
	struct lis_stor_packet create = {
		.operation = LIS_STOR_CREATE_SUBCHANNELS,
		.subchannel_count = 1 };

	(void)state;
	initialize(LIS_STOR_V6_2);
	assert_int_equal(status_at(1, 1, 0), LIS_SRB_SUCCESS);
	/* as the kernel's own driver asks */
	assert_int_equal(status_at(0, 1, 0), LIS_SRB_SUCCESS);
	assert_int_equal(status_at(1, 0, 0), LIS_SRB_INVALID_LUN);
	assert_int_equal(status_at(2, 1, 0), LIS_SRB_INVALID_LUN);
	assert_int_equal(status_at(1, 1, 1), LIS_SRB_INVALID_LUN);
	assert_clean(bench->g);
	assert_int_equal(control(&create), LIS_NT_INVALID_PARAMETER);
	assert_violation(bench->g, "CREATE_SUB_CHANNELS: count 1 of 0");
}

static void test_fc_offers_say_what_they_are(void **state)
{
	static const uint8_t class_id[] = {
		0x4a, 0xcc, 0x9b, 0x2f, 0x69, 0x00, 0xf3, 0x4a,
		0xb7, 0x6b, 0x6f, 0xd0, 0xbe, 0x52, 0x8c, 0xda };

	(void)state;
	assert_memory_equal(offer.class_id.b, class_id, 16);
	assert_int_equal(offer.instance_id.b[15], 2);
}

static void begin(void)
{
	assert_int_equal(operation(LIS_STOR_BEGIN_INIT), LIS_NT_SUCCESS);
	assert_int_equal(query_version(LIS_STOR_V6_2), LIS_NT_SUCCESS);
	bench->version = LIS_STOR_V6_2;
}

static void test_fc_names_are_told_in_their_turn(void **state)
{
	static const uint8_t node[] = { 0xc0, 3, 0xff, 0, 0, 0xff, 0xff, 0 };
	static const uint8_t port[] = { 0xc0, 3, 0xff, 0x4c, 0x49, 0x53, 0, 4 };
	const struct lis_stor_fc_wwn *wwn = &bench->reply.wwn;

	(void)state;
	begin();
	assert_int_equal(operation(LIS_STOR_FCHBA_DATA),
			 LIS_NT_INVALID_DEVICE_STATE);
	assert_violation(bench->g, "FCHBA_DATA: out of order");
	assert_int_equal(operation(LIS_STOR_QUERY_PROPERTIES), LIS_NT_SUCCESS);
	assert_int_equal(bench->reply.properties.max_subchannels, 3);
	assert_int_equal(operation(LIS_STOR_FCHBA_DATA), LIS_NT_SUCCESS);
	assert_int_equal(wwn->primary_active, 1);
	assert_memory_equal(wwn->primary_node, node, 8);
	assert_memory_equal(wwn->primary_port, port, 8);
	assert_memory_equal(wwn->secondary_node, node, 8);
	assert_int_equal(wwn->secondary_port[7], 5);
	assert_int_equal(operation(LIS_STOR_END_INIT), LIS_NT_SUCCESS);
	control_verb("{\"verb\":\"fc\",\"args\":[\"switch\",\"2\"]}", true);
	assert_int_equal(operation(LIS_STOR_FCHBA_DATA), LIS_NT_SUCCESS);
	assert_int_equal(wwn->primary_active, 0);
	control_verb("{\"verb\":\"fc\",\"args\":[\"switch\",\"0\"]}", false);
	control_verb("{\"verb\":\"fc\",\"args\":[\"list\"]}", true);
}

static void test_only_fibre_channel_has_names(void **state)
{
	(void)state;
	begin();
	assert_int_equal(operation(LIS_STOR_QUERY_PROPERTIES), LIS_NT_SUCCESS);
	assert_int_equal(operation(LIS_STOR_FCHBA_DATA),
			 LIS_NT_INVALID_PARAMETER);
	assert_violation(bench->g, "no Fibre Channel adapter");
}

/* A reply that events may come before */
static void take_reply_after_events(void)
{
	struct packet p;

	do {
		assert_true(ring_wait(bench->g, &bench->c, &p, PATIENCE));
	} while (p.desc.type == LIS_PKT_INBAND);
	assert_int_equal(p.desc.type, LIS_PKT_COMPLETION);
	assert_int_equal(p.desc.transaction_id, bench->id);
	assert_int_equal(p.body_bytes, LIS_STOR_PACKET_BYTES);
	memcpy(&bench->reply, p.body, LIS_STOR_PACKET_BYTES);
}

/* LUNs that REPORT LUNS lists at a target, the last one in *@last */
static unsigned int reported(uint8_t target, unsigned int *last)
{
	static const uint8_t cdb[12] = { 0xa0, 0, 0, 0, 0, 0, 0, 0, 8, 0 };
	struct lis_stor_packet pkt;
	unsigned int n;

	fill_srb(&pkt, 0, cdb, 12, IN, 2048);
	pkt.srb.target = target;
	send_gpa_direct(bench->g, &bench->c, ++bench->id, DATA_GPA, 2048, &pkt,
			packet_bytes(bench->version));
	take_reply_after_events();
	assert_int_equal(bench->reply.srb.srb_status, LIS_SRB_SUCCESS);
	n = be32(data()) / 8;
	if (n)
		*last = data()[8 * n] << 8 | data()[8 * n + 1];
	return n;
}

static void test_fc_disks_have_targets(void **state)
{
	unsigned int last;

	(void)state;
	initialize(LIS_STOR_V6_2);
	assert_int_equal(status_at(0, 3, 254), LIS_SRB_SUCCESS);
	assert_int_equal(status_at(0, 2, 254), LIS_SRB_INVALID_LUN);
	assert_int_equal(status_at(0, 3, 255), LIS_SRB_INVALID_LUN);
	assert_int_equal(status_at(1, 3, 254), LIS_SRB_INVALID_LUN);
	assert_int_equal(status_at(0, 4, 254), LIS_SRB_INVALID_LUN);
	assert_int_equal(status_at(0, 255, 255), LIS_SRB_INVALID_LUN);
	assert_int_equal(reported(3, &last), 1);
	assert_int_equal(last, 254);
	assert_int_equal(reported(0, &last), 0);
	assert_int_equal(reported(255, &last), 0);
	control_verb("{\"verb\":\"disk\",\"args\":[\"remove\",\"fc2:3:254\"]}",
		     true);
	assert_int_equal(reported(3, &last), 0);
}

static void test_a_target_has_no_more_luns_than_addresses(void **state)
{
	char spec[128], *error;
	unsigned int last;

	(void)state;
	initialize(LIS_STOR_V6_2);
	snprintf(spec, sizeof(spec), "%s,bus=fc,controller=2,target=3",
		 bench->path);
	for (unsigned int i = 0; i < DISK_LUNS - 1; i++)
		assert_true(vmbus_server_add_disk(bench->g->server, spec,
						  &error));
	assert_false(vmbus_server_add_disk(bench->g->server, spec, &error));
	free(error);
	assert_int_equal(reported(3, &last), DISK_LUNS);
	assert_int_equal(last, 254);
}

static void test_fc_lies_are_told_as_ordered(void **state)
{
	static const uint8_t none[36];
	unsigned int last;

	(void)state;
	begin();
	assert_int_equal(operation(LIS_STOR_QUERY_PROPERTIES), LIS_NT_SUCCESS);
	control_verb("{\"verb\":\"hostile\",\"args\":[\"fc_refused\",\"fc2\"]}", true);
	assert_int_equal(operation(LIS_STOR_FCHBA_DATA),
			 LIS_NT_INVALID_PARAMETER);
	control_verb("{\"verb\":\"hostile\",\"args\":[\"fc_no_names\",\"fc2\"]}", true);
	assert_int_equal(operation(LIS_STOR_FCHBA_DATA), LIS_NT_SUCCESS);
	assert_memory_equal(&bench->reply.wwn, none, sizeof(none));
	assert_int_equal(operation(LIS_STOR_END_INIT), LIS_NT_SUCCESS);
	control_verb("{\"verb\":\"hostile\",\"args\":[\"too_many_luns\",\"fc2\"]}", true);
	assert_int_equal(reported(3, &last), 5);
	assert_int_equal(last, 0x4000 | 258);
	assert_int_equal(reported(3, &last), 1);
	assert_clean(bench->g);
}

static void test_fc_specifications_are_checked(void **state)
{
	static const char *const wrong[] = {
		"", "4", "-1", "00", "0,", "0,wwnn", "0,wwnn=", "0,wwpn=12",
		"0,wwpn=000000000000000g", "0,wwpn=0000000000000000",
		"0,wwnn=0123456789abcdef0", "0,name=0123456789abcdef", "fc0",
	};
	struct fc_names names;
	unsigned int number;
	char *error;

	(void)state;
	assert_true(fc_spec_parse("3,wwnn=0123456789abcdef,wwpn=FEDCBA9876543210",
				  &number, &names, &error));
	assert_int_equal(number, 3);
	assert_int_equal(names.node[0], 0x01);
	assert_int_equal(names.node[7], 0xef);
	assert_int_equal(names.port[0][0], 0xfe);
	assert_int_equal(names.port[0][7], 0x10);
	assert_int_equal(names.port[1][7], 0x11);
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		if (fc_spec_parse(wrong[i], &number, &names, &error))
			fail_msg("\"%s\" is accepted", wrong[i]);
		assert_null(strchr(error, '\n'));
		free(error);
	}
}

static void assert_spec_refused(const char *spec, const char *why)
{
	struct disk_spec d;
	char *error;

	assert_false(disk_spec_parse(&d, spec, &error));
	if (!strstr(error, why))
		fail_msg("%s: %s", spec, error);
	free(error);
	free(d.path);
}

static void test_ide_specifications_have_limits(void **state)
{
	struct disk_spec d;
	char *error;

	(void)state;
	assert_true(disk_spec_parse(&d, "a,bus=ide,controller=3", &error));
	assert_int_equal(d.place.bus, DISK_IDE);
	assert_int_equal(d.place.controller, 3);
	assert_int_equal(d.place.lun, 0);
	assert_true(d.lun_given);	/* a second disk has no other place */
	free(d.path);
	assert_spec_refused("a,bus=ide,lun=1", "one disk");
	assert_spec_refused("a,dvd,bus=ide", "not accelerated");
	assert_spec_refused("a,bus=ide,controller=4", "controller=4");
	assert_spec_refused("a,bus=sata", "bus=sata");
	assert_spec_refused("a,target=1", "only Fibre Channel");
	assert_spec_refused("a,lun=64", "LUNs 0 to 63");
	assert_spec_refused("a,bus=fc,lun=255", "lun=255");
	assert_spec_refused("a,bus=fc,target=4", "target=4");
	assert_spec_refused("a,bus=", "bus=");
}

static void test_places_have_names(void **state)
{
	static const char *const wrong[] = {
		"", ":", "1", "1:", ":1", "4:0", "0:64", "ide0", "ide0:1",
		"ide4:0", "fc0:1", "fc0:4:0", "fc0:0:255", "0:0:0", "sata0:0", "scs0:0", "0:0x", "ide:0", "0:-1",
	};
	struct disk_place at;

	(void)state;
	assert_true(disk_place_parse(&at, "2:63"));
	assert_int_equal(at.bus, DISK_SCSI);
	assert_int_equal(at.controller, 2);
	assert_int_equal(at.lun, 63);
	assert_true(disk_place_parse(&at, "scsi1:5"));
	assert_int_equal(at.bus, DISK_SCSI);
	assert_true(disk_place_parse(&at, "ide3:0"));
	assert_int_equal(at.bus, DISK_IDE);
	assert_int_equal(at.controller, 3);
	assert_true(disk_place_parse(&at, "fc1:3:254"));
	assert_int_equal(at.bus, DISK_FC);
	assert_int_equal(at.target, 3);
	assert_int_equal(at.lun, 254);
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		if (disk_place_parse(&at, wrong[i]))
			fail_msg("\"%s\" is taken for a place", wrong[i]);
}

static void test_a_second_disk_of_an_ide_channel_is_refused(void **state)
{
	(void)state;
	control_verb("{\"verb\":\"disk\",\"args\":[\"add\",\"/etc/passwd,bus=ide,controller=3\"]}",
		     false);
	control_verb("{\"verb\":\"disk\",\"args\":[\"resize\",\"ide3:0\",\"9M\"]}",
		     true);
	control_verb("{\"verb\":\"disk\",\"args\":[\"resize\",\"3:0\",\"9M\"]}",
		     false);
}

#define T(name, setup) cmocka_unit_test_setup_teardown(test_##name, setup, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(ide_offers_say_channel_and_device, start_ide),
		T(ide_channels_have_one_disk_and_no_subchannels, start_ide),
		T(a_second_disk_of_an_ide_channel_is_refused, start_ide),
		T(fc_offers_say_what_they_are, start_fc),
		T(fc_names_are_told_in_their_turn, start_fc),
		T(only_fibre_channel_has_names, start_ide),
		T(fc_disks_have_targets, start_fc),
		T(a_target_has_no_more_luns_than_addresses, start_fc),
		T(fc_lies_are_told_as_ordered, start_fc),
		cmocka_unit_test(test_fc_specifications_are_checked),
		cmocka_unit_test(test_ide_specifications_have_limits),
		cmocka_unit_test(test_places_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
