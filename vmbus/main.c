// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_vmbus: the module.  Finds the VMBus device in ACPI, brings the pieces up
 * in order and down in the opposite order.
 *
 * Nothing here runs twice at once: the module loader and the driver core see
 * to that.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/acpi.h>
#include <linux/module.h>
#include <linux/platform_device.h>

#include "vmbus_int.h"

struct lis_bus lis_bus;

unsigned int lis_max_version = LIS_VMBUS_V5_3;
module_param_named(max_version, lis_max_version, uint, 0444);
MODULE_PARM_DESC(max_version,
		 "Newest VMBus version to ask for, major * 65536 + minor");

static bool message_timers;
module_param(message_timers, bool, 0444);
MODULE_PARM_DESC(message_timers,
		 "Use the hypervisor's timers even where they come as messages; the module can then not be unloaded (default: no)");

static int probe_result = -ENODEV;

static void free_queue(struct workqueue_struct *wq)
{
	if (wq)
		destroy_workqueue(wq);
}

static void free_queues(void)
{
	free_queue(lis_bus.offer_wq);
	free_queue(lis_bus.chan_wq);
	free_queue(lis_bus.dev_wq);
	lis_fifo_free();
}

static int alloc_queues(void)
{
	int err;

	err = lis_fifo_alloc();
	if (err)
		return err;
	/* a disk that is being reset waits for the first two */
	lis_bus.offer_wq = alloc_ordered_workqueue("hv_offer", WQ_MEM_RECLAIM);
	lis_bus.chan_wq = alloc_workqueue("hv_channel",
					  WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	/* no device comes or goes while the machine falls asleep or wakes up */
	lis_bus.dev_wq = alloc_workqueue("hv_device",
					 WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (lis_bus.offer_wq && lis_bus.chan_wq && lis_bus.dev_wq)
		return 0;
	free_queues();
	return -ENOMEM;
}

static void init_bus(struct device *dev)
{
	lis_bus.dev = dev;
	lis_bus.closing = false;
	lis_bus.asleep = false;
	lis_bus.connect_cpu = -1;
	lis_bus.event_words = 0;
	mutex_init(&lis_bus.offer_lock);
	mutex_init(&lis_bus.target_lock);
	lis_wait_init();
	INIT_LIST_HEAD(&lis_bus.devices);
	INIT_LIST_HEAD(&lis_bus.parked);
	init_completion(&lis_bus.all_offers);
	atomic_set(&lis_bus.next_handle, 0xe1e10);
}

static void start_message_timers(void)
{
	if (!message_timers || !lis_hv_timers_by_message())
		return;
	__module_get(THIS_MODULE);
	lis_synic_start_timers();
}

static int bus_start(struct platform_device *pdev)
{
	int err;

	init_bus(&pdev->dev);
	err = alloc_queues();
	if (err)
		return err;
	lis_mmio_start(&pdev->dev);
	lis_debugfs_start();
	err = lis_platform_start(lis_isr);
	if (err)
		goto err_debugfs;
	err = lis_synic_start();
	if (err)
		goto err_platform;
	err = lis_connect(false);
	if (err)
		goto err_synic;
	lis_crash_start();
	lis_pm_start();
	err = lis_request_offers();
	if (err)
		goto err_connected;
	/* who loads us finds the devices there */
	flush_workqueue(lis_bus.offer_wq);
	flush_workqueue(lis_bus.dev_wq);
	flush_workqueue(lis_bus.chan_wq);
	start_message_timers();
	return 0;

err_connected:
	lis_bus.closing = true;
	lis_drop_everything();
	lis_pm_stop();
	lis_crash_stop();
	lis_disconnect();
err_synic:
	lis_bus.closing = true;
	lis_synic_stop();
err_platform:
	lis_platform_stop();
err_debugfs:
	lis_debugfs_stop();
	lis_mmio_stop();
	free_queues();
	return err;
}

static int vmbus_probe(struct platform_device *pdev)
{
	probe_result = lis_bus.dev ? -EBUSY : bus_start(pdev);
	if (probe_result && probe_result != -EBUSY)
		lis_bus.dev = NULL;
	return probe_result;
}

static void vmbus_remove(struct platform_device *pdev)
{
	WRITE_ONCE(lis_bus.closing, true);
	lis_drop_everything();
	lis_pm_stop();
	lis_crash_stop();
	lis_disconnect();
	lis_synic_stop();
	lis_platform_stop();
	lis_debugfs_stop();
	lis_mmio_stop();
	free_queues();
	lis_bus.dev = NULL;
}
LIS_COMPAT_PLATFORM_REMOVE(vmbus_remove)

static const struct acpi_device_id acpi_ids[] = {
	{ "VMBUS" },
	{ "VMBus" },
	{ }
};
MODULE_DEVICE_TABLE(acpi, acpi_ids);

static struct platform_driver vmbus_driver = {
	.probe = vmbus_probe,
	.remove = LIS_COMPAT_NAME(vmbus_remove),
	.driver = {
		.name = "vmbus",
		.acpi_match_table = acpi_ids,
		LIS_COMPAT_SET_PROBE_TYPE(PROBE_FORCE_SYNCHRONOUS)
		.suppress_bind_attrs = true,
		.pm = &lis_bus_pm,
	},
};

static int __init hv_vmbus_init(void)
{
	int err;

	err = lis_platform_detect();
	if (err)
		return err;
	err = lis_platform_taken();
	if (err)
		return err;
	pr_info("Vmbus LIS version: %s\n", LIS_VERSION);
	err = bus_register(&lis_bus_type);
	if (err)
		return err;
	err = platform_driver_register(&vmbus_driver);
	if (err)
		goto err_bus;
	err = probe_result;
	if (!err)
		return 0;
	if (err == -ENODEV)
		pr_err("no VMBus device in ACPI\n");
	platform_driver_unregister(&vmbus_driver);
err_bus:
	bus_unregister(&lis_bus_type);
	return err;
}

static void __exit hv_vmbus_exit(void)
{
	platform_driver_unregister(&vmbus_driver);
	bus_unregister(&lis_bus_type);
}

module_init(hv_vmbus_init);
module_exit(hv_vmbus_exit);

MODULE_DESCRIPTION("OpenLIS: the VMBus of Hyper-V guests");
MODULE_LICENSE("GPL");
MODULE_VERSION(LIS_VERSION);
