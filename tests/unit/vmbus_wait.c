// SPDX-License-Identifier: GPL-2.0-only
/* srcs: vmbus/wait.c vmbus/gpadl.c vmbus/gpadl_pack.c */
/*
 * Answers of the host in time, late, twice, wrong or never, and what becomes
 * of the memory that it was asked to give back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../vmbus/vmbus_int.h"

#define RELID	7u
#define PAGES	8u

struct lis_bus lis_bus;
static struct lis_channel channel;
static int freed, loans_back, post_result;
static u32 handle_asked;
static void (*on_teardown)(u32 handle);
static u32 created_status;
static bool mute;

/* --- neighbours ------------------------------------------------------------ */

void lis_ring_mem_unmap(struct lis_ring_mem *m) { }

void lis_ring_mem_free(struct lis_ring_mem *m)
{
	if (m->count)
		freed++;
	*m = (struct lis_ring_mem){};
}

void lis_channel_put(struct lis_channel *ch)
{
	assert_true(__atomic_sub_fetch(&ch->ref.n, 1, __ATOMIC_SEQ_CST) > 0);
}

void lis_channel_loan_back(struct lis_channel *ch)
{
	assert_true(atomic_read(&ch->out_on_loan) > 0);
	if (atomic_dec_and_test(&ch->out_on_loan))
		loans_back++;
}

static bool answer(u32 type, u32 relid, u32 key, u32 status)
{
	union lis_host_msg m = { .hdr.type = type };

	if (type == LIS_MSG_GPADL_CREATED)
		m.created.status = status;
	return lis_wait_answer(&m, relid, key);
}

static bool torn_down(u32 handle)
{
	return answer(LIS_MSG_GPADL_TORNDOWN, 0, handle, 0);
}

int lis_post(const void *msg, u32 len)
{
	const struct lis_msg_gpadl_header *h = msg;
	const struct lis_msg_gpadl_teardown *t = msg;

	if (post_result)
		return post_result;
	if (h->hdr.type == LIS_MSG_GPADL_HEADER && !mute)
		answer(LIS_MSG_GPADL_CREATED, RELID, h->gpadl, created_status);
	if (t->hdr.type == LIS_MSG_GPADL_TEARDOWN) {
		handle_asked = t->gpadl;
		if (on_teardown)
			on_teardown(t->gpadl);
	}
	return 0;
}

/* --- helpers --------------------------------------------------------------- */

static void give_back(u32 handle)
{
	assert_true(torn_down(handle));
}

static void give_back_another(u32 handle)
{
	assert_false(torn_down(handle + 1));
	assert_false(answer(LIS_MSG_GPADL_CREATED, RELID, handle, 0));
}

static s64 leaked(void)
{
	return atomic64_read(&lis_bus.counter[LIS_CNT_LEAKED_BYTES]);
}

static int start(void **state)
{
	memset(&lis_bus, 0, sizeof(lis_bus));
	memset(&channel, 0, sizeof(channel));
	kref_init(&channel.ref);
	channel.relid = RELID;
	lis_wait_init();
	freed = 0;
	loans_back = 0;
	post_result = 0;
	handle_asked = 0;
	on_teardown = NULL;
	created_status = 0;
	mute = false;
	fake_hurry = 200;	/* ten seconds are 50 ms */
	alarm(60);
	return 0;
}

static int stop(void **state)
{
	assert_int_equal(channel.ref.n, 1);
	assert_true(list_empty(&lis_bus.waiters));
	assert_true(list_empty(&lis_bus.late));
	alarm(0);
	return 0;
}

static void take_back(u32 handle)
{
	struct lis_ring_mem mem = { .count = PAGES };

	lis_gpadl_take_back(&channel, lis_lent_alloc(), handle, &mem);
	assert_int_equal(mem.count, 0);
}

/* --- tests ----------------------------------------------------------------- */

