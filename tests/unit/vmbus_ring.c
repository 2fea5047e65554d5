// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both ends of the guest's rings against a host played by hand, which writes
 * the control pages as protocol 2.9 says; the data area is mapped twice as in
 * the kernel.
 */
/* srcs: vmbus/ring.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include <linux/errno.h>
#include "../../vmbus/ring.h"

#define SIZE	4096u

static struct lis_ring_control *ctl;
static unsigned char *data;

static int map(void **state)
{
	int fd = memfd_create("ring", 0);

	(void)state;
	assert_true(fd >= 0);
	assert_return_code(ftruncate(fd, SIZE), 0);
	data = mmap(NULL, 2 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		    0);
	assert_ptr_not_equal(data, MAP_FAILED);
	assert_ptr_equal(mmap(data, SIZE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED, fd, 0), data);
	assert_ptr_equal(mmap(data + SIZE, SIZE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_FIXED, fd, 0), data + SIZE);
	close(fd);
	ctl = calloc(1, sizeof(*ctl));
	return ctl ? 0 : -1;
}

static int unmap(void **state)
{
	(void)state;
	munmap(data, 2 * SIZE);
	free(ctl);
	return 0;
}

/* --- guest->host --------------------------------------------------------- */

static int put(struct lis_ring_out *r, u32 len, unsigned char fill)
{
	void *at;
	int err = lis_ring_out_reserve(r, len, &at);

	if (!err) {
		memset(at, fill, len);
		lis_ring_out_commit(r, len);
	}
	return err;
}

static void out_nothing_is_seen_before_publish(void **state)
{
	struct lis_ring_out r;

	(void)state;
	lis_ring_out_init(&r, ctl, data, SIZE);
	assert_int_equal(put(&r, 24, 1), 0);
	assert_int_equal(put(&r, 16, 2), 0);
	assert_int_equal(ctl->write_index, 0);
	assert_int_equal(lis_ring_out_unpublished(&r), 32 + 24);
	assert_true(lis_ring_out_publish(&r));
	assert_int_equal(ctl->write_index, 32 + 24);
	assert_int_equal(lis_ring_out_unpublished(&r), 0);
}

static void out_trailer_tells_where_the_packet_began(void **state)
{
	struct lis_ring_out r;
	u32 end[2];

	(void)state;
	lis_ring_out_init(&r, ctl, data, SIZE);
	assert_int_equal(put(&r, 24, 1), 0);
	assert_int_equal(put(&r, 40, 2), 0);
	memcpy(end, data + 24, 8);
	assert_int_equal(end[0], 0);
	assert_int_equal(end[1], 0);
	memcpy(end, data + 32 + 40, 8);
	assert_int_equal(end[0], 0);
	assert_int_equal(end[1], 32);
}

static void out_signals_only_when_the_host_saw_it_empty(void **state)
{
	struct lis_ring_out r;

	(void)state;
	lis_ring_out_init(&r, ctl, data, SIZE);
	put(&r, 16, 1);
	assert_true(lis_ring_out_publish(&r));
	put(&r, 16, 1);
	assert_false(lis_ring_out_publish(&r));	/* first one not yet read */
	ctl->read_index = 24;			/* host read one of two */
	put(&r, 16, 1);
	assert_false(lis_ring_out_publish(&r));
	ctl->read_index = 72;			/* host read all */
	put(&r, 16, 1);
	assert_true(lis_ring_out_publish(&r));
}

static void out_burst_signals_once(void **state)
{
	struct lis_ring_out r;
	int i, signals = 0;

	(void)state;
	lis_ring_out_init(&r, ctl, data, SIZE);
	for (i = 0; i < 10; i++)
		put(&r, 64, 1);
	signals += lis_ring_out_publish(&r);
	signals += lis_ring_out_publish(&r);
	assert_int_equal(signals, 1);
}

static void out_masked_host_is_not_signalled(void **state)
{
	struct lis_ring_out r;

	(void)state;
	lis_ring_out_init(&r, ctl, data, SIZE);
	ctl->interrupt_mask = 1;
	put(&r, 16, 1);
	assert_false(lis_ring_out_publish(&r));
	ctl->read_index = 24;
	ctl->interrupt_mask = 0xdead0000;	/* any value masks */
	put(&r, 16, 1);
	assert_false(lis_ring_out_publish(&r));
}

static void out_eight_bytes_stay_free(void **state)
{
	struct lis_ring_out r;
	u32 room;

	(void)state;
	lis_ring_out_init(&r, ctl, data, SIZE);
	assert_int_equal(put(&r, SIZE - 8, 1), -EINVAL);
	assert_int_equal(put(&r, SIZE - 16, 1), 0);
	assert_int_equal(r.write, SIZE - 8);
	assert_int_equal(lis_ring_out_room(&r, &room), 0);
	assert_int_equal(room, 8);
	assert_int_equal(put(&r, 16, 1), -EAGAIN);
}

