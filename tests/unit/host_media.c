// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's kinds of disks: sector sizes, huge ones, removable media, DVD
 * drives.
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

#include "dev/disk_spec.h"

/* --- specifications -------------------------------------------------------- */

static void assert_refused(const char *spec, const char *why)
{
	struct disk_spec d;
	char *error = NULL;

	assert_false(disk_spec_parse(&d, spec, &error));
	assert_non_null(error);
	if (!strstr(error, why))
		fail_msg("%s: %s", spec, error);
	free(error);
	free(d.path);
}

static void test_specifications_say_what_disk_it_is(void **state)
{
	struct disk_spec d;
	char *error;

	(void)state;
	assert_true(disk_spec_parse(&d, "a", &error));
	assert_int_equal(d.sectors, 512);
	assert_int_equal(d.physical, 4096);
	assert_false(d.read_only || d.removable || d.dvd || d.lun_given);
	free(d.path);
	assert_true(disk_spec_parse(&d, "a,lun=63,sectors=4096,ro", &error));
	assert_int_equal(d.place.lun, 63);
	assert_int_equal(d.physical, 4096);
	assert_true(d.read_only && d.lun_given);
	free(d.path);
	assert_true(disk_spec_parse(&d, "none,dvd,controller=3", &error));
	assert_null(d.path);
	assert_int_equal(d.sectors, 2048);
	assert_int_equal(d.place.controller, 3);
	assert_true(d.read_only && d.removable && d.dvd);
	assert_refused("", "no file");
	assert_refused("none", "without a file");
	assert_refused("a,lun=64", "lun=64");
	assert_refused("a,lun=-1", "lun=-1");
	assert_refused("a,controller=4", "controller=4");
	assert_refused("a,sectors=1024", "sectors=1024");
	assert_refused("a,sectors=4096,physical=512", "smaller");
	assert_refused("a,dvd,sectors=512", "2048");
	assert_true(disk_spec_parse(&d, "a,unmap=1M,unmap-offset=64K", &error));
	assert_int_equal(d.granule, 1 << 20);
	assert_int_equal(d.offset, 1 << 16);
	free(d.path);
	assert_refused("a,unmap=1G", "unmap=1G");
	assert_refused("a,unmap=1000", "whole sectors");
	assert_refused("a,unmap=4096,unmap-offset=4096", "whole sectors");
	assert_refused("a,dvd,shared", "cannot be shared");
	assert_true(disk_spec_parse(&d, "a.VHDX", &error));
	assert_int_equal(d.format, DISK_VHDX);
	free(d.path);
	assert_true(disk_spec_parse(&d, "a.vhd,format=raw,cache=volatile",
				    &error));
	assert_int_equal(d.format, DISK_RAW);
	assert_int_equal(d.caching, DISK_CACHE_VOLATILE);
	free(d.path);
	assert_refused("a,format=vmdk", "bad option format=vmdk");
	assert_refused("a,cache=none", "bad option cache=none");
	assert_refused("a.vhdx,shared", "cannot be shared");
	assert_refused("a.vhd,cache=volatile", "only a raw file");
	assert_refused("a,ro,cache=lying", "has no cache");
	assert_refused("a,rw", "bad option rw");
	assert_refused("a,ro=1", "bad option ro=1");
}

static void test_sizes_have_units_and_limits(void **state)
{
	uint64_t n;

	(void)state;
	assert_true(disk_spec_bytes("0", &n) && n == 0);
	assert_true(disk_spec_bytes("17T", &n) && n == 17ull << 40);
	assert_true(disk_spec_bytes("18446744073709551615", &n));
	assert_false(disk_spec_bytes("18446744073709551616", &n));
	assert_false(disk_spec_bytes("16777216T", &n));
	assert_false(disk_spec_bytes("-1", &n));
	assert_false(disk_spec_bytes("1X", &n));
	assert_false(disk_spec_bytes("1KB", &n));
	assert_false(disk_spec_bytes("", &n));
}

