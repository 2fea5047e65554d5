// SPDX-License-Identifier: GPL-2.0-only
/*
 * Between a service and its daemon: the character device, which one process
 * opens, a request at a time, and patience for as long as is reasonable.
 *
 * What a daemon is owed is in svc->relay, under svc->lock.  Its memory is
 * touched without it.  After utils_relay_stop() an open device is good for
 * nothing but to be closed.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "utils_int.h"

/* For a daemon that is about to start, or to start again */
#define ARRIVAL		(4 * HZ)

static void wait_until(struct utils_relay *r, unsigned long how_long)
{
	r->deadline = jiffies + how_long;
	mod_delayed_work(utils_wq, &r->patience, how_long);
}

/* What waits is offered if the daemon can take it. */
static void offer(struct utils_service *svc)
{
	struct utils_relay *r = &svc->relay;

	if (!r->waiting || !utils_offer(&r->hand))
		return;
	r->waiting = false;
	wait_until(r, svc->kind->daemon->patience(svc) * HZ);
	wake_up_interruptible(&r->wait);
}

/**
 * utils_relay_idle - may the daemon be asked something?
 * @svc: locked
 */
bool utils_relay_idle(const struct utils_service *svc)
{
	return !svc->busy && !svc->relay.own &&
	       svc->relay.hand.state == UTILS_READY;
}

/* Nothing is under way. */
static void idle(struct utils_service *svc)
{
	if (svc->kind->daemon->idle && utils_relay_idle(svc))
		svc->kind->daemon->idle(svc);
}

static void ask(struct utils_service *svc, u32 bytes)
{
	struct utils_relay *r = &svc->relay;

	r->out_bytes = bytes;
	r->waiting = true;
	wait_until(r, ARRIVAL);
	offer(svc);
}

/**
 * utils_relay_ask - hand a request of the host to the daemon.
 * @svc: locked
 * @bytes: of it, in svc->relay.out
 *
 * Return: for utils_kind.message() to return.
 */
u32 utils_relay_ask(struct utils_service *svc, u32 bytes)
{
	if (svc->relay.hand.state == UTILS_ABSENT && svc->relay.alone) {
		svc->count[UTILS_CNT_REFUSED]++;
		return LIS_IC_E_FAIL;
	}
	ask(svc, bytes);
	return UTILS_LATER;
}

/**
 * utils_relay_own - ask the daemon something that is not the host's.
 * @svc: locked, utils_relay_idle()
 * @bytes: of the request, in svc->relay.out
 */
void utils_relay_own(struct utils_service *svc, u32 bytes)
{
	svc->relay.own = true;
	svc->busy = true;
	ask(svc, bytes);
}

/* What was under way has ended with @status. */
static void end(struct utils_service *svc, u32 status)
{
	bool own = svc->relay.own;

	svc->relay.own = false;
	svc->relay.waiting = false;
	wake_up_all(&svc->relay.wait);	/* who waits for the end */
	if (!own) {
		utils_finish(svc, status);
	} else {
		svc->busy = false;
		if (svc->live)
			queue_work(utils_wq, &svc->work);
	}
	idle(svc);
}

/* There will be no answer in time. */
static void give_up(struct utils_service *svc, enum utils_counter why)
{
	svc->count[why]++;
	if (svc->kind->daemon->lost && !svc->relay.waiting)
		svc->kind->daemon->lost(svc);
	end(svc, LIS_IC_E_FAIL);
}

static bool under_way(const struct utils_service *svc)
{
	enum utils_handoff_state at = svc->relay.hand.state;

	return svc->relay.waiting || at == UTILS_OFFERED || at == UTILS_TAKEN;
}

/**
 * utils_relay_forget - nobody waits for what the daemon does any more.
 * @svc: locked
 */
