// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transaction ids: a completion counts once, whatever the host sends, and two
 * sides that race get one winner.
 */
/* srcs: vmbus/requests.c */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "../../vmbus/requests.h"

#define SLOTS	8u

static atomic64_t slots[SLOTS];
static struct lis_requests t = { .count = SLOTS, .slot = slots };

static int fresh(void **state)
{
	(void)state;
	memset(slots, 0, sizeof(slots));
	return 0;
}

static void completion_counts_once(void **state)
{
	u32 slot = 99;
	u64 id;

	(void)state;
	assert_int_equal(lis_request_begin(&t, 3, &id), 0);
	assert_int_equal(lis_request_count(&t), 1);
	assert_int_equal(lis_request_end(&t, id, &slot), LIS_REQUEST_DONE);
	assert_int_equal(slot, 3);
	assert_int_equal(lis_request_count(&t), 0);
	assert_int_equal(lis_request_end(&t, id, &slot), LIS_REQUEST_TWICE);
}

static void taken_slot_is_refused(void **state)
{
	u64 id;

	(void)state;
	assert_int_equal(lis_request_begin(&t, 0, &id), 0);
	assert_int_not_equal(lis_request_begin(&t, 0, &id), 0);
	assert_int_not_equal(lis_request_begin(&t, SLOTS, &id), 0);
	assert_int_not_equal(lis_request_begin(&t, 0xffffffff, &id), 0);
}

static void ids_are_never_zero_and_never_the_same(void **state)
{
	u64 id, last = 0;
	u32 slot;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		lis_request_begin(&t, 0, &id);
		assert_true(id && id != last);
		last = id;
		lis_request_end(&t, id, &slot);
	}
}

static void inventions_are_unknown(void **state)
{
	u32 slot;
	u64 id;

	(void)state;
	assert_int_equal(lis_request_end(&t, 0, &slot), LIS_REQUEST_UNKNOWN);
	assert_int_equal(lis_request_end(&t, ~0ull, &slot),
			 LIS_REQUEST_UNKNOWN);
	assert_int_equal(lis_request_end(&t, 1, &slot), LIS_REQUEST_UNKNOWN);
	assert_int_equal(lis_request_end(&t, SLOTS + 1, &slot),
			 LIS_REQUEST_UNKNOWN);
	lis_request_begin(&t, 2, &id);
	assert_int_equal(lis_request_end(&t, id + (1ull << 32), &slot),
			 LIS_REQUEST_UNKNOWN);
	assert_int_equal(lis_request_end(&t, id + 1, &slot),
			 LIS_REQUEST_UNKNOWN);
	assert_int_equal(lis_request_end(&t, id, &slot), LIS_REQUEST_DONE);
}

static void late_completion_is_dropped_once(void **state)
{
	u64 first, second;
	u32 slot;

	(void)state;
	lis_request_begin(&t, 5, &first);
	assert_true(lis_request_abort(&t, 5));
	assert_false(lis_request_abort(&t, 5));
	lis_request_begin(&t, 5, &second);
	assert_int_equal(lis_request_end(&t, first, &slot), LIS_REQUEST_LATE);
	assert_int_equal(lis_request_end(&t, first, &slot), LIS_REQUEST_TWICE);
	assert_int_equal(lis_request_end(&t, second, &slot), LIS_REQUEST_DONE);
}

static void cancelled_and_not_used_again(void **state)
{
	u32 slot;
	u64 id;

	(void)state;
	lis_request_begin(&t, 1, &id);
	assert_true(lis_request_abort(&t, 1));
	assert_int_equal(lis_request_end(&t, id, &slot), LIS_REQUEST_LATE);
	assert_int_equal(lis_request_end(&t, id, &slot), LIS_REQUEST_TWICE);
}

static void many_late_ones_are_all_forgiven(void **state)
{
	u64 id[5];
	u32 slot;
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		lis_request_begin(&t, 0, &id[i]);
		lis_request_abort(&t, 0);
	}
	for (i = 0; i < 5; i++)
		assert_int_equal(lis_request_end(&t, id[i], &slot),
				 LIS_REQUEST_LATE);
	assert_int_equal(lis_request_end(&t, id[4], &slot),
			 LIS_REQUEST_TWICE);
}

static void abort_of_nothing_is_nothing(void **state)
{
	(void)state;
	assert_false(lis_request_abort(&t, 0));
	assert_false(lis_request_abort(&t, SLOTS));
}

static u64 raced;
static int ended, aborted;

static void *end_it(void *unused)
{
	u32 slot;

	(void)unused;
	ended += lis_request_end(&t, raced, &slot) == LIS_REQUEST_DONE;
	return NULL;
}

static void *abort_it(void *unused)
{
	(void)unused;
	aborted += lis_request_abort(&t, 7);
	return NULL;
}

static void completion_and_abort_have_one_winner(void **state)
{
	pthread_t a, b;
	int i;

	(void)state;
	for (i = 0; i < 500; i++) {
		ended = 0;
		aborted = 0;
		assert_int_equal(lis_request_begin(&t, 7, &raced), 0);
		pthread_create(&a, NULL, end_it, NULL);
		pthread_create(&b, NULL, abort_it, NULL);
		pthread_join(a, NULL);
		pthread_join(b, NULL);
		assert_int_equal(ended + aborted, 1);
		assert_int_equal(lis_request_count(&t), 0);
	}
}

#define T(f)	cmocka_unit_test_setup(f, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(completion_counts_once),
		T(taken_slot_is_refused),
		T(ids_are_never_zero_and_never_the_same),
		T(inventions_are_unknown),
		T(late_completion_is_dropped_once),
		T(cancelled_and_not_used_again),
		T(many_late_ones_are_all_forgiven),
		T(abort_of_nothing_is_nothing),
		T(completion_and_abort_have_one_winner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
