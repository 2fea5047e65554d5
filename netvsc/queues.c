// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels of a NIC: opening, sub-channels, taking one out of service.
 *
 * Each channel is a pair of queues.  How many there are is settled each time
 * the NIC connects.  A sub-channel that goes away by itself makes the NIC
 * connect anew, with the channels the host then has; the primary takes the NIC
 * along.
 *
 * Process context under RTNL, but for the bus's callbacks.
 */
#include <linux/cpumask.h>
#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include "netvsc_int.h"

static int init_channel(struct netvsc_nic *nic, u32 index)
{
	struct netvsc_chan *chan = &nic->chan[index];

	chan->nic = nic;
	chan->index = index;
	init_completion(&chan->closed);
	u64_stats_init(&chan->tx_stats.sync);
	u64_stats_init(&chan->rx_stats.sync);
	lis_compat_napi_add(nic->ndev, &chan->napi, netvsc_poll);
	chan->tx = kvcalloc(NETVSC_SLOTS, sizeof(*chan->tx), GFP_KERNEL);
	chan->owed = kvcalloc(NETVSC_OWED, sizeof(*chan->owed), GFP_KERNEL);
	chan->parts = kvcalloc(1, sizeof(*chan->parts), GFP_KERNEL);
	chan->headers = dma_alloc_coherent(&nic->dev->dev,
					   NETVSC_SLOTS * NETVSC_TX_HEADER,
					   &chan->headers_dma, GFP_KERNEL);
	if (!chan->tx || !chan->owed || !chan->parts || !chan->headers)
		return -ENOMEM;
	return netvsc_xdp_init_channel(chan);
}

/* Undone by netvsc_free_channels() also when it fails. */
int netvsc_alloc_channels(struct netvsc_nic *nic)
{
	u32 i;

	nic->chan = kvcalloc(nic->max_chan, sizeof(*nic->chan), GFP_KERNEL);
	if (!nic->chan)
		return -ENOMEM;
	for (i = 0; i < nic->max_chan; i++) {
		int err = init_channel(nic, i);

		if (err)
			return err;
	}
	return 0;
}

void netvsc_free_channels(struct netvsc_nic *nic)
{
	u32 i;

	for (i = 0; nic->chan && i < nic->max_chan; i++) {
		struct netvsc_chan *chan = &nic->chan[i];

		if (!chan->nic)		/* not reached */
			break;
		netif_napi_del(&chan->napi);
		netvsc_xdp_free_channel(chan);
		kvfree(chan->tx);
		kvfree(chan->owed);
		kvfree(chan->parts);
		if (chan->headers)
			dma_free_coherent(&nic->dev->dev,
					  NETVSC_SLOTS * NETVSC_TX_HEADER,
					  chan->headers, chan->headers_dma);
	}
	kvfree(nic->chan);
	nic->chan = NULL;
}

/* --- one channel ----------------------------------------------------------- */

static bool take_out(struct netvsc_chan *chan)
{
	bool was_open;

	spin_lock_bh(&chan->nic->route);
	was_open = chan->open;
	WRITE_ONCE(chan->open, false);
	WRITE_ONCE(chan->sending, false);
	spin_unlock_bh(&chan->nic->route);
	return was_open;
}

/*
 * The end of a channel that take_out() gave us.
 *  1. The grace period ends every xmit that may still use it.
 *  2. Its NAPI ends, and wake() starts it no more.
 *  3. The bus closes it: the host has let go of our memory.
 *  4. What was in flight is dropped.
 */
static void end_channel(struct netvsc_chan *chan)
{
	synchronize_net();
	napi_disable(&chan->napi);
	lis_channel_close(chan->ch);
	netvsc_tx_drop_all(chan);
	lis_channel_drop(chan->ch);
	complete_all(&chan->closed);
}

static void close_channel(struct netvsc_chan *chan)
{
	if (take_out(chan))
		end_channel(chan);
	else
		wait_for_completion(&chan->closed);
}

