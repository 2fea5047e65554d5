// SPDX-License-Identifier: GPL-2.0-only
/* srcs: storvsc/error.c */
/*
 * What an answer means.  The first test is the one that matters most: nothing
 * but a complete success is ever a success.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "storvsc/pure.h"

#define GOOD	0x00
#define CHECK	0x02

static struct storvsc_reply reply(u8 code, u8 status, const u8 *sense, u32 len)
{
	struct storvsc_reply r = {
		.srb_code = code,
		.scsi_status = status,
		.transferred = 4096,
		.sense = sense,
		.sense_len = len,
	};

	return r;
}

static bool is_success(struct storvsc_verdict v)
{
	return v.outcome == STORVSC_OK && v.scsi_status == GOOD;
}

static void only_success_succeeds(void **state)
{
	static const u8 sense[18] = { 0x70, 0, 0x05 };
	u32 code, status;

	(void)state;
	for (code = 0; code < 64; code++) {
		for (status = 0; status < 256; status++) {
			struct storvsc_reply r = reply(code, status, NULL, 0);
			bool done = code == LIS_SRB_SUCCESS ||
				    code == LIS_SRB_DATA_OVERRUN;

			assert_int_equal(is_success(storvsc_judge(&r, 4096)),
					 done && status == GOOD);
			r = reply(code, status, sense, sizeof(sense));
			assert_int_equal(is_success(storvsc_judge(&r, 4096)),
					 done && status == GOOD);
		}
	}
}

static void short_transfer_fails_io(void **state)
{
	struct storvsc_reply r = reply(LIS_SRB_SUCCESS, GOOD, NULL, 0);

	(void)state;
	assert_true(is_success(storvsc_judge(&r, 4096)));
	assert_int_equal(storvsc_judge(&r, 4097).outcome, STORVSC_RETRY);
	r.srb_code = LIS_SRB_DATA_OVERRUN;
	assert_int_equal(storvsc_judge(&r, 4097).outcome, STORVSC_RETRY);
	/* INQUIRY and the like: no least length */
	r.transferred = 36;
	assert_true(is_success(storvsc_judge(&r, 0)));
}

static void sense_goes_to_midlayer(void **state)
{
	static const u8 sense[18] = { 0x70, 0, 0x03, [12] = 0x11 };
	static const u8 codes[] = { LIS_SRB_SUCCESS, LIS_SRB_ERROR,
				    LIS_SRB_ABORTED, LIS_SRB_DATA_OVERRUN };
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(codes); i++) {
		struct storvsc_reply r = reply(codes[i], CHECK, sense, 18);
		struct storvsc_verdict v = storvsc_judge(&r, 4096);

		assert_int_equal(v.outcome, STORVSC_OK);
		assert_int_equal(v.scsi_status, CHECK);
		assert_true(v.use_sense);
		assert_int_equal(v.actions, 0);
	}
}

static void check_without_sense_is_host_trouble(void **state)
{
	struct storvsc_reply r = reply(LIS_SRB_ERROR, CHECK, NULL, 0);

	(void)state;
	assert_int_equal(storvsc_judge(&r, 0).outcome, STORVSC_RETRY);
	r.srb_code = LIS_SRB_SUCCESS;
	assert_int_equal(storvsc_judge(&r, 0).outcome, STORVSC_RETRY);
}

static void absent_lun_is_gone(void **state)
{
	static const u8 sense[18] = { 0x70, 0, 0x05 };
	static const u8 codes[] = { LIS_SRB_INVALID_LUN, LIS_SRB_NO_DEVICE,
				    LIS_SRB_INVALID_TARGET,
				    LIS_SRB_INVALID_PATH };
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(codes); i++) {
		struct storvsc_reply r = reply(codes[i], CHECK, sense, 18);
		struct storvsc_verdict v = storvsc_judge(&r, 0);

		assert_int_equal(v.outcome, STORVSC_GONE);
		assert_true(v.actions & STORVSC_SEE_BUS);
		assert_false(v.use_sense);
	}
}

static u32 actions_of(u8 key, u8 asc, u8 ascq, bool descriptor)
{
	u8 fixed[18] = { 0x70, 0, key, [12] = asc, [13] = ascq };
	u8 desc[8] = { 0x72, key, asc, ascq };
	struct storvsc_reply r = descriptor ?
		reply(LIS_SRB_ABORTED, CHECK, desc, sizeof(desc)) :
		reply(LIS_SRB_ABORTED, CHECK, fixed, sizeof(fixed));

	return storvsc_judge(&r, 0).actions;
}

static void attentions_are_looked_at(void **state)
{
	int d;

	(void)state;
	for (d = 0; d < 2; d++) {
		assert_int_equal(actions_of(6, 0x2a, 0x09, d),
				 STORVSC_SEE_DEVICE);
		assert_int_equal(actions_of(6, 0x2a, 0x01, d),
				 STORVSC_SEE_DEVICE);
		assert_int_equal(actions_of(6, 0x3f, 0x0e, d),
				 STORVSC_SEE_BUS);
		assert_int_equal(actions_of(6, 0x29, 0x00, d), 0);
		/* the same words without UNIT ATTENTION */
		assert_int_equal(actions_of(5, 0x2a, 0x09, d), 0);
	}
}

