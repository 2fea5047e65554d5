// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disk images and volatile caches behind a controller: the guest's commands
 * down to the file, a reset on the way.
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

#define DEPTH	16

static int start_image(void **state)
{
	char command[200];

	(void)state;
	bench = calloc(1, sizeof(*bench));
	bench->g = guest_new("ws2022", 3);
	make_file(bench->path, "/tmp", 0);
	snprintf(command, sizeof(command), "qemu-img create -q -f vhdx %s %u",
		 bench->path, DISK_BYTES);
	assert_int_equal(system(command), 0);
	return 0;
}

static int start_file(void **state)
{
	(void)state;
	bench = calloc(1, sizeof(*bench));
	bench->g = guest_new("ws2022", 3);
	make_file(bench->path, "/tmp", DISK_BYTES);
	return 0;
}

static void plug_and_open(const char *options)
{
	struct lis_msg_offer offer;

	add_disk(options);
	connect_and_take(bench->g, LIS_VMBUS_V5_3, &offer, 1);
	channel_open_at(bench->g, &bench->c, &offer, 16, RING_PAGES);
	initialize(LIS_STOR_V6_2);
}

/* WRITE(10) or READ(10) of 8 sectors at each of @DEPTH places, all at once */
static void many(uint8_t opcode, uint32_t lba)
{
	uint32_t bytes = packet_bytes(bench->version);
	bool write = opcode == 0x2a;

	for (unsigned int i = 0; i < DEPTH; i++) {
		uint32_t at = lba + 8 * i;
		uint8_t cdb[10] = { opcode, 0, at >> 24, at >> 16, at >> 8, at,
			0, 0, 8 };
		struct lis_stor_packet pkt;

		fill_srb(&pkt, 0, cdb, 10, write ? OUT : IN, 4096);
		send_gpa_direct(bench->g, &bench->c, ++bench->id,
				DATA_GPA + i * 4096, 4096, &pkt, bytes);
	}
	for (unsigned int i = 0; i < DEPTH; i++) {
		struct packet p;

		assert_true(ring_wait(bench->g, &bench->c, &p, PATIENCE));
		memcpy(&bench->reply, p.body, bytes);
		assert_good(4096);
	}
}

static void test_an_image_is_a_disk(void **state)
{
	(void)state;
	plug_and_open(",format=vhdx");
	for (unsigned int round = 0; round < 100; round++) {
		uint32_t lba = round * 8 * DEPTH;

		memset(data(), round + 1, DEPTH * 4096);
		many(0x2a, lba);
		memset(data(), 0, DEPTH * 4096);
		many(0x28, lba);
		assert_int_equal(data()[0], round + 1);
		assert_memory_equal(data(), data() + 1, DEPTH * 4096 - 1);
		COMMAND(0, NONE, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
		assert_good(0);
	}
	control_verb("{\"verb\":\"disk\",\"args\":[\"resize\",\"0:0\",\"9M\"]}",
		     false);
}

static void test_a_reset_loses_what_a_flush_would_have_kept(void **state)
{
	struct lis_msg_offer offer;
	unsigned int lost = 0;

	(void)state;
	plug_and_open(",format=raw,cache=lying");
	memset(data(), 1, DEPTH * 4096);
	many(0x2a, 4096);
	COMMAND(0, NONE, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	assert_good(0);
	vmbus_server_reset(bench->g->server);
	connect_and_take(bench->g, LIS_VMBUS_V5_3, &offer, 1);
	channel_open_at(bench->g, &bench->c, &offer, 16, RING_PAGES);
	bench->version = 0;
	initialize(LIS_STOR_V6_2);
	many(0x28, 4096);
	for (unsigned int i = 0; i < DEPTH * 4096; i++)
		lost += data()[i] != 1;
	assert_int_equal(lost, DEPTH * 4096);
}

#define T(name, setup) cmocka_unit_test_setup_teardown(test_##name, setup, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(an_image_is_a_disk, start_image),
		T(a_reset_loses_what_a_flush_would_have_kept, start_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
