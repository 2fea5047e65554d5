// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/bus/vmbus/devices/<instance>/: names and formats that tools rely on.
 *
 * Ring values are read under the channel's lock, which keeps the rings there;
 * what is read of a control page is only shown, never used.
 */
#include <linux/pci_ids.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "vmbus_int.h"

/* --- monitor pages ------------------------------------------------------- */

/* Offsets in a monitor page, protocol 2.8 */
#define MON_GROUP(g)		(8 + (g) * 8)
#define MON_LATENCY(id)		(0x240 + (id) * 2)
#define MON_CONN(id)		(0x440 + (id) * 8)

/* Without a connection, after a failed resume, there are no such pages. */
static u32 monitor_word(int page, unsigned int offset)
{
	const void *p = READ_ONCE(lis_bus.monitor[page]);

	return p ? READ_ONCE(*(const u32 *)(p + offset)) : 0;
}

/**
 * lis_monitor_pending - signals not yet delivered in this channel's group.
 * @ch: a channel with a monitor
 * @page: 0 host->guest, 1 guest->host
 */
u32 lis_monitor_pending(const struct lis_channel *ch, int page)
{
	return monitor_word(page, MON_GROUP(ch->monitor_id / 32));
}

/**
 * lis_monitor_latency - how long the host lets signals wait.
 * @ch: a channel with a monitor
 * @page: 0 host->guest, 1 guest->host
 */
u32 lis_monitor_latency(const struct lis_channel *ch, int page)
{
	unsigned int at = MON_LATENCY(ch->monitor_id);
	unsigned int half = at & 2 ? 16 : 0;

	return monitor_word(page, at & ~3u) >> half & 0xffff;
}

/**
 * lis_monitor_conn - the connection that is signalled.
 * @ch: a channel with a monitor
 * @page: 0 host->guest, 1 guest->host
 */
u32 lis_monitor_conn(const struct lis_channel *ch, int page)
{
	return monitor_word(page, MON_CONN(ch->monitor_id));
}

/* --- plain facts --------------------------------------------------------- */

static struct lis_channel *primary_of(struct device *dev)
{
	return to_lis_device(dev)->channel;
}

static ssize_t id_show(struct device *dev, struct device_attribute *attr,
		       char *buf)
{
	return sysfs_emit(buf, "%u\n", primary_of(dev)->relid);
}
static DEVICE_ATTR_RO(id);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	/* closed, opening and open have been 0, 1 and 3 ever since */
	static const int known[] = {
		[LIS_CHAN_CLOSED] = 0,
		[LIS_CHAN_OPENING] = 1,
		[LIS_CHAN_OPEN] = 3,
		[LIS_CHAN_CLOSING] = 2,
	};

	return sysfs_emit(buf, "%d\n",
			  known[READ_ONCE(primary_of(dev)->state)]);
}
static DEVICE_ATTR_RO(state);

static ssize_t monitor_id_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", primary_of(dev)->monitor_id);
}
static DEVICE_ATTR_RO(monitor_id);

static ssize_t class_id_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "{%pUl}\n", &to_lis_device(dev)->class_id);
}
static DEVICE_ATTR_RO(class_id);

static ssize_t device_id_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "{%pUl}\n", &to_lis_device(dev)->instance_id);
}
static DEVICE_ATTR_RO(device_id);

static ssize_t modalias_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "vmbus:%*phN\n", UUID_SIZE,
			  &to_lis_device(dev)->class_id);
}
static DEVICE_ATTR_RO(modalias);

#ifdef CONFIG_NUMA
static ssize_t numa_node_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", dev_to_node(dev));
}
static DEVICE_ATTR_RO(numa_node);
#endif

static ssize_t vendor_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "0x%x\n", PCI_VENDOR_ID_MICROSOFT);
}
static DEVICE_ATTR_RO(vendor);

/* VMBus has no device numbers: the class's first word tells devices apart */
static ssize_t device_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "0x%x\n",
			  *(const u16 *)&to_lis_device(dev)->class_id);
}
static DEVICE_ATTR_RO(device);

/* --- driver_override ----------------------------------------------------- */

