// SPDX-License-Identifier: GPL-2.0-only
/* srcs: utils/frame.c utils/simple.c */
/* The frame of integration services' messages, versions, heartbeat, shutdown. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "utils/pure.h"

static const struct utils_versions ours = {
	.count = 3, .version = { { 3, 2 }, { 3, 0 }, { 1, 0 } },
};

/* A message with a body of @bytes; its length in all */
static u32 message(struct utils_frame *f, u16 type, u16 bytes)
{
	memset(f, 0, sizeof(*f));
	f->pipe.type = LIS_IC_PIPE_DATA;
	f->pipe.bytes = sizeof(f->head) + bytes;
	f->head.type = type;
	f->head.bytes = bytes;
	f->head.transaction = 77;
	f->head.flags = LIS_IC_FLAG_TRANSACTION | LIS_IC_FLAG_REQUEST;
	return sizeof(f->pipe) + f->pipe.bytes;
}

static void good_frames(void **state)
{
	static struct utils_frame f;
	u32 len = message(&f, LIS_IC_HEARTBEAT, 0);

	(void)state;
	assert_int_equal(len, 28);
	assert_null(utils_check_frame(&f, len));
	assert_null(utils_check_frame(&f, len + 7));	/* padding */
	len = message(&f, LIS_IC_KVP, sizeof(f.body));
	assert_int_equal(len, 8 + LIS_IC_MESSAGE_MAX);
	assert_null(utils_check_frame(&f, len));
	f.head.bytes = 5;	/* more came than the body takes */
	assert_null(utils_check_frame(&f, len));
}

static void bad_frames(void **state)
{
	static struct utils_frame f;
	u32 len = message(&f, LIS_IC_HEARTBEAT, 40), i;

	(void)state;
	for (i = 0; i < len; i++)
		assert_non_null(utils_check_frame(&f, i));
	f.head.bytes = 41;
	assert_non_null(utils_check_frame(&f, len));
	f.head.bytes = 40;
	f.pipe.bytes = 19;
	assert_non_null(utils_check_frame(&f, len));
	f.pipe.bytes = ~0u;
	assert_non_null(utils_check_frame(&f, len));
	f.pipe.bytes = len - 8;
	f.pipe.type = 0;
	assert_non_null(utils_check_frame(&f, len));
	f.pipe.type = 2;
	assert_non_null(utils_check_frame(&f, len));
	f.pipe.type = LIS_IC_PIPE_DATA;
	f.head.flags = LIS_IC_FLAG_RESPONSE;	/* or two would talk for ever */
	assert_non_null(utils_check_frame(&f, len));
}

static void answers_echo(void **state)
{
	static struct utils_frame f;
	u32 len = message(&f, LIS_IC_HEARTBEAT, 40);

	(void)state;
	assert_int_equal(utils_answer(&f, LIS_IC_E_FAIL), len);
	assert_int_equal(f.head.status, LIS_IC_E_FAIL);
	assert_int_equal(f.head.flags, 5);
	assert_int_equal(f.head.transaction, 77);
	assert_int_equal(f.head.type, LIS_IC_HEARTBEAT);
}

/* @fw and @msg versions, at most 4, as pairs of numbers */
static void offer(struct utils_frame *f, const u16 (*fw)[2], u16 nfw,
		  const u16 (*msg)[2], u16 nmsg)
{
	struct lis_ic_negotiate n = { .frameworks = nfw, .messages = nmsg };

	message(f, LIS_IC_NEGOTIATE, sizeof(n) + 4 * (nfw + nmsg));
	memcpy(f->body, &n, sizeof(n));
	memcpy(f->body + 8, fw, 4 * nfw);
	memcpy(f->body + 8 + 4 * nfw, msg, 4 * nmsg);
}

static void best_version_wins(void **state)
{
	static const u16 fw[][2] = { { 1, 0 }, { 3, 0 } };
	static const u16 msg[][2] = { { 1, 0 }, { 3, 0 }, { 3, 1 }, { 9, 9 } };
	static const u8 choice[] = { 1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0,
				     3, 0, 0, 0 };
	static struct utils_frame f;
	struct utils_terms t;
	const char *wrong;

	(void)state;
	offer(&f, fw, 2, msg, 4);
	assert_true(utils_negotiate(&f, &ours, &t, &wrong));
	assert_null(wrong);
	assert_int_equal(utils_version(t.framework), UTILS_VERSION(3, 0));
	assert_int_equal(utils_version(t.message), UTILS_VERSION(3, 0));
	assert_int_equal(f.head.bytes, sizeof(choice));
	assert_int_equal(utils_answer(&f, 0), 28 + sizeof(choice));
	assert_memory_equal(f.body, choice, sizeof(choice));
}

