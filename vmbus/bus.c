// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bus named "vmbus" of the driver core: matching, dynamic ids, events for
 * udev, and the calls into drivers.
 *
 * drv->dynids_lock protects a driver's dynamic ids; all else is serialized by
 * the driver core.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "vmbus_int.h"

struct dynid {
	struct list_head node;
	struct hv_vmbus_device_id id;
};

static struct lis_driver *to_lis_driver(const struct device_driver *drv)
{
	return container_of((struct device_driver *)drv, struct lis_driver,
			    driver);
}

/* --- matching ------------------------------------------------------------ */

static bool listed(const struct hv_vmbus_device_id *id, const guid_t *class,
		   const struct hv_vmbus_device_id **found)
{
	if (!id)
		return false;
	while (!guid_is_null(&id->guid) && !guid_equal(&id->guid, class))
		id++;
	*found = id;
	return !guid_is_null(&id->guid);
}

/* Copied out, because the list entry may go away at any time */
static bool added(struct lis_driver *drv, const guid_t *class,
		  struct hv_vmbus_device_id *id)
{
	struct dynid *d;
	bool found = false;

	spin_lock(&drv->dynids_lock);
	list_for_each_entry(d, &drv->dynids, node) {
		found = guid_equal(&d->id.guid, class);
		if (found) {
			*id = d->id;
			break;
		}
	}
	spin_unlock(&drv->dynids_lock);
	return found;
}

/*
 * The id by which a driver takes a device, or NULL; @room has space for one
 * that is in no driver's table.  An administrator's override counts first.
 */
static const struct hv_vmbus_device_id *
find_id(struct lis_driver *drv, const struct lis_device *d,
	struct hv_vmbus_device_id *room)
{
	const struct hv_vmbus_device_id *id;
	enum lis_override wish = lis_device_override(d, drv->driver.name);

	if (wish == LIS_OVERRIDE_OTHER)
		return NULL;
	*room = (struct hv_vmbus_device_id){};
	if (added(drv, &d->class_id, room))
		return room;
	if (listed(drv->id_table, &d->class_id, &id))
		return id;
	return wish == LIS_OVERRIDE_THIS ? room : NULL;
}

static int bus_match(struct device *dev, const struct device_driver *drv)
{
	struct lis_device *d = to_lis_device(dev);
	struct hv_vmbus_device_id room;

	/* its directories are not there yet, or no longer */
	if (!READ_ONCE(to_bus_device(d)->ready))
		return 0;
	return !!find_id(to_lis_driver(drv), d, &room);
}
LIS_COMPAT_BUS_MATCH(bus_match)

static int bus_uevent(const struct device *dev, struct kobj_uevent_env *env)
{
	const struct lis_device *d = container_of(dev, struct lis_device, dev);

	return add_uevent_var(env, "MODALIAS=vmbus:%*phN", UUID_SIZE,
			      &d->class_id);
}
LIS_COMPAT_BUS_UEVENT(bus_uevent)

/* --- calls into drivers -------------------------------------------------- */

static void unbound(struct lis_bus_device *bd)
{
	lis_close_all(bd);
	lis_purge_subs(bd);
}

static int bus_probe(struct device *dev)
{
	struct lis_driver *drv = to_lis_driver(dev->driver);
	struct lis_device *d = to_lis_device(dev);
	const struct hv_vmbus_device_id *id;
	struct hv_vmbus_device_id room;
	int err;

	id = find_id(drv, d, &room);
	if (!id || !drv->probe)
		return -ENODEV;
	/* a channel that broke starts anew when it is opened */
	err = lis_rescinded(d->channel) ? -ENODEV : drv->probe(d, id);
	/* a failed probe must not leave the host writing into our memory */
	if (err)
		unbound(to_bus_device(d));
	return err;
}

static void bus_remove(struct device *dev)
{
	struct lis_driver *drv = to_lis_driver(dev->driver);
	struct lis_device *d = to_lis_device(dev);

	if (drv->remove)
		drv->remove(d);
	unbound(to_bus_device(d));
}
LIS_COMPAT_BUS_REMOVE(bus_remove)

