// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels of a controller: opening, sub-channels, which hardware queue uses
 * which channel, and taking a channel out of service.
 *
 * Hardware queues are the block layer's view, one for each CPU, so that a
 * request completes where it was submitted; several of them share a channel,
 * the one whose CPU is nearest.
 *
 * Process context under host->life, except map_queues.  The number of
 * hardware queues is fixed when the SCSI host is added; how many channels
 * there are may change with a reset or resume.
 */
#include <linux/blk-mq.h>
#include <linux/cpumask.h>
#include <linux/slab.h>
#include "storvsc_int.h"

static u32 wanted_queues(u32 cpus)
{
	int limit = READ_ONCE(storvsc_max_hw_queues);

	return limit > 0 ? min_t(u32, cpus, limit) : cpus;
}

/* How many channels we want at most: one for so many CPUs, as users know it
 * (total = CPUs / storvsc_vcpus_per_sub_channel, rounded up).
 */
static u32 wanted_channels(u32 queues)
{
	u32 per = max(storvsc_vcpus_per_sub_channel, 1u);
	u32 n = 1 + (num_online_cpus() - 1) / per;

	return min3(n, queues, (u32)STORVSC_MAX_CHANNELS);
}

static int init_channel(struct storvsc_host *host, u32 index)
{
	struct storvsc_chan *chan = &host->chan[index];

	chan->host = host;
	chan->index = index;
	timer_setup(&chan->kick_timer, storvsc_kick_timer, 0);
	chan->inflight = kvcalloc(host->slots, sizeof(*chan->inflight),
				  GFP_KERNEL);
	return chan->inflight ? 0 : -ENOMEM;
}

/* Undone by storvsc_free_channels() also when it fails. */
int storvsc_alloc_channels(struct storvsc_host *host)
{
	u32 i;

	host->nr_cpus = num_present_cpus();
	host->nr_queues = wanted_queues(host->nr_cpus);
	host->max_chan = wanted_channels(host->nr_queues);
	host->slots = min_t(u32, host->slots * host->max_chan,
			    STORVSC_MAX_SLOTS);
	host->chan = kvcalloc(host->max_chan, sizeof(*host->chan), GFP_KERNEL);
	host->queue = kcalloc(host->nr_queues, sizeof(*host->queue),
			      GFP_KERNEL);
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

	for (i = 0; host->chan && i < host->max_chan; i++)
		kvfree(host->chan[i].inflight);
	kvfree(host->chan);
	kfree(host->queue);
}

/* --- one channel ----------------------------------------------------------- */

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
		.flags = LIS_OPEN_HARDIRQ,
		.ops = &storvsc_channel_ops,
		.ctx = chan,
	};
	u32 i;
	int err;

	atomic_set(&chan->quiet, 0);
	for (i = 0; i < STORVSC_MAX_LUNS; i++)
		atomic_set(&chan->busy[i], 0);
	chan->ch = ch;
	err = lis_channel_open(ch, &params);
	if (!err)
		chan->open = true;
	return err;
}

/*
 * Take a channel that no queue leads to any more out of service:
 *  1. the grace period ends every queuecommand that may still use it, so that
 *     nothing is sent and the timer is armed no more;
 *  2. the timer is gone, so nobody kicks it;
 *  3. the bus closes it: no callback runs after that, and the host has let go
 *     of our memory (or has had its time);
 *  4. what was in flight ends.
 */
static void close_channel(struct storvsc_chan *chan, int host_byte)
{
	if (!chan->open)
		return;
	synchronize_rcu();
	timer_delete_sync(&chan->kick_timer);
	lis_channel_close(chan->ch);
	chan->open = false;
	storvsc_end_inflight(chan, host_byte);
}

/* --- all channels ---------------------------------------------------------- */

static u32 subs_here(struct storvsc_host *host)
{
	unsigned long flags;
	u32 n;

	spin_lock_irqsave(&host->sub_lock, flags);
	n = host->sub_arrived;
	spin_unlock_irqrestore(&host->sub_lock, flags);
	return n;
}

static void expect_subs(struct storvsc_host *host, u32 wanted)
{
	unsigned long flags;

	spin_lock_irqsave(&host->sub_lock, flags);
	host->sub_wanted = wanted;
	host->sub_arrived = 0;
	spin_unlock_irqrestore(&host->sub_lock, flags);
}