/* Of every device: drivers are matched without the device's own lock. */
static DEFINE_SPINLOCK(override_lock);

/**
 * lis_device_override - whom an administrator wants to drive a device.
 * @d: the device
 * @driver: a driver's name
 *
 * Context: any but hard interrupt.
 * Return: LIS_OVERRIDE_NONE, or whether it is this driver.
 */
enum lis_override lis_device_override(const struct lis_device *d,
				      const char *driver)
{
	enum lis_override is = LIS_OVERRIDE_NONE;

	spin_lock(&override_lock);
	if (d->driver_override)
		is = strcmp(d->driver_override, driver) ?
			LIS_OVERRIDE_OTHER : LIS_OVERRIDE_THIS;
	spin_unlock(&override_lock);
	return is;
}

static ssize_t driver_override_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	ssize_t len;

	spin_lock(&override_lock);
	len = sysfs_emit(buf, "%s\n", to_lis_device(dev)->driver_override);
	spin_unlock(&override_lock);
	return len;
}

/* A line with a driver's name; an empty one ends the override. */
static ssize_t driver_override_store(struct device *dev,
				     struct device_attribute *attr,
				     const char *buf, size_t count)
{
	struct lis_device *d = to_lis_device(dev);
	char *name = NULL;

	/* it must fit, with its end of line, when it is read */
	if (count >= PAGE_SIZE - 1)
		return -EINVAL;
	if (*buf && *buf != '\n') {
		name = kstrndup(buf, strcspn(buf, "\n"), GFP_KERNEL);
		if (!name)
			return -ENOMEM;
	}
	spin_lock(&override_lock);
	swap(name, d->driver_override);
	spin_unlock(&override_lock);
	kfree(name);
	return count;
}
static DEVICE_ATTR_RW(driver_override);

/* --- channels and CPUs --------------------------------------------------- */

static ssize_t channel_vp_mapping_show(struct device *dev,
				       struct device_attribute *attr, char *buf)
{
	struct lis_bus_device *bd = to_bus_device(to_lis_device(dev));
	struct lis_channel *ch = bd->d.channel;
	int len;

	len = sysfs_emit(buf, "%u:%d\n", ch->relid, lis_channel_cpu(ch));
	mutex_lock(&lis_bus.offer_lock);
	list_for_each_entry(ch, &bd->subs, node)
		if (!lis_rescinded(ch))
			len += sysfs_emit_at(buf, len, "%u:%d\n", ch->relid,
					     lis_channel_cpu(ch));
	mutex_unlock(&lis_bus.offer_lock);
	return len;
}
static DEVICE_ATTR_RO(channel_vp_mapping);

/* --- rings --------------------------------------------------------------- */

struct ring_view {
	const struct lis_ring_control *ctl;
	u32 size;
};

static u32 ring_used(const struct ring_view *v)
{
	u32 w = READ_ONCE(v->ctl->write_index);
	u32 r = READ_ONCE(v->ctl->read_index);

	return w >= r ? w - r : w + v->size - r;
}

static u32 ring_free(const struct ring_view *v)
{
	return v->size - ring_used(v);
}

static u32 ring_mask(const struct ring_view *v)
{
	return READ_ONCE(v->ctl->interrupt_mask);
}

static u32 ring_read_index(const struct ring_view *v)
{
	return READ_ONCE(v->ctl->read_index);
}

static u32 ring_write_index(const struct ring_view *v)
{
	return READ_ONCE(v->ctl->write_index);
}

static ssize_t show_ring(struct device *dev, char *buf, bool out,
			 u32 (*what)(const struct ring_view *v))
{
	struct lis_channel *ch = primary_of(dev);
	struct ring_view v;
	ssize_t len = -EINVAL;

	mutex_lock(&ch->lock);
	if (ch->state == LIS_CHAN_OPEN) {
		v.ctl = out ? ch->out.ctl : ch->in.ctl;
		v.size = out ? ch->out.size : ch->in.size;
		len = sysfs_emit(buf, "%d\n", what(&v));
	}
	mutex_unlock(&ch->lock);
	return len;
}