static void nothing_in_common(void **state)
{
	static const u16 fw[][2] = { { 3, 0 } }, msg[][2] = { { 4, 0 } };
	static const u8 none[8];
	static struct utils_frame f;
	struct utils_terms t;
	const char *wrong;

	(void)state;
	offer(&f, fw, 1, msg, 1);
	assert_false(utils_negotiate(&f, &ours, &t, &wrong));
	assert_null(wrong);
	assert_int_equal(utils_version(t.message), 0);
	/* a framework alone is no agreement */
	assert_int_equal(utils_version(t.framework), 0);
	assert_int_equal(f.head.bytes, 8);
	assert_memory_equal(f.body, none, 8);
	assert_int_equal(utils_answer(&f, 0), 36);
}

static void lying_offers(void **state)
{
	static const u16 v[][2] = { { 3, 0 } };
	static const u16 counts[][2] = { { 0, 1 }, { 1, 0 }, { 101, 1 },
					 { 1, 101 }, { 1, 2 }, { 2, 1 },
					 { 65535, 65535 } };
	static struct utils_frame f;
	struct utils_terms t;
	const char *wrong;
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		offer(&f, v, 1, v, 1);
		memcpy(f.body, counts[i], 4);
		assert_false(utils_negotiate(&f, &ours, &t, &wrong));
		assert_non_null(wrong);
		assert_int_equal(utils_version(t.framework), 0);
	}
	for (i = 0; i < 8; i++) {
		u32 len = message(&f, LIS_IC_NEGOTIATE, i);

		assert_false(utils_negotiate(&f, &ours, &t, &wrong));
		assert_non_null(wrong);
		assert_int_equal(utils_answer(&f, 0), len);
	}
}

static void hundred_versions(void **state)
{
	static struct utils_frame f;
	struct lis_ic_negotiate n = { .frameworks = 100, .messages = 100 };
	static const u16 fw[] = { 3, 0 }, msg[] = { 3, 2 };
	struct utils_terms t;
	const char *wrong;

	(void)state;
	message(&f, LIS_IC_NEGOTIATE, 8 + 4 * 200);
	memcpy(f.body, &n, sizeof(n));
	memcpy(f.body + 8 + 4 * 99, fw, 4);
	memcpy(f.body + 8 + 4 * 199, msg, 4);
	assert_true(utils_negotiate(&f, &ours, &t, &wrong));
	assert_int_equal(utils_version(t.message), UTILS_VERSION(3, 2));
}

static void heartbeats(void **state)
{
	static struct utils_frame f;
	u64 sequence = 41;
	u32 app;

	(void)state;
	message(&f, LIS_IC_HEARTBEAT, sizeof(struct lis_ic_heartbeat));
	memcpy(f.body, &sequence, 8);
	assert_null(utils_heartbeat(&f, LIS_IC_APP_CRITICAL));
	memcpy(&sequence, f.body, 8);
	memcpy(&app, f.body + 8, 4);
	assert_int_equal(sequence, 42);
	assert_int_equal(app, LIS_IC_APP_CRITICAL);

	/* one that ends behind the number; the rest is not ours to write */
	message(&f, LIS_IC_HEARTBEAT, 8);
	assert_null(utils_heartbeat(&f, LIS_IC_APP_CRITICAL));
	assert_int_equal(f.body[0], 1);
	assert_int_equal(f.body[8], 0);
	message(&f, LIS_IC_HEARTBEAT, 7);
	assert_non_null(utils_heartbeat(&f, 0));
}

static void shutdown_kinds(void **state)
{
	static const int expected[] = {
		UTILS_POWER_OFF, UTILS_POWER_OFF, UTILS_REBOOT, UTILS_REBOOT,
		UTILS_HIBERNATE, UTILS_HIBERNATE, -1, -1, -1,
	};
	static struct utils_frame f;
	enum utils_power what;
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		message(&f, LIS_IC_SHUTDOWN, 12);
		f.body[8] = i;
		if (expected[i] < 0) {
			assert_non_null(utils_shutdown(&f, &what));
			continue;
		}
		assert_null(utils_shutdown(&f, &what));
		assert_int_equal(what, expected[i]);
	}
	message(&f, LIS_IC_SHUTDOWN, 11);
	assert_non_null(utils_shutdown(&f, &what));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_frames),
		cmocka_unit_test(bad_frames),
		cmocka_unit_test(answers_echo),
		cmocka_unit_test(best_version_wins),
		cmocka_unit_test(nothing_in_common),
		cmocka_unit_test(lying_offers),
		cmocka_unit_test(hundred_versions),
		cmocka_unit_test(heartbeats),
		cmocka_unit_test(shutdown_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
