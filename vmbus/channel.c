// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening and closing channels, and what happens when one breaks.
 *
 * ch->state changes under ch->lock.  Closing lets go of the lock while it
 * waits for callbacks to end, because these may want it; the state says
 * CLOSING meanwhile.  ops->gone() runs in ch->gone_work, which closes the
 * channel afterwards, so that a host that lied or left shares no memory.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "trace.h"
#include "vmbus_int.h"

/* --- closing ------------------------------------------------------------- */

static bool in_gone(const struct lis_channel *ch)
{
	return READ_ONCE(ch->gone_task) == current;
}

/* Senders, timers and interrupts find the channel dead from now on. */
static void mark_dead(struct lis_channel *ch)
{
	unsigned long flags;

	spin_lock_irqsave(&ch->tx_lock, flags);
	clear_bit(LIS_CH_LIVE, &ch->flags);
	clear_bit(LIS_CH_TELL, &ch->flags);
	spin_unlock_irqrestore(&ch->tx_lock, flags);
}

/* After mark_dead(): no ops->receive() runs after this. */
static void stop_receiving(struct lis_channel *ch)
{
	/* 3. nothing can schedule the tasklet any more but an interrupt */
	timer_delete_sync(&ch->room_timer);
	/* 4. every interrupt that found it alive is done with it */
	synchronize_rcu_expedited();
	/* 5. and so is what these left to softirq */
	tasklet_kill(&ch->tasklet);
}

/* The rings' memory comes back now, or whenever the host says so. */
static void unshare_rings(struct lis_channel *ch)
{
	if (ch->ring_gpadl)
		lis_gpadl_take_back(ch, ch->lent, ch->ring_gpadl, &ch->mem);
	else
		kfree(ch->lent);
	ch->lent = NULL;
	ch->ring_gpadl = 0;
	lis_ring_mem_free(&ch->mem);
}

static void free_buffers(struct lis_channel *ch)
{
	kvfree(ch->req.slot);
	ch->req = (struct lis_requests){};
	kvfree(ch->copy);
	ch->copy = NULL;
	ch->copy_size = 0;
}

static void post_close(struct lis_channel *ch)
{
	struct lis_msg_relid m = {
		.hdr.type = LIS_MSG_CLOSE_CHANNEL,
		.relid = ch->relid,
	};
	int err = lis_post(&m, sizeof(m));

	trace_vmbus_close_internal(ch->relid, err);
}

static bool must_close(struct lis_channel *ch)
{
	enum lis_chan_state state = READ_ONCE(ch->state);

	return state == LIS_CHAN_OPENING || state == LIS_CHAN_OPEN ||
	       (state == LIS_CHAN_CLOSING && !in_gone(ch));
}

static void close_subs(struct lis_bus_device *bd)
{
	struct lis_channel *sub;

	lis_stop_announcing(bd);
	while ((sub = lis_find_sub(bd, must_close))) {
		lis_channel_close(sub);
		lis_channel_put(sub);
	}
}

/* No callback runs after this, but for the ops->gone() that may call us. */
static void stop_callbacks(struct lis_channel *ch)
{
	/* 1. */
	mark_dead(ch);
	/* 2. no ops->gone() is running or queued */
	if (!in_gone(ch))
		cancel_work_sync(&ch->gone_work);
	stop_receiving(ch);
}

static bool begin_closing(struct lis_channel *ch)
{
	enum lis_chan_state state;

	mutex_lock(&ch->lock);
	state = ch->state;
	if (state == LIS_CHAN_OPEN) {
		reinit_completion(&ch->closed);
		ch->state = LIS_CHAN_CLOSING;
	}
	mutex_unlock(&ch->lock);
	/* whoever closes it waits for ops->gone(), so that one does not wait */
	if (state == LIS_CHAN_CLOSING && !in_gone(ch))
		wait_for_completion(&ch->closed);
	return state == LIS_CHAN_OPEN;
}

/**
 * lis_channel_close - close a channel; idempotent.
 * @ch: the channel; closing the primary closes its sub-channels first
 *
 * After return no callback runs and the host has no access to the rings, also
 * when somebody else was closing it already.
 * Must not be called from ops->receive() or ops->subchannel(), nor with a lock
 * that ops->gone() takes.
 *
 * Context: process, may sleep for a bounded time.
 */