void utils_relay_forget(struct utils_service *svc)
{
	struct utils_relay *r = &svc->relay;

	lockdep_assert_held(&svc->lock);
	if (r->own) {
		svc->busy = true;	/* as it was */
		return;
	}
	if (under_way(svc) && !r->waiting && svc->kind->daemon->lost)
		svc->kind->daemon->lost(svc);
	r->waiting = false;
	utils_abandon(&r->hand);
}

static void patience_work(struct work_struct *work)
{
	struct utils_service *svc = container_of(to_delayed_work(work),
						 struct utils_service,
						 relay.patience);
	struct utils_relay *r = &svc->relay;

	mutex_lock(&svc->lock);
	if (under_way(svc) && time_after_eq(jiffies, r->deadline)) {
		r->alone = r->hand.state == UTILS_ABSENT;
		utils_abandon(&r->hand);
		give_up(svc, UTILS_CNT_TIMEOUTS);
	}
	mutex_unlock(&svc->lock);
}

/* --- the character device -------------------------------------------------- */

static int relay_open(struct inode *inode, struct file *file)
{
	/* the kernel's misc driver put it there, and waits with deregistering */
	struct utils_service *svc = container_of(file->private_data,
						 struct utils_service,
						 relay.misc);
	int err = 0;

	mutex_lock(&svc->lock);
	if (svc->relay.opened)
		err = -EBUSY;
	else
		svc->relay.opened = true;
	mutex_unlock(&svc->lock);
	if (err)
		return err;
	kref_get(&svc->refs);
	file->private_data = svc;
	/* not nonseekable_open(): a daemon uses pread() and pwrite() */
	return 0;
}

static int relay_release(struct inode *inode, struct file *file)
{
	struct utils_service *svc = file->private_data;
	struct utils_relay *r = &svc->relay;

	mutex_lock(&svc->lock);
	r->opened = false;
	/* what it has not read is for the next one */
	if (r->hand.state == UTILS_OFFERED && !r->gone) {
		r->waiting = true;
		wait_until(r, ARRIVAL);
	}
	if (utils_bye(&r->hand) && !r->gone)
		give_up(svc, UTILS_CNT_LOST);
	mutex_unlock(&svc->lock);
	utils_service_put(svc);
	return 0;
}

static bool anything_to_read(struct utils_relay *r)
{
	return READ_ONCE(r->gone) || utils_readable(&r->hand);
}

/* A copy of what there is to read, which then has been read. */
static void *take_out(struct utils_service *svc, size_t room, u32 *bytes)
{
	struct utils_relay *r = &svc->relay;
	void *copy = ERR_PTR(-EAGAIN);
	bool greets;

	mutex_lock(&svc->lock);
	greets = r->hand.state == UTILS_GREETING;
	*bytes = greets ? r->greeting_bytes : r->out_bytes;
	if (r->gone)
		copy = ERR_PTR(-ENODEV);
	else if (utils_readable(&r->hand))
		copy = room < *bytes ? ERR_PTR(-EINVAL) :
		       kmemdup(greets ? r->greeting : r->out, *bytes,
			       GFP_KERNEL) ?: ERR_PTR(-ENOMEM);
	if (!IS_ERR(copy)) {
		svc->count[UTILS_CNT_ASKED] += r->hand.state == UTILS_OFFERED;
		utils_was_read(&r->hand);
		/* after a greeting */
		offer(svc);
		idle(svc);
	}
	mutex_unlock(&svc->lock);
	return copy;
}

static ssize_t relay_read(struct file *file, char __user *buf, size_t room,
			  loff_t *pos)
{
	struct utils_service *svc = file->private_data;
	u32 bytes;
	void *copy;
	int err;

	for (;;) {
		copy = take_out(svc, room, &bytes);
		if (copy != ERR_PTR(-EAGAIN) || file->f_flags & O_NONBLOCK)
			break;
		err = wait_event_interruptible(svc->relay.wait,
					       anything_to_read(&svc->relay));
		if (err)
			return err;
	}
	if (IS_ERR(copy))
		return PTR_ERR(copy);
	err = copy_to_user(buf, copy, bytes);
	kfree(copy);
	return err ? -EFAULT : bytes;
}

