// SPDX-License-Identifier: GPL-2.0-only
/* srcs: storvsc/reply.c storvsc/srb.c */
/* What a host may and may not say in a completion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "storvsc/pure.h"

static struct lis_stor_packet a_reply(u8 srb_status, u32 bytes)
{
	struct lis_stor_packet pkt;

	memset(&pkt, 0, sizeof(pkt));
	pkt.operation = LIS_STOR_COMPLETE_IO;
	pkt.srb.length = 52;
	pkt.srb.srb_status = srb_status;
	pkt.srb.transfer_length = bytes;
	return pkt;
}

static void good(void **state)
{
	struct lis_stor_packet pkt = a_reply(LIS_SRB_SUCCESS, 4096);
	struct storvsc_reply r;

	(void)state;
	assert_null(storvsc_check_reply(LIS_STOR_V6_2, &pkt, 64, 4096, &r));
	assert_int_equal(r.srb_code, LIS_SRB_SUCCESS);
	assert_int_equal(r.transferred, 4096);
	assert_null(r.sense);
	assert_int_equal(r.sense_len, 0);
}

static void short_packets(void **state)
{
	struct lis_stor_packet pkt = a_reply(LIS_SRB_SUCCESS, 0);
	struct storvsc_reply r;
	u32 len, status;

	(void)state;
	for (len = 0; len < 64; len++) {
		assert_non_null(storvsc_check_reply(LIS_STOR_V5_1, &pkt, len,
						    0, &r));
		assert_non_null(storvsc_check_control(LIS_STOR_V5_1, &pkt, len,
						      &status));
	}
	for (len = 0; len < 48; len++)
		assert_non_null(storvsc_check_reply(LIS_STOR_V4_2, &pkt, len,
						    0, &r));
	assert_null(storvsc_check_reply(LIS_STOR_V4_2, &pkt, 48, 0, &r));
	assert_null(storvsc_check_control(0, &pkt, 48, &status));
}

static void wrong_operation(void **state)
{
	struct lis_stor_packet pkt = a_reply(LIS_SRB_SUCCESS, 0);
	struct storvsc_reply r;
	u32 status, op;

	(void)state;
	for (op = 0; op < 20; op++) {
		if (op == LIS_STOR_COMPLETE_IO)
			continue;
		pkt.operation = op;
		assert_non_null(storvsc_check_reply(LIS_STOR_V6_2, &pkt, 64, 0,
						    &r));
		assert_non_null(storvsc_check_control(LIS_STOR_V6_2, &pkt, 64,
						      &status));
	}
}

static void too_many_bytes(void **state)
{
	struct lis_stor_packet pkt = a_reply(LIS_SRB_SUCCESS, 4097);
	struct storvsc_reply r;

	(void)state;
	assert_non_null(storvsc_check_reply(LIS_STOR_V6_2, &pkt, 64, 4096, &r));
	pkt.srb.srb_status = LIS_SRB_DATA_OVERRUN | LIS_SRB_F_FROZEN;
	pkt.srb.transfer_length = 0xffffffff;
	assert_non_null(storvsc_check_reply(LIS_STOR_V6_2, &pkt, 64, 4096, &r));
	/* With a failure the number means nothing, and is not believed. */
	pkt.srb.srb_status = LIS_SRB_ERROR;
	assert_null(storvsc_check_reply(LIS_STOR_V6_2, &pkt, 64, 4096, &r));
	assert_int_equal(r.transferred, 0);
}

static void sense_needs_its_bit(void **state)
{
	struct lis_stor_packet pkt = a_reply(LIS_SRB_ERROR, 0);
	struct storvsc_reply r;

	(void)state;
	pkt.srb.scsi_status = 2;
	pkt.srb.sense_length = 18;
	pkt.srb.sense[0] = 0xf0;
	assert_null(storvsc_check_reply(LIS_STOR_V6_2, &pkt, 64, 0, &r));
	assert_null(r.sense);
	pkt.srb.srb_status |= LIS_SRB_F_AUTOSENSE;
	assert_null(storvsc_check_reply(LIS_STOR_V6_2, &pkt, 64, 0, &r));
	assert_ptr_equal(r.sense, pkt.srb.sense);
	assert_int_equal(r.sense_len, 18);
	assert_int_equal(r.srb_code, LIS_SRB_ERROR);
	assert_null(r.odd);
	pkt.srb.sense[0] = 0;
	assert_null(storvsc_check_reply(LIS_STOR_V6_2, &pkt, 64, 0, &r));
	assert_null(r.sense);
	assert_non_null(r.odd);
	pkt.srb.sense_length = 0;
	assert_null(storvsc_check_reply(LIS_STOR_V6_2, &pkt, 64, 0, &r));
	assert_null(r.sense);
	assert_null(r.odd);
}

static void sense_is_clamped(void **state)
{
	struct lis_stor_packet pkt =
		a_reply(LIS_SRB_ERROR | LIS_SRB_F_AUTOSENSE, 0);
	struct storvsc_reply r;

	(void)state;
	pkt.srb.sense[0] = 0x72;
	pkt.srb.sense_length = 255;
	assert_null(storvsc_check_reply(LIS_STOR_V5_1, &pkt, 64, 0, &r));
	assert_int_equal(r.sense_len, 20);
	assert_non_null(r.odd);
	assert_null(storvsc_check_reply(LIS_STOR_V4_2, &pkt, 48, 0, &r));
	assert_int_equal(r.sense_len, 18);
}

static void control_status(void **state)
{
	struct lis_stor_packet pkt = a_reply(0, 0);
	u32 status = 1;

	(void)state;
	assert_null(storvsc_check_control(0, &pkt, 48, &status));
	assert_int_equal(status, 0);
	pkt.status = LIS_NT_REVISION_MISMATCH;
	assert_null(storvsc_check_control(0, &pkt, 64, &status));
	assert_int_equal(status, LIS_NT_REVISION_MISMATCH);
}

static void events(void **state)
{
	struct lis_stor_packet pkt = a_reply(0, 0);

	(void)state;
	pkt.operation = LIS_STOR_ENUMERATE_BUS;
	assert_int_equal(storvsc_event_op(&pkt, 0), -1);
	assert_int_equal(storvsc_event_op(&pkt, 11), -1);
	assert_int_equal(storvsc_event_op(&pkt, 12), LIS_STOR_ENUMERATE_BUS);
	pkt.operation = 0x80000000;
	assert_int_equal(storvsc_event_op(&pkt, 64), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good),
		cmocka_unit_test(short_packets),
		cmocka_unit_test(wrong_operation),
		cmocka_unit_test(too_many_bytes),
		cmocka_unit_test(sense_needs_its_bit),
		cmocka_unit_test(sense_is_clamped),
		cmocka_unit_test(control_status),
		cmocka_unit_test(events),
	};

	return cmocka_run_group_tests_name("storvsc_reply", tests, NULL, NULL);
}
