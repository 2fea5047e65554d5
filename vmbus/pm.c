// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sleep and hibernation.
 *
 * Drivers close their channels in suspend(); a driver without one keeps the
 * machine awake, which is better than losing its state.  For hibernation the
 * bus then leaves the host (UNLOAD), and afterwards connects again with the
 * same version: the devices keep their names and drivers, but may come back
 * under other channel ids, or not at all.
 *
 * The driver core serializes all of this against probe and remove; and dev_wq is
 * frozen meanwhile, so that devices which the host took away are removed after
 * the others woke up.  (Removing a disk flushes it, with its device locked and
 * its controller, and waits until that one is awake; waking it needs its lock.)
 * Nothing here may wait for that work, then.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/io.h>
#include <linux/pm.h>

#include "../compat/shims/syscore.h"
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

/* --- the bus, for hibernation -------------------------------------------- */

static int bus_leave(struct device *dev)
{
	/* a rescind that comes now must not remove devices under our hands */
	WRITE_ONCE(lis_bus.asleep, true);
	flush_workqueue(lis_bus.offer_wq);
	flush_workqueue(lis_bus.chan_wq);
	lis_unseat_channels();
	lis_disconnect();
	return 0;
}

static int bus_return(struct device *dev)
{
	int err;

	reinit_completion(&lis_bus.all_offers);
	WRITE_ONCE(lis_bus.asleep, false);
	err = lis_connect(true);
	if (!err)
		err = lis_request_offers();
	if (err)
		dev_err(dev, "the host is lost after hibernation: %d\n", err);
	flush_workqueue(lis_bus.offer_wq);
	lis_drop_unseated();
	return err;
}

const struct dev_pm_ops lis_bus_pm = {
	.freeze_noirq = bus_leave,
	.thaw_noirq = bus_return,
	.poweroff_noirq = bus_leave,
	.restore_noirq = bus_return,
};

/* The last CPU: the others went through CPU hotplug. */
static int last_cpu_suspend(void *unused)
{
	lis_hv_synic_off();
	return 0;
}

static void last_cpu_resume(void *unused)
{
	struct lis_synic *s = lis_synic_of(smp_processor_id());

	lis_hv_synic_on(virt_to_phys(s->messages), virt_to_phys(s->events));
}

LIS_COMPAT_SYSCORE(last_cpu, last_cpu_suspend, last_cpu_resume);

/**
 * lis_pm_start - take part in sleeping.
 */
void lis_pm_start(void)
{
	register_syscore(&last_cpu);
}

/**
 * lis_pm_stop - no longer.
 */
void lis_pm_stop(void)
{
	unregister_syscore(&last_cpu);
}