void lis_channel_close(struct lis_channel *ch)
{
	if (!in_gone(ch))
		flush_work(&ch->gone_work);
	if (!begin_closing(ch))
		return;
	if (!ch->subindex)
		close_subs(ch->dev);
	stop_callbacks(ch);

	mutex_lock(&ch->lock);
	post_close(ch);
	unshare_rings(ch);
	free_buffers(ch);
	lis_target_forget(ch);
	WRITE_ONCE(ch->state, LIS_CHAN_CLOSED);
	/* under the lock, so that it cannot be meant for a later closing */
	complete_all(&ch->closed);
	mutex_unlock(&ch->lock);
}
EXPORT_SYMBOL_GPL(lis_channel_close);

/**
 * lis_close_all - close whatever a driver left open.
 * @bd: the device
 */
void lis_close_all(struct lis_bus_device *bd)
{
	close_subs(bd);
	if (test_bit(LIS_CH_LIVE, &bd->d.channel->flags))
		dev_warn(&bd->d.dev, "its driver left the channel open\n");
	lis_channel_close(bd->d.channel);
}

/* --- opening ------------------------------------------------------------- */

static bool ring_size_ok(u32 bytes)
{
	return bytes >= 2 * PAGE_SIZE && !(bytes % PAGE_SIZE) &&
	       bytes <= LIS_GPADL_MAX_PAGES * LIS_HV_PAGE_SIZE;
}

static int check_params(const struct lis_open_params *p)
{
	if (!ring_size_ok(p->send_bytes) || !ring_size_ok(p->recv_bytes) ||
	    p->send_bytes + p->recv_bytes >
	    LIS_GPADL_MAX_PAGES * LIS_HV_PAGE_SIZE)
		return -EINVAL;
	if (!p->ops || !p->ops->receive ||
	    p->max_packet < sizeof(struct lis_pkt_desc) ||
	    p->max_packet > 0xffff * 8)
		return -EINVAL;
	return 0;
}

static int alloc_buffers(struct lis_channel *ch,
			 const struct lis_open_params *p)
{
	int err;

	err = lis_ring_mem_alloc(&ch->mem, p->send_bytes, p->recv_bytes);
	if (err)
		return err;
	ch->copy_size = ALIGN(p->max_packet, 8);
	ch->copy = kvzalloc(ch->copy_size, GFP_KERNEL);
	ch->req.slot = kvcalloc(max(p->max_requests, 1u),
				sizeof(*ch->req.slot), GFP_KERNEL);
	ch->req.count = p->max_requests;
	ch->lent = lis_lent_alloc();
	if (!ch->copy || !ch->req.slot || !ch->lent) {
		lis_ring_mem_free(&ch->mem);
		kfree(ch->lent);
		ch->lent = NULL;
		free_buffers(ch);
		return -ENOMEM;
	}
	return 0;
}

static u64 ring_pfn(void *ctx, u32 i)
{
	struct lis_ring_mem *m = ctx;
	u32 per_page = PAGE_SIZE / LIS_HV_PAGE_SIZE;

	return (u64)page_to_pfn(m->pages[i / per_page]) * per_page +
	       i % per_page;
}

static void start_rings(struct lis_channel *ch, const struct lis_open_params *p)
{
	unsigned long flags;

	ch->ops = p->ops;
	ch->ctx = p->ctx;
	ch->hardirq = p->flags & LIS_OPEN_HARDIRQ;
	ch->last_error[0] = '\0';
	atomic_set(&ch->rx, LIS_RX_IDLE);
	lis_ring_in_init(&ch->in, ch->mem.map[1], ch->mem.map[1] + PAGE_SIZE,
			 p->recv_bytes - PAGE_SIZE);
	clear_bit(LIS_CH_BROKEN, &ch->flags);
	clear_bit(LIS_CH_TOLD, &ch->flags);

	spin_lock_irqsave(&ch->tx_lock, flags);
	lis_ring_out_init(&ch->out, ch->mem.map[0],
			  ch->mem.map[0] + PAGE_SIZE,
			  p->send_bytes - PAGE_SIZE);
	/* the host may signal as soon as it has seen OPEN */
	set_bit(LIS_CH_LIVE, &ch->flags);
	spin_unlock_irqrestore(&ch->tx_lock, flags);
}

