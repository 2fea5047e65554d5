// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's SCSI controller, driven by packets through a channel: negotiation,
 * sub-channels, disk commands, sense data, faults.
 *
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c tests/hvhost/vmbus/control.c
 * srcs: tests/hvhost/vmbus/hostile.c tests/hvhost/dev/controller.c tests/hvhost/dev/storvsp.c tests/hvhost/dev/storvsp_srb.c
 * srcs: tests/hvhost/dev/scsi.c tests/hvhost/dev/scsi_block.c tests/hvhost/dev/scsi_inquiry.c tests/hvhost/dev/disk.c
 * libs: -luring -ljson-c
 */
#include "host_guest.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#define DISK_BYTES	(8u << 20)
#define RING_PAGES	8
#define DATA_PAGE	1024		/* of guest RAM */
#define DATA_GPA	((uint64_t)DATA_PAGE * PAGE)

struct bench {
	struct guest *g;
	struct guest_channel c;
	char path[64];
	uint16_t version;
	uint64_t id;
	struct lis_stor_packet reply;
};

static struct bench *bench;

/* --- storvsp conversation -------------------------------------------------- */

static uint32_t packet_bytes(uint16_t version)
{
	return version && version <= LIS_STOR_V4_2 ?
	       LIS_STOR_PACKET_BYTES_OLD : LIS_STOR_PACKET_BYTES;
}

static void take_reply_on(struct guest_channel *c, uint32_t bytes)
{
	struct packet p;

	assert_true(ring_wait(bench->g, c, &p, PATIENCE));
	assert_int_equal(p.desc.type, LIS_PKT_COMPLETION);
	assert_int_equal(p.desc.flags, 0);
	assert_int_equal(p.desc.transaction_id, bench->id);
	assert_int_equal(p.body_bytes, bytes);
	memset(&bench->reply, 0, sizeof(bench->reply));
	memcpy(&bench->reply, p.body, bytes);
	assert_int_equal(bench->reply.operation, LIS_STOR_COMPLETE_IO);
	assert_int_equal(bench->reply.flags, 0);
}

/* One control operation; returns the status of the reply. */
static uint32_t control(struct lis_stor_packet *pkt)
{
	uint32_t bytes = packet_bytes(bench->version);

	pkt->flags = LIS_STOR_FLAG_WANT_COMPLETION;
	send_inband(bench->g, &bench->c, ++bench->id, pkt, bytes);
	take_reply_on(&bench->c, bytes);
	return bench->reply.status;
}

static uint32_t operation(uint32_t op)
{
	struct lis_stor_packet pkt = { .operation = op };

	return control(&pkt);
}

static uint32_t query_version(uint16_t version)
{
	struct lis_stor_packet pkt = {
		.operation = LIS_STOR_QUERY_VERSION,
		.version.version = version };

	return control(&pkt);
}

static void initialize(uint16_t version)
{
	assert_int_equal(operation(LIS_STOR_BEGIN_INIT), LIS_NT_SUCCESS);
	assert_int_equal(query_version(version), LIS_NT_SUCCESS);
	bench->version = version;
	assert_int_equal(operation(LIS_STOR_QUERY_PROPERTIES), LIS_NT_SUCCESS);
	assert_int_equal(operation(LIS_STOR_END_INIT), LIS_NT_SUCCESS);
}

static void fill_srb(struct lis_stor_packet *pkt, uint8_t lun,
		     const uint8_t *cdb, uint8_t cdb_length,
		     uint8_t direction, uint32_t bytes)
{
	bool old = packet_bytes(bench->version) == LIS_STOR_PACKET_BYTES_OLD;

	memset(pkt, 0, sizeof(*pkt));
	pkt->operation = LIS_STOR_EXECUTE_SRB;
	pkt->flags = LIS_STOR_FLAG_WANT_COMPLETION;
	pkt->srb.length = old ? LIS_STOR_SRB_BYTES_OLD : 52;
	pkt->srb.lun = lun;
	pkt->srb.cdb_length = cdb_length;
	pkt->srb.sense_length = old ? LIS_STOR_SENSE_MAX_OLD :
				LIS_STOR_SENSE_MAX;
	pkt->srb.direction = direction;
	pkt->srb.transfer_length = bytes;
	memcpy(pkt->srb.cdb, cdb, cdb_length);
}

static void send_srb_on(struct guest_channel *c, uint8_t lun,
			const uint8_t *cdb, uint8_t cdb_length,
			uint8_t direction, uint32_t bytes)
{
	uint32_t size = packet_bytes(bench->version);
	struct lis_stor_packet pkt;

	fill_srb(&pkt, lun, cdb, cdb_length, direction, bytes);
	bench->id++;
	if (bytes)
		send_gpa_direct(bench->g, c, bench->id, DATA_GPA, bytes, &pkt,
				size);
	else
		send_inband(bench->g, c, bench->id, &pkt, size);
}

static void command(uint8_t lun, const uint8_t *cdb, uint8_t cdb_length,
		    uint8_t direction, uint32_t bytes)
{
	send_srb_on(&bench->c, lun, cdb, cdb_length, direction, bytes);
	take_reply_on(&bench->c, packet_bytes(bench->version));
}

#define COMMAND(lun, direction, bytes, ...) do { \
	static const uint8_t cdb_[] = { __VA_ARGS__ }; \
	command(lun, cdb_, sizeof(cdb_), direction, bytes); \
} while (0)

