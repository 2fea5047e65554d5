// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's IDE channels: what their offers say, which requests reach their
 * disk, what specifications and names of disks mean.
 *
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c tests/hvhost/vmbus/control.c
 * srcs: tests/hvhost/vmbus/hostile.c tests/hvhost/dev/controller.c tests/hvhost/dev/storvsp.c tests/hvhost/dev/storvsp_srb.c
 * srcs: tests/hvhost/dev/scsi.c tests/hvhost/dev/scsi_block.c tests/hvhost/dev/scsi_inquiry.c tests/hvhost/dev/disk.c tests/hvhost/dev/disk_map.c
 * srcs: tests/hvhost/dev/disk_cache.c tests/hvhost/dev/disk_image.c tests/hvhost/dev/disk_inbox.c
 * srcs: tests/hvhost/dev/scsi_medium.c tests/hvhost/dev/disk_spec.c tests/hvhost/dev/controller_ctl.c tests/hvhost/dev/scsi_reserve.c
 * libs: -luring -lnbd -ljson-c
 */
#include "host_scsi.h"
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
	assert_spec_refused("a,bus=", "bus=");
}

static void test_places_have_names(void **state)
{
	static const char *const wrong[] = {
		"", ":", "1", "1:", ":1", "4:0", "0:64", "ide0", "ide0:1",
		"ide4:0", "sata0:0", "scs0:0", "0:0x", "ide:0", "0:-1",
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
		cmocka_unit_test(test_ide_specifications_have_limits),
		cmocka_unit_test(test_places_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