/* 0, or -errno; then the host may have opened it all the same */
static int ask_to_open(struct lis_channel *ch, const void *user)
{
	struct lis_waiter w = {
		.type = LIS_MSG_OPEN_RESULT,
		.relid = ch->relid,
		.key = (u32)atomic_inc_return(&lis_bus.next_handle),
		.ch = ch,
	};
	struct lis_msg_open m = {
		.hdr.type = LIS_MSG_OPEN_CHANNEL,
		.relid = ch->relid,
		.open_id = w.key,
		.ring_gpadl = ch->ring_gpadl,
		.target_vp = lis_hv_vp(ch->cpu),
		.downstream_page = ch->mem.send_pages *
				   (PAGE_SIZE / LIS_HV_PAGE_SIZE),
	};
	int err;

	if (user)
		memcpy(m.user, user, sizeof(m.user));
	lis_wait_start(&w);
	err = lis_post(&m, sizeof(m));
	trace_vmbus_open(&m, err);
	err = lis_wait_end(&w, err);
	if (err) {
		post_close(ch);
		return err;
	}
	if (w.msg.open_result.status) {
		dev_err(&ch->dev->d.dev, "the host refuses to open channel %u: 0x%x\n",
			ch->relid, w.msg.open_result.status);
		return -EPROTO;
	}
	return 0;
}

static void opened(struct lis_channel *ch)
{
	unsigned long flags;

	spin_lock_irqsave(&ch->tx_lock, flags);
	set_bit(LIS_CH_TELL, &ch->flags);
	spin_unlock_irqrestore(&ch->tx_lock, flags);
	/* what happened before that is told now */
	if (lis_channel_error(ch))
		lis_channel_tell_gone(ch);
}

static int open_locked(struct lis_channel *ch, const struct lis_open_params *p)
{
	int err;

	err = alloc_buffers(ch, p);
	if (err)
		return err;
	err = lis_gpadl_share(ch, p->send_bytes + p->recv_bytes, ring_pfn,
			      &ch->mem, &ch->ring_gpadl);
	if (err)
		goto err_unshare;
	lis_target_choose(ch, p->target_cpu);
	start_rings(ch, p);
	err = ask_to_open(ch, p->user);
	if (err)
		goto err_stop;
	return 0;

err_stop:
	/* ops->gone() is called for an opened channel only */
	mark_dead(ch);
	stop_receiving(ch);
	lis_target_forget(ch);
err_unshare:
	unshare_rings(ch);
	free_buffers(ch);
	return err;
}

/**
 * lis_channel_open - share rings with the host and start a conversation.
 * @ch: closed channel of a device that the caller's driver is bound to
 * @p: how
 *
 * ops->receive() may be called before this returns.  When it fails no callback
 * runs afterwards.
 *
 * Context: process, may sleep; bounded, and ended by a rescind.
 * Return: 0, -EINVAL, -ENOMEM, -ENODEV, -ETIMEDOUT or -EPROTO.
 */
int lis_channel_open(struct lis_channel *ch, const struct lis_open_params *p)
{
	int err = check_params(p);

	if (err)
		return err;
	/* the end of its former life closes it once more */
	flush_work(&ch->gone_work);
	mutex_lock(&ch->lock);
	if (ch->state != LIS_CHAN_CLOSED)
		err = -EINVAL;
	else if (lis_rescinded(ch) || !ch->dev)
		err = -ENODEV;
	if (err)
		goto out;
	ch->state = LIS_CHAN_OPENING;
	err = open_locked(ch, p);
	ch->state = err ? LIS_CHAN_CLOSED : LIS_CHAN_OPEN;
	if (!err)
		opened(ch);
out:
	mutex_unlock(&ch->lock);
	if (!err && !ch->subindex)
		lis_announce_subs(ch->dev);
	return err;
}
EXPORT_SYMBOL_GPL(lis_channel_open);

/* --- the end of it ------------------------------------------------------- */

static void gone_work(struct work_struct *work)
{
	struct lis_channel *ch = container_of(work, struct lis_channel,
					      gone_work);

	WRITE_ONCE(ch->gone_task, current);
	if (ch->ops->gone && test_bit(LIS_CH_TELL, &ch->flags))
		ch->ops->gone(ch, ch->ctx, lis_channel_error(ch));
	lis_channel_close(ch);
	WRITE_ONCE(ch->gone_task, NULL);
}

/**
 * lis_channel_tell_gone - have ops->gone() called, once for each opening.
 * @ch: the channel
 *
 * Context: any.
 */
