// SPDX-License-Identifier: GPL-2.0-only
/*
 * Polled hardware queues: who submits there looks for the completion himself
 * (io_uring's IOPOLL, RWF_HIPRI), and the host does not interrupt.
 *
 * Each such queue has a channel of its own, which the bus hands to us at the
 * first signal and never gets back, so its interrupt stays masked.  Whoever
 * gets chan->polling by trylock takes what is in the ring; all others have
 * nothing to do then, so nobody waits for that lock.
 *
 * Two things are for those that nobody polls for:
 *
 *  - The SCSI error handler sends its commands by the queue of the command that
 *    failed, and waits; whoever polled may have been stopped.  While anything is
 *    in flight a work sees ten times a second whether somebody polls, and does
 *    so itself if not: cast_net.
 *  - A polled queue that has lost its channel uses one that interrupts.  But
 *    a bio that was submitted to be polled must not end in interrupt context,
 *    where the block layer's caches of such bios are not safe.  So these
 *    commands are finished by a work: finish_later.
 *
 * Process context, but for what says otherwise.
 */
#include <linux/llist.h>
#include <linux/workqueue.h>
#include "storvsc_int.h"

#define NET_PERIOD	(HZ / 10)
/* Completions taken in one go; who polls comes again */
#define POLL_BUDGET	64

/* For I/O, hence also when memory is short; only there with polled queues. */
static struct workqueue_struct *poll_wq;

int storvsc_poll_init(void)
{
	if (!storvsc_poll_queues)
		return 0;
	poll_wq = alloc_workqueue("hv_storvsc_poll", WQ_MEM_RECLAIM, 0);
	return poll_wq ? 0 : -ENOMEM;
}

void storvsc_poll_exit(void)
{
	if (poll_wq)
		destroy_workqueue(poll_wq);
}

/* --- polling --------------------------------------------------------------- */

/* In an RCU read side, or with the channel kept from being closed otherwise. */
static unsigned int poll_channel(struct storvsc_chan *chan)
{
	unsigned int taken;

	if (!chan->polled || !spin_trylock(&chan->polling))
		return 0;
	WRITE_ONCE(chan->looked, jiffies);
	taken = lis_channel_poll(chan->ch, POLL_BUDGET);
	spin_unlock(&chan->polling);
	return taken;
}

/* Return: how many commands completed. */
int storvsc_mq_poll(struct Scsi_Host *shost, unsigned int hwq)
{
	struct storvsc_host *host = storvsc_host(shost);
	int taken = 0;

	rcu_read_lock();
	if (READ_ONCE(host->state) == STORVSC_LIVE && !READ_ONCE(host->dead))
		taken = poll_channel(storvsc_chan_of(host, hwq));
	rcu_read_unlock();
	return taken;
}

/* The bus has masked the channel's interrupt, and so it shall stay. */
void storvsc_wake(struct lis_channel *ch, void *ctx)
{
}

/* --- what nobody polls for ------------------------------------------------- */

static bool anything_busy(struct storvsc_chan *chan)
{
	u32 i;

	for (i = 0; i < STORVSC_MAX_LUNS; i++)
		if (atomic_read(&chan->busy[i]))
			return true;
	return false;
}

/* storvsc_drop_net() ends this before the channel is closed. */
static void net_work(struct work_struct *work)
{
	struct storvsc_chan *chan = container_of(to_delayed_work(work),
						 struct storvsc_chan, net);
	unsigned int taken;

	smp_mb();	/* pairs with storvsc_cast_net() */
	if (time_is_before_jiffies(READ_ONCE(chan->looked) + NET_PERIOD / 2)) {
		taken = poll_channel(chan);
		atomic_add(taken, &chan->host->count[STORVSC_CNT_CAUGHT]);
	}
	if (anything_busy(chan))
		queue_delayed_work(poll_wq, &chan->net, NET_PERIOD);
}

/*
 * A packet was put in the ring.  Any context, in an RCU read side.  Should the
 * work be about to run, it sees the packet, or at least that something is in
 * flight: see the timer in io.c.
 */
void storvsc_cast_net(struct storvsc_chan *chan)
{
	smp_mb();	/* pairs with net_work() */
	if (!delayed_work_pending(&chan->net))
		queue_delayed_work(poll_wq, &chan->net, NET_PERIOD);
}

/* Nobody submits or polls any more. */
void storvsc_drop_net(struct storvsc_chan *chan)
{
	if (chan->polled)
		cancel_delayed_work_sync(&chan->net);
}

static void finish_work(struct work_struct *work)
{
	struct storvsc_host *host = container_of(work, struct storvsc_host,
						 finish_work);
	struct storvsc_cmd *priv, *next;

	llist_for_each_entry_safe(priv, next, llist_del_all(&host->finished),
				  later)
		scsi_done(priv->cmd);
}

/* Instead of scsi_done(), where that must not be called.  Any context. */
void storvsc_finish_later(struct scsi_cmnd *cmd)
{
	struct storvsc_host *host = storvsc_host(cmd->device->host);
	struct storvsc_cmd *priv = scsi_cmd_priv(cmd);

	priv->cmd = cmd;
	llist_add(&priv->later, &host->finished);
	queue_work(poll_wq, &host->finish_work);
}

/* What was put off before is finished after this. */
void storvsc_finish_now(struct storvsc_host *host)
{
	flush_work(&host->finish_work);
}

void storvsc_poll_prepare(struct storvsc_host *host)
{
	init_llist_head(&host->finished);
	INIT_WORK(&host->finish_work, finish_work);
}

void storvsc_poll_prepare_channel(struct storvsc_chan *chan)
{
	/* the primary is 0 */
	chan->polled = chan->index - 1 < chan->host->max_poll;
	spin_lock_init(&chan->polling);
	INIT_DELAYED_WORK(&chan->net, net_work);
}
