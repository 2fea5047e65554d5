// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a device: made from the offer of its primary channel, shown to
 * the driver core, given its sub-channels, removed after the rescind.
 *
 * Each device has one work item that adds it and, queued again, removes it;
 * each sub-channel has one that announces it and, queued again, releases it.
 * A work item never runs twice at once, so a rescind during probe is handled
 * right after that probe, and a slow driver delays nobody but itself.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/dma-mapping.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vmbus_int.h"

static void put_subs(struct lis_bus_device *bd)
{
	struct lis_channel *ch, *next;

	list_for_each_entry_safe(ch, next, &bd->subs, node) {
		list_del_init(&ch->node);
		lis_channel_put(ch);
	}
}

static void device_release(struct device *dev)
{
	struct lis_bus_device *bd = to_bus_device(to_lis_device(dev));

	put_subs(bd);
	lis_channel_put(bd->d.channel);
	kfree(bd->d.driver_override);
	kfree(bd);
}

/* --- adding -------------------------------------------------------------- */

static int show_device(struct lis_bus_device *bd)
{
	struct device *dev = &bd->d.dev;
	int err;

	err = device_add(dev);
	if (err) {
		dev_err(dev, "cannot be added: %d\n", err);
		return err;
	}
	bd->added = true;
	bd->channels = kset_create_and_add("channels", NULL, &dev->kobj);
	if (!bd->channels)
		dev_warn(dev, "no sysfs directory for its channels\n");
	lis_debugfs_add_device(bd);
	if (bd->channels &&
	    lis_sysfs_add_channel(bd->d.channel, bd->channels))
		dev_warn(dev, "no sysfs directory for its primary channel\n");
	lis_debugfs_add_channel(bd->d.channel, bd->debugfs);
	return 0;
}

static void wait_for_namesake(struct lis_bus_device *bd)
{
	if (!bd->before)
		return;
	flush_work(&bd->before->work);
	put_device(&bd->before->d.dev);
	bd->before = NULL;
}

/* Sub-channels that were offered before the device had a place for them */
static void show_waiting_subs(struct lis_bus_device *bd)
{
	struct lis_channel *ch;

	mutex_lock(&lis_bus.offer_lock);
	list_for_each_entry(ch, &bd->subs, node)
		if (!lis_rescinded(ch))
			queue_work(lis_bus.chan_wq, &ch->work);
	mutex_unlock(&lis_bus.offer_lock);
}

static void add(struct lis_bus_device *bd)
{
	int err = 0;

	wait_for_namesake(bd);
	if (!READ_ONCE(bd->dead))
		err = show_device(bd);
	/* pairs with lis_sub_work() */
	smp_store_release(&bd->registered, true);
	if (err || !bd->added)
		return;
	show_waiting_subs(bd);
	/* only now, so that probe() finds everything in place */
	WRITE_ONCE(bd->ready, true);
	err = device_attach(&bd->d.dev);
	if (err < 0)
		dev_dbg(&bd->d.dev, "no driver yet: %d\n", err);
}

/* --- removing ------------------------------------------------------------ */

/* After the device is gone: its sub-channels end with it. */
static void part_with_sub(struct lis_channel *ch)
{
	bool done;

	lis_channel_close(ch);
	lis_debugfs_remove_channel(ch);
	lis_sysfs_remove_channel(ch);
	mutex_lock(&lis_bus.offer_lock);
	ch->dev = NULL;
	done = test_bit(LIS_CH_RELEASABLE, &ch->flags) || lis_bus.closing;
	if (!done) {
		/* the host owes its rescind; until then it is nobody's */
		set_bit(LIS_CH_ANNOUNCED, &ch->flags);
		clear_bit(LIS_CH_PARTING, &ch->flags);
		list_move_tail(&ch->node, &lis_bus.parked);
	}
	mutex_unlock(&lis_bus.offer_lock);
	if (done)
		lis_forget_channel(ch);
}

/**
 * lis_find_sub - some sub-channel of a device.
 * @bd: the device
 * @fits: which one, called under bus.offer_lock
 *
 * Return: the channel with a reference, or NULL.
 */
struct lis_channel *lis_find_sub(struct lis_bus_device *bd,
				 bool (*fits)(struct lis_channel *ch))
{
	struct lis_channel *ch, *found = NULL;

	mutex_lock(&lis_bus.offer_lock);
	list_for_each_entry(ch, &bd->subs, node) {
		if (!fits(ch))
			continue;
		kref_get(&ch->ref);
		found = ch;
		break;
	}
	mutex_unlock(&lis_bus.offer_lock);
	return found;
}

