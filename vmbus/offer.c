// SPDX-License-Identifier: GPL-2.0-only
/*
 * Offers and rescinds, one after the other in the order in which they came,
 * in ordered work; whatever takes time (adding and removing devices, calling
 * drivers) is left to dev_wq and chan_wq.
 *
 * A relid belongs to the host again once RELID_RELEASED is sent, which is
 * after its rescind, after everything on the channel is closed and torn down.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/slab.h>
#include <linux/string.h>

#include "trace.h"
#include "vmbus_int.h"

/* --- channels by relid --------------------------------------------------- */

static void free_channel(struct kref *ref)
{
	struct lis_channel *ch = container_of(ref, struct lis_channel, ref);

	kfree_rcu(ch, rcu);
}

/**
 * lis_channel_put - drop a reference.
 * @ch: the channel
 */
void lis_channel_put(struct lis_channel *ch)
{
	kref_put(&ch->ref, free_channel);
}

/**
 * lis_channel_get - take a reference to a channel by its relid.
 * @relid: any value
 *
 * Return: the channel, or NULL.
 */
struct lis_channel *lis_channel_get(u32 relid)
{
	struct lis_channel *ch = NULL;

	if (!relid || relid > LIS_RELID_MAX)
		return NULL;
	rcu_read_lock();
	ch = rcu_dereference(lis_bus.relid[relid]);
	if (ch && !kref_get_unless_zero(&ch->ref))
		ch = NULL;
	rcu_read_unlock();
	return ch;
}

/**
 * lis_mark_rescinded - the first thing to do about a rescind.
 * @relid: from the host
 *
 * Context: any.  Whoever waits for the host on that channel is woken and no
 * new wait begins; the rest happens in order, in lis_handle_message().
 */
void lis_mark_rescinded(u32 relid)
{
	struct lis_channel *ch;

	if (!relid || relid > LIS_RELID_MAX)
		return;
	rcu_read_lock();
	ch = rcu_dereference(lis_bus.relid[relid]);
	if (ch) {
		set_bit(LIS_CH_RESCINDED, &ch->flags);
		lis_wait_rescind(ch);
	}
	rcu_read_unlock();
}

static void enter_table(struct lis_channel *ch)
{
	lockdep_assert_held(&lis_bus.offer_lock);
	rcu_assign_pointer(lis_bus.relid[ch->relid], ch);
	if (ch->relid / BITS_PER_LONG >= lis_bus.event_words)
		WRITE_ONCE(lis_bus.event_words,
			   ch->relid / BITS_PER_LONG + 1);
}

static void leave_table(struct lis_channel *ch)
{
	lockdep_assert_held(&lis_bus.offer_lock);
	/* after hibernation its old number may be another channel's */
	if (rcu_access_pointer(lis_bus.relid[ch->relid]) == ch)
		RCU_INIT_POINTER(lis_bus.relid[ch->relid], NULL);
}

static void give_id_back(struct lis_channel *ch)
{
	struct lis_msg_relid m = {
		.hdr.type = LIS_MSG_RELID_RELEASED,
		.relid = ch->relid,
	};
	bool taken;
	int err;

	mutex_lock(&lis_bus.offer_lock);
	leave_table(ch);
	/* a host that did not wait for us has used it for another channel */
	taken = rcu_access_pointer(lis_bus.relid[ch->relid]);
	mutex_unlock(&lis_bus.offer_lock);
	/* only after that: the host may offer the same id at once */
	if (taken || !test_bit(LIS_CH_RELEASABLE, &ch->flags) ||
	    atomic_read(&ch->out_on_loan) ||
	    test_and_set_bit(LIS_CH_ID_BACK, &ch->flags))
		return;
	err = lis_post(&m, sizeof(m));
	trace_vmbus_release_relid(ch->relid, err);
}

/**
 * lis_forget_channel - give a channel's id back to the host and forget it.
 * @ch: closed, nobody's; its table reference is dropped
 *
 * Context: process, may sleep.
 */
void lis_forget_channel(struct lis_channel *ch)
{
	if (test_and_set_bit(LIS_CH_RELEASED, &ch->flags))
		return;
	give_id_back(ch);
	lis_channel_put(ch);
}