static void out_impossible_sizes_are_refused(void **state)
{
	struct lis_ring_out r;

	(void)state;
	lis_ring_out_init(&r, ctl, data, SIZE);
	assert_int_equal(put(&r, SIZE, 1), -EINVAL);
	assert_int_equal(put(&r, 0x7ffffff8, 1), -EINVAL);
}

static void out_packet_across_the_end_is_in_one_piece(void **state)
{
	struct lis_ring_out r;
	unsigned char want[64];
	int i;

	(void)state;
	lis_ring_out_init(&r, ctl, data, SIZE);
	assert_int_equal(put(&r, SIZE - 48, 1), 0);
	lis_ring_out_publish(&r);
	ctl->read_index = r.write;
	assert_int_equal(r.write, SIZE - 40);
	assert_int_equal(put(&r, 64, 7), 0);
	assert_int_equal(r.write, 32);
	memset(want, 7, sizeof(want));
	for (i = 0; i < 64; i++)
		assert_int_equal(data[(SIZE - 40 + i) % SIZE], 7);
}

static void out_bad_read_index_is_noticed(void **state)
{
	static const u32 bad[] = { SIZE, SIZE + 8, 4, 0xffffffff, 0x80000000 };
	struct lis_ring_out r;
	unsigned int i;

	(void)state;
	lis_ring_out_init(&r, ctl, data, SIZE);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ctl->read_index = bad[i];
		assert_int_equal(put(&r, 16, 1), -EPROTO);
	}
	assert_int_equal(r.write, 0);
}

/* A host may count free bytes as size - used or as size - used - 1 */
static void out_waits_for_exactly_enough_room(void **state)
{
	struct lis_ring_out r;
	u32 want, used, freed;
	int strict;

	(void)state;
	for (strict = 0; strict < 2; strict++) {
		memset(ctl, 0, sizeof(*ctl));
		lis_ring_out_init(&r, ctl, data, SIZE);
		while (!put(&r, 56, 1))
			;
		lis_ring_out_publish(&r);
		lis_ring_out_block(&r, 120);
		assert_true(r.blocked);
		want = ctl->pending_send_size;
		assert_true(want >= 128 && want < SIZE);
		used = r.write;
		/* the host frees packet by packet until it would signal */
		for (freed = 0; SIZE - used + freed - strict < want;
		     freed += 64)
			ctl->read_index = freed + 64;
		assert_int_equal(put(&r, 120, 2), 0);
		lis_ring_out_unblock(&r);
		assert_int_equal(ctl->pending_send_size, 0);
		assert_false(r.blocked);
	}
}

static void out_waiting_for_everything_can_be_satisfied(void **state)
{
	struct lis_ring_out r;

	(void)state;
	lis_ring_out_init(&r, ctl, data, SIZE);
	put(&r, 16, 1);
	lis_ring_out_publish(&r);
	lis_ring_out_block(&r, SIZE - 16);
	/* an empty ring has SIZE or SIZE - 1 bytes free, as one counts */
	assert_true(ctl->pending_send_size <= SIZE - 1);
	ctl->read_index = r.write;
	assert_int_equal(put(&r, SIZE - 16, 1), 0);
}

static void out_says_that_it_sets_pending_size(void **state)
{
	struct lis_ring_out r;

	(void)state;
	lis_ring_out_init(&r, ctl, data, SIZE);
	assert_int_equal(ctl->features & LIS_RING_FEATURE_PENDING_SIZE, 1);
}

/* --- host->guest --------------------------------------------------------- */

static void in_empty_is_empty(void **state)
{
	struct lis_ring_in r;
	u32 avail = 1;

	(void)state;
	lis_ring_in_init(&r, ctl, data, SIZE);
	assert_int_equal(lis_ring_in_avail(&r, &avail), 0);
	assert_int_equal(avail, 0);
	assert_false(lis_ring_in_release(&r));
}

static void in_index_is_read_once_per_batch(void **state)
{
	struct lis_ring_in r;
	u32 avail;

	(void)state;
	lis_ring_in_init(&r, ctl, data, SIZE);
	ctl->write_index = 48;
	assert_int_equal(lis_ring_in_avail(&r, &avail), 0);
	assert_int_equal(avail, 48);
	lis_ring_in_consume(&r, 24);
	ctl->write_index = SIZE + 8;	/* turned bad, but 24 are known good */
	assert_int_equal(lis_ring_in_avail(&r, &avail), 0);
	assert_int_equal(avail, 24);
	lis_ring_in_consume(&r, 24);
	assert_int_equal(lis_ring_in_avail(&r, &avail), -EPROTO);
}

static void in_bad_write_index_is_noticed(void **state)
{
	static const u32 bad[] = { SIZE, 12, 0xfffffff8, 0x7fffffff };
	struct lis_ring_in r;
	unsigned int i;
	u32 avail;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		lis_ring_in_init(&r, ctl, data, SIZE);
		ctl->write_index = bad[i];
		assert_int_equal(lis_ring_in_avail(&r, &avail), -EPROTO);
	}
}

