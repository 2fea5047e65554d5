// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's SCSI target, driven by packets through a channel: commands, data
 * and sense.
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

/* --- commands -------------------------------------------------------------- */

static void test_inquiry_names_a_microsoft_disk(void **state)
{
	(void)state;
	COMMAND(0, IN, 96, 0x12, 0, 0, 0, 96, 0);
	assert_good(36);
	assert_int_equal(data()[0], 0);
	assert_memory_equal(data() + 8, "Msft    Virtual Disk    1.0 ", 28);
	COMMAND(0, IN, 5, 0x12, 0, 0, 0, 96, 0);
	assert_good(5);
	assert_clean(bench->g);
}

static void test_vpd_pages_are_complete(void **state)
{
	(void)state;
	COMMAND(0, IN, 255, 0x12, 1, 0x00, 0, 255, 0);
	assert_good(4 + 6);
	assert_memory_equal(data() + 4, "\x00\x80\x83\xb0\xb1\xb2", 6);
	COMMAND(0, IN, 255, 0x12, 1, 0x83, 0, 255, 0);
	assert_good(4 + 48);
	assert_memory_equal(data() + 8, "Msft    ", 8);
	assert_int_equal(data()[33], 3);
	assert_int_equal(data()[36] >> 4, 6);
	COMMAND(0, IN, 255, 0x12, 1, 0xb0, 0, 255, 0);
	assert_good(64);
	assert_int_equal(be32(data() + 8), (1 << 20) / 512);
	COMMAND(0, IN, 255, 0x12, 1, 0xb2, 0, 255, 0);
	assert_good(8);
	assert_int_equal(data()[5], 0xe4);
	COMMAND(0, IN, 255, 0x12, 1, 0xc7, 0, 255, 0);
	assert_sense(5, 0x24, 0);
	assert_clean(bench->g);
}

