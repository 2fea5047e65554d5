// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/bus/vmbus/devices/<instance>/channels/<relid>/.
 *
 * The directory holds a reference to its channel.  Ring values are read under
 * the channel's lock; counters are read without, they are only shown.
 */
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "vmbus_int.h"

struct chan_attr {
	struct attribute attr;
	ssize_t (*show)(struct lis_channel *ch, char *buf);
	ssize_t (*store)(struct lis_channel *ch, const char *buf, size_t len);
};

static struct lis_channel *to_channel(struct kobject *kobj)
{
	return container_of(kobj, struct lis_channel, kobj);
}

static ssize_t chan_show(struct kobject *kobj, struct attribute *attr,
			 char *buf)
{
	return container_of(attr, struct chan_attr, attr)->
		show(to_channel(kobj), buf);
}

static ssize_t chan_store(struct kobject *kobj, struct attribute *attr,
			  const char *buf, size_t len)
{
	struct chan_attr *a = container_of(attr, struct chan_attr, attr);

	return a->store ? a->store(to_channel(kobj), buf, len) : -EIO;
}

#define CHAN_ATTR_RO(_name) \
	static struct chan_attr attr_##_name = \
		{ { .name = #_name, .mode = 0444 }, _name##_show, NULL }
#define CHAN_ATTR_RW(_name) \
	static struct chan_attr attr_##_name = \
		{ { .name = #_name, .mode = 0644 }, _name##_show, _name##_store }

/* --- rings --------------------------------------------------------------- */

static u32 ring_used(const struct lis_ring_control *c, u32 size)
{
	u32 w = READ_ONCE(c->write_index), r = READ_ONCE(c->read_index);

	return w >= r ? w - r : w + size - r;
}

static u32 get_out_mask(struct lis_channel *ch)
{
	return READ_ONCE(ch->out.ctl->interrupt_mask);
}

static u32 get_in_mask(struct lis_channel *ch)
{
	return READ_ONCE(ch->in.ctl->interrupt_mask);
}

static u32 get_read_avail(struct lis_channel *ch)
{
	return ring_used(ch->in.ctl, ch->in.size);
}

static u32 get_write_avail(struct lis_channel *ch)
{
	return ch->out.size - ring_used(ch->out.ctl, ch->out.size);
}

static ssize_t show_ring(struct lis_channel *ch, char *buf,
			 u32 (*get)(struct lis_channel *ch))
{
	ssize_t len = -EINVAL;

	mutex_lock(&ch->lock);
	if (ch->state == LIS_CHAN_OPEN)
		len = sysfs_emit(buf, "%u\n", get(ch));
	mutex_unlock(&ch->lock);
	return len;
}

#define RING_ATTR(name)							\
static ssize_t name##_show(struct lis_channel *ch, char *buf)		\
{									\
	return show_ring(ch, buf, get_##name);				\
}									\
CHAN_ATTR_RO(name)

RING_ATTR(out_mask);
RING_ATTR(in_mask);
RING_ATTR(read_avail);
RING_ATTR(write_avail);

/* --- counters ------------------------------------------------------------ */

#define COUNTER_ATTR(name, value)					\
static ssize_t name##_show(struct lis_channel *ch, char *buf)		\
{									\
	return sysfs_emit(buf, "%llu\n", (unsigned long long)(value));	\
}									\
CHAN_ATTR_RO(name)

COUNTER_ATTR(interrupts, ch->rx_stats.interrupts);
COUNTER_ATTR(events, ch->tx_stats.intr_out_empty + ch->rx_stats.intr_in_full);
COUNTER_ATTR(intr_in_full, ch->rx_stats.intr_in_full);
COUNTER_ATTR(intr_out_empty, ch->tx_stats.intr_out_empty);
COUNTER_ATTR(out_full_first, ch->tx_stats.out_full_first);
COUNTER_ATTR(out_full_total, ch->tx_stats.out_full_total);
COUNTER_ATTR(subchannel_id, ch->subindex);
COUNTER_ATTR(monitor_id, ch->monitor_id);
COUNTER_ATTR(pending, lis_monitor_pending(ch, 1));
COUNTER_ATTR(latency, lis_monitor_latency(ch, 1));

/* --- CPU ----------------------------------------------------------------- */

static ssize_t cpu_show(struct lis_channel *ch, char *buf)
{
	return sysfs_emit(buf, "%d\n", lis_channel_cpu(ch));
}

static ssize_t cpu_store(struct lis_channel *ch, const char *buf, size_t len)
{
	int cpu, err;

	err = kstrtoint(buf, 0, &cpu);
	if (!err)
		err = lis_channel_set_cpu(ch, cpu);
	return err ?: len;
}
CHAN_ATTR_RW(cpu);

/* --- the directory ------------------------------------------------------- */

static struct attribute *chan_attrs[] = {
	&attr_out_mask.attr,
	&attr_in_mask.attr,
	&attr_read_avail.attr,
	&attr_write_avail.attr,
	&attr_cpu.attr,
	&attr_interrupts.attr,
	&attr_events.attr,
	&attr_intr_in_full.attr,
	&attr_intr_out_empty.attr,
	&attr_out_full_first.attr,
	&attr_out_full_total.attr,
	&attr_subchannel_id.attr,
	&attr_monitor_id.attr,
	&attr_pending.attr,
	&attr_latency.attr,
	NULL,
};

static umode_t chan_visible(struct kobject *kobj, struct attribute *attr,
			    int index)
{
	bool of_monitor = attr == &attr_monitor_id.attr ||
			  attr == &attr_pending.attr ||
			  attr == &attr_latency.attr;

	return of_monitor && !to_channel(kobj)->monitored ? 0 : attr->mode;
}

static const struct attribute_group chan_group = {
	.attrs = chan_attrs,
	.is_visible = chan_visible,
};

static const struct sysfs_ops chan_ops = {
	.show = chan_show,
	.store = chan_store,
};

static void chan_release(struct kobject *kobj)
{
	lis_channel_put(to_channel(kobj));
}

static struct kobj_type chan_type = {
	.sysfs_ops = &chan_ops,
	.release = chan_release,
};

/**
 * lis_sysfs_add_channel - show a channel.
 * @ch: the channel
 * @where: the device's "channels"
 *
 * Return: 0 or -errno.
 */
int lis_sysfs_add_channel(struct lis_channel *ch, struct kset *where)
{
	int err;

	memset(&ch->kobj, 0, sizeof(ch->kobj));
	ch->kobj.kset = where;
	kref_get(&ch->ref);
	err = kobject_init_and_add(&ch->kobj, &chan_type, NULL, "%u",
				   ch->relid);
	if (!err)
		err = sysfs_create_group(&ch->kobj, &chan_group);
	if (err) {
		kobject_put(&ch->kobj);
		return err;
	}
	set_bit(LIS_CH_IN_SYSFS, &ch->flags);
	kobject_uevent(&ch->kobj, KOBJ_ADD);
	return 0;
}

/**
 * lis_sysfs_remove_channel - show it no longer.
 * @ch: the channel
 *
 * Context: process, without ch->lock: waits for readers of the files.
 */
void lis_sysfs_remove_channel(struct lis_channel *ch)
{
	if (!test_and_clear_bit(LIS_CH_IN_SYSFS, &ch->flags))
		return;
	sysfs_remove_group(&ch->kobj, &chan_group);
	kobject_del(&ch->kobj);
	kobject_put(&ch->kobj);
}
