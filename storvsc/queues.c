// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels of a controller: opening, sub-channels, which hardware queue uses
 * which channel, and taking a channel out of service.
 *
 * Hardware queues are the block layer's view, one for each CPU, so that a
 * request completes where it was submitted; several of them share a channel,
 * the one whose CPU is nearest.  Polled ones come behind these, each with a
 * channel to itself (poll.c); what they lack of channels the others do not give.
 *
 * Process context under host->life, except map_queues.  The number of
 * hardware queues is fixed when the SCSI host is added; how many channels
 * there are may change with a reset or resume.
 */
#include <linux/blk-mq.h>
#include <linux/cpumask.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "storvsc_int.h"

static u32 wanted_queues(u32 cpus)
{
	int limit = READ_ONCE(storvsc_max_hw_queues);

	cpus = min_t(u32, cpus, LIS_SCSI_MOST_QUEUES);
	return limit > 0 ? min_t(u32, cpus, limit) : cpus;
}

/* How many channels we want at most: the primary and, as users know it, one
 * sub-channel for each so many CPUs, rounded up.
 */
static u32 wanted_channels(u32 queues, u32 most)
{
	u32 per = max(storvsc_vcpus_per_sub_channel, 1u);
	u32 n = 1 + DIV_ROUND_UP(num_online_cpus(), per);

	return min3(n, queues, most);
}

static u32 wanted_poll_queues(u32 cpus)
{
	return min3(min_t(u32, storvsc_poll_queues, LIS_SCSI_MOST_POLL_QUEUES),
		    cpus, (u32)STORVSC_MAX_CHANNELS - 1);
}

static int init_channel(struct storvsc_host *host, u32 index)
{
	struct storvsc_chan *chan = &host->chan[index];

	chan->host = host;
	chan->index = index;
	init_completion(&chan->closed);
	timer_setup(&chan->kick_timer, storvsc_kick_timer, 0);
	storvsc_poll_prepare_channel(chan);
	chan->inflight = kvcalloc(host->slots, sizeof(*chan->inflight),
				  GFP_KERNEL);
	chan->lun = kcalloc(STORVSC_MAX_LUNS, sizeof(*chan->lun), GFP_KERNEL);
	return chan->inflight && chan->lun ? 0 : -ENOMEM;
}

/* Undone by storvsc_free_channels() also when it fails. */
int storvsc_alloc_channels(struct storvsc_host *host)
{
	u32 i;

	host->nr_cpus = num_present_cpus();
	host->nr_queues = wanted_queues(host->nr_cpus);
	host->max_chan = 1;
	if (host->limits->subchannels) {
		host->max_poll = wanted_poll_queues(host->nr_cpus);
		host->max_chan = wanted_channels(host->nr_queues,
						 STORVSC_MAX_CHANNELS -
						 host->max_poll);
		host->max_chan += host->max_poll;
	}
	host->slots = min_t(u32, host->slots * host->max_chan,
			    STORVSC_MAX_SLOTS);
	host->chan = kvcalloc(host->max_chan, sizeof(*host->chan), GFP_KERNEL);
	host->queue = kcalloc(host->nr_queues + host->max_poll,
			      sizeof(*host->queue), GFP_KERNEL);
	if (!host->chan || !host->queue)
		return -ENOMEM;
	for (i = 0; i < host->max_chan; i++) {
		int err = init_channel(host, i);

		if (err)
			return err;
	}
	return 0;
}

void storvsc_free_channels(struct storvsc_host *host)
{
	u32 i;

	for (i = 0; host->chan && i < host->max_chan; i++) {
		kvfree(host->chan[i].inflight);
		kfree(host->chan[i].lun);
	}
	kvfree(host->chan);
	kfree(host->queue);
}

/* --- one channel ----------------------------------------------------------- */

/* Make a channel the caller's to close; queues lead to the primary instead. */
static bool take_out(struct storvsc_chan *chan)
{
	struct storvsc_host *host = chan->host;
	unsigned long flags;
	bool was_open;
	u32 q;

	spin_lock_irqsave(&host->route, flags);
	was_open = chan->open;
	chan->open = false;
	for (q = 0; was_open && q < host->nr_queues + host->max_poll; q++)
		if (host->queue[q] == chan)
			WRITE_ONCE(host->queue[q], &host->chan[0]);
	spin_unlock_irqrestore(&host->route, flags);
	return was_open;
}