static void short_sense_is_not_read(void **state)
{
	/* Heap-sized exactly, so that ASan sees a read beyond the end. */
	u32 len;

	(void)state;
	for (len = 1; len < 14; len++) {
		u8 *sense = test_calloc(1, len);
		struct storvsc_reply r = reply(LIS_SRB_ERROR, CHECK, sense,
					       len);

		sense[0] = 0x70;
		assert_int_equal(storvsc_judge(&r, 0).actions, 0);
		sense[0] = 0x72;
		assert_int_equal(storvsc_judge(&r, 0).outcome, STORVSC_OK);
		test_free(sense);
	}
}

static void busy_and_queue_full_wait(void **state)
{
	struct storvsc_reply r = reply(LIS_SRB_BUSY, GOOD, NULL, 0);

	(void)state;
	assert_int_equal(storvsc_judge(&r, 0).outcome, STORVSC_BUSY);
	r = reply(LIS_SRB_ERROR, 0x28, NULL, 0);
	assert_int_equal(storvsc_judge(&r, 0).outcome, STORVSC_OK);
	assert_int_equal(storvsc_judge(&r, 0).scsi_status, 0x28);
}

static void refusals_are_not_repeated(void **state)
{
	struct storvsc_reply r = reply(LIS_SRB_BAD_FUNCTION, GOOD, NULL, 0);

	(void)state;
	assert_int_equal(storvsc_judge(&r, 0).outcome, STORVSC_REJECTED);
	r.srb_code = LIS_SRB_INVALID_REQUEST;
	assert_int_equal(storvsc_judge(&r, 0).outcome, STORVSC_REJECTED);
}

/* Every row of the table of SRB codes, written down a second time; without sense
 * data and with GOOD.
 */