#define IN	LIS_STOR_DIR_IN
#define OUT	LIS_STOR_DIR_OUT
#define NONE	LIS_STOR_DIR_NONE

static void assert_good(uint32_t bytes)
{
	assert_int_equal(bench->reply.status, LIS_NT_SUCCESS);
	assert_int_equal(bench->reply.srb.srb_status, LIS_SRB_SUCCESS);
	assert_int_equal(bench->reply.srb.scsi_status, 0);
	assert_int_equal(bench->reply.srb.transfer_length, bytes);
}

static void assert_sense(uint8_t key, uint8_t asc, uint8_t ascq)
{
	const uint8_t *sense = bench->reply.srb.sense;

	assert_int_not_equal(bench->reply.status, LIS_NT_SUCCESS);
	assert_int_equal(bench->reply.srb.srb_status,
			 LIS_SRB_ERROR | LIS_SRB_F_AUTOSENSE);
	assert_int_equal(bench->reply.srb.scsi_status, 2);
	assert_int_equal(bench->reply.srb.sense_length, 18);
	assert_int_equal(sense[0], 0x70);
	assert_int_equal(sense[2], key);
	assert_int_equal(sense[12], asc);
	assert_int_equal(sense[13], ascq);
	assert_int_equal(bench->reply.srb.transfer_length, 0);
}

static uint8_t *data(void)
{
	return bench->g->ram + DATA_GPA;
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* --- set up ---------------------------------------------------------------- */

static void make_file(char *path, const char *dir, off_t bytes)
{
	int fd;

	sprintf(path, "%s/host_scsi.XXXXXX", dir);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, bytes), 0);
	close(fd);
}

static void add_disk(const char *options)
{
	char spec[160], *error;

	snprintf(spec, sizeof(spec), "%s%s", bench->path, options);
	if (!vmbus_server_add_disk(bench->g->server, spec, &error))
		fail_msg("%s", error);
}

static void bench_start(const char *generation, const char *dir,
			const char *options, uint32_t vmbus)
{
	struct lis_msg_offer offer;

	bench = calloc(1, sizeof(*bench));
	bench->g = guest_new(generation, 3);
	make_file(bench->path, dir, DISK_BYTES);
	add_disk(options);
	connect_and_take(bench->g, vmbus, &offer, 1);
	channel_open_at(bench->g, &bench->c, &offer, 16, RING_PAGES);
}

static int start(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", "", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static int start_raw(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", "", LIS_VMBUS_V5_3);
	return 0;
}

static int start_ram(void **state)
{
	(void)state;
	bench_start("ws2022", "/dev/shm", "", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static int start_old(void **state)
{
	(void)state;
	bench_start("ws2008r2", "/tmp", "", LIS_VMBUS_VERSION(1, 1));
	return 0;
}

static int start_read_only(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", ",lun=2,ro", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static int start_4k(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", ",sectors=4096", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	guest_free(bench->g);
	unlink(bench->path);
	free(bench);
	bench = NULL;
	return 0;
}

static void control_verb(const char *text, bool ok)
{
	struct json_object *request = json_tokener_parse(text), *reply, *o;

	assert_non_null(request);
	assert_int_equal(vmbus_server_control(bench->g->server, request,
					      &reply), 0);
	assert_true(json_object_object_get_ex(reply, "ok", &o));
	if (json_object_get_boolean(o) != ok)
		fail_msg("%s: %s", text, json_object_to_json_string(reply));
	json_object_put(request);
	json_object_put(reply);
}

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

static void test_bad_disk_specifications_are_named(void **state)
{
	static const struct {
		const char *spec, *words;
	} wrong[] = {
		{ "/nonexistent/x", "/nonexistent/x: No such file" },
		{ "/tmp", "/tmp: " },
		{ "/etc/passwd,lun=64", "bad option lun=64" },
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
		T(inquiry_names_a_microsoft_disk, start),
		T(vpd_pages_are_complete, start),
		T(capacity_is_that_of_the_file, start),
		T(4k_sectors_are_reported_and_used, start_4k),
		T(written_data_reads_back_in_every_cdb_size, start),
		T(written_data_reads_back_in_every_cdb_size, start_ram),
		T(scattered_unaligned_pages_are_followed, start),
		T(blocks_beyond_the_end_are_refused, start),
		T(unmap_and_write_same_leave_zeroes, start),
		T(unmap_and_write_same_leave_zeroes, start_ram),
		T(read_only_disk_says_so_and_stays_unchanged, start_read_only),
		T(mode_sense_offers_a_write_cache_and_fua, start),
		T(unknown_commands_get_illegal_request, start),
		T(absent_luns_answer_as_hyper_v_does, start),
		T(resize_raises_a_unit_attention_once, start),
		T(hot_add_and_remove_announce_themselves, start),
		T(ordered_failures_come_as_medium_errors, start),
		T(close_does_not_wait_for_delayed_requests, start),
		T(wrong_requests_are_named_and_answered, start),
		T(many_requests_in_one_burst_are_all_answered, start),
		T(many_requests_in_one_burst_are_all_answered, start_ram),
		T(close_and_unload_drain_requests_in_flight, start),
		T(hostile_completions_are_performed, start),
		cmocka_unit_test(test_bad_disk_specifications_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
