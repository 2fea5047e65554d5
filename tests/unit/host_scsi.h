/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest with one SCSI controller of hvhost, for the tests of storvsp and of
 * the SCSI target: files as disks, packets, commands and their replies.
 *
 * Locking: one test thread.
 */
#ifndef HOST_SCSI_H
#define HOST_SCSI_H

#include "host_guest_ring.h"

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

static inline uint32_t packet_bytes(uint16_t version)
{
	return version && version <= LIS_STOR_V4_2 ?
	       LIS_STOR_PACKET_BYTES_OLD : LIS_STOR_PACKET_BYTES;
}

static inline void take_reply_on(struct guest_channel *c, uint32_t bytes)
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
static inline uint32_t control(struct lis_stor_packet *pkt)
{
	uint32_t bytes = packet_bytes(bench->version);

	pkt->flags = LIS_STOR_FLAG_WANT_COMPLETION;
	send_inband(bench->g, &bench->c, ++bench->id, pkt, bytes);
	take_reply_on(&bench->c, bytes);
	return bench->reply.status;
}

static inline uint32_t operation(uint32_t op)
{
	struct lis_stor_packet pkt = { .operation = op };

	return control(&pkt);
}

static inline uint32_t query_version(uint16_t version)
{
	struct lis_stor_packet pkt = {
		.operation = LIS_STOR_QUERY_VERSION,
		.version.version = version };

	return control(&pkt);
}

static inline void initialize(uint16_t version)
{
	assert_int_equal(operation(LIS_STOR_BEGIN_INIT), LIS_NT_SUCCESS);
	assert_int_equal(query_version(version), LIS_NT_SUCCESS);
	bench->version = version;
	assert_int_equal(operation(LIS_STOR_QUERY_PROPERTIES), LIS_NT_SUCCESS);
	assert_int_equal(operation(LIS_STOR_END_INIT), LIS_NT_SUCCESS);
}

static inline void fill_srb(struct lis_stor_packet *pkt, uint8_t lun,
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

static inline void send_srb_on(struct guest_channel *c, uint8_t lun,
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

static inline void command(uint8_t lun, const uint8_t *cdb, uint8_t cdb_length,
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

static inline void assert_good(uint32_t bytes)
{
	assert_int_equal(bench->reply.status, LIS_NT_SUCCESS);
	assert_int_equal(bench->reply.srb.srb_status, LIS_SRB_SUCCESS);
	assert_int_equal(bench->reply.srb.scsi_status, 0);
	assert_int_equal(bench->reply.srb.transfer_length, bytes);
}

static inline void assert_sense(uint8_t key, uint8_t asc, uint8_t ascq)
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

static inline uint8_t *data(void)
{
	return bench->g->ram + DATA_GPA;
}

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* --- set up ---------------------------------------------------------------- */

static inline void make_file(char *path, const char *dir, off_t bytes)
{
	int fd;

	sprintf(path, "%s/host_scsi.XXXXXX", dir);
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, bytes), 0);
	close(fd);
}

static inline void add_disk(const char *options)
{
	char spec[160], *error;

	snprintf(spec, sizeof(spec), "%s%s", bench->path, options);
	if (!vmbus_server_add_disk(bench->g->server, spec, &error))
		fail_msg("%s", error);
}

static inline void bench_start(const char *generation, const char *dir,
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

static inline int start(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", "", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static inline int start_raw(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", "", LIS_VMBUS_V5_3);
	return 0;
}

static inline int start_ram(void **state)
{
	(void)state;
	bench_start("ws2022", "/dev/shm", "", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static inline int start_old(void **state)
{
	(void)state;
	bench_start("ws2008r2", "/tmp", "", LIS_VMBUS_VERSION(1, 1));
	return 0;
}

static inline int start_read_only(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", ",lun=2,ro", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static inline int start_4k(void **state)
{
	(void)state;
	bench_start("ws2022", "/tmp", ",sectors=4096", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	return 0;
}

static inline int stop(void **state)
{
	(void)state;
	guest_free(bench->g);
	unlink(bench->path);
	free(bench);
	bench = NULL;
	return 0;
}

static inline void control_verb(const char *text, bool ok)
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

#endif