/*
 * The end of a channel that take_out() gave us.  For the primary the caller
 * has seen to it that queuecommand does not use it: dead, or not LIVE.
 *  1. The grace period ends every queuecommand that may still use it, so that
 *     nothing is sent and the timer is armed no more.
 *  2. The timer is gone, so nobody kicks it, and nobody polls it.
 *  3. The bus closes it: no callback runs after that, and the host has let go
 *     of our memory (or has had its time).
 *  4. What was in flight ends.
 */
static void end_channel(struct storvsc_chan *chan, int host_byte)
{
	synchronize_rcu();
	timer_delete_sync(&chan->kick_timer);
	storvsc_drop_net(chan);
	lis_channel_close(chan->ch);
	storvsc_end_inflight(chan, host_byte);
	lis_channel_drop(chan->ch);
	complete_all(&chan->closed);
}

static void close_channel(struct storvsc_chan *chan, int host_byte)
{
	if (take_out(chan))
		end_channel(chan, host_byte);
	else
		wait_for_completion(&chan->closed);
}

/*
 * @chan is marked open before it is, because storvsc_gone() may be called as
 * soon as the host knows the channel, and must find something to end.
 */
static int open_channel(struct storvsc_chan *chan, struct lis_channel *ch,
			int cpu)
{
	struct storvsc_host *host = chan->host;
	struct lis_open_params params = {
		.send_bytes = storvsc_ringbuffer_size,
		.recv_bytes = storvsc_ringbuffer_size,
		.max_packet = STORVSC_MAX_PACKET,
		.max_requests = host->slots + 1,
		.target_cpu = cpu,
		.flags = chan->polled ? 0 : LIS_OPEN_HARDIRQ,
		.ops = chan->polled ? &storvsc_polled_ops : &storvsc_channel_ops,
		.ctx = chan,
	};
	unsigned long flags;
	u32 i;
	int err;

	atomic_set(&chan->quiet, 0);
	for (i = 0; i < STORVSC_MAX_LUNS; i++)
		atomic_set(&chan->busy[i], 0);
	lis_channel_hold(ch);
	chan->ch = ch;
	reinit_completion(&chan->closed);
	spin_lock_irqsave(&host->route, flags);
	chan->open = true;
	spin_unlock_irqrestore(&host->route, flags);

	err = lis_channel_open(ch, &params);
	if (!err)
		storvsc_moved(ch, chan);
	else if (take_out(chan))
		end_channel(chan, DID_NO_CONNECT);
	return err;
}

/* --- sub-channels ---------------------------------------------------------- */

