// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for the host's answers.
 *
 * A waiter stands in bus.waiters from before the question is posted until its
 * answer came, its channel was rescinded, or its time is up; the first of
 * these decides, under wait_lock.  One with @late stays when its time is up:
 * the answer, or the end of the connection, calls @late some time.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/jiffies.h>

#include "vmbus_int.h"

/**
 * lis_wait_start - be ready for an answer.
 * @w: @type, @relid, @key, @ch and @late are set
 *
 * Context: process; followed by lis_wait_end().
 */
void lis_wait_start(struct lis_waiter *w)
{
	unsigned long flags;

	init_completion(&w->done);
	w->err = -ETIMEDOUT;
	w->left = false;
	raw_spin_lock_irqsave(&lis_bus.wait_lock, flags);
	list_add_tail(&w->node, &lis_bus.waiters);
	if (w->ch && lis_rescinded(w->ch)) {
		w->err = -ENODEV;
		complete(&w->done);
	}
	raw_spin_unlock_irqrestore(&lis_bus.wait_lock, flags);
}

/**
 * lis_wait_end - wait for the answer.
 * @w: as in lis_wait_start()
 * @posted: result of posting the question; non-zero: do not wait
 *
 * Return: 0 with the answer in @w->msg, -ENODEV, -ETIMEDOUT, or @posted.
 * Unless it is 0 a waiter with @late may be gone already.
 */
int lis_wait_end(struct lis_waiter *w, int posted)
{
	unsigned long flags;
	int err;

	if (!posted)
		wait_for_completion_timeout(&w->done, LIS_ANSWER_TIME);
	raw_spin_lock_irqsave(&lis_bus.wait_lock, flags);
	err = w->err;
	if (err && w->late)
		w->left = true;
	else
		list_del(&w->node);
	raw_spin_unlock_irqrestore(&lis_bus.wait_lock, flags);
	if (err == -ETIMEDOUT && !posted)
		lis_count(LIS_CNT_TIMEOUTS);
	/* an answer is one, however the question went out */
	return err ? posted ?: err : 0;
}

static void answered_late(struct lis_waiter *w)
{
	lockdep_assert_held(&lis_bus.wait_lock);
	list_move_tail(&w->node, &lis_bus.late);
	queue_work(lis_bus.offer_wq, &lis_bus.late_work);
}

/**
 * lis_wait_answer - an answer came.
 * @msg: private copy
 * @relid: channel it speaks of, or 0
 * @key: open id or GPADL handle it speaks of, or 0
 *
 * Context: any.
 * Return: true when somebody waited for it.
 */
bool lis_wait_answer(const union lis_host_msg *msg, u32 relid, u32 key)
{
	struct lis_waiter *w;
	unsigned long flags;
	bool found = false;

	raw_spin_lock_irqsave(&lis_bus.wait_lock, flags);
	list_for_each_entry(w, &lis_bus.waiters, node) {
		if (w->type != msg->hdr.type || w->relid != relid ||
		    w->key != key || w->err != -ETIMEDOUT)
			continue;
		w->msg = *msg;
		w->err = 0;
		if (w->left)
			answered_late(w);
		else
			complete(&w->done);
		found = true;
		break;
	}
	raw_spin_unlock_irqrestore(&lis_bus.wait_lock, flags);
	return found;
}

/**
 * lis_wait_rescind - end every wait that a rescind ends.
 * @ch: the rescinded channel
 *
 * Context: any.
 */
void lis_wait_rescind(const struct lis_channel *ch)
{
	struct lis_waiter *w;
	unsigned long flags;

	raw_spin_lock_irqsave(&lis_bus.wait_lock, flags);
	list_for_each_entry(w, &lis_bus.waiters, node) {
		if (w->ch != ch || w->err != -ETIMEDOUT)
			continue;
		w->err = -ENODEV;
		complete(&w->done);
	}
	raw_spin_unlock_irqrestore(&lis_bus.wait_lock, flags);
}

static void late_worker(struct work_struct *work)
{
	struct lis_waiter *w;

	raw_spin_lock_irq(&lis_bus.wait_lock);
	while (!list_empty(&lis_bus.late)) {
		w = list_first_entry(&lis_bus.late, struct lis_waiter, node);
		list_del_init(&w->node);
		raw_spin_unlock_irq(&lis_bus.wait_lock);
		w->late(w);
		raw_spin_lock_irq(&lis_bus.wait_lock);
	}
	raw_spin_unlock_irq(&lis_bus.wait_lock);
}

/**
 * lis_wait_no_more - the connection ended: the host has nothing of ours.
 *
 * Whoever was left waiting is told as if its answer had come.
 *
 * Context: process; nobody else waits, no answer comes any more.
 */
void lis_wait_no_more(void)
{
	struct lis_waiter *w, *next;
	unsigned long flags;

	raw_spin_lock_irqsave(&lis_bus.wait_lock, flags);
	list_for_each_entry_safe(w, next, &lis_bus.waiters, node)
		if (w->left)
			answered_late(w);
	raw_spin_unlock_irqrestore(&lis_bus.wait_lock, flags);
	flush_work(&lis_bus.late_work);
}

/**
 * lis_wait_init - nobody waits yet.
 */
void lis_wait_init(void)
{
	raw_spin_lock_init(&lis_bus.wait_lock);
	INIT_LIST_HEAD(&lis_bus.waiters);
	INIT_LIST_HEAD(&lis_bus.late);
	INIT_WORK(&lis_bus.late_work, late_worker);
}