/* --- sectors and sizes ----------------------------------------------------- */

static int start_512n(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", ",physical=512", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static void read_capacity_16(void)
{
	COMMAND(0, IN, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0,
		0);
	assert_good(32);
}

static void test_physical_sectors_are_told(void **state)
{
	(void)state;
	read_capacity_16();
	assert_int_equal(data()[13], 0);
	assert_clean(bench->g);
}

static void test_physical_sectors_of_4kn_are_told(void **state)
{
	(void)state;
	read_capacity_16();
	assert_int_equal(be32(data() + 8), 4096);
	assert_int_equal(data()[13], 0);
	assert_clean(bench->g);
}

static void test_a_disk_of_20_tib_is_used_to_its_end(void **state)
{
	(void)state;
	control_verb("{\"verb\":\"disk\",\"args\":[\"resize\",\"0:0\",\"20T\"]}",
		     true);
	COMMAND(0, NONE, 0, 0x00, 0, 0, 0, 0, 0);
	assert_sense(6, 0x2a, 0x09);
	COMMAND(0, IN, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(be32(data()), 0xffffffff);
	read_capacity_16();
	assert_int_equal(be32(data()), 9);	/* 20 TiB are 0xa_00000000 */
	assert_int_equal(be32(data() + 4), 0xffffffff);
	memset(data(), 0x3e, 512);
	COMMAND(0, OUT, 512, 0x8a, 0, 0, 0, 0, 9, 0xff, 0xff, 0xff, 0xff, 0, 0,
		0, 1, 0, 0);
	assert_good(512);
	memset(data(), 0, 512);
	COMMAND(0, IN, 512, 0x88, 0, 0, 0, 0, 9, 0xff, 0xff, 0xff, 0xff, 0, 0,
		0, 1, 0, 0);
	assert_good(512);
	assert_int_equal(data()[511], 0x3e);
	COMMAND(0, IN, 512, 0x88, 0, 0, 0, 0, 0x0a, 0, 0, 0, 0, 0, 0, 0, 1, 0,
		0);
	assert_sense(5, 0x21, 0);
	assert_clean(bench->g);
}

static int start_granules(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", ",unmap=64K,unmap-offset=16K",
		    LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static void unmap(uint32_t lba, uint32_t blocks)
{
	memset(data(), 0, 24);
	data()[1] = 22;
	data()[3] = 16;
	data()[14] = lba >> 8;
	data()[15] = lba;
	data()[18] = blocks >> 8;
	data()[19] = blocks;
	COMMAND(0, OUT, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	assert_good(24);
}

/* Of the first 512 blocks these are zero */
static void assert_zero(uint32_t from, uint32_t to)
{
	COMMAND(0, IN, 262144, 0x28, 0, 0, 0, 0, 0, 0, 2, 0, 0);
	assert_good(262144);
	for (uint32_t block = 0; block < 512; block++)
		if (data()[block * 512] !=
		    (block >= from && block < to ? 0 : 0xee))
			fail_msg("block %u", block);
}

static void test_unmap_gives_back_whole_granules(void **state)
{
	(void)state;
	COMMAND(0, IN, 64, 0x12, 1, 0xb0, 0, 64, 0);
	assert_good(64);
	assert_int_equal(be32(data() + 28), 128);
	assert_int_equal(be32(data() + 32), 1u << 31 | 32);
	memset(data(), 0xee, 262144);
	COMMAND(0, OUT, 262144, 0x2a, 0, 0, 0, 0, 0, 0, 2, 0, 0);
	assert_good(262144);
	unmap(0, 159);			/* a block short of the first */
	assert_zero(0, 0);
	unmap(33, 254);			/* a block off at both ends */
	assert_zero(0, 0);
	unmap(160, 130);
	assert_zero(160, 288);
	unmap(20, 500);
	assert_zero(32, 416);
	assert_clean(bench->g);
}

/* --- removable media ------------------------------------------------------- */

static int start_removable(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", ",removable", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static int start_dvd(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", ",dvd", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static void verb_with_file(const char *verb, const char *file, bool ok)
{
	char text[200];

	snprintf(text, sizeof(text),
		 "{\"verb\":\"disk\",\"args\":[\"%s\",\"0:0\"%s%s%s]}", verb,
		 file ? ",\"" : "", file ?: "", file ? "\"" : "");
	control_verb(text, ok);
}

#define READY() COMMAND(0, NONE, 0, 0x00, 0, 0, 0, 0, 0)
#define READ_ONE() COMMAND(0, IN, 2048, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0)
#define LOCK(on) COMMAND(0, NONE, 0, 0x1e, 0, 0, 0, on, 0)
#define TRAY(how) COMMAND(0, NONE, 0, 0x1b, 0, 0, 0, how, 0)
#define EJECT	2
#define LOAD	3

static void test_fixed_disks_keep_their_medium(void **state)
{
	(void)state;
	COMMAND(0, IN, 36, 0x12, 0, 0, 0, 36, 0);
	assert_int_equal(data()[1], 0);
	LOCK(1);
	assert_sense(5, 0x20, 0);
	TRAY(EJECT);
	assert_good(0);
	READY();
	assert_good(0);
	verb_with_file("eject", NULL, false);
	verb_with_file("insert", bench->path, false);
	assert_clean(bench->g);
}

static void assert_medium_rules(void)
{
	READY();
	assert_good(0);
	LOCK(1);
	assert_good(0);
	TRAY(EJECT);
	assert_sense(5, 0x53, 0x02);
	LOCK(0);
	TRAY(EJECT);
	assert_good(0);
	READY();
	assert_sense(2, 0x3a, 0x02);
	READ_ONE();
	assert_sense(2, 0x3a, 0x02);
	TRAY(LOAD);
	assert_good(0);
	READY();
	assert_sense(6, 0x28, 0);
	READ_ONE();
	assert_good(2048);
	/* The host asks nobody. */
	LOCK(1);
	verb_with_file("eject", NULL, true);
	READY();
	assert_sense(2, 0x3a, 0x01);
	verb_with_file("resize", "16777216", false);
	verb_with_file("insert", "/nonexistent", false);
	verb_with_file("insert", NULL, false);
	READY();
	assert_sense(2, 0x3a, 0x01);
	verb_with_file("insert", bench->path, true);
	READY();
	assert_sense(6, 0x28, 0);
	READY();
	assert_good(0);
	assert_clean(bench->g);
}

static void test_removable_disks_lose_and_get_media(void **state)
{
	(void)state;
	COMMAND(0, IN, 36, 0x12, 0, 0, 0, 36, 0);
	assert_int_equal(data()[0], 0);
	assert_int_equal(data()[1], 0x80);
	memset(data(), 0x44, 2048);
	COMMAND(0, OUT, 2048, 0x2a, 0, 0, 0, 0, 0, 0, 0, 4, 0);
	assert_good(2048);
	READY();
	COMMAND(0, IN, 2048, 0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0);
	assert_good(2048);
	verb_with_file("eject", NULL, true);
	COMMAND(0, OUT, 2048, 0x2a, 0, 0, 0, 0, 0, 0, 0, 4, 0);
	assert_sense(2, 0x3a, 0x01);
	COMMAND(0, IN, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_sense(2, 0x3a, 0x01);
	COMMAND(0, IN, 64, 0x1a, 0, 0x3f, 0, 64, 0);
	assert_good(4 + 8 + 20 + 12);
	assert_int_equal(be32(data() + 4), 0);
	verb_with_file("insert", bench->path, true);
	READY();
	assert_sense(6, 0x28, 0);
	COMMAND(0, IN, 2048, 0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0);
	assert_good(2048);
	assert_int_equal(data()[2047], 0x44);
	assert_clean(bench->g);
}

/* The host has taken every packet out of the ring: it read them while it held
 * the lock that a change of medium takes.
 */
static void wait_until_taken(struct guest_channel *c)
{
	for (unsigned int i = 0; i < PATIENCE * 1000; i++) {
		if (__atomic_load_n(&c->out->read_index, __ATOMIC_ACQUIRE) ==
		    c->out->write_index)
			return;
		usleep(1000);
	}
	fail_msg("the host does not read");
}

static void test_removed_media_serve_requests_under_way(void **state)
{
	static const uint8_t cdb[10] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 4, 0 };

	(void)state;
	memset(data(), 0x77, 2048);
	COMMAND(0, OUT, 2048, 0x2a, 0, 0, 0, 0, 0, 0, 0, 4, 0);
	assert_good(2048);
	memset(data(), 0, 2048);
	verb_with_file("delay", "300", true);
	send_srb_on(&bench->c, 0, cdb, 10, IN, 2048);
	wait_until_taken(&bench->c);
	verb_with_file("eject", NULL, true);
	take_reply_on(&bench->c, LIS_STOR_PACKET_BYTES);
	assert_good(2048);
	assert_int_equal(data()[2047], 0x77);
	verb_with_file("delay", "0", true);
	READY();
	assert_sense(2, 0x3a, 0x01);
	assert_clean(bench->g);
}

/* --- DVD ------------------------------------------------------------------- */

static void test_dvd_drives_follow_the_rules_of_media(void **state)
{
	(void)state;
	assert_medium_rules();
}

static void test_dvd_drives_say_what_they_are(void **state)
{
	(void)state;
	COMMAND(0, IN, 96, 0x12, 0, 0, 0, 96, 0);
	assert_good(36);
	assert_int_equal(data()[0], 5);
	assert_int_equal(data()[1], 0x80);
	assert_memory_equal(data() + 8, "Msft    Virtual DVD-ROM ", 24);
	COMMAND(0, IN, 255, 0x12, 1, 0x00, 0, 255, 0);
	assert_good(4 + 3);
	COMMAND(0, IN, 255, 0x12, 1, 0xb0, 0, 255, 0);
	assert_sense(5, 0x24, 0);
	COMMAND(0, IN, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_good(8);
	assert_int_equal(be32(data()), DISK_BYTES / 2048 - 1);
	assert_int_equal(be32(data() + 4), 2048);
	COMMAND(0, IN, 128, 0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 128, 0);
	assert_good(8 + 20);
	assert_int_equal(data()[8], 0x2a);
	assert_int_equal(data()[10] & 0x08, 0x08);
	COMMAND(0, OUT, 2048, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_sense(5, 0x20, 0);
	COMMAND(0, OUT, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	assert_sense(5, 0x20, 0);
	assert_clean(bench->g);
}

static void test_dvd_drives_have_a_table_of_contents(void **state)
{
	static const uint8_t tracks[] = {
		0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0,
		0, 0x14, 0xaa, 0, 0, 0, 0x10, 0x00 };

	(void)state;
	COMMAND(0, IN, 64, 0x43, 0, 0, 0, 0, 0, 0, 0, 64, 0);
	assert_good(20);
	assert_memory_equal(data(), tracks, 20);
	COMMAND(0, IN, 12, 0x43, 0, 0, 0, 0, 0, 0xaa, 0, 12, 0);
	assert_good(12);
	assert_int_equal(data()[6], 0xaa);
	/* 4096 blocks and 2 seconds are 56 s and 46 frames */
	COMMAND(0, IN, 12, 0x43, 2, 0, 0, 0, 0, 0xaa, 0, 12, 0);
	assert_memory_equal(data() + 8, "\x00\x00\x38\x2e", 4);
	COMMAND(0, IN, 12, 0x43, 0, 1, 0, 0, 0, 0, 0, 12, 0);
	assert_good(12);
	assert_int_equal(data()[1], 10);
	COMMAND(0, IN, 12, 0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0x40);
	assert_good(12);
	assert_int_equal(data()[1], 10);
	COMMAND(0, IN, 12, 0x43, 0, 0, 0, 0, 0, 7, 0, 12, 0);
	assert_sense(5, 0x24, 0);
	COMMAND(0, IN, 12, 0x43, 0, 2, 0, 0, 0, 0, 0, 12, 0);
	assert_sense(5, 0x24, 0);
	assert_clean(bench->g);
}

static void test_dvd_drives_have_a_configuration(void **state)
{
	(void)state;
	COMMAND(0, IN, 255, 0x46, 0, 0, 0, 0, 0, 0, 0, 255, 0);
	assert_good(8 + 8 + 12 + 8 + 12 + 8);
	assert_int_equal(be32(data()), 52);
	assert_int_equal(data()[7], 0x10);
	COMMAND(0, IN, 8, 0x46, 2, 0, 0x20, 0, 0, 0, 0, 8, 0);
	assert_good(8);
	assert_int_equal(be32(data()), 4);
	COMMAND(0, IN, 255, 0x46, 2, 0, 0x1f, 0, 0, 0, 0, 255, 0);
	assert_good(16);
	assert_int_equal(data()[10], 0x05);
	COMMAND(0, IN, 255, 0x46, 3, 0, 0, 0, 0, 0, 0, 255, 0);
	assert_sense(5, 0x24, 0);
	verb_with_file("eject", NULL, true);
	COMMAND(0, IN, 255, 0x46, 1, 0, 0, 0, 0, 0, 0, 255, 0);
	assert_good(8 + 8 + 12 + 8);
	assert_int_equal(data()[7], 0);
	assert_clean(bench->g);
}

#define EVENTS(class) COMMAND(0, IN, 8, 0x4a, 1, 0, 0, class, 0, 0, 0, 8, 0)

static void test_dvd_drives_tell_events_once(void **state)
{
	(void)state;
	EVENTS(0x10);
	assert_good(8);
	assert_memory_equal(data(), "\x00\x06\x04\x10\x00\x02\x00\x00", 8);
	verb_with_file("eject", NULL, true);
	/* Too short for the event: it is kept. */
	COMMAND(0, IN, 4, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 4, 0);
	assert_good(4);
	EVENTS(0x10);
	assert_memory_equal(data() + 4, "\x03\x00", 2);
	EVENTS(0x10);
	assert_memory_equal(data() + 4, "\x00\x00", 2);
	verb_with_file("insert", bench->path, true);
	EVENTS(0x10);
	assert_memory_equal(data() + 4, "\x02\x02", 2);
	TRAY(EJECT);
	assert_sense(6, 0x28, 0);
	TRAY(EJECT);
	assert_good(0);
	EVENTS(0x10);
	assert_memory_equal(data() + 4, "\x03\x01", 2);
	EVENTS(0x02);
	assert_good(4);
	assert_int_equal(data()[2], 0x80);
	COMMAND(0, IN, 8, 0x4a, 0, 0, 0, 0x10, 0, 0, 0, 8, 0);
	assert_sense(5, 0x24, 0);
	assert_clean(bench->g);
}

#define T(name, setup) cmocka_unit_test_setup_teardown(test_##name, setup, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_specifications_say_what_disk_it_is),
		cmocka_unit_test(test_sizes_have_units_and_limits),
		T(physical_sectors_are_told, start_512n),
		T(physical_sectors_of_4kn_are_told, start_4k),
		T(a_disk_of_20_tib_is_used_to_its_end, start_ram),
		T(unmap_gives_back_whole_granules, start_granules),
		T(fixed_disks_keep_their_medium, start),
		T(removable_disks_lose_and_get_media, start_removable),
		T(removed_media_serve_requests_under_way, start_removable),
		T(dvd_drives_follow_the_rules_of_media, start_dvd),
		T(dvd_drives_say_what_they_are, start_dvd),
		T(dvd_drives_have_a_table_of_contents, start_dvd),
		T(dvd_drives_have_a_configuration, start_dvd),
		T(dvd_drives_tell_events_once, start_dvd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