/* Open before the bus opens it: netvsc_gone() must find something to end. */
static int open_channel(struct netvsc_chan *chan, struct lis_channel *ch,
			int cpu)
{
	struct netvsc_nic *nic = chan->nic;
	struct lis_open_params params = {
		.send_bytes = ring_size * PAGE_SIZE,
		.recv_bytes = ring_size * PAGE_SIZE,
		.max_packet = NETVSC_MAX_PACKET,
		.max_requests = NETVSC_ALL_SLOTS,
		.target_cpu = cpu,
		.ops = &netvsc_channel_ops,
		.ctx = chan,
	};
	int err;

	lis_channel_hold(ch);
	chan->ch = ch;
	chan->owed_head = 0;
	chan->owed_tail = 0;
	chan->parts->open = false;
	netvsc_tx_start(chan);
	reinit_completion(&chan->closed);
	napi_enable(&chan->napi);
	spin_lock_bh(&nic->route);
	WRITE_ONCE(chan->open, true);
	spin_unlock_bh(&nic->route);

	err = lis_channel_open(ch, &params);
	if (err && take_out(chan))
		end_channel(chan);
	return err;
}

int netvsc_open_primary(struct netvsc_nic *nic)
{
	int err;

	nic->ctl.alive_busy = false;
	err = open_channel(&nic->chan[0], nic->dev->channel, -1);
	if (err) {
		dev_err(&nic->dev->dev, "channel does not open: %d\n", err);
		return err;
	}
	WRITE_ONCE(nic->nr_chan, 1);
	return 0;
}

/* --- sub-channels ---------------------------------------------------------- */

static struct netvsc_chan *next_chan(struct netvsc_nic *nic)
{
	struct netvsc_chan *chan = NULL;

	spin_lock_bh(&nic->route);
	if (nic->sub_room) {
		nic->sub_room--;
		nic->sub_opening++;
		chan = &nic->chan[nic->nr_chan];
		WRITE_ONCE(nic->nr_chan, nic->nr_chan + 1);
	}
	spin_unlock_bh(&nic->route);
	return chan;
}

/* The bus has a sub-channel for us, and keeps it until we return. */
void netvsc_subchannel(struct lis_channel *primary, struct lis_channel *sub,
		       void *ctx)
{
	struct netvsc_chan *first = ctx;
	struct netvsc_nic *nic = first->nic;
	struct netvsc_chan *chan = next_chan(nic);
	int err;

	if (!chan)
		return;
	err = open_channel(chan, sub, -1);
	if (err)
		dev_warn(&nic->dev->dev, "sub-channel %u does not open: %d\n",
			 lis_channel_subindex(sub), err);
	spin_lock_bh(&nic->route);
	nic->sub_opening--;
	spin_unlock_bh(&nic->route);
	wake_up(&nic->sub_wait);
}

static void take_subs(struct netvsc_nic *nic, u32 room)
{
	spin_lock_bh(&nic->route);
	nic->sub_room = room;
	spin_unlock_bh(&nic->route);
}

static bool subs_settled(struct netvsc_nic *nic)
{
	bool settled;

	spin_lock_bh(&nic->route);
	settled = !nic->sub_room && !nic->sub_opening;
	spin_unlock_bh(&nic->route);
	return settled;
}

/* Channels are used up to the first that did not open. */
static void forget_failed(struct netvsc_nic *nic)
{
	u32 i, n = nic->nr_chan;

	for (i = 1; i < n && READ_ONCE(nic->chan[i].open); i++)
		;
	while (n > i)
		close_channel(&nic->chan[--n]);
	WRITE_ONCE(nic->nr_chan, i);
}

/**
 * netvsc_add_subchannels - have more queues.
 * @nic: connected as far as RNDIS goes
 * @wanted: how many; with fewer, or none, the NIC works all the same
 */
void netvsc_add_subchannels(struct netvsc_nic *nic, u32 wanted)
{
	u32 granted = 0;

	if (!wanted)
		return;
	take_subs(nic, wanted);
	if (!netvsc_ask_subchannels(nic, wanted, &granted) && granted) {
		/* those that came already are counted from @wanted */
		spin_lock_bh(&nic->route);
		nic->sub_room -= min(nic->sub_room, wanted - granted);
		spin_unlock_bh(&nic->route);
		wait_event_timeout(nic->sub_wait,
				   subs_settled(nic) || READ_ONCE(nic->dead),
				   NETVSC_PATIENCE);
	}
	take_subs(nic, 0);
	/* the bus's time limit ends this */
	wait_event(nic->sub_wait, subs_settled(nic));
	forget_failed(nic);
}

