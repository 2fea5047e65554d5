// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for room in the ring to the host: whoever found none is called, by way
 * of who owns the other ring (owner.c), when there is some.  The host says so; a
 * timer stands behind it.
 *
 * Under ch->tx_lock: ch->out, ch->out_want, starting the timer.
 */
#include "vmbus_int.h"

/* How long to believe that the host will say when there is room */
#define ROOM_TIME	max(HZ / 100, 1)

/**
 * lis_room_expect - the host has been asked to say when there is room.
 * @ch: the channel, its tx_lock held
 */
void lis_room_expect(struct lis_channel *ch)
{
	lockdep_assert_held(&ch->tx_lock);
	if (!timer_pending(&ch->room_timer))
		mod_timer(&ch->room_timer, jiffies + ROOM_TIME);
}

/* If so, the timer looks again; with a bad index it is the sender's turn. */
static bool still_full(struct lis_channel *ch)
{
	void *at;

	if (lis_ring_out_reserve(&ch->out, ch->out_want, &at) != -EAGAIN)
		return false;
	lis_room_expect(ch);
	return true;
}

/* The receive ring was owned: its owner may not have seen the room. */
static void wait_on(struct lis_channel *ch)
{
	unsigned long irq;

	spin_lock_irqsave(&ch->tx_lock, irq);
	if (test_bit(LIS_CH_LIVE, &ch->flags)) {
		lis_ring_out_block(&ch->out, ch->out_want);
		lis_room_expect(ch);
	}
	spin_unlock_irqrestore(&ch->tx_lock, irq);
}

/**
 * lis_room_timer - a sender has waited for room for a while.
 * @t: in the channel
 *
 * Hosts before Windows 8, and broken ones, never say that there is room.
 */
void lis_room_timer(struct timer_list *t)
{
	struct lis_channel *ch = container_of(t, struct lis_channel,
					      room_timer);
	unsigned long irq;
	bool poke = false;

	rcu_read_lock();
	spin_lock_irqsave(&ch->tx_lock, irq);
	if (test_bit(LIS_CH_LIVE, &ch->flags) && ch->out.blocked) {
		poke = !still_full(ch);
		if (poke) {
			ch->tx_stats.stalls++;
			lis_ring_out_unblock(&ch->out);
		}
	}
	spin_unlock_irqrestore(&ch->tx_lock, irq);
	if (poke && !lis_rx_poke(ch))
		wait_on(ch);
	rcu_read_unlock();
}

/**
 * lis_room_awaited - is there still no room for the packet that found none?
 * @ch: the channel
 *
 * Context: any.
 * Return: true when so, and then lis_rx_poke() is called once there is.
 */
bool lis_room_awaited(struct lis_channel *ch)
{
	unsigned long irq;
	bool awaited;

	spin_lock_irqsave(&ch->tx_lock, irq);
	awaited = test_bit(LIS_CH_LIVE, &ch->flags) && ch->out.blocked &&
		  still_full(ch);
	spin_unlock_irqrestore(&ch->tx_lock, irq);
	return awaited;
}
