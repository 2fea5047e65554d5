// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who looks at a channel's receive ring.
 *
 * It has at most one owner (ch->rx): whoever changes it from LIS_RX_IDLE to
 * LIS_RX_OWNED, in hard interrupt or by handing it on to the tasklet.  An
 * interrupt that finds it owned goes away: the owner looks at the ring once more
 * after giving up ownership.  A driver that polls (ops->wake) is such an owner
 * from wake() to lis_channel_poll_end() or lis_channel_poll_wait().
 *
 * Whoever waits for room in the other ring is told by the same calls.  One that
 * comes while the ring is owned may be too late for that owner's look at what it
 * has to send; so the timer that stands behind such waits (room.c) tries
 * until it became owner itself.
 */
#include <linux/bottom_half.h>
#include <linux/export.h>

#include "trace.h"
#include "vmbus_int.h"

static bool rx_usable(const struct lis_channel *ch)
{
	return test_bit(LIS_CH_LIVE, &ch->flags) &&
	       !test_bit(LIS_CH_BROKEN, &ch->flags);
}

static bool rx_own(struct lis_channel *ch)
{
	/* pairs with the barrier of lis_ring_in_unmask() in rx_run() */
	smp_mb();
	return atomic_cmpxchg(&ch->rx, LIS_RX_IDLE, LIS_RX_OWNED) ==
	       LIS_RX_IDLE;
}

/* The ring is owned: the tasklet is to drain it, or the driver itself. */
static void rx_hand_over(struct lis_channel *ch)
{
	if (ch->ops->wake && !ch->hardirq)
		ch->ops->wake(ch, ch->ctx);
	else
		tasklet_schedule(&ch->tasklet);
}

static void rx_continue_later(struct lis_channel *ch)
{
	ch->rx_stats.polls++;
	tasklet_schedule(&ch->tasklet);
}

/* The owner drains until the ring is empty or the budget is used up. */
static void rx_run(struct lis_channel *ch)
{
	unsigned int left = LIS_RX_BUDGET;

	do {
		unsigned int n;

		lis_ring_in_mask(&ch->in);
		if (unlikely(!rx_usable(ch))) {
			atomic_set_release(&ch->rx, LIS_RX_IDLE);
			return;
		}
		n = ch->ops->receive(ch, ch->ctx, left);
		if (lis_ring_in_release(&ch->in)) {
			ch->rx_stats.intr_in_full++;
			lis_signal_host(ch);
		}
		/* a round costs something even when it finds nothing */
		if (n + 1 >= left) {
			rx_continue_later(ch);
			return;
		}
		left -= n + 1;
		/*
		 * Idle first, then unmask and look: who brought a signal and
		 * found us owning has its packet seen by this look.
		 */
		atomic_set_release(&ch->rx, LIS_RX_IDLE);
	} while (unlikely(lis_ring_in_unmask(&ch->in)) && rx_own(ch));
}

/**
 * lis_rx_tasklet - softirq half of receiving; already owns the ring.
 * @t: in the channel
 */
void lis_rx_tasklet(struct tasklet_struct *t)
{
	rx_run(container_of(t, struct lis_channel, tasklet));
}

/**
 * lis_rx_interrupt - the host signalled a channel.
 * @ch: the channel
 *
 * Context: hard interrupt, RCU read side.
 */
void lis_rx_interrupt(struct lis_channel *ch)
{
	trace_vmbus_chan_sched(ch->relid);
	if (!rx_usable(ch) || !rx_own(ch))
		return;
	ch->rx_stats.interrupts++;
	trace_vmbus_on_event(ch->relid);
	if (ch->hardirq) {
		rx_run(ch);
		return;
	}
	lis_ring_in_mask(&ch->in);
	rx_hand_over(ch);
}

/**
 * lis_channel_poll - take packets of a channel that its driver polls.
 * @ch: channel opened with ops->wake
 * @budget: passed on to ops->receive()
 *
 * Context: never two at a time for one channel, and not while it is closed.
 * Return: what ops->receive() returned.
 */
unsigned int lis_channel_poll(struct lis_channel *ch, unsigned int budget)
{
	unsigned int n;

	lis_ring_in_mask(&ch->in);
	if (unlikely(!rx_usable(ch)))
		return 0;
	n = ch->ops->receive(ch, ch->ctx, budget);
	if (lis_ring_in_release(&ch->in)) {
		ch->rx_stats.intr_in_full++;
		lis_signal_host(ch);
	}
	return n;
}
EXPORT_SYMBOL_GPL(lis_channel_poll);

/**
 * lis_channel_poll_end - stop polling until ops->wake().
 * @ch: the channel
 *
 * Context: as lis_channel_poll().
 * Return: true when something came in meanwhile: poll again, ops->wake() will
 * not be called.
 */
bool lis_channel_poll_end(struct lis_channel *ch)
{
	if (unlikely(!rx_usable(ch)))
		return false;
	/* the order is that of rx_run() */
	atomic_set_release(&ch->rx, LIS_RX_IDLE);
	return lis_ring_in_unmask(&ch->in) && rx_own(ch);
}
EXPORT_SYMBOL_GPL(lis_channel_poll_end);

/**
 * lis_channel_poll_wait - stop polling, though there may be packets.
 * @ch: the channel; a send of its driver has just ended with -EAGAIN, and before
 *	that packet is gone the driver can take no more
 *
 * Unlike lis_channel_poll_end() this leaves signals for new packets off.
 *
 * Context: as lis_channel_poll().
 * Return: true when there is room by now: poll again, ops->wake() will not be
 * called; false: it will.
 */
bool lis_channel_poll_wait(struct lis_channel *ch)
{
	if (unlikely(!rx_usable(ch)))
		return false;
	/*
	 * Idle first, then look under tx_lock: the timer takes that lock before
	 * it tries to own the ring.
	 */
	atomic_set_release(&ch->rx, LIS_RX_IDLE);
	return !lis_room_awaited(ch) && rx_own(ch);
}
EXPORT_SYMBOL_GPL(lis_channel_poll_wait);

/**
 * lis_rx_poke - look at a channel as if the host had signalled it.
 * @ch: the channel
 *
 * Context: process or softirq, interrupts on; the caller keeps the channel from
 * being closed, or is in an RCU read side.
 * Return: false when the ring is owned; its owner may have looked already.
 */
bool lis_rx_poke(struct lis_channel *ch)
{
	if (!rx_usable(ch))
		return true;
	if (!rx_own(ch))
		return false;
	/* a driver may raise a softirq in ops->wake() */
	local_bh_disable();
	rx_hand_over(ch);
	local_bh_enable();
	return true;
}