/* From now on a rescind leaves the rest to us: no work is queued any more. */
static bool claim_for_parting(struct lis_channel *ch)
{
	if (test_bit(LIS_CH_RELEASED, &ch->flags))
		return false;
	set_bit(LIS_CH_PARTING, &ch->flags);
	return true;
}

/**
 * lis_part_with_subs - a device's sub-channels end.
 * @bd: the device, its primary closed
 */
void lis_part_with_subs(struct lis_bus_device *bd)
{
	struct lis_channel *ch;

	while ((ch = lis_find_sub(bd, claim_for_parting))) {
		cancel_work_sync(&ch->work);
		part_with_sub(ch);
		lis_channel_put(ch);
	}
}

static void hide_device(struct lis_bus_device *bd)
{
	struct lis_channel *ch = bd->d.channel;

	WRITE_ONCE(bd->ready, false);
	/* the driver first hears that nothing outstanding will complete */
	flush_work(&ch->gone_work);
	lis_debugfs_remove_channel(ch);
	lis_sysfs_remove_channel(ch);
	device_release_driver(&bd->d.dev);
	lis_part_with_subs(bd);
	lis_debugfs_remove_device(bd);
	kset_unregister(bd->channels);
	device_del(&bd->d.dev);
}

static void take_away(struct lis_bus_device *bd)
{
	if (bd->added)
		hide_device(bd);
	else
		lis_part_with_subs(bd);
	bd->added = false;
	lis_channel_close(bd->d.channel);
	mutex_lock(&lis_bus.offer_lock);
	list_del(&bd->node);
	mutex_unlock(&lis_bus.offer_lock);
	lis_forget_channel(bd->d.channel);
	put_device(&bd->d.dev);
}

static void device_work(struct work_struct *work)
{
	struct lis_bus_device *bd = container_of(work, struct lis_bus_device,
						 work);

	if (!bd->registered)
		add(bd);
	if (READ_ONCE(bd->dead) && !bd->gone) {
		bd->gone = true;
		take_away(bd);
	}
}

/* --- sub-channels -------------------------------------------------------- */

static void announce(struct lis_bus_device *bd, struct lis_channel *ch)
{
	struct lis_channel *primary = bd->d.channel;

	mutex_lock(&bd->announce_lock);
	if (bd->announce && !lis_rescinded(ch) &&
	    !test_and_set_bit(LIS_CH_ANNOUNCED, &ch->flags))
		primary->ops->subchannel(primary, ch, primary->ctx);
	mutex_unlock(&bd->announce_lock);
}

static void show_sub(struct lis_bus_device *bd, struct lis_channel *ch)
{
	if (!bd->channels || test_bit(LIS_CH_IN_SYSFS, &ch->flags))
		return;
	if (lis_sysfs_add_channel(ch, bd->channels))
		dev_warn(&bd->d.dev, "no sysfs directory for channel %u\n",
			 ch->relid);
	lis_debugfs_add_channel(ch, bd->debugfs);
}

/**
 * lis_sub_work - do what is due for a sub-channel.
 * @work: in the channel
 *
 * Context: work; cancelled before its device is removed.
 */
void lis_sub_work(struct work_struct *work)
{
	struct lis_channel *ch = container_of(work, struct lis_channel, work);
	struct lis_bus_device *bd = ch->dev;

	/* else add() has this run again: it is not waited for, for it may be
	 * frozen, and we are waited for when the machine falls asleep
	 */
	if (!lis_rescinded(ch) && smp_load_acquire(&bd->registered)) {
		show_sub(bd, ch);
		announce(bd, ch);
	}
	if (!test_bit(LIS_CH_RELEASABLE, &ch->flags))
		return;
	/* the driver heard of it, if it had the channel open */
	flush_work(&ch->gone_work);
	lis_channel_close(ch);
	lis_debugfs_remove_channel(ch);
	lis_sysfs_remove_channel(ch);
	lis_forget_channel(ch);
}

/**
 * lis_announce_subs - the primary is open: its driver may hear of the others.
 * @bd: the device
 */