static void start_queue(struct netvsc_chan *chan, u32 per)
{
	struct netvsc_nic *nic = chan->nic;

	chan->section_bytes = nic->section_bytes;
	chan->first_section = chan->index * per;
	chan->section = nic->send.mem +
			(size_t)chan->index * per * nic->section_bytes;
	chan->sections = per;
	spin_lock_bh(&nic->route);
	if (chan->open)
		/* pairs with netvsc_start_xmit(): the sections before */
		smp_store_release(&chan->sending, true);
	spin_unlock_bh(&nic->route);
}

/**
 * netvsc_start_queues - share the send buffer among the channels, let xmit use
 * them.
 * @nic: connected, with all its channels
 */
void netvsc_start_queues(struct netvsc_nic *nic)
{
	u32 per = 0;
	u32 i;

	if (nic->section_bytes)
		per = min(nic->send.bytes / nic->section_bytes / nic->nr_chan,
			  nic->slots);
	for (i = 0; i < nic->nr_chan; i++)
		start_queue(&nic->chan[i], per);
}

/**
 * netvsc_channel_cpu - the CPU that a channel interrupts.
 * @chan: the channel, which may be going
 *
 * Return: the CPU, or -1 when it is not open.
 */
int netvsc_channel_cpu(struct netvsc_chan *chan)
{
	int cpu = -1;

	spin_lock_bh(&chan->nic->route);
	if (chan->open)
		cpu = lis_channel_cpu(chan->ch);
	spin_unlock_bh(&chan->nic->route);
	return cpu;
}

/**
 * netvsc_settle_cpus - let senders on a CPU use the channel that interrupts it.
 * @nic: connected
 *
 * Context: process, under RTNL.
 */
void netvsc_settle_cpus(struct netvsc_nic *nic)
{
	u32 i;

	for (i = 0; nic->nr_chan > 1 && i < nic->nr_chan; i++) {
		int cpu = netvsc_channel_cpu(&nic->chan[i]);

		if (cpu >= 0)
			netif_set_xps_queue(nic->ndev, cpumask_of(cpu), i);
	}
}

/* A channel interrupts another CPU.  The bus may hold the lock of CPU hotplug,
 * which those take who are told of it.
 */
void netvsc_moved(struct lis_channel *ch, void *ctx)
{
	struct netvsc_chan *chan = ctx;

	queue_work(netvsc_wq, &chan->nic->cpus_work);
}

void netvsc_cpus_work(struct work_struct *work)
{
	struct netvsc_nic *nic = container_of(work, struct netvsc_nic,
					      cpus_work);

	rtnl_lock();
	if (nic->registered && nic->ctl.connected)
		netvsc_settle_cpus(nic);
	rtnl_unlock();
}

/**
 * netvsc_log_rings - what a stuck channel looks like.
 * @chan: the channel, which may be going
 */
void netvsc_log_rings(struct netvsc_chan *chan)
{
	spin_lock_bh(&chan->nic->route);
	if (chan->open)
		lis_channel_log(chan->ch);
	spin_unlock_bh(&chan->nic->route);
}

void netvsc_close_all(struct netvsc_nic *nic)
{
	u32 i;

	take_subs(nic, 0);
	wait_event(nic->sub_wait, subs_settled(nic));
	for (i = nic->nr_chan; i-- > 0;)
		close_channel(&nic->chan[i]);
	WRITE_ONCE(nic->nr_chan, 0);
}

/*
 * The bus says that a channel was rescinded or broke.  Process context.
 * Somebody else may be closing the channel at the same time, and that one
 * waits for us inside the bus: do not wait for him.
 */
void netvsc_gone(struct lis_channel *ch, void *ctx, int why)
{
	struct netvsc_chan *chan = ctx;
	struct netvsc_nic *nic = chan->nic;
	u32 i;

	netvsc_count(nic, NETVSC_CNT_LOST);
	if (chan->index) {
		/* before: once it has ended, the NIC may be removed */
		WRITE_ONCE(nic->lost_sub, true);
		queue_work(netvsc_wq, &nic->reset_work);
		if (take_out(chan))
			end_channel(chan);
		return;
	}
	WRITE_ONCE(nic->dead, true);
	netif_carrier_off(nic->ndev);
	netvsc_talk_abort(nic, why);
	wake_up(&nic->sub_wait);
	/* none may open behind our back: the bus's time limit ends this */
	take_subs(nic, 0);
	wait_event(nic->sub_wait, subs_settled(nic));
	for (i = 1; i < nic->max_chan; i++)
		if (take_out(&nic->chan[i]))
			end_channel(&nic->chan[i]);
	if (take_out(chan))
		end_channel(chan);
}
