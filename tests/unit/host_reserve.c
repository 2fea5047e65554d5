// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's persistent reservations: two paths to one shared disk, and what
 * each may do.
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

#define A	0			/* LUNs 0 and 1 are one disk, */
#define B	1
#define ALONE	2			/* this one has the same file only */

static void ready(uint8_t lun)
{
	static const uint8_t cdb[6];

	command(lun, cdb, 6, NONE, 0);
}

static int start_shared(void **state)
{
	struct packet announcement;

	(void)state;
	bench_start("ws2022", "/tmp", ",shared", LIS_VMBUS_V5_3);
	initialize(LIS_STOR_V6_2);
	add_disk(",shared,lun=1");
	assert_true(ring_wait(bench->g, &bench->c, &announcement, PATIENCE));
	add_disk(",lun=2");
	assert_true(ring_wait(bench->g, &bench->c, &announcement, PATIENCE));
	for (unsigned int lun = 0; lun < 3; lun++)
		ready(lun);
	return 0;
}

enum { REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, ABORT, IGNORE };
enum { WE = 1, EA = 3, WE_RO = 5, EA_RO = 6, WE_AR = 7, EA_AR = 8 };

static void put64(uint8_t *to, uint64_t v)
{
	for (unsigned int i = 0; i < 8; i++)
		to[i] = v >> (56 - 8 * i);
}

static void out(uint8_t lun, uint8_t action, uint8_t type, uint64_t key,
		uint64_t other)
{
	uint8_t cdb[10] = { 0x5f, action, type, 0, 0, 0, 0, 0, 24, 0 };

	memset(data(), 0, 24);
	put64(data(), key);
	put64(data() + 8, other);
	command(lun, cdb, 10, OUT, 24);
}

#define GOOD(...) do { out(__VA_ARGS__); assert_good(24); } while (0)
#define CONFLICT(...) do { out(__VA_ARGS__); assert_conflict(); } while (0)

static void assert_conflict(void)
{
	assert_int_equal(bench->reply.srb.srb_status, LIS_SRB_ERROR);
	assert_int_equal(bench->reply.srb.scsi_status, 0x18);
	assert_int_equal(bench->reply.srb.transfer_length, 0);
}

static bool conflicts(uint8_t lun, uint8_t opcode, uint8_t direction)
{
	uint8_t cdb[10] = { opcode, 0, 0, 0, 0, 0, 0, 0, 1, 0 };

	command(lun, cdb, 10, direction, 512);
	if (bench->reply.srb.scsi_status == 0x18)
		return true;
	assert_good(512);
	return false;
}

#define reads(lun)	(!conflicts(lun, 0x28, IN))
#define writes(lun)	(!conflicts(lun, 0x2a, OUT))

static void attention(uint8_t lun, uint8_t ascq)
{
	ready(lun);
	assert_sense(6, 0x2a, ascq);
	ready(lun);
	assert_good(0);
}

/* READ KEYS: how many, and the generation */
static unsigned int keys(uint8_t lun, uint32_t generation)
{
	static const uint8_t cdb[10] = { 0x5e, 0, 0, 0, 0, 0, 0, 1, 0, 0 };

	command(lun, cdb, 10, IN, 256);
	assert_int_equal(be32(data()), generation);
	assert_good(8 + be32(data() + 4));
	return be32(data() + 4) / 8;
}

/* READ RESERVATION: the type, 0 without one; the key stays in data() + 12 */
static unsigned int reserved(uint8_t lun)
{
	static const uint8_t cdb[10] = { 0x5e, 1, 0, 0, 0, 0, 0, 0, 64, 0 };

	command(lun, cdb, 10, IN, 64);
	if (!be32(data() + 4))
		return 0;
	assert_good(24);
	return data()[21];
}

/* -------------------------------------------------------------------------- */

static void test_shared_paths_have_one_identity(void **state)
{
	uint8_t first[64];

	(void)state;
	COMMAND(A, IN, 64, 0x12, 1, 0x83, 0, 64, 0);
	memcpy(first, data(), 52);
	COMMAND(B, IN, 64, 0x12, 1, 0x83, 0, 64, 0);
	assert_memory_equal(first, data(), 52);
	COMMAND(ALONE, IN, 64, 0x12, 1, 0x83, 0, 64, 0);
	assert_memory_not_equal(first, data(), 52);
	assert_clean(bench->g);
}