static const struct {
	u8 code;
	const char *name;
	enum storvsc_outcome outcome;
	u32 actions;
} srb_rows[] = {
	{ 0x01, "success", STORVSC_OK, 0 },
	{ 0x02, "aborted", STORVSC_RETRY, STORVSC_LOG },
	{ 0x03, "abort failed", STORVSC_RETRY, STORVSC_LOG },
	{ 0x04, "error", STORVSC_RETRY, STORVSC_LOG },
	{ 0x05, "busy", STORVSC_BUSY, 0 },
	{ 0x06, "invalid request", STORVSC_REJECTED, STORVSC_LOG },
	{ 0x07, "invalid path", STORVSC_GONE, STORVSC_LOG | STORVSC_SEE_BUS },
	{ 0x08, "no device", STORVSC_GONE, STORVSC_LOG | STORVSC_SEE_BUS },
	{ 0x09, "timeout", STORVSC_RETRY, STORVSC_LOG },
	{ 0x0a, "selection timeout", STORVSC_GONE,
	  STORVSC_LOG | STORVSC_SEE_BUS },
	{ 0x0b, "command timeout", STORVSC_RETRY, STORVSC_LOG },
	{ 0x0d, "message reject", STORVSC_REJECTED, STORVSC_LOG },
	{ 0x0e, "bus reset", STORVSC_RESET, STORVSC_LOG },
	{ 0x0f, "parity", STORVSC_RETRY, STORVSC_LOG },
	{ 0x10, "sense failed", STORVSC_RETRY, STORVSC_LOG },
	{ 0x11, "no adapter", STORVSC_GONE, STORVSC_LOG | STORVSC_SEE_BUS },
	{ 0x12, "data overrun", STORVSC_OK, 0 },
	{ 0x13, "bus free", STORVSC_RETRY, STORVSC_LOG },
	{ 0x14, "phase", STORVSC_RETRY, STORVSC_LOG },
	{ 0x15, "bad length", STORVSC_REJECTED, STORVSC_LOG },
	{ 0x16, "flushed", STORVSC_RETRY, STORVSC_LOG },
	{ 0x20, "invalid LUN", STORVSC_GONE, STORVSC_LOG | STORVSC_SEE_BUS },
	{ 0x21, "invalid target", STORVSC_GONE,
	  STORVSC_LOG | STORVSC_SEE_BUS },
	{ 0x22, "bad function", STORVSC_REJECTED, STORVSC_LOG },
	{ 0x23, "error recovery", STORVSC_RETRY, STORVSC_LOG },
	{ 0x24, "not powered", STORVSC_RETRY, STORVSC_LOG },
	{ 0x25, "link down", STORVSC_LINK, STORVSC_LOG },
	{ 0x30, "internal error", STORVSC_RETRY, STORVSC_LOG },
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static void each_srb_code_is_as_its_row(void **state)
{
	u32 code, row = 0;

	(void)state;
	for (code = 0; code < 64; code++) {
		struct storvsc_reply r = reply(code, GOOD, NULL, 0);
		struct storvsc_verdict v = storvsc_judge(&r, 4096);
		bool listed = row < ROWS(srb_rows) &&
			      srb_rows[row].code == code;

		assert_string_equal(storvsc_srb_name(code), listed ?
				    srb_rows[row].name : "unknown");
		assert_int_equal(v.outcome, listed ? srb_rows[row].outcome :
				 STORVSC_RETRY);
		assert_int_equal(v.actions, listed ? srb_rows[row].actions :
				 STORVSC_LOG);
		assert_false(v.use_sense);
		row += listed;
	}
	assert_int_equal(row, ROWS(srb_rows));
}

/* With a device that is there: what SCSI statuses make of an answer, with and
 * without sense data.
 */
static void each_scsi_status_is_as_its_row(void **state)
{
	static const u8 speaking[] = { 0x04, 0x08, 0x18, 0x28, 0x30, 0x40 };
	static const u8 sense[18] = { 0x70, 0, 0x0b };
	static const u8 codes[] = { LIS_SRB_SUCCESS, LIS_SRB_ERROR };
	u32 status, c, i;

	(void)state;
	for (status = 1; status < 256; status++) {
		for (c = 0; c < 2 * sizeof(codes); c++) {
			const u8 *with = c & 1 ? sense : NULL;
			struct storvsc_reply r = reply(codes[c / 2], status,
						       with, with ? 18 : 0);
			struct storvsc_verdict v = storvsc_judge(&r, 4096);

			for (i = 0; i < sizeof(speaking); i++)
				if (speaking[i] == status)
					break;
			if (i < sizeof(speaking) || (status == CHECK && with)) {
				assert_int_equal(v.outcome, STORVSC_OK);
				assert_int_equal(v.scsi_status, status);
				assert_int_equal(v.use_sense, status == CHECK);
				assert_int_equal(v.actions, 0);
			} else {
				assert_int_equal(v.outcome, STORVSC_RETRY);
				assert_int_equal(v.actions, STORVSC_LOG);
				assert_false(v.use_sense);
			}
		}
	}
}

/* All other codes ask for nothing. */
static void each_attention_is_as_its_row(void **state)
{
	static const u8 device[][2] = { { 0x28, 0x00 }, { 0x2a, 0x01 },
					{ 0x2a, 0x09 }, { 0x3f, 0x03 } };
	u32 asc, ascq, i;

	(void)state;
	for (asc = 0; asc < 256; asc++) {
		for (ascq = 0; ascq < 256; ascq++) {
			u32 want = asc == 0x3f && ascq == 0x0e ?
				   STORVSC_SEE_BUS : 0;

			for (i = 0; i < ROWS(device); i++)
				if (device[i][0] == asc && device[i][1] == ascq)
					want = STORVSC_SEE_DEVICE;
			assert_int_equal(actions_of(6, asc, ascq, false), want);
		}
	}
}

static void waiting_has_an_end(void **state)
{
	u32 waited;

	(void)state;
	/* a disk's time limit of 180 s: once more, then a reset at 360 s */
	assert_true(storvsc_wait_on(180, 360));
	assert_false(storvsc_wait_on(360, 360));
	assert_false(storvsc_wait_on(359, 360));	/* rounded down */
	assert_false(storvsc_wait_on(30, 0));
	assert_false(storvsc_wait_on(600, 360));
	/* whatever an administrator writes there */
	for (waited = 30; storvsc_wait_on(waited, ~0u); waited += 30)
		assert_true(waited < STORVSC_WAIT_MAX);
	assert_int_equal(waited, STORVSC_WAIT_MAX);
	assert_false(storvsc_wait_on(~0u, ~0u));
}

static void every_code_has_a_name(void **state)
{
	(void)state;
	assert_string_equal(storvsc_srb_name(LIS_SRB_SUCCESS), "success");
	assert_string_equal(storvsc_srb_name(LIS_SRB_LINK_DOWN), "link down");
	assert_string_equal(storvsc_srb_name(0), "unknown");
	assert_string_equal(storvsc_srb_name(0x0c), "unknown");
	assert_string_equal(storvsc_srb_name(0xff), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_success_succeeds),
		cmocka_unit_test(short_transfer_fails_io),
		cmocka_unit_test(sense_goes_to_midlayer),
		cmocka_unit_test(check_without_sense_is_host_trouble),
		cmocka_unit_test(absent_lun_is_gone),
		cmocka_unit_test(attentions_are_looked_at),
		cmocka_unit_test(short_sense_is_not_read),
		cmocka_unit_test(busy_and_queue_full_wait),
		cmocka_unit_test(refusals_are_not_repeated),
		cmocka_unit_test(each_srb_code_is_as_its_row),
		cmocka_unit_test(each_scsi_status_is_as_its_row),
		cmocka_unit_test(each_attention_is_as_its_row),
		cmocka_unit_test(waiting_has_an_end),
		cmocka_unit_test(every_code_has_a_name),
	};

	return cmocka_run_group_tests_name("storvsc_error", tests, NULL, NULL);
}