/* What waits meanwhile is offered when the greeting was read. */
static int registers(struct utils_service *svc, const void *data, u32 len)
{
	struct utils_relay *r = &svc->relay;
	int greeting = svc->kind->daemon->registers(svc, data, len);

	if (greeting < 0)
		return greeting;
	svc->count[UTILS_CNT_REGISTERED]++;
	r->alone = false;
	r->greeting_bytes = greeting;
	utils_registered(&r->hand, greeting);
	wake_up_interruptible(&r->wait);
	offer(svc);
	idle(svc);
	return 0;
}

static int take_in(struct utils_service *svc, const void *data, u32 len)
{
	const struct utils_daemon *d = svc->kind->daemon;
	struct utils_relay *r = &svc->relay;

	if (r->gone)
		return -ENODEV;
	if (r->hand.state == UTILS_ABSENT)
		return registers(svc, data, len);
	if (len != d->answer_bytes)
		return -EINVAL;
	switch (utils_written(&r->hand)) {
	case UTILS_WROTE_ANSWER:
		end(svc, d->answer(svc, data));
		break;
	case UTILS_WROTE_LATE:
		svc->count[UTILS_CNT_LATE]++;
		if (d->late)
			d->late(svc, data);
		offer(svc);
		idle(svc);
		break;
	case UTILS_WROTE_ODD:
		svc->count[UTILS_CNT_ODD]++;
		break;
	}
	return 0;
}

static ssize_t relay_write(struct file *file, const char __user *buf,
			   size_t len, loff_t *pos)
{
	struct utils_service *svc = file->private_data;
	void *data;
	int err;

	if (!len || len > sizeof(struct lis_kvpd_message))
		return -EINVAL;
	data = memdup_user(buf, len);
	if (IS_ERR(data))
		return PTR_ERR(data);
	mutex_lock(&svc->lock);
	err = take_in(svc, data, len);
	mutex_unlock(&svc->lock);
	kfree(data);
	return err ?: (ssize_t)len;
}

static __poll_t relay_poll(struct file *file, poll_table *wait)
{
	struct utils_service *svc = file->private_data;

	poll_wait(file, &svc->relay.wait, wait);
	if (READ_ONCE(svc->relay.gone))
		return EPOLLHUP;
	return utils_readable(&svc->relay.hand) ? EPOLLIN | EPOLLRDNORM : 0;
}

static const struct file_operations relay_fops = {
	.owner		= THIS_MODULE,
	.open		= relay_open,
	.release	= relay_release,
	.read		= relay_read,
	.write		= relay_write,
	.poll		= relay_poll,
};

/**
 * utils_relay_start - make the character device of a service.
 * @svc: not yet open
 */
int utils_relay_start(struct utils_service *svc)
{
	const struct utils_daemon *d = svc->kind->daemon;
	struct utils_relay *r = &svc->relay;

	r->out = vzalloc(2 * d->room);
	if (!r->out)
		return -ENOMEM;
	r->greeting = r->out + d->room;
	init_waitqueue_head(&r->wait);
	INIT_DELAYED_WORK(&r->patience, patience_work);
	r->misc.minor = MISC_DYNAMIC_MINOR;
	r->misc.name = d->node;
	r->misc.fops = &relay_fops;
	/* no parent: units of daemons are bound to devices/virtual/misc */
	return misc_register(&r->misc);
}

/**
 * utils_relay_stop - the device is being unbound.
 * @svc: closed
 *
 * A daemon that has it open is told so.
 */
void utils_relay_stop(struct utils_service *svc)
{
	struct utils_relay *r = &svc->relay;

	misc_deregister(&r->misc);
	mutex_lock(&svc->lock);
	r->gone = true;
	mutex_unlock(&svc->lock);
	wake_up_all(&r->wait);
	cancel_delayed_work_sync(&r->patience);
}
