// SPDX-License-Identifier: GPL-2.0-only
/* srcs: utils/clock.c utils/handoff.c */
/* Time from the host, and who owes whom an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "utils/pure.h"

#define SECOND		1000000000LL
/* 2026-11-22 06:00:00 UTC */
#define NOW_S		1795327200LL
#define NOW_TICKS	(LIS_IC_EPOCH_DELTA + NOW_S * 10000000)

static void ref_message(struct utils_frame *f, u64 host, u64 reference, u8 flags)
{
	struct lis_ic_time_ref t = {
		.host_time = host, .reference_time = reference, .flags = flags,
	};

	memset(f, 0, sizeof(*f));
	f->head.bytes = sizeof(t);
	memcpy(f->body, &t, sizeof(t));
}

static void reference_form(void **state)
{
	static struct utils_frame f;
	struct utils_sample s;
	s64 now;

	(void)state;
	ref_message(&f, NOW_TICKS, 1000, LIS_IC_TIME_SYNC);
	assert_null(utils_read_time(&f, UTILS_VERSION(4, 0), &s));
	assert_true(s.has_reference);
	assert_int_equal(s.flags, LIS_IC_TIME_SYNC);
	assert_int_equal(s.host_ns, NOW_S * SECOND);
	assert_true(utils_host_now(&s, 1000, &now));
	assert_int_equal(now, NOW_S * SECOND);
	/* the message was under way for 2.5 s */
	assert_true(utils_host_now(&s, 25001000, &now));
	assert_int_equal(now, NOW_S * SECOND + 5 * SECOND / 2);
	/* the shortest form there is */
	f.head.bytes = LIS_IC_TIME_REF_LEAST;
	assert_null(utils_read_time(&f, UTILS_VERSION(4, 0), &s));
	f.head.bytes--;
	assert_non_null(utils_read_time(&f, UTILS_VERSION(4, 0), &s));
}

static void old_form(void **state)
{
	static struct utils_frame f;
	struct lis_ic_time_old t = { .host_time = NOW_TICKS + 1,
				     .flags = LIS_IC_TIME_SAMPLE };
	struct utils_sample s;
	s64 now;

	(void)state;
	f.head.bytes = sizeof(t);
	memcpy(f.body, &t, sizeof(t));
	assert_null(utils_read_time(&f, UTILS_VERSION(3, 0), &s));
	assert_false(s.has_reference);
	assert_true(utils_host_now(&s, 12345, &now));
	assert_int_equal(now, NOW_S * SECOND + 100);
	f.head.bytes--;
	assert_non_null(utils_read_time(&f, UTILS_VERSION(1, 0), &s));
}

static void absurd_times(void **state)
{
	static const u64 absurd[] = {
		0, 1, LIS_IC_EPOCH_DELTA - 1, LIS_IC_EPOCH_DELTA,
		LIS_IC_EPOCH_DELTA + 946684799ULL * 10000000,
		LIS_IC_EPOCH_DELTA + 7258118401ULL * 10000000,
		~0ULL, ~0ULL >> 1, 1ULL << 63,
	};
	static struct utils_frame f;
	struct utils_sample s;
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(absurd) / sizeof(absurd[0]); i++) {
		ref_message(&f, absurd[i], 0, LIS_IC_TIME_SYNC);
		assert_non_null(utils_read_time(&f, UTILS_VERSION(4, 0), &s));
	}
}

static void absurd_references(void **state)
{
	static struct utils_frame f;
	struct utils_sample s;
	s64 now;

	(void)state;
	ref_message(&f, NOW_TICKS, 1000, 0);
	assert_null(utils_read_time(&f, UTILS_VERSION(4, 0), &s));
	assert_false(utils_host_now(&s, 999, &now));	/* counter was reset */
	assert_false(utils_host_now(&s, ~0ULL, &now));
	assert_true(utils_host_now(&s, 1000 + 7ULL * 86400 * 10000000, &now));
	assert_false(utils_host_now(&s, 1001 + 7ULL * 86400 * 10000000, &now));
}

static void when_to_step(void **state)
{
	const u8 sync = LIS_IC_TIME_SYNC, sample = LIS_IC_TIME_SAMPLE;

	(void)state;
	assert_true(utils_must_step(sync, 5 * SECOND, false));
	assert_true(utils_must_step(sync, -5 * SECOND, false));
	assert_false(utils_must_step(sync, 50000, false));
	assert_false(utils_must_step(sync, -50000, true));
	assert_false(utils_must_step(sample, 5 * SECOND, false));
	assert_true(utils_must_step(sample, 5 * SECOND, true));
	assert_false(utils_must_step(sample, SECOND, true));
	/* never back by a sample */
	assert_false(utils_must_step(sample, -5 * SECOND, true));
	assert_false(utils_must_step(LIS_IC_TIME_PROBE, 5 * SECOND, true));
}

/* --- handoff --------------------------------------------------------------- */

static void one_request_after_the_other(void **state)
{
	struct utils_handoff h = {};

	(void)state;
	assert_false(utils_offer(&h));		/* nobody there */
	utils_registered(&h, true);
	assert_true(utils_readable(&h));
	assert_false(utils_offer(&h));		/* not greeted yet */
	utils_was_read(&h);
	assert_false(utils_readable(&h));
	assert_true(utils_offer(&h));
	assert_true(utils_readable(&h));
	assert_false(utils_offer(&h));
	/* it cannot answer what it has not read */
	assert_int_equal(utils_written(&h), UTILS_WROTE_ODD);
	utils_was_read(&h);
	assert_false(utils_readable(&h));
	assert_int_equal(utils_written(&h), UTILS_WROTE_ANSWER);
	assert_int_equal(utils_written(&h), UTILS_WROTE_ODD);
	assert_true(utils_offer(&h));
}

static void late_answers(void **state)
{
	struct utils_handoff h = {};

	(void)state;
	utils_registered(&h, false);
	assert_true(utils_offer(&h));
	utils_abandon(&h);			/* unread: as if never asked */
	assert_false(utils_readable(&h));
	assert_true(utils_offer(&h));
	utils_was_read(&h);
	utils_abandon(&h);
	assert_false(utils_offer(&h));		/* its answer would be mistaken */
	assert_int_equal(utils_written(&h), UTILS_WROTE_LATE);
	assert_true(utils_offer(&h));
	utils_was_read(&h);
	assert_int_equal(utils_written(&h), UTILS_WROTE_ANSWER);
}

static void daemons_that_go(void **state)
{
	struct utils_handoff h = {};

	(void)state;
	assert_false(utils_bye(&h));
	utils_registered(&h, true);
	assert_false(utils_bye(&h));
	assert_false(utils_readable(&h));
	utils_registered(&h, false);
	utils_offer(&h);
	assert_false(utils_bye(&h));		/* had not read it */
	utils_registered(&h, false);
	utils_offer(&h);
	utils_was_read(&h);
	assert_true(utils_bye(&h));
	utils_registered(&h, false);
	utils_offer(&h);
	utils_was_read(&h);
	utils_abandon(&h);
	assert_false(utils_bye(&h));		/* nobody waits for that */
	assert_int_equal(h.state, UTILS_ABSENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reference_form),
		cmocka_unit_test(old_form),
		cmocka_unit_test(absurd_times),
		cmocka_unit_test(absurd_references),
		cmocka_unit_test(when_to_step),
		cmocka_unit_test(one_request_after_the_other),
		cmocka_unit_test(late_answers),
		cmocka_unit_test(daemons_that_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