static void in_wraps(void **state)
{
	struct lis_ring_in r;
	u32 avail;

	(void)state;
	lis_ring_in_init(&r, ctl, data, SIZE);
	ctl->write_index = SIZE - 16;
	lis_ring_in_avail(&r, &avail);
	lis_ring_in_consume(&r, SIZE - 16);
	lis_ring_in_release(&r);
	ctl->write_index = 32;
	assert_int_equal(lis_ring_in_avail(&r, &avail), 0);
	assert_int_equal(avail, 48);
	assert_ptr_equal(lis_ring_in_at(&r), data + SIZE - 16);
	lis_ring_in_consume(&r, 48);
	assert_int_equal(r.read, 32);
	assert_int_equal(lis_ring_in_unreleased(&r), 48);
}

/* Fill, let the host wait for @want bytes, consume step by step */
static u32 signals_when_freeing(u32 want, u32 features, u32 step)
{
	struct lis_ring_in r;
	u32 avail, signals = 0;

	memset(ctl, 0, sizeof(*ctl));
	lis_ring_in_init(&r, ctl, data, SIZE);
	ctl->features = features;
	ctl->write_index = SIZE - 8;
	ctl->pending_send_size = want;
	assert_int_equal(lis_ring_in_avail(&r, &avail), 0);
	while (avail) {
		lis_ring_in_consume(&r, step < avail ? step : avail);
		signals += lis_ring_in_release(&r);
		lis_ring_in_avail(&r, &avail);
	}
	assert_int_equal(ctl->read_index, SIZE - 8);
	return signals;
}

static void in_waiting_host_is_signalled_once(void **state)
{
	u32 step;

	(void)state;
	for (step = 8; step <= SIZE; step += 72) {
		assert_int_equal(signals_when_freeing(512, 1, step), 1);
		assert_int_equal(signals_when_freeing(SIZE - 1, 1, step), 1);
		/* more than there is: treated as "everything" */
		assert_int_equal(signals_when_freeing(0xffffffff, 1, step), 1);
	}
}

static void in_host_that_does_not_wait_is_not_signalled(void **state)
{
	(void)state;
	assert_int_equal(signals_when_freeing(0, 1, 64), 0);
	assert_int_equal(signals_when_freeing(512, 0, 64), 0);
	/* it had room enough from the start */
	assert_int_equal(signals_when_freeing(7, 1, 64), 0);
}

static void in_signal_comes_exactly_at_the_threshold(void **state)
{
	struct lis_ring_in r;
	u32 avail, freed = 7;

	(void)state;
	lis_ring_in_init(&r, ctl, data, SIZE);
	ctl->write_index = SIZE - 8;
	ctl->pending_send_size = 1000;
	lis_ring_in_avail(&r, &avail);
	for (;;) {
		lis_ring_in_consume(&r, 8);
		freed += 8;
		if (lis_ring_in_release(&r))
			break;
		assert_true(freed < 1000);
	}
	assert_true(freed >= 1000 && freed - 8 < 1000);
}

static void in_unmask_sees_what_came_meanwhile(void **state)
{
	struct lis_ring_in r;
	u32 avail;

	(void)state;
	lis_ring_in_init(&r, ctl, data, SIZE);
	lis_ring_in_mask(&r);
	assert_int_equal(ctl->interrupt_mask, 1);
	ctl->write_index = 24;
	lis_ring_in_avail(&r, &avail);
	lis_ring_in_consume(&r, 24);
	lis_ring_in_release(&r);
	assert_false(lis_ring_in_unmask(&r));
	assert_int_equal(ctl->interrupt_mask, 0);
	lis_ring_in_mask(&r);
	ctl->write_index = 48;
	assert_true(lis_ring_in_unmask(&r));
}

#define T(f)	cmocka_unit_test_setup_teardown(f, map, unmap)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(out_nothing_is_seen_before_publish),
		T(out_trailer_tells_where_the_packet_began),
		T(out_signals_only_when_the_host_saw_it_empty),
		T(out_burst_signals_once),
		T(out_masked_host_is_not_signalled),
		T(out_eight_bytes_stay_free),
		T(out_impossible_sizes_are_refused),
		T(out_packet_across_the_end_is_in_one_piece),
		T(out_bad_read_index_is_noticed),
		T(out_waits_for_exactly_enough_room),
		T(out_waiting_for_everything_can_be_satisfied),
		T(out_says_that_it_sets_pending_size),
		T(in_empty_is_empty),
		T(in_index_is_read_once_per_batch),
		T(in_bad_write_index_is_noticed),
		T(in_wraps),
		T(in_waiting_host_is_signalled_once),
		T(in_host_that_does_not_wait_is_not_signalled),
		T(in_signal_comes_exactly_at_the_threshold),
		T(in_unmask_sees_what_came_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
