// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleep.  Drivers quiesce their channels in suspend(); a driver without one
 * keeps the machine awake, which is better than losing its state.
 *
 * The driver core serializes all of this against probe and remove.
 */
#include <linux/pm.h>

#include "vmbus_int.h"

static struct lis_driver *bound(struct device *dev)
{
	return dev->driver ? container_of(dev->driver, struct lis_driver,
					  driver) : NULL;
}

static int device_suspend(struct device *dev)
{
	struct lis_driver *drv = bound(dev);

	if (!drv)
		return 0;
	if (!drv->suspend || !drv->resume)
		return -EOPNOTSUPP;
	return drv->suspend(to_lis_device(dev));
}

static int device_resume(struct device *dev)
{
	struct lis_driver *drv = bound(dev);

	return drv && drv->resume ? drv->resume(to_lis_device(dev)) : 0;
}

const struct dev_pm_ops lis_device_pm = {
	SET_SYSTEM_SLEEP_PM_OPS(device_suspend, device_resume)
};
