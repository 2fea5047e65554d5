// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_utils: the integration services that a Hyper-V host offers on the VMBus.
 *
 * This file: the module, and binding to the bus.  Probe, remove, suspend and
 * resume are called by the bus in process context, never two at a time for one
 * device.
 */
#include <linux/bitops.h>
#include <linux/init.h>
#include <linux/module.h>
#include "utils_int.h"

struct workqueue_struct *utils_wq;

enum service { HEARTBEAT, SHUTDOWN, TIMESYNC, KVP, VSS, FCOPY, SERVICES };

static const struct utils_kind * const kinds[SERVICES] = {
	[HEARTBEAT]	= &utils_heartbeat_kind,
	[SHUTDOWN]	= &utils_shutdown_kind,
	[TIMESYNC]	= &utils_timesync_kind,
	[KVP]		= &utils_kvp_kind,
	[VSS]		= &utils_vss_kind,
	[FCOPY]		= &utils_fcopy_kind,
};

/* A host has one of each: their names in /dev and in sysfs exist once. */
static unsigned long taken;

static int start(struct utils_service *svc)
{
	int err = 0;

	if (svc->kind->daemon)
		err = utils_relay_start(svc);
	if (!err && svc->kind->start) {
		err = svc->kind->start(svc);
		if (err && svc->kind->daemon)
			utils_relay_stop(svc);
	}
	return err;
}

static void stop(struct utils_service *svc)
{
	if (svc->kind->stop)
		svc->kind->stop(svc);
	if (svc->kind->daemon)
		utils_relay_stop(svc);
}

static int utils_probe(struct lis_device *dev,
		       const struct hv_vmbus_device_id *id)
{
	struct utils_service *svc;
	int err;

	/* an id from user space names no service */
	if (id->driver_data >= SERVICES)
		return -EINVAL;
	if (test_and_set_bit(id->driver_data, &taken)) {
		dev_notice(&dev->dev, "a second %s service is not used\n",
			   kinds[id->driver_data]->name);
		return -ENODEV;
	}
	err = -ENOMEM;
	svc = utils_service_alloc(dev, kinds[id->driver_data]);
	if (!svc)
		goto err_taken;
	lis_set_drvdata(dev, svc);
	err = start(svc);
	if (err)
		goto err_put;
	err = utils_service_open(svc);
	if (err)
		goto err_stop;
	utils_show(svc);
	return 0;

err_stop:
	stop(svc);
err_put:
	lis_set_drvdata(dev, NULL);
	utils_service_put(svc);
err_taken:
	clear_bit(id->driver_data, &taken);
	return err;
}

static u32 service_of(const struct utils_kind *kind)
{
	u32 i;

	for (i = 0; i < SERVICES && kinds[i] != kind; i++)
		;
	return i;
}

static void utils_remove(struct lis_device *dev)
{
	struct utils_service *svc = lis_get_drvdata(dev);

	utils_show_no_more(svc);
	utils_service_close(svc);
	stop(svc);
	lis_set_drvdata(dev, NULL);
	clear_bit(service_of(svc->kind), &taken);
	utils_service_put(svc);
}

static int utils_suspend(struct lis_device *dev)
{
	utils_service_close(lis_get_drvdata(dev));
	return 0;
}

/* The host negotiates anew; daemons have noticed nothing. */
static int utils_resume(struct lis_device *dev)
{
	int err = utils_service_open(lis_get_drvdata(dev));

	if (err)
		dev_err(&dev->dev, "lost while suspended: %d\n", err);
	return err;
}

static const struct hv_vmbus_device_id utils_ids[] = {
	{ .guid = GUID_INIT(0x57164f39, 0x9115, 0x4e78, 0xab, 0x55,
			    0x38, 0x2f, 0x3b, 0xd5, 0x42, 0x2d),
	  .driver_data = HEARTBEAT },
	{ .guid = GUID_INIT(0x0e0b6031, 0x5213, 0x4934, 0x81, 0x8b,
			    0x38, 0xd9, 0x0c, 0xed, 0x39, 0xdb),
	  .driver_data = SHUTDOWN },
	{ .guid = GUID_INIT(0x9527e630, 0xd0ae, 0x497b, 0xad, 0xce,
			    0xe8, 0x0a, 0xb0, 0x17, 0x5c, 0xaf),
	  .driver_data = TIMESYNC },
	{ .guid = GUID_INIT(0xa9a0f4e7, 0x5a45, 0x4d96, 0xb8, 0x27,
			    0x8a, 0x84, 0x1e, 0x8c, 0x03, 0xe6),
	  .driver_data = KVP },
	{ .guid = GUID_INIT(0x35fa2e29, 0xea23, 0x4236, 0x96, 0xae,
			    0x3a, 0x6e, 0xba, 0xcb, 0xa4, 0x40),
	  .driver_data = VSS },
	{ .guid = GUID_INIT(0x34d14be3, 0xdee4, 0x41c8, 0x9a, 0xe7,
			    0x6b, 0x17, 0x49, 0x77, 0xc1, 0x92),
	  .driver_data = FCOPY },
	{ }
};
MODULE_DEVICE_TABLE(vmbus, utils_ids);

static struct lis_driver utils_driver = {
	.driver = {
		.name		= "hv_utils",
		LIS_COMPAT_SET_PROBE_TYPE(PROBE_PREFER_ASYNCHRONOUS)
	},
	.id_table	= utils_ids,
	.probe		= utils_probe,
	.remove		= utils_remove,
	.suspend	= utils_suspend,
	.resume		= utils_resume,
};

static int __init utils_init(void)
{
	int err;

	utils_wq = alloc_workqueue("hv_utils", WQ_UNBOUND, 0);
	if (!utils_wq)
		return -ENOMEM;
	err = lis_driver_register(&utils_driver);
	if (err)
		destroy_workqueue(utils_wq);
	return err;
}

static void __exit utils_exit(void)
{
	lis_driver_unregister(&utils_driver);
	destroy_workqueue(utils_wq);
}

module_init(utils_init);
module_exit(utils_exit);

MODULE_DESCRIPTION("OpenLIS: Hyper-V integration services");
MODULE_LICENSE("GPL");
MODULE_VERSION(LIS_VERSION);