static void bus_shutdown(struct device *dev)
{
	struct lis_driver *drv;

	if (!dev->driver)
		return;
	drv = to_lis_driver(dev->driver);
	if (drv->shutdown)
		drv->shutdown(to_lis_device(dev));
}

/* --- dynamic ids --------------------------------------------------------- */

static ssize_t new_id_store(struct device_driver *driver, const char *buf,
			    size_t count)
{
	struct lis_driver *drv = to_lis_driver(driver);
	const struct hv_vmbus_device_id *id;
	struct hv_vmbus_device_id room;
	struct dynid *d;
	guid_t guid;
	int err;

	err = guid_parse(buf, &guid);
	if (err)
		return err;
	if (added(drv, &guid, &room) || listed(drv->id_table, &guid, &id))
		return -EEXIST;
	d = kzalloc(sizeof(*d), GFP_KERNEL);
	if (!d)
		return -ENOMEM;
	d->id.guid = guid;
	spin_lock(&drv->dynids_lock);
	list_add_tail(&d->node, &drv->dynids);
	spin_unlock(&drv->dynids_lock);
	err = driver_attach(driver);
	return err ?: count;
}
static DRIVER_ATTR_WO(new_id);

static ssize_t remove_id_store(struct device_driver *driver, const char *buf,
			       size_t count)
{
	struct lis_driver *drv = to_lis_driver(driver);
	struct dynid *d, *next;
	ssize_t ret = -ENODEV;
	guid_t guid;
	int err;

	err = guid_parse(buf, &guid);
	if (err)
		return err;
	spin_lock(&drv->dynids_lock);
	list_for_each_entry_safe(d, next, &drv->dynids, node) {
		if (!guid_equal(&d->id.guid, &guid))
			continue;
		list_del(&d->node);
		kfree(d);
		ret = count;
		break;
	}
	spin_unlock(&drv->dynids_lock);
	return ret;
}
static DRIVER_ATTR_WO(remove_id);

static struct attribute *driver_attrs[] = {
	&driver_attr_new_id.attr,
	&driver_attr_remove_id.attr,
	NULL,
};
ATTRIBUTE_GROUPS(driver);

/* --- registration -------------------------------------------------------- */

struct bus_type lis_bus_type = {
	.name = "vmbus",
	.match = LIS_COMPAT_NAME(bus_match),
	.uevent = LIS_COMPAT_NAME(bus_uevent),
	.probe = bus_probe,
	.remove = LIS_COMPAT_NAME(bus_remove),
	.shutdown = bus_shutdown,
	.bus_groups = lis_bus_groups,
	.drv_groups = driver_groups,
	.pm = &lis_device_pm,
};

/**
 * __lis_driver_register - add a driver for devices on the bus.
 * @drv: the driver
 * @owner: its module
 * @mod_name: the module's name
 *
 * Use lis_driver_register().
 *
 * Context: process.
 * Return: 0 or -errno of the driver core.
 */
int __lis_driver_register(struct lis_driver *drv, struct module *owner,
			  const char *mod_name)
{
	spin_lock_init(&drv->dynids_lock);
	INIT_LIST_HEAD(&drv->dynids);
	drv->driver.owner = owner;
	drv->driver.mod_name = mod_name;
	drv->driver.bus = &lis_bus_type;
	return driver_register(&drv->driver);
}
EXPORT_SYMBOL_GPL(__lis_driver_register);

/**
 * lis_driver_unregister - remove a driver; its devices are unbound first.
 * @drv: the driver
 *
 * Context: process.
 */
void lis_driver_unregister(struct lis_driver *drv)
{
	struct dynid *d, *next;

	driver_unregister(&drv->driver);
	list_for_each_entry_safe(d, next, &drv->dynids, node) {
		list_del(&d->node);
		kfree(d);
	}
}
EXPORT_SYMBOL_GPL(lis_driver_unregister);