/* Spread evenly from the primary's CPU on. */
static int cpu_for_sub(struct storvsc_host *host, u32 index)
{
	u32 cpus = num_online_cpus();
	u32 step = index * cpus / host->max_chan;
	int cpu = lis_channel_cpu(host->chan[0].ch);

	while (step--) {
		cpu = cpumask_next(cpu, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
	}
	return cpu;
}

static void open_subs(struct storvsc_host *host)
{
	u32 here = subs_here(host), i;

	for (i = 0; i < here; i++) {
		struct storvsc_chan *chan = &host->chan[host->nr_open];

		if (!open_channel(chan, host->sub[i],
				  cpu_for_sub(host, host->nr_open)))
			host->nr_open++;
	}
}

/* Sub-channels only add speed: whatever goes wrong, we go on with fewer. */
static void add_subchannels(struct storvsc_host *host)
{
	u32 wanted = min_t(u32, host->max_subchannels, host->max_chan - 1);
	struct lis_channel *primary = host->chan[0].ch;

	if (!wanted)
		return;
	expect_subs(host, wanted);
	if (storvsc_create_subchannels(host, wanted))
		return;
	wait_event_timeout(host->sub_wait,
			   subs_here(host) == wanted ||
			   lis_channel_error(primary),
			   storvsc_init_timeout * HZ);
	open_subs(host);
	expect_subs(host, 0);
	if (host->nr_open != wanted + 1)
		dev_warn(&host->dev->dev, "%u of %u sub-channels came\n",
			 host->nr_open - 1, wanted);
}

/* A closed host's channel array is empty again. */
static void close_all(struct storvsc_host *host, int host_byte)
{
	u32 i;

	for (i = host->nr_open; i-- > 0;)
		close_channel(&host->chan[i], host_byte);
	host->nr_open = 0;
	expect_subs(host, 0);
}

/* Neighbouring CPUs share a queue when there are fewer queues than CPUs.  A CPU
 * plugged in later shares one with those that were there.
 */
static u32 queue_of_cpu(struct storvsc_host *host, unsigned int cpu)
{
	return cpu % host->nr_cpus * host->nr_queues / host->nr_cpus;
}

/* The same, called from scsi_add_host(). */
void storvsc_map_queues(struct Scsi_Host *shost)
{
	struct blk_mq_queue_map *map = &shost->tag_set.map[HCTX_TYPE_DEFAULT];
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		map->mq_map[cpu] = map->queue_offset +
				   queue_of_cpu(storvsc_host(shost), cpu);
}

/* Which channel serves each queue, from where the channels' interrupts go. */
void storvsc_assign_queues(struct storvsc_host *host)
{
	u32 chan_cpu[STORVSC_MAX_CHANNELS];
	u32 n = host->nr_open, c, q;
	unsigned int cpu;

	for (c = 0; c < n; c++)
		chan_cpu[c] = lis_channel_cpu(host->chan[c].ch);
	for (q = 0; q < host->nr_queues; q++)
		WRITE_ONCE(host->queue[q], &host->chan[q % n]);
	for_each_possible_cpu(cpu) {
		c = storvsc_channel_of_cpu(cpu, chan_cpu, n);
		WRITE_ONCE(host->queue[queue_of_cpu(host, cpu)],
			   &host->chan[c]);
	}
}

/* The caller sets the state to LIVE when it is ready for commands. */
int storvsc_connect(struct storvsc_host *host)
{
	int err;

	lockdep_assert_held(&host->life);
	err = open_channel(&host->chan[0], host->dev->channel, -1);
	if (err) {
		dev_err(&host->dev->dev, "channel does not open: %d\n", err);
		return err;
	}
	host->nr_open = 1;
	err = storvsc_handshake(host);
	if (!err) {
		add_subchannels(host);
		err = storvsc_end_init(host);
	}
	if (err)
		close_all(host, DID_NO_CONNECT);
	return err;
}

/* @next: DOWN to connect again later, DEAD for ever. */
void storvsc_disconnect(struct storvsc_host *host, enum storvsc_state next)
{
	lockdep_assert_held(&host->life);
	if (host->state != STORVSC_DEAD)
		WRITE_ONCE(host->state, next);
	close_all(host, next == STORVSC_DEAD ? DID_NO_CONNECT : DID_RESET);
}

/* From DOWN to LIVE again, or to DEAD. */
int storvsc_reconnect(struct storvsc_host *host)
{
	u32 max_transfer = host->max_transfer;
	int err = storvsc_connect(host);

	if (!err && host->max_transfer < max_transfer) {
		/* The block layer would send requests that are too long. */
		dev_err(&host->dev->dev, "host allows less than before\n");
		err = -EIO;
	}
	if (err) {
		storvsc_disconnect(host, STORVSC_DEAD);
		return err;
	}
	storvsc_assign_queues(host);
	WRITE_ONCE(host->state, STORVSC_LIVE);
	return 0;
}

/* --- a channel went away by itself ----------------------------------------- */

/* A sub-channel is lost: its queues move to the primary, its commands are
 * repeated there by the midlayer.
 */
static void drop_sub(struct storvsc_host *host, struct storvsc_chan *chan)
{
	u32 q;

	for (q = 0; q < host->nr_queues; q++)
		if (host->queue[q] == chan)
			WRITE_ONCE(host->queue[q], &host->chan[0]);
	close_channel(chan, DID_ERROR);
}

void storvsc_gone_work(struct work_struct *work)
{
	struct storvsc_host *host =
		container_of(work, struct storvsc_host, gone_work);
	u32 i;

	mutex_lock(&host->life);
	if (host->nr_open && lis_channel_error(host->chan[0].ch)) {
		storvsc_disconnect(host, STORVSC_DEAD);
	} else {
		for (i = 1; i < host->nr_open; i++) {
			struct storvsc_chan *chan = &host->chan[i];

			if (chan->open && lis_channel_error(chan->ch))
				drop_sub(host, chan);
		}
	}
	mutex_unlock(&host->life);
}