void lis_announce_subs(struct lis_bus_device *bd)
{
	struct lis_channel *ch;

	if (!bd->d.channel->ops->subchannel)
		return;
	mutex_lock(&bd->announce_lock);
	bd->announce = true;
	mutex_unlock(&bd->announce_lock);
	mutex_lock(&lis_bus.offer_lock);
	list_for_each_entry(ch, &bd->subs, node) {
		if (lis_rescinded(ch))
			continue;
		clear_bit(LIS_CH_ANNOUNCED, &ch->flags);
		queue_work(lis_bus.chan_wq, &ch->work);
	}
	mutex_unlock(&lis_bus.offer_lock);
}

/**
 * lis_stop_announcing - the primary closes; no announcement runs afterwards.
 * @bd: the device
 */
void lis_stop_announcing(struct lis_bus_device *bd)
{
	mutex_lock(&bd->announce_lock);
	bd->announce = false;
	mutex_unlock(&bd->announce_lock);
}

/**
 * lis_purge_subs - free the sub-channels that the host took back.
 * @bd: the device; no driver is bound, which could know them still
 */
void lis_purge_subs(struct lis_bus_device *bd)
{
	struct lis_channel *ch, *next;

	mutex_lock(&lis_bus.offer_lock);
	list_for_each_entry_safe(ch, next, &bd->subs, node) {
		if (!test_bit(LIS_CH_RELEASED, &ch->flags))
			continue;
		list_del_init(&ch->node);
		bd->sub_count--;
		lis_channel_put(ch);
	}
	mutex_unlock(&lis_bus.offer_lock);
}

/**
 * lis_device_renumber - the primary has another relid now.
 * @ch: the primary, its new relid set
 */
void lis_device_renumber(struct lis_channel *ch)
{
	char name[12];

	snprintf(name, sizeof(name), "%u", ch->relid);
	if (test_bit(LIS_CH_IN_SYSFS, &ch->flags) &&
	    kobject_rename(&ch->kobj, name))
		dev_warn(&ch->dev->d.dev, "channel %u keeps its old name in sysfs\n",
			 ch->relid);
	if (!ch->debugfs)	/* its device was not added yet */
		return;
	lis_debugfs_remove_channel(ch);
	lis_debugfs_add_channel(ch, ch->dev->debugfs);
}

/* --- making -------------------------------------------------------------- */

static void set_up_dma(struct lis_bus_device *bd)
{
	struct device *dev = &bd->d.dev;

	/* the host sees all of our memory at its own addresses */
	bd->dma_mask = DMA_BIT_MASK(64);
	dev->dma_mask = &bd->dma_mask;
	dev->coherent_dma_mask = DMA_BIT_MASK(64);
	bd->dma_parms.max_segment_size = UINT_MAX;
	dev->dma_parms = &bd->dma_parms;
	/* a bounce buffer must start where the original does in its page */
	dma_set_min_align_mask(dev, LIS_HV_PAGE_SIZE - 1);
}

/**
 * lis_device_new - a device for the offer of a primary channel.
 * @primary: the channel; the device takes its own reference
 *
 * Return: the device, not yet known to the driver core, or NULL.
 */
struct lis_bus_device *lis_device_new(struct lis_channel *primary)
{
	const struct lis_msg_offer *o = &primary->offer;
	struct lis_bus_device *bd = kzalloc(sizeof(*bd), GFP_KERNEL);

	if (!bd)
		return NULL;
	INIT_LIST_HEAD(&bd->subs);
	mutex_init(&bd->announce_lock);
	INIT_WORK(&bd->work, device_work);

	import_guid(&bd->d.class_id, o->class_id.b);
	import_guid(&bd->d.instance_id, o->instance_id.b);
	memcpy(bd->d.user, o->user, sizeof(bd->d.user));

	device_initialize(&bd->d.dev);
	bd->d.dev.bus = &lis_bus_type;
	bd->d.dev.parent = lis_bus.dev;
	bd->d.dev.release = device_release;
	bd->d.dev.groups = lis_device_groups;
	set_dev_node(&bd->d.dev, dev_to_node(lis_bus.dev));
	set_up_dma(bd);
	kref_get(&primary->ref);
	bd->d.channel = primary;
	primary->dev = bd;
	if (dev_set_name(&bd->d.dev, "%pUl", &bd->d.instance_id)) {
		primary->dev = NULL;
		put_device(&bd->d.dev);
		return NULL;
	}
	return bd;
}