/**
 * lis_channel_loan_back - the host gave memory of a channel back.
 * @ch: the channel
 *
 * Whoever waits for the last of it to give the channel's id back, or would
 * have, has it done here.
 *
 * Context: process, may sleep.
 */
void lis_channel_loan_back(struct lis_channel *ch)
{
	/* pairs with itself: lis_forget_channel() first marks, then counts */
	if (atomic_dec_and_test(&ch->out_on_loan) &&
	    test_bit(LIS_CH_RELEASED, &ch->flags))
		give_id_back(ch);
}

/* --- offers -------------------------------------------------------------- */

static bool same_device(const struct lis_msg_offer *a,
			const struct lis_msg_offer *b)
{
	return !memcmp(&a->class_id, &b->class_id, sizeof(a->class_id)) &&
	       !memcmp(&a->instance_id, &b->instance_id,
		       sizeof(a->instance_id));
}

/* The device of an offer that is not going away, else NULL. */
static struct lis_bus_device *find_device(const struct lis_msg_offer *o)
{
	struct lis_bus_device *bd;

	lockdep_assert_held(&lis_bus.offer_lock);
	list_for_each_entry(bd, &lis_bus.devices, node)
		if (!bd->dead && same_device(&bd->d.channel->offer, o))
			return bd;
	return NULL;
}

/* The latest device of the same name that is still going away, else NULL. */
static struct lis_bus_device *find_leaving(const struct lis_msg_offer *o)
{
	struct lis_bus_device *bd;

	lockdep_assert_held(&lis_bus.offer_lock);
	list_for_each_entry_reverse(bd, &lis_bus.devices, node)
		if (bd->dead &&
		    !memcmp(&bd->d.channel->offer.instance_id, &o->instance_id,
			    sizeof(o->instance_id)))
			return bd;
	return NULL;
}

static bool name_taken(const struct lis_msg_offer *o)
{
	struct lis_bus_device *bd;

	list_for_each_entry(bd, &lis_bus.devices, node)
		if (!bd->dead &&
		    !memcmp(&bd->d.channel->offer.instance_id, &o->instance_id,
			    sizeof(o->instance_id)))
			return true;
	return false;
}

static bool sub_known(const struct lis_bus_device *bd, u16 subindex)
{
	const struct lis_channel *ch;

	list_for_each_entry(ch, &bd->subs, node)
		if (ch->subindex == subindex && !lis_rescinded(ch))
			return true;
	return false;
}

/* NULL, or why the sub-channel cannot belong to that device. */
static const char *adopt(struct lis_bus_device *bd, struct lis_channel *ch)
{
	lockdep_assert_held(&lis_bus.offer_lock);
	if (bd->sub_count >= LIS_SUBS_MAX)
		return "too many sub-channels";
	if (sub_known(bd, ch->subindex))
		return "sub-channel index in use";
	bd->sub_count++;
	ch->dev = bd;
	kref_get(&ch->ref);
	list_add_tail(&ch->node, &bd->subs);
	queue_work(lis_bus.chan_wq, &ch->work);
	return NULL;
}

static const char *place_sub(struct lis_channel *ch)
{
	struct lis_bus_device *bd = find_device(&ch->offer);

	if (bd)
		return adopt(bd, ch);
	/* its primary may be yet to come */
	kref_get(&ch->ref);
	list_add_tail(&ch->node, &lis_bus.parked);
	return NULL;
}

/* May it be this device's, as far as is known before adopt()? */
static bool waits_for(const struct lis_channel *ch,
		      const struct lis_bus_device *bd)
{
	return !lis_rescinded(ch) && !test_bit(LIS_CH_ANNOUNCED, &ch->flags) &&
	       same_device(&ch->offer, &bd->d.channel->offer);
}

/* Sub-channels that came before their primary; each is looked at once. */
static void adopt_parked(struct lis_bus_device *bd)
{
	struct lis_channel *ch, *next;
	LIST_HEAD(waiting);

	list_splice_init(&lis_bus.parked, &waiting);
	list_for_each_entry_safe(ch, next, &waiting, node) {
		list_del_init(&ch->node);
		if (!waits_for(ch, bd) || adopt(bd, ch))
			list_add_tail(&ch->node, &lis_bus.parked);
		else
			lis_channel_put(ch);
	}
}

