// SPDX-License-Identifier: GPL-2.0-only
/* srcs: storvsc/srb.c */
/*
 * Request blocks byte by byte, as protocol.md 4.1 and 4.5 draw them, and the
 * small policies that live in pure.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "storvsc/pure.h"

static const u8 read10[10] = { 0x28, 0, 0, 0, 0x12, 0x34, 0, 0, 8, 0 };

static struct storvsc_request a_read(void)
{
	struct storvsc_request rq = {
		.cdb = read10,
		.cdb_length = sizeof(read10),
		.path = 1,
		.target = 2,
		.lun = 63,
		.direction = LIS_STOR_DIR_IN,
		.bytes = 4096,
		.timeout = 180,
	};

	return rq;
}

static void new_form(void **state)
{
	static const u8 wire[64] = {
		3, 0, 0, 0,  1, 0, 0, 0,  0, 0, 0, 0,
		52, 0,  0, 0,  0, 1, 2, 63,  10, 20, 1, 0,  0, 16, 0, 0,
		0x28, 0, 0, 0, 0x12, 0x34, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0, 0,
		0, 0, 0, 0x20,  0x4a, 0, 0, 0,  180, 0, 0, 0,  0, 0, 0, 0,
	};
	struct storvsc_request rq = a_read();
	struct lis_stor_packet pkt;

	(void)state;
	memset(&pkt, 0xff, sizeof(pkt));
	assert_int_equal(storvsc_build_srb(LIS_STOR_V6_2, &rq, &pkt), 64);
	assert_memory_equal(&pkt, wire, sizeof(wire));
}

static void old_form(void **state)
{
	struct storvsc_request rq = a_read();
	struct lis_stor_packet pkt;
	u32 i;

	(void)state;
	memset(&pkt, 0xff, sizeof(pkt));
	assert_int_equal(storvsc_build_srb(LIS_STOR_V4_2, &rq, &pkt), 48);
	assert_int_equal(pkt.srb.length, 36);
	assert_int_equal(pkt.srb.sense_length, 18);
	/* Nothing beyond what old hosts know, and nothing left from before. */
	for (i = 48; i < sizeof(pkt); i++)
		assert_int_equal(((u8 *)&pkt)[i], 0);
}

static void directions(void **state)
{
	struct storvsc_request rq = a_read();
	struct lis_stor_packet pkt;

	(void)state;
	rq.direction = LIS_STOR_DIR_OUT;
	assert_int_equal(storvsc_build_srb(LIS_STOR_V5_1, &rq, &pkt), 64);
	assert_int_equal(pkt.srb.direction, 0);
	assert_int_equal(pkt.srb.srb_flags & 0xc0, LIS_SRB_FLAG_DATA_OUT);
	rq.direction = LIS_STOR_DIR_NONE;
	rq.bytes = 0;
	assert_int_equal(storvsc_build_srb(LIS_STOR_V5_1, &rq, &pkt), 64);
	assert_int_equal(pkt.srb.direction, 2);
	assert_int_equal(pkt.srb.srb_flags & 0xc0, 0);
}

static void bad_requests(void **state)
{
	struct lis_stor_packet pkt;
	struct storvsc_request rq;

	(void)state;
	rq = a_read();
	rq.cdb_length = 17;
	assert_int_equal(storvsc_build_srb(LIS_STOR_V6_2, &rq, &pkt), 0);
	rq = a_read();
	rq.cdb_length = 0;
	assert_int_equal(storvsc_build_srb(LIS_STOR_V6_2, &rq, &pkt), 0);
	rq = a_read();
	rq.bytes = 0;
	assert_int_equal(storvsc_build_srb(LIS_STOR_V6_2, &rq, &pkt), 0);
	rq = a_read();
	rq.direction = LIS_STOR_DIR_NONE;
	assert_int_equal(storvsc_build_srb(LIS_STOR_V6_2, &rq, &pkt), 0);
	rq = a_read();
	rq.direction = 3;
	assert_int_equal(storvsc_build_srb(LIS_STOR_V6_2, &rq, &pkt), 0);
}

static void sixteen_byte_cdb(void **state)
{
	u8 cdb[16] = { 0x88, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct storvsc_request rq = a_read();
	struct lis_stor_packet pkt;

	(void)state;
	rq.cdb = cdb;
	rq.cdb_length = 16;
	assert_int_equal(storvsc_build_srb(LIS_STOR_V6_2, &rq, &pkt), 64);
	assert_memory_equal(pkt.srb.cdb, cdb, 16);
}

static void cpus_share_channels(void **state)
{
	static const u32 two[] = { 0, 4 }, turned[] = { 6, 2 }, one[] = { 3 };
	u32 cpu;

	(void)state;
	for (cpu = 0; cpu < 8; cpu++) {
		assert_int_equal(storvsc_channel_of_cpu(cpu, two, 2), cpu / 4);
		assert_int_equal(storvsc_channel_of_cpu(cpu, one, 1), 0);
		/* 2..5 to the channel on 2; 6, 7, 0, 1 to the one on 6 */
		assert_int_equal(storvsc_channel_of_cpu(cpu, turned, 2),
				 cpu >= 2 && cpu < 6);
	}
}

static void own_cpu_has_own_channel(void **state)
{
	static const u32 at[] = { 5, 1, 7, 3 };
	u32 q;

	(void)state;
	for (q = 0; q < 4; q++)
		assert_int_equal(storvsc_channel_of_cpu(at[q], at, 4), q);
}

static void who_may_wait(void **state)
{
	u32 busy;

	(void)state;
	/* A request alone in its LUN, or with few others, is never held back. */
	for (busy = 0; busy < STORVSC_DEFER_SHARE; busy++)
		assert_false(storvsc_may_defer(1, busy));
	assert_true(storvsc_may_defer(1, STORVSC_DEFER_SHARE));
	assert_false(storvsc_may_defer(2, 2 * STORVSC_DEFER_SHARE - 1));
	/* When all that is in flight is quiet, it must be announced. */
	for (busy = 1; busy < 3000; busy++)
		assert_false(storvsc_may_defer(busy, busy));
	assert_false(storvsc_may_defer(STORVSC_DEFER_MAX + 1, 1u << 20));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_form),
		cmocka_unit_test(old_form),
		cmocka_unit_test(directions),
		cmocka_unit_test(bad_requests),
		cmocka_unit_test(sixteen_byte_cdb),
		cmocka_unit_test(cpus_share_channels),
		cmocka_unit_test(own_cpu_has_own_channel),
		cmocka_unit_test(who_may_wait),
	};

	return cmocka_run_group_tests_name("storvsc_srb", tests, NULL, NULL);
}