/* Spread evenly from the primary's CPU on; polled ones among themselves. */
static int cpu_for_sub(struct storvsc_host *host, u32 index)
{
	u32 cpus = num_online_cpus(), polled = host->max_poll;
	u32 step = index <= polled ? (index - 1) * cpus / polled :
		   (index - polled) * cpus / (host->max_chan - polled);
	int cpu = host->chan[0].cpu;

	while (step--) {
		cpu = cpumask_next(cpu, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
	}
	return cpu;
}

static struct storvsc_chan *next_chan(struct storvsc_host *host)
{
	struct storvsc_chan *chan = NULL;
	unsigned long flags;

	spin_lock_irqsave(&host->route, flags);
	if (host->sub_room) {
		host->sub_room--;
		host->sub_opening++;
		chan = &host->chan[host->nr_chan++];
	}
	spin_unlock_irqrestore(&host->route, flags);
	return chan;
}

/* The bus has a sub-channel for us.  Process context; the bus keeps @sub until
 * we return.
 */
void storvsc_subchannel(struct lis_channel *primary, struct lis_channel *sub,
			void *ctx)
{
	struct storvsc_chan *first = ctx;
	struct storvsc_host *host = first->host;
	struct storvsc_chan *chan = next_chan(host);
	unsigned long flags;
	unsigned int noio;
	int err;

	if (!chan)
		return;
	/* a reset waits for this, and the disks wait for that */
	noio = memalloc_noio_save();
	err = open_channel(chan, sub, cpu_for_sub(host, chan->index));
	memalloc_noio_restore(noio);
	if (err)
		dev_warn(&host->dev->dev, "sub-channel %u does not open: %d\n",
			 lis_channel_subindex(sub), err);
	spin_lock_irqsave(&host->route, flags);
	host->sub_opening--;
	spin_unlock_irqrestore(&host->route, flags);
	wake_up(&host->sub_wait);
}

static void take_subs(struct storvsc_host *host, u32 room)
{
	unsigned long flags;

	spin_lock_irqsave(&host->route, flags);
	host->sub_room = room;
	spin_unlock_irqrestore(&host->route, flags);
}

static bool subs_settled(struct storvsc_host *host)
{
	unsigned long flags;
	bool settled;

	spin_lock_irqsave(&host->route, flags);
	settled = !host->sub_room && !host->sub_opening;
	spin_unlock_irqrestore(&host->route, flags);
	return settled;
}

/* Sub-channels only add speed: whatever goes wrong, we go on with fewer. */
static void add_subchannels(struct storvsc_host *host)
{
	u32 wanted = min_t(u32, host->max_subchannels, host->max_chan - 1);

	if (!wanted)
		return;
	take_subs(host, wanted);
	if (!storvsc_create_subchannels(host, wanted))
		wait_event_timeout(host->sub_wait,
				   subs_settled(host) || READ_ONCE(host->dead),
				   host->patience);
	take_subs(host, 0);
	/* Those that came too late are turned away; those being opened end
	 * within the bus's time limit.
	 */
	wait_event(host->sub_wait, subs_settled(host));
}

/* --- all channels ---------------------------------------------------------- */

static void close_all(struct storvsc_host *host, int host_byte)
{
	u32 i;

	take_subs(host, 0);
	/* Nobody adds channels now; those being opened are settled. */
	for (i = host->nr_chan; i-- > 0;)
		close_channel(&host->chan[i], host_byte);
	host->nr_chan = 0;
}

/* Neighbouring CPUs share a queue when there are fewer queues than CPUs.  A CPU
 * plugged in later shares one with those that were there.
 */
static u32 queue_of_cpu(struct storvsc_host *host, unsigned int cpu)
{
	return cpu % host->nr_cpus * host->nr_queues / host->nr_cpus;
}

static u32 poll_queue_of_cpu(struct storvsc_host *host, unsigned int cpu)
{
	return cpu % host->nr_cpus * host->nr_poll / host->nr_cpus;
}

/* The same, called from scsi_add_host(). */
void storvsc_map_queues(struct Scsi_Host *shost)
{
	struct storvsc_host *host = storvsc_host(shost);
	unsigned int cpu;

	lis_compat_size_maps(shost, host->nr_queues, host->nr_poll);
	for_each_possible_cpu(cpu) {
		lis_compat_map_queue(shost, cpu, queue_of_cpu(host, cpu));
		if (host->nr_poll)
			lis_compat_map_poll_queue(shost, cpu,
						  poll_queue_of_cpu(host, cpu));
	}
}

/* The n-th open channel that is polled, over and over, or the primary */
static struct storvsc_chan *polled_chan(struct storvsc_host *host, u32 n)
{
	u32 i;

	for (i = 0; i < host->max_poll; i++) {
		struct storvsc_chan *chan =
			&host->chan[1 + (n + i) % host->max_poll];

		if (chan->open)
			return chan;
	}
	return &host->chan[0];
}

/*
 * As many polled queues as the host gave us channels for, before the block layer
 * is told.  Later there may be fewer channels, but that many queues.
 */
void storvsc_settle_poll_queues(struct storvsc_host *host)
{
	unsigned long flags;
	u32 i;

	lockdep_assert_held(&host->life);
	spin_lock_irqsave(&host->route, flags);
	host->nr_poll = 0;
	for (i = 1; i <= host->max_poll; i++)
		host->nr_poll += host->chan[i].open;
	spin_unlock_irqrestore(&host->route, flags);
}

/* Which channel serves each queue, from where the channels' interrupts go. */
static void assign_queues(struct storvsc_host *host)
{
	struct storvsc_chan *chan[STORVSC_MAX_CHANNELS];
	u32 chan_cpu[STORVSC_MAX_CHANNELS];
	unsigned int cpu;
	u32 n = 0, i, q;

	lockdep_assert_held(&host->route);
	for (i = 0; i < host->nr_chan; i++) {
		if (!host->chan[i].open || host->chan[i].polled)
			continue;
		chan_cpu[n] = host->chan[i].cpu;
		chan[n++] = &host->chan[i];
	}
	for (q = 0; q < host->nr_queues; q++)
		WRITE_ONCE(host->queue[q], &host->chan[0]);
	for (q = 0; q < host->nr_poll; q++)
		WRITE_ONCE(host->queue[host->nr_queues + q],
			   polled_chan(host, q));
	if (!n)
		return;
	for_each_possible_cpu(cpu) {
		q = queue_of_cpu(host, cpu);
		i = storvsc_channel_of_cpu(cpu, chan_cpu, n);
		WRITE_ONCE(host->queue[q], chan[i]);
	}
}

/*
 * The bus aims a channel at another CPU, or has opened it: its queues are those
 * of the CPUs around that one.  A CPU that goes offline takes its queue along,
 * but may come back, and then finds the nearest channel.
 */
void storvsc_moved(struct lis_channel *ch, void *ctx)
{
	struct storvsc_chan *chan = ctx;
	struct storvsc_host *host = chan->host;
	unsigned long flags;

	spin_lock_irqsave(&host->route, flags);
	/* read here: of two who tell us, the one who comes last is right */
	WRITE_ONCE(chan->cpu, lis_channel_cpu(ch));
	if (READ_ONCE(host->state) == STORVSC_LIVE)
		assign_queues(host);
	spin_unlock_irqrestore(&host->route, flags);
}

/*
 * Open and negotiate.  Commands are taken after storvsc_go_live().
 * Return: 0 or -errno, and then everything is closed again.
 */
int storvsc_connect(struct storvsc_host *host)
{
	int err;

	lockdep_assert_held(&host->life);
	err = open_channel(&host->chan[0], host->dev->channel, -1);
	if (err) {
		dev_err(&host->dev->dev, "channel does not open: %d\n", err);
		return err;
	}
	host->nr_chan = 1;
	err = storvsc_handshake(host);
	if (!err) {
		add_subchannels(host);
		err = storvsc_end_init(host);
	}
	if (err)
		close_all(host, DID_NO_CONNECT);
	return err;
}

void storvsc_go_live(struct storvsc_host *host)
{
	unsigned long flags;

	lockdep_assert_held(&host->life);
	spin_lock_irqsave(&host->route, flags);
	assign_queues(host);
	WRITE_ONCE(host->state, STORVSC_LIVE);
	spin_unlock_irqrestore(&host->route, flags);
}

/* Close everything for a while; commands wait. */
void storvsc_disconnect(struct storvsc_host *host)
{
	lockdep_assert_held(&host->life);
	WRITE_ONCE(host->state, STORVSC_DOWN);
	close_all(host, DID_RESET);
}

/* Close everything for ever; commands fail. */
void storvsc_die(struct storvsc_host *host)
{
	lockdep_assert_held(&host->life);
	WRITE_ONCE(host->dead, true);
	close_all(host, DID_NO_CONNECT);
}

/* After storvsc_disconnect(): live again, or dead. */
int storvsc_reconnect(struct storvsc_host *host)
{
	u32 max_transfer = host->max_transfer;
	int err;

	host->patience = STORVSC_PATIENCE;
	err = storvsc_connect(host);
	if (!err && host->max_transfer < max_transfer) {
		/* The block layer would send requests that are too long. */
		dev_err(&host->dev->dev, "host allows less than before\n");
		err = -EIO;
	}
	if (err) {
		storvsc_die(host);
		return err;
	}
	storvsc_go_live(host);
	storvsc_fc_renamed(host);
	return 0;
}

/* --- a channel goes away by itself ----------------------------------------- */

/*
 * The bus says that a channel was rescinded or broke.  Process context.
 * A sub-channel: its queues go to the primary, where the midlayer repeats its
 * commands.  The primary: this is the end, and all commands fail.
 *
 * Somebody else may be closing the channel at the same time, and that one
 * waits for us inside the bus: do not wait for him.
 */
void storvsc_gone(struct lis_channel *ch, void *ctx, int why)
{
	struct storvsc_chan *chan = ctx;
	struct storvsc_host *host = chan->host;
	u32 i;

	atomic_inc(&host->count[STORVSC_CNT_LOST]);
	if (chan->index) {
		if (take_out(chan))
			end_channel(chan, DID_ERROR);
		return;
	}
	WRITE_ONCE(host->dead, true);
	storvsc_control_abort(host, why);
	wake_up(&host->sub_wait);
	for (i = 1; i < host->max_chan; i++)
		if (take_out(&host->chan[i]))
			end_channel(&host->chan[i], DID_NO_CONNECT);
	if (take_out(chan))
		end_channel(chan, DID_NO_CONNECT);
}