static const char *place_primary(struct lis_channel *ch)
{
	struct lis_bus_device *bd;

	if (name_taken(&ch->offer))
		return "instance exists already";
	bd = lis_device_new(ch);
	if (!bd)
		return "out of memory";
	bd->before = find_leaving(&ch->offer);
	if (bd->before)
		get_device(&bd->before->d.dev);
	list_add_tail(&bd->node, &lis_bus.devices);
	queue_work(lis_bus.dev_wq, &bd->work);
	adopt_parked(bd);
	return NULL;
}

/* After hibernation: the same device, with whatever numbers it has now. */
static bool reseat(const struct lis_msg_offer *o)
{
	struct lis_bus_device *bd = find_device(o);
	struct lis_channel *ch;

	if (!bd || o->subchannel_index)
		return false;
	ch = bd->d.channel;
	if (!test_and_clear_bit(LIS_CH_UNSEATED, &ch->flags))
		return false;
	/* whatever was said while we slept was about the old one */
	clear_bit(LIS_CH_RESCINDED, &ch->flags);
	clear_bit(LIS_CH_ID_BACK, &ch->flags);
	lis_channel_renumber(ch, o);
	enter_table(ch);
	lis_device_renumber(ch);
	return true;
}

static const char *accept_offer(const struct lis_msg_offer *o)
{
	struct lis_channel *ch;
	const char *why = lis_offer_check(o);

	if (why)
		return why;
	if (lis_bus.closing)
		return "the bus is going away";
	if (rcu_access_pointer(lis_bus.relid[o->relid]))
		return "channel id in use";
	if (reseat(o))
		return NULL;
	ch = kzalloc(sizeof(*ch), GFP_KERNEL);
	if (!ch)
		return "out of memory";
	lis_channel_init(ch, o);
	enter_table(ch);
	why = ch->subindex ? place_sub(ch) : place_primary(ch);
	if (why) {
		leave_table(ch);
		lis_channel_put(ch);
	}
	return why;
}

static void handle_offer(const struct lis_msg_offer *o)
{
	const char *why;

	trace_vmbus_onoffer(o);
	lis_count(LIS_CNT_OFFERS);
	mutex_lock(&lis_bus.offer_lock);
	why = accept_offer(o);
	mutex_unlock(&lis_bus.offer_lock);
	if (!why)
		return;
	lis_count(LIS_CNT_OFFERS_DROPPED);
	lis_host_warn("dropping offer of channel %u, index %u: %s\n",
			    o->relid, o->subchannel_index, why);
}

/* --- rescinds ------------------------------------------------------------ */

/* True when the channel was nobody's: it is only forgotten. */
static bool start_removal(struct lis_channel *ch)
{
	bool parked;

	lockdep_assert_held(&lis_bus.offer_lock);
	if (!ch->dev) {
		parked = !list_empty(&ch->node);
		list_del_init(&ch->node);
		return parked;
	}
	if (ch->subindex) {
		/* else part_with_sub() sees that it may be released */
		if (!test_bit(LIS_CH_PARTING, &ch->flags))
			queue_work(lis_bus.chan_wq, &ch->work);
	} else if (!ch->dev->dead) {
		WRITE_ONCE(ch->dev->dead, true);
		queue_work(lis_bus.dev_wq, &ch->dev->work);
	}
	return false;
}

static void rescind(struct lis_channel *ch)
{
	bool parked;

	if (test_and_set_bit(LIS_CH_RELEASABLE, &ch->flags)) {
		lis_count(LIS_CNT_MSG_UNEXPECTED);
		return;
	}
	/* before removal is queued: first ops->gone(), then remove() */
	lis_channel_tell_gone(ch);
	mutex_lock(&lis_bus.offer_lock);
	parked = start_removal(ch);
	mutex_unlock(&lis_bus.offer_lock);
	if (parked) {
		lis_forget_channel(ch);
		lis_channel_put(ch);	/* the list's */
	}
}