static void test_capacity_is_that_of_the_file(void **state)
{
	(void)state;
	COMMAND(0, IN, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_good(8);
	assert_int_equal(be32(data()), DISK_BYTES / 512 - 1);
	assert_int_equal(be32(data() + 4), 512);
	COMMAND(0, IN, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 32, 0,
		0);
	assert_good(32);
	assert_int_equal(be32(data() + 4), DISK_BYTES / 512 - 1);
	assert_int_equal(data()[13], 3);
	assert_int_equal(data()[14], 0xc0);
	assert_clean(bench->g);
}

static void test_4k_sectors_are_reported_and_used(void **state)
{
	(void)state;
	COMMAND(0, IN, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_int_equal(be32(data()), DISK_BYTES / 4096 - 1);
	assert_int_equal(be32(data() + 4), 4096);
	memset(data(), 0x5c, 8192);
	COMMAND(0, OUT, 8192, 0x2a, 0, 0, 0, 0, 3, 0, 0, 2, 0);
	assert_good(8192);
	memset(data(), 0, 8192);
	COMMAND(0, IN, 4096, 0x28, 0, 0, 0, 0, 4, 0, 0, 1, 0);
	assert_good(4096);
	assert_int_equal(data()[4095], 0x5c);
	assert_clean(bench->g);
}

static void fill(uint32_t seed, uint32_t bytes)
{
	uint32_t *p = (uint32_t *)data();

	for (uint32_t i = 0; i < bytes / 4; i++)
		p[i] = seed * 2654435761u + i;
}

static void assert_filled(uint32_t seed, uint32_t bytes)
{
	const uint32_t *p = (const uint32_t *)data();

	for (uint32_t i = 0; i < bytes / 4; i++)
		assert_int_equal(p[i], (uint32_t)(seed * 2654435761u + i));
}

static void test_written_data_reads_back_in_every_cdb_size(void **state)
{
	(void)state;
	fill(1, 4096);
	COMMAND(0, OUT, 4096, 0x0a, 0, 0, 16, 8, 0);
	assert_good(4096);
	fill(2, 65536);
	COMMAND(0, OUT, 65536, 0x2a, 0x08, 0, 0, 1, 0, 0, 0, 128, 0);
	assert_good(65536);
	fill(3, 1 << 20);
	COMMAND(0, OUT, 1 << 20, 0x8a, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 8,
		0, 0, 0);
	assert_good(1 << 20);
	fill(4, 512);
	COMMAND(0, OUT, 512, 0xaa, 0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0);
	assert_good(512);
	COMMAND(0, NONE, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_good(0);

	memset(data(), 0, 1 << 20);
	COMMAND(0, IN, 4096, 0x08, 0, 0, 16, 8, 0);
	assert_good(4096);
	assert_filled(1, 4096);
	COMMAND(0, IN, 65536, 0x28, 0, 0, 0, 1, 0, 0, 0, 128, 0);
	assert_good(65536);
	assert_filled(2, 65536);
	COMMAND(0, IN, 1 << 20, 0x88, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0, 0, 8, 0,
		0, 0);
	assert_good(1 << 20);
	assert_filled(3, 1 << 20);
	COMMAND(0, IN, 512, 0xa8, 0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0);
	assert_good(512);
	assert_filled(4, 512);
	assert_clean(bench->g);
}

static void test_scattered_unaligned_pages_are_followed(void **state)
{
	static const uint8_t write[] = { 0x2a, 0, 0, 0, 0, 0, 0, 0, 16, 0 };
	static const uint8_t read[] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 16, 0 };
	/* 8192 bytes from offset 1024: three pages, out of order */
	static const uint64_t pfns[] = { 2000, 1500, 1501 };
	struct {
		struct lis_pkt_gpa_direct d;
		struct lis_gpa_range range;
		uint64_t pfns[3];
		struct lis_stor_packet pkt;
	} p = { .d = { .desc = { .type = LIS_PKT_GPA_DIRECT, .offset8 = 7,
				 .length8 = 15, .flags = 1 },
		       .range_count = 1 },
		.range = { 8192, 1024 } };
	uint8_t *ram = bench->g->ram;

	(void)state;
	memcpy(p.pfns, pfns, sizeof(pfns));
	memset(ram + 2000 * PAGE, 0x11, PAGE);
	memset(ram + 1500 * PAGE, 0x22, PAGE);
	memset(ram + 1501 * PAGE, 0x33, PAGE);
	fill_srb(&p.pkt, 0, write, 10, OUT, 8192);
	p.d.desc.transaction_id = ++bench->id;
	assert_true(ring_write(&bench->c, &p, 120));
	signal_host(bench->g, &bench->c);
	take_reply_on(&bench->c, 64);
	assert_good(8192);
	command(0, read, 10, IN, 8192);
	assert_good(8192);
	assert_int_equal(data()[3071], 0x11);
	assert_int_equal(data()[3072], 0x22);
	assert_int_equal(data()[7167], 0x22);
	assert_int_equal(data()[7168], 0x33);
	assert_clean(bench->g);
}

static void test_blocks_beyond_the_end_are_refused(void **state)
{
	(void)state;
	COMMAND(0, IN, 1024, 0x28, 0, 0, 0, 0x3f, 0xff, 0, 0, 2, 0);
	assert_sense(5, 0x21, 0);
	COMMAND(0, OUT, 512, 0x8a, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0, 0, 0, 1, 0, 0);
	assert_sense(5, 0x21, 0);
	COMMAND(0, IN, 512, 0x28, 0, 0, 0, 0x3f, 0xff, 0, 0, 1, 0);
	assert_good(512);
	assert_clean(bench->g);
}

static void test_unmap_and_write_same_leave_zeroes(void **state)
{
	(void)state;
	memset(data(), 0xee, 65536);
	COMMAND(0, OUT, 65536, 0x2a, 0, 0, 0, 0, 0, 0, 0, 128, 0);
	assert_good(65536);
	memset(data(), 0, 512);
	data()[1] = 38;			/* two descriptors */
	data()[3] = 32;
	data()[8 + 7] = 8;
	data()[8 + 11] = 8;
	data()[24 + 7] = 32;
	data()[24 + 11] = 16;
	COMMAND(0, OUT, 40, 0x42, 0, 0, 0, 0, 0, 0, 0, 40, 0);
	assert_good(40);
	memset(data(), 0, 512);
	COMMAND(0, OUT, 512, 0x93, 0x08, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0, 0, 8,
		0, 0);
	assert_good(512);
	COMMAND(0, OUT, 512, 0x41, 0, 0, 0, 0, 80, 0, 0, 8, 0);
	assert_good(512);
	COMMAND(0, IN, 65536, 0x28, 0, 0, 0, 0, 0, 0, 0, 128, 0);
	assert_good(65536);
	for (unsigned int block = 0; block < 128; block++) {
		bool zero = (block >= 8 && block < 16) ||
			    (block >= 32 && block < 48) ||
			    (block >= 64 && block < 72) ||
			    (block >= 80 && block < 88);

		assert_int_equal(data()[block * 512], zero ? 0 : 0xee);
		assert_int_equal(data()[block * 512 + 511], zero ? 0 : 0xee);
	}
	data()[7] = 1;
	COMMAND(0, OUT, 512, 0x93, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0,
		0);
	assert_sense(5, 0x24, 0);
	assert_clean(bench->g);
}

static void test_read_only_disk_says_so_and_stays_unchanged(void **state)
{
	(void)state;
	COMMAND(2, IN, 64, 0x1a, 0, 0x3f, 0, 64, 0);
	assert_good(4 + 8 + 20 + 12);
	assert_int_equal(data()[2] & 0x80, 0x80);
	COMMAND(2, OUT, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_sense(7, 0x27, 0);
	COMMAND(2, IN, 512, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_good(512);
	assert_clean(bench->g);
}

static void test_mode_sense_offers_a_write_cache_and_fua(void **state)
{
	(void)state;
	COMMAND(0, IN, 64, 0x1a, 0x08, 0x08, 0, 64, 0);
	assert_good(24);
	assert_int_equal(data()[0], 23);
	assert_int_equal(data()[2], 0x10);
	assert_int_equal(data()[4], 0x08);
	assert_int_equal(data()[6], 0x04);
	COMMAND(0, IN, 64, 0x5a, 0, 0x08, 0, 0, 0, 0, 0, 64, 0);
	assert_good(8 + 8 + 20);
	assert_int_equal(data()[7], 8);
	COMMAND(0, IN, 64, 0x1a, 0, 0x1c, 0, 64, 0);
	assert_sense(5, 0x24, 0);
	assert_clean(bench->g);
}

static void test_unknown_commands_get_illegal_request(void **state)
{
	(void)state;
	COMMAND(0, IN, 64, 0xa3, 0x0c, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0);
	assert_sense(5, 0x20, 0);
	COMMAND(0, NONE, 0, 0x2f, 0x02, 0, 0, 0, 0, 0, 0, 1, 0);
	assert_sense(5, 0x24, 0);
	COMMAND(0, IN, 18, 0x03, 0, 0, 0, 18, 0);
	assert_good(18);
	assert_int_equal(data()[2], 0);
	assert_clean(bench->g);
}

static void test_absent_luns_answer_as_hyper_v_does(void **state)
{
	(void)state;
	COMMAND(5, IN, 36, 0x12, 0, 0, 0, 36, 0);
	assert_good(36);
	assert_int_equal(data()[0], 0x7f);
	COMMAND(5, NONE, 0, 0x00, 0, 0, 0, 0, 0);
	assert_int_equal(bench->reply.srb.srb_status, LIS_SRB_INVALID_LUN);
	assert_int_equal(bench->reply.srb.scsi_status, 2);
	assert_int_equal(bench->reply.srb.sense_length, 0);
	COMMAND(5, IN, 24, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0);
	assert_good(16);
	assert_int_equal(be32(data()), 8);
	assert_clean(bench->g);
}

/* --- disks in memory ------------------------------------------------------- */

static int start_mapped(void **state)
{
	static uint8_t block[1 << 20];
	struct lis_msg_offer offer;
	int fd;

	(void)state;
	bench = calloc(1, sizeof(*bench));
	bench->g = guest_new("ws2022", 0);
	make_file(bench->path, "/dev/shm", 0);
	fd = open(bench->path, O_WRONLY);
	for (unsigned int i = 0; i < DISK_BYTES; i += sizeof(block))
		assert_int_equal(write(fd, block, sizeof(block)),
				 sizeof(block));
	close(fd);
	add_disk("");
	connect_and_take(bench->g, LIS_VMBUS_V5_3, &offer, 1);
	channel_open_at(bench->g, &bench->c, &offer, 16, RING_PAGES);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static void test_data_of_a_mapped_disk_is_in_its_file(void **state)
{
	static uint8_t seen[4096];
	int fd = open(bench->path, O_RDWR);

	(void)state;
	fill(7, 4096);
	COMMAND(0, OUT, 4096, 0x2a, 0, 0, 0, 0, 64, 0, 0, 8, 0);
	assert_good(4096);
	assert_int_equal(pread(fd, seen, 4096, 64 * 512), 4096);
	assert_memory_equal(seen, data(), 4096);
	memset(seen, 0x99, 4096);
	assert_int_equal(pwrite(fd, seen, 4096, 72 * 512), 4096);
	COMMAND(0, IN, 4096, 0x28, 0, 0, 0, 0, 72, 0, 0, 8, 0);
	assert_good(4096);
	assert_memory_equal(seen, data(), 4096);
	close(fd);
	assert_clean(bench->g);
}

static void test_a_truncated_file_gives_errors_not_a_crash(void **state)
{
	struct packet announcement;

	(void)state;
	/* Added here: cmocka has put its own SIGBUS handler in place */
	add_disk(",lun=1");
	assert_true(ring_wait(bench->g, &bench->c, &announcement, PATIENCE));
	assert_int_equal(truncate(bench->path, 4096), 0);
	for (unsigned int i = 0; i < 3; i++) {
		COMMAND(1, IN, 4096, 0x28, 0, 0, 0, 0, 64, 0, 0, 8, 0);
		assert_sense(3, 0x11, 0);
		COMMAND(1, OUT, 4096, 0x2a, 0, 0, 0, 0, 64, 0, 0, 8, 0);
		assert_sense(3, 0x0c, 0);
	}
	COMMAND(1, IN, 4096, 0x28, 0, 0, 0, 0, 0, 0, 0, 8, 0);
	assert_good(4096);
	assert_clean(bench->g);
}

#define T(name, setup) cmocka_unit_test_setup_teardown(test_##name, setup, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(inquiry_names_a_microsoft_disk, start),
		T(vpd_pages_are_complete, start),
		T(capacity_is_that_of_the_file, start),
		T(4k_sectors_are_reported_and_used, start_4k),
		T(written_data_reads_back_in_every_cdb_size, start),
		T(written_data_reads_back_in_every_cdb_size, start_ram),
		T(written_data_reads_back_in_every_cdb_size, start_mapped),
		T(unmap_and_write_same_leave_zeroes, start_mapped),
		T(data_of_a_mapped_disk_is_in_its_file, start_mapped),
		T(a_truncated_file_gives_errors_not_a_crash, start_mapped),
		T(scattered_unaligned_pages_are_followed, start),
		T(blocks_beyond_the_end_are_refused, start),
		T(unmap_and_write_same_leave_zeroes, start),
		T(unmap_and_write_same_leave_zeroes, start_ram),
		T(read_only_disk_says_so_and_stays_unchanged, start_read_only),
		T(mode_sense_offers_a_write_cache_and_fua, start),
		T(unknown_commands_get_illegal_request, start),
		T(absent_luns_answer_as_hyper_v_does, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