static void test_registration_needs_the_key_it_has(void **state)
{
	(void)state;
	CONFLICT(A, REGISTER, 0, 7, 11);	/* has none yet */
	GOOD(A, REGISTER, 0, 0, 11);
	CONFLICT(A, REGISTER, 0, 0, 12);
	GOOD(A, REGISTER, 0, 11, 12);
	GOOD(B, IGNORE, 0, 99, 21);
	assert_int_equal(keys(B, 3), 2);
	assert_int_equal(be32(data() + 12), 12);
	assert_int_equal(be32(data() + 20), 21);
	assert_int_equal(keys(ALONE, 0), 0);
	GOOD(B, REGISTER, 0, 21, 0);
	assert_int_equal(keys(A, 4), 1);
	CONFLICT(B, RESERVE, WE, 0, 0);
	assert_clean(bench->g);
}

static void test_types_decide_who_may_do_what(void **state)
{
	static const struct {
		uint8_t type;
		bool b_reads, b_writes, c_reads, c_writes;
	} rules[] = {			/* B registered, then no longer */
		{ WE, true, false, true, false },
		{ EA, false, false, false, false },
		{ WE_RO, true, true, true, false },
		{ EA_RO, true, true, false, false },
		{ WE_AR, true, true, true, false },
		{ EA_AR, true, true, false, false },
	};

	(void)state;
	GOOD(A, REGISTER, 0, 0, 1);
	for (unsigned int i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		GOOD(B, IGNORE, 0, 0, 2);
		GOOD(A, RESERVE, rules[i].type, 1, 0);
		assert_int_equal(reserved(B), rules[i].type);
		assert_int_equal(be32(data() + 12),
				 rules[i].type >= WE_AR ? 0 : 1);
		assert_true(reads(A) && writes(A));
		assert_int_equal(reads(B), rules[i].b_reads);
		assert_int_equal(writes(B), rules[i].b_writes);
		GOOD(B, REGISTER, 0, 2, 0);
		assert_int_equal(reads(B), rules[i].c_reads);
		assert_int_equal(writes(B), rules[i].c_writes);
		assert_true(reads(ALONE) && writes(ALONE));
		GOOD(A, RELEASE, rules[i].type, 1, 0);
		assert_true(reads(B) && writes(B));
	}
	assert_clean(bench->g);
}

static void test_only_the_holder_releases(void **state)
{
	(void)state;
	GOOD(A, REGISTER, 0, 0, 1);
	GOOD(B, REGISTER, 0, 0, 2);
	GOOD(A, RESERVE, WE_RO, 1, 0);
	GOOD(A, RESERVE, WE_RO, 1, 0);
	CONFLICT(A, RESERVE, EA, 1, 0);
	CONFLICT(B, RESERVE, WE_RO, 2, 0);
	GOOD(B, RELEASE, WE_RO, 2, 0);		/* good, and does nothing */
	assert_int_equal(reserved(A), WE_RO);
	out(A, RELEASE, EA, 1, 0);
	assert_sense(5, 0x26, 0x04);
	GOOD(A, RELEASE, WE_RO, 1, 0);
	assert_int_equal(reserved(A), 0);
	attention(B, 0x04);
	/* The holder's registration ends, and so does the reservation. */
	GOOD(A, RESERVE, EA, 1, 0);
	GOOD(A, REGISTER, 0, 1, 0);
	assert_int_equal(reserved(B), 0);
	/* ... not that of all registrants, until the last one goes */
	GOOD(A, REGISTER, 0, 0, 1);
	GOOD(A, RESERVE, EA_AR, 1, 0);
	GOOD(A, REGISTER, 0, 1, 0);
	assert_int_equal(reserved(B), EA_AR);
	GOOD(B, REGISTER, 0, 2, 0);
	assert_int_equal(reserved(B), 0);
	assert_clean(bench->g);
}