static void handle_rescind(u32 relid)
{
	struct lis_channel *ch = lis_channel_get(relid);

	trace_vmbus_onoffer_rescind(relid);
	lis_count(LIS_CNT_RESCINDS);
	if (!ch) {
		lis_host_warn("the host rescinds channel %u, which it did not offer\n",
				    relid);
		lis_count(LIS_CNT_MSG_UNEXPECTED);
		return;
	}
	/* the first mark, when its offer was still waiting as it came */
	lis_mark_rescinded(relid);
	rescind(ch);
	lis_channel_put(ch);
}

/**
 * lis_handle_message - offers, rescinds and the end of the offers, in order.
 * @msg: private copy
 *
 * Context: ordered work.
 */
void lis_handle_message(const union lis_host_msg *msg)
{
	/* all channels end anyway; what is still there is offered anew */
	if (READ_ONCE(lis_bus.asleep)) {
		lis_count(LIS_CNT_MSG_UNEXPECTED);
		return;
	}
	switch (msg->hdr.type) {
	case LIS_MSG_OFFER_CHANNEL:
		handle_offer(&msg->offer);
		break;
	case LIS_MSG_RESCIND_OFFER:
		handle_rescind(msg->relid.relid);
		break;
	case LIS_MSG_ALL_OFFERS_DELIVERED:
		complete_all(&lis_bus.all_offers);
		break;
	}
}

/* --- the end ------------------------------------------------------------- */

static void drop_parked(void)
{
	struct lis_channel *ch;

	mutex_lock(&lis_bus.offer_lock);
	while (!list_empty(&lis_bus.parked)) {
		ch = list_first_entry(&lis_bus.parked, struct lis_channel,
				      node);
		list_del_init(&ch->node);
		mutex_unlock(&lis_bus.offer_lock);
		lis_forget_channel(ch);
		lis_channel_put(ch);
		mutex_lock(&lis_bus.offer_lock);
	}
	mutex_unlock(&lis_bus.offer_lock);
}

/**
 * lis_unseat_channels - hibernation: no channel id means anything any more.
 *
 * Devices stay; sub-channels do not, their drivers ask for new ones.
 */
void lis_unseat_channels(void)
{
	struct lis_bus_device *bd;

	/* devices come and go in work only, which is frozen now */
	list_for_each_entry(bd, &lis_bus.devices, node) {
		lis_part_with_subs(bd);
		lis_purge_subs(bd);
		mutex_lock(&lis_bus.offer_lock);
		leave_table(bd->d.channel);
		set_bit(LIS_CH_UNSEATED, &bd->d.channel->flags);
		/* one that is due to go owes nothing to the next host */
		set_bit(LIS_CH_ID_BACK, &bd->d.channel->flags);
		mutex_unlock(&lis_bus.offer_lock);
	}
	drop_parked();
}

/**
 * lis_drop_unseated - devices that did not come back are gone.
 */
void lis_drop_unseated(void)
{
	struct lis_bus_device *bd;

	mutex_lock(&lis_bus.offer_lock);
	list_for_each_entry(bd, &lis_bus.devices, node) {
		if (!test_bit(LIS_CH_UNSEATED, &bd->d.channel->flags))
			continue;
		dev_warn(&bd->d.dev, "not offered again after hibernation\n");
		set_bit(LIS_CH_RESCINDED, &bd->d.channel->flags);
		WRITE_ONCE(bd->dead, true);
		queue_work(lis_bus.dev_wq, &bd->work);
	}
	mutex_unlock(&lis_bus.offer_lock);
}

/**
 * lis_drop_everything - remove all devices and forget all channels.
 *
 * Context: the module goes, bus.closing is set.
 */
void lis_drop_everything(void)
{
	struct lis_bus_device *bd;

	flush_workqueue(lis_bus.offer_wq);
	mutex_lock(&lis_bus.offer_lock);
	list_for_each_entry(bd, &lis_bus.devices, node) {
		bd->dead = true;
		queue_work(lis_bus.dev_wq, &bd->work);
	}
	mutex_unlock(&lis_bus.offer_lock);
	flush_workqueue(lis_bus.dev_wq);
	flush_workqueue(lis_bus.chan_wq);

	drop_parked();
}