void lis_channel_tell_gone(struct lis_channel *ch)
{
	unsigned long flags;

	spin_lock_irqsave(&ch->tx_lock, flags);
	if (test_bit(LIS_CH_TELL, &ch->flags) &&
	    !test_and_set_bit(LIS_CH_TOLD, &ch->flags))
		queue_work(lis_bus.chan_wq, &ch->gone_work);
	spin_unlock_irqrestore(&ch->tx_lock, flags);
}

/**
 * lis_channel_break - the host lied on this channel: no more of it.
 * @ch: the channel
 * @why: what it did, for the log and debugfs
 *
 * Context: any, also ops->receive().
 */
void lis_channel_break(struct lis_channel *ch, const char *why)
{
	ch->malformed++;
	if (test_and_set_bit(LIS_CH_BROKEN, &ch->flags))
		return;
	strscpy(ch->last_error, why, sizeof(ch->last_error));
	dev_err_ratelimited(&ch->dev->d.dev, "channel %u is closed because the host broke the protocol: %s\n",
			    ch->relid, why);
	lis_channel_tell_gone(ch);
}
EXPORT_SYMBOL_GPL(lis_channel_break);

/**
 * lis_channel_error - is a channel usable?
 * @ch: the channel
 *
 * Context: any.
 * Return: 0, -ENODEV (rescinded) or -EPROTO (broken).
 */
int lis_channel_error(const struct lis_channel *ch)
{
	if (unlikely(lis_rescinded(ch)))
		return -ENODEV;
	return unlikely(test_bit(LIS_CH_BROKEN, &ch->flags)) ? -EPROTO : 0;
}
EXPORT_SYMBOL_GPL(lis_channel_error);

/**
 * lis_channel_hold - keep a sub-channel's memory beyond its rescind.
 * @ch: a channel that is known to exist now, as in ops->subchannel()
 *
 * Context: any.
 */
void lis_channel_hold(struct lis_channel *ch)
{
	kref_get(&ch->ref);
}
EXPORT_SYMBOL_GPL(lis_channel_hold);

/**
 * lis_channel_drop - the end of lis_channel_hold().
 * @ch: the channel, closed
 *
 * Context: any.
 */
void lis_channel_drop(struct lis_channel *ch)
{
	lis_channel_put(ch);
}
EXPORT_SYMBOL_GPL(lis_channel_drop);

/**
 * lis_channel_device - the device of a channel.
 * @ch: the channel
 *
 * Context: any.
 * Return: the device.
 */
struct lis_device *lis_channel_device(struct lis_channel *ch)
{
	return &ch->dev->d;
}
EXPORT_SYMBOL_GPL(lis_channel_device);

/**
 * lis_channel_relid - the host's number of a channel.
 * @ch: the channel
 *
 * Context: any.
 * Return: the relid.
 */
u32 lis_channel_relid(const struct lis_channel *ch)
{
	return ch->relid;
}
EXPORT_SYMBOL_GPL(lis_channel_relid);

/**
 * lis_channel_subindex - which of its device's channels it is.
 * @ch: the channel
 *
 * Context: any.
 * Return: 0 for the primary.
 */
u16 lis_channel_subindex(const struct lis_channel *ch)
{
	return ch->subindex;
}
EXPORT_SYMBOL_GPL(lis_channel_subindex);

/**
 * lis_channel_renumber - take over the numbers that an offer gives a channel.
 * @ch: closed channel that no interrupt can find
 * @o: checked private copy
 */
void lis_channel_renumber(struct lis_channel *ch, const struct lis_msg_offer *o)
{
	ch->offer = *o;
	ch->relid = o->relid;
	ch->conn_id = o->connection_id;
	ch->monitor_id = o->monitor_id;
	ch->monitored = o->monitor_allocated & 1;
}

/**
 * lis_channel_init - make a zeroed channel of its offer.
 * @ch: the channel
 * @o: checked private copy
 */
void lis_channel_init(struct lis_channel *ch, const struct lis_msg_offer *o)
{
	lis_channel_renumber(ch, o);
	ch->subindex = o->subchannel_index;
	kref_init(&ch->ref);
	INIT_LIST_HEAD(&ch->node);
	init_completion(&ch->closed);
	mutex_init(&ch->lock);
	spin_lock_init(&ch->tx_lock);
	INIT_WORK(&ch->work, lis_sub_work);
	INIT_WORK(&ch->gone_work, gone_work);
	tasklet_setup(&ch->tasklet, lis_rx_tasklet);
	timer_setup(&ch->room_timer, lis_room_timer, 0);
}