static void memory_comes_back_in_time(void **state)
{
	on_teardown = give_back;
	take_back(100);
	assert_int_equal(handle_asked, 100);
	assert_int_equal(freed, 1);
	assert_int_equal(loans_back, 1);
	assert_int_equal(leaked(), 0);
	assert_false(torn_down(100));
}

static void memory_comes_back_late(void **state)
{
	take_back(100);
	assert_int_equal(freed, 0);
	assert_int_equal(loans_back, 0);
	assert_int_equal(leaked(), PAGES * PAGE_SIZE);
	/* something else, and an answer that is none, change nothing */
	assert_false(torn_down(101));
	assert_false(answer(LIS_MSG_GPADL_CREATED, RELID, 100, 0));
	fake_run_work();
	assert_int_equal(freed, 0);

	assert_true(torn_down(100));
	assert_int_equal(freed, 0);	/* not in the interrupt */
	fake_run_work();
	assert_int_equal(freed, 1);
	assert_int_equal(loans_back, 1);
	assert_int_equal(leaked(), 0);
	/* once is enough */
	assert_false(torn_down(100));
	fake_run_work();
	assert_int_equal(freed, 1);
}

static void the_wrong_answers(void **state)
{
	on_teardown = give_back_another;
	take_back(100);
	assert_int_equal(freed, 0);
	assert_true(torn_down(100));
	fake_run_work();
	assert_int_equal(freed, 1);
}

static void two_answers_at_once(void **state)
{
	take_back(100);
	take_back(200);
	assert_int_equal(atomic_read(&channel.out_on_loan), 2);
	assert_true(torn_down(200));
	assert_false(torn_down(200));
	assert_true(torn_down(100));
	fake_run_work();
	assert_int_equal(freed, 2);
	assert_int_equal(loans_back, 1);
}

static void the_end_of_the_connection_frees_all(void **state)
{
	take_back(100);
	post_result = -EPROTO;
	take_back(200);
	assert_int_equal(freed, 0);
	assert_int_equal(leaked(), 2 * PAGES * PAGE_SIZE);
	lis_wait_no_more();
	assert_int_equal(freed, 2);
	assert_int_equal(leaked(), 0);
}

static u64 pfn(void *ctx, u32 i)
{
	return i;
}

static int share(u32 pages, u32 *handle)
{
	return lis_gpadl_share(&channel, pages * PAGE_SIZE, pfn, NULL, handle);
}

static void sharing(void **state)
{
	u32 handle = 99;

	assert_int_equal(share(100, &handle), 0);
	assert_int_not_equal(handle, 0);
	created_status = 0xc0000001;
	assert_int_equal(share(100, &handle), -EPROTO);
	assert_int_equal(handle, 0);
	/* no answer: it may have it */
	mute = true;
	assert_int_equal(share(100, &handle), -ETIMEDOUT);
	assert_int_not_equal(handle, 0);
	/* nothing was said: it has not */
	post_result = -EPROTO;
	assert_int_equal(share(100, &handle), -EPROTO);
	assert_int_equal(handle, 0);
}

static void a_rescind_ends_waiting(void **state)
{
	u32 handle;

	mute = true;
	set_bit(LIS_CH_RESCINDED, &channel.flags);
	fake_hurry = 1;
	assert_int_equal(share(1, &handle), -ENODEV);
	/* but not the waiting for memory */
	fake_hurry = 200;
	on_teardown = give_back;
	take_back(handle);
	assert_int_equal(freed, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(memory_comes_back_in_time,
						start, stop),
		cmocka_unit_test_setup_teardown(memory_comes_back_late,
						start, stop),
		cmocka_unit_test_setup_teardown(the_wrong_answers, start, stop),
		cmocka_unit_test_setup_teardown(two_answers_at_once,
						start, stop),
		cmocka_unit_test_setup_teardown(
			the_end_of_the_connection_frees_all, start, stop),
		cmocka_unit_test_setup_teardown(sharing, start, stop),
		cmocka_unit_test_setup_teardown(a_rescind_ends_waiting,
						start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