#define RING_ATTR(name, out, what)					\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	return show_ring(dev, buf, out, what);				\
}									\
static DEVICE_ATTR_RO(name)

RING_ATTR(out_intr_mask, true, ring_mask);
RING_ATTR(out_read_index, true, ring_read_index);
RING_ATTR(out_write_index, true, ring_write_index);
RING_ATTR(out_read_bytes_avail, true, ring_used);
RING_ATTR(out_write_bytes_avail, true, ring_free);
RING_ATTR(in_intr_mask, false, ring_mask);
RING_ATTR(in_read_index, false, ring_read_index);
RING_ATTR(in_write_index, false, ring_write_index);
RING_ATTR(in_read_bytes_avail, false, ring_used);
RING_ATTR(in_write_bytes_avail, false, ring_free);

#define MONITOR_ATTR(name, page, what)					\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	return sysfs_emit(buf, "%u\n", what(primary_of(dev), page));	\
}									\
static DEVICE_ATTR_RO(name)

MONITOR_ATTR(server_monitor_pending, 0, lis_monitor_pending);
MONITOR_ATTR(client_monitor_pending, 1, lis_monitor_pending);
MONITOR_ATTR(server_monitor_latency, 0, lis_monitor_latency);
MONITOR_ATTR(client_monitor_latency, 1, lis_monitor_latency);
MONITOR_ATTR(server_monitor_conn_id, 0, lis_monitor_conn);
MONITOR_ATTR(client_monitor_conn_id, 1, lis_monitor_conn);

/* --- groups -------------------------------------------------------------- */

static struct attribute *device_attrs[] = {
	&dev_attr_id.attr,
	&dev_attr_state.attr,
	&dev_attr_class_id.attr,
	&dev_attr_device_id.attr,
	&dev_attr_modalias.attr,
#ifdef CONFIG_NUMA
	&dev_attr_numa_node.attr,
#endif
	&dev_attr_out_intr_mask.attr,
	&dev_attr_out_read_index.attr,
	&dev_attr_out_write_index.attr,
	&dev_attr_out_read_bytes_avail.attr,
	&dev_attr_out_write_bytes_avail.attr,
	&dev_attr_in_intr_mask.attr,
	&dev_attr_in_read_index.attr,
	&dev_attr_in_write_index.attr,
	&dev_attr_in_read_bytes_avail.attr,
	&dev_attr_in_write_bytes_avail.attr,
	&dev_attr_channel_vp_mapping.attr,
	&dev_attr_vendor.attr,
	&dev_attr_device.attr,
	&dev_attr_driver_override.attr,
	NULL,
};

static const struct attribute_group device_group = {
	.attrs = device_attrs,
};

static struct attribute *monitor_attrs[] = {
	&dev_attr_monitor_id.attr,
	&dev_attr_server_monitor_pending.attr,
	&dev_attr_client_monitor_pending.attr,
	&dev_attr_server_monitor_latency.attr,
	&dev_attr_client_monitor_latency.attr,
	&dev_attr_server_monitor_conn_id.attr,
	&dev_attr_client_monitor_conn_id.attr,
	NULL,
};

static umode_t monitor_visible(struct kobject *kobj, struct attribute *attr,
			       int index)
{
	return primary_of(kobj_to_dev(kobj))->monitored ? attr->mode : 0;
}

static const struct attribute_group monitor_group = {
	.attrs = monitor_attrs,
	.is_visible = monitor_visible,
};

const struct attribute_group *lis_device_groups[] = {
	&device_group,
	&monitor_group,
	NULL,
};

static ssize_t hibernation_show(const struct bus_type *bus, char *buf)
{
	return sysfs_emit(buf, "%d\n", lis_hv_hibernation());
}
LIS_COMPAT_BUS_ATTR_RO(hibernation);

static struct attribute *bus_attrs[] = {
	&bus_attr_hibernation.attr,
	NULL,
};

static const struct attribute_group bus_group = {
	.attrs = bus_attrs,
};

const struct attribute_group *lis_bus_groups[] = {
	&bus_group,
	NULL,
};
