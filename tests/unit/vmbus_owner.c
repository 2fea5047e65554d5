// SPDX-License-Identifier: GPL-2.0-only
/* srcs: vmbus/owner.c vmbus/transfer.c vmbus/room.c vmbus/ring.c vmbus/packet.c vmbus/requests.c */
/*
 * A channel that its driver polls and whose ring to the host is full: the driver
 * can rest until there is room, is woken once there is, whoever looks when, and
 * not before, however much the host has sent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../vmbus/vmbus_int.h"

#define SIZE	4096u
#define PAYLOAD	32u
#define PACKET	(16 + PAYLOAD + 8)

struct lis_bus lis_bus;
static struct lis_channel ch;
static struct lis_ring_control out_ctl, in_ctl;
static unsigned int woken, signals;

/* --- neighbours ------------------------------------------------------------ */

void lis_signal_host(struct lis_channel *c) { signals++; }
void lis_channel_break(struct lis_channel *c, const char *why) { fail(); }
int lis_channel_error(const struct lis_channel *c) { return 0; }

/* --- the driver -------------------------------------------------------------- */

static unsigned int receive(struct lis_channel *c, void *ctx, unsigned int n)
{
	return 0;		/* takes nothing before its answer is out */
}

static void wake(struct lis_channel *c, void *ctx)
{
	woken++;
}

static const struct lis_channel_ops ops = { .receive = receive, .wake = wake };

static int answer(void)
{
	static const u8 payload[PAYLOAD];

	return lis_complete_more(&ch, 1, payload, sizeof(payload));
}

/* --- the host ---------------------------------------------------------------- */

static void host_takes(u32 packets)
{
	out_ctl.read_index = (out_ctl.read_index + packets * PACKET) % SIZE;
}

static void timer_goes_off(void)
{
	assert_true(ch.room_timer.pending);
	ch.room_timer.pending = false;
	lis_room_timer(&ch.room_timer);
}

/* --- tests ------------------------------------------------------------------- */

static void *map_twice(void)
{
	int fd = memfd_create("ring", 0);
	u8 *at = mmap(NULL, 2 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);

	assert_ptr_not_equal(at, MAP_FAILED);
	assert_return_code(ftruncate(fd, SIZE), 0);
	mmap(at, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	mmap(at + SIZE, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
	     fd, 0);
	close(fd);
	return at;
}

/* A driver that polls, whose ring is full, and a host that has sent more */
static int start(void **state)
{
	memset(&ch, 0, sizeof(ch));
	memset(&out_ctl, 0, sizeof(out_ctl));
	memset(&in_ctl, 0, sizeof(in_ctl));
	ch.ops = &ops;
	spin_lock_init(&ch.tx_lock);
	lis_ring_out_init(&ch.out, &out_ctl, map_twice(), SIZE);
	lis_ring_in_init(&ch.in, &in_ctl, map_twice(), SIZE);
	ch.flags = 1ul << LIS_CH_LIVE;
	in_ctl.write_index = 64;
	woken = 0;
	lis_rx_interrupt(&ch);
	assert_int_equal(woken, 1);
	while (!answer())
		;
	assert_int_equal(answer(), -EAGAIN);
	return 0;
}

static int end(void **state)
{
	munmap(ch.out.data, 2 * SIZE);
	munmap((void *)ch.in.data, 2 * SIZE);
	return 0;
}

static void rests_until_there_is_room(void **state)
{
	lis_channel_poll(&ch, 64);
	assert_false(lis_channel_poll_wait(&ch));
	timer_goes_off();
	timer_goes_off();
	assert_int_equal(woken, 1);
	host_takes(10);
	timer_goes_off();
	assert_int_equal(woken, 2);
	assert_int_equal(answer(), 0);
	assert_false(ch.room_timer.pending);
}

static void packets_alone_wake_nobody(void **state)
{
	lis_channel_poll(&ch, 64);
	assert_false(lis_channel_poll_wait(&ch));
	assert_int_equal(in_ctl.interrupt_mask, 1);
	/* where the other end of polling would go on for ever */
	lis_rx_interrupt(&ch);
	lis_channel_poll(&ch, 64);
	assert_true(lis_channel_poll_end(&ch));
}

static void host_says_so(void **state)
{
	assert_false(lis_channel_poll_wait(&ch));
	host_takes(10);
	lis_rx_interrupt(&ch);
	assert_int_equal(woken, 2);
}

static void room_came_before(void **state)
{
	host_takes(10);
	assert_true(lis_channel_poll_wait(&ch));
	/* owned again: nobody else wakes */
	lis_rx_interrupt(&ch);
	assert_int_equal(woken, 1);
	assert_int_equal(answer(), 0);
}

/* Room was seen while the driver still polled: it must hear of it later. */
static void timer_comes_too_early(void **state)
{
	host_takes(10);
	timer_goes_off();
	assert_int_equal(woken, 1);
	assert_true(ch.out.blocked);
	in_ctl.write_index = 0;
	assert_false(lis_channel_poll_end(&ch));
	timer_goes_off();
	assert_int_equal(woken, 2);
	assert_false(ch.room_timer.pending);
}

static void closed_meanwhile(void **state)
{
	host_takes(10);
	ch.flags = 0;
	timer_goes_off();
	assert_false(lis_channel_poll_wait(&ch));
	assert_int_equal(woken, 1);
	assert_false(ch.room_timer.pending);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rests_until_there_is_room,
						start, end),
		cmocka_unit_test_setup_teardown(packets_alone_wake_nobody,
						start, end),
		cmocka_unit_test_setup_teardown(host_says_so, start, end),
		cmocka_unit_test_setup_teardown(room_came_before, start, end),
		cmocka_unit_test_setup_teardown(timer_comes_too_early, start,
						end),
		cmocka_unit_test_setup_teardown(closed_meanwhile, start, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