static void test_preempt_takes_over(void **state)
{
	(void)state;
	GOOD(A, REGISTER, 0, 0, 1);
	GOOD(B, REGISTER, 0, 0, 2);
	GOOD(A, RESERVE, WE, 1, 0);
	CONFLICT(B, PREEMPT, EA, 2, 5);
	CONFLICT(B, PREEMPT, EA, 9, 1);
	out(B, PREEMPT, EA, 2, 0);
	assert_sense(5, 0x26, 0);
	GOOD(B, PREEMPT, EA, 2, 1);
	attention(A, 0x05);
	assert_int_equal(keys(B, 3), 1);
	assert_int_equal(reserved(B), EA);
	assert_int_equal(be32(data() + 12), 2);
	assert_false(reads(A) || writes(A));
	assert_true(writes(B));
	/* Of all registrants: key 0 means everybody else */
	GOOD(B, RELEASE, EA, 2, 0);
	GOOD(A, REGISTER, 0, 0, 1);
	GOOD(A, RESERVE, WE_AR, 1, 0);
	GOOD(B, ABORT, WE, 2, 0);
	attention(A, 0x05);
	assert_int_equal(reserved(B), WE);
	assert_false(writes(A));
	GOOD(A, REGISTER, 0, 0, 1);
	GOOD(A, CLEAR, 0, 1, 0);
	attention(B, 0x03);
	assert_int_equal(keys(A, 7), 0);
	assert_int_equal(reserved(A), 0);
	assert_clean(bench->g);
}

static void test_unplugging_ends_a_registration(void **state)
{
	struct packet announcement;

	(void)state;
	GOOD(B, REGISTER, 0, 0, 2);
	GOOD(B, RESERVE, EA, 2, 0);
	assert_false(reads(A));
	control_verb("{\"verb\":\"disk\",\"args\":[\"remove\",\"0:1\"]}", true);
	assert_true(ring_wait(bench->g, &bench->c, &announcement, PATIENCE));
	ready(A);
	assert_true(reads(A));
	assert_int_equal(keys(A, 1), 0);
	assert_clean(bench->g);
}

static void test_wrong_reservations_are_refused(void **state)
{
	(void)state;
	out(A, 7, 0, 0, 1);
	assert_sense(5, 0x24, 0);
	out(A, RESERVE, 2, 0, 1);
	assert_sense(5, 0x24, 0);
	out(A, RESERVE, 0x11, 0, 1);
	assert_sense(5, 0x24, 0);
	COMMAND(A, OUT, 24, 0x5f, 0, 0, 0, 0, 0, 0, 0, 23, 0);
	assert_sense(5, 0x1a, 0);
	COMMAND(A, OUT, 24, 0x5f, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0);
	assert_sense(5, 0x1a, 0);
	memset(data(), 0, 24);
	data()[20] = 1;				/* through power loss */
	COMMAND(A, OUT, 24, 0x5f, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	assert_sense(5, 0x26, 0);
	COMMAND(A, IN, 64, 0x5e, 9, 0, 0, 0, 0, 0, 0, 64, 0);
	assert_sense(5, 0x24, 0);
	COMMAND(A, IN, 64, 0x5e, 2, 0, 0, 0, 0, 0, 0, 64, 0);
	assert_good(8);
	assert_clean(bench->g);
	COMMAND(A, OUT, 16, 0x5f, 0, 0, 0, 0, 0, 0, 0, 24, 0);
	assert_int_equal(bench->reply.srb.srb_status, LIS_SRB_INVALID_REQUEST);
	assert_violation(bench->g, "moves more than the data buffer holds");
}

#define T(name, setup) cmocka_unit_test_setup_teardown(test_##name, setup, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(shared_paths_have_one_identity, start_shared),
		T(registration_needs_the_key_it_has, start_shared),
		T(types_decide_who_may_do_what, start_shared),
		T(only_the_holder_releases, start_shared),
		T(preempt_takes_over, start_shared),
		T(unplugging_ends_a_registration, start_shared),
		T(wrong_reservations_are_refused, start_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
