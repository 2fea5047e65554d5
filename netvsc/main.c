// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_netvsc: synthetic network adapters that a Hyper-V host offers on the
 * VMBus.
 *
 * This file: the module, its parameters, binding to the bus.  Probe, remove,
 * suspend and resume are called by the bus in process context, never two at a
 * time for one device; they take RTNL.
 */
#include <linux/crash_dump.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include "netvsc_int.h"

unsigned int ring_size = 128;
module_param(ring_size, uint, 0444);
MODULE_PARM_DESC(ring_size, "pages of each ring of a channel, 16 to 2048");

static int debug = -1;
module_param(debug, int, 0444);
MODULE_PARM_DESC(debug, "message level of new adapters, as in ethtool -s msglvl; -1: the default");

/* Channels that are asked for, unless ethtool -L wants others */
#define DEFAULT_CHANNELS	16u
/* Receive buffer in a crash kernel, which has little memory */
#define CRASH_RECV_BYTES	SZ_2M
#define DEFAULT_MESSAGES	(NETIF_MSG_DRV | NETIF_MSG_PROBE | \
				 NETIF_MSG_LINK | NETIF_MSG_IFUP | \
				 NETIF_MSG_IFDOWN | NETIF_MSG_TX_ERR)

struct workqueue_struct *netvsc_wq;

static struct netvsc_cpu_stats __percpu *alloc_cpu_stats(void)
{
	struct netvsc_cpu_stats __percpu *stats;
	int cpu;

	stats = alloc_percpu(struct netvsc_cpu_stats);
	if (stats)
		for_each_possible_cpu(cpu)
			u64_stats_init(&per_cpu_ptr(stats, cpu)->sync);
	return stats;
}

static int init_nic(struct netvsc_nic *nic, struct net_device *ndev,
		    struct lis_device *dev, u32 channels)
{
	struct netvsc_control *ctl = &nic->ctl;

	nic->ndev = ndev;
	nic->dev = dev;
	nic->max_chan = channels;
	nic->want_chan = min(channels, DEFAULT_CHANNELS);
	nic->slots = NETVSC_SLOTS;
	nic->rss_types = NETVSC_HASH_PORTS;
	nic->msg_enable = netif_msg_init(debug, DEFAULT_MESSAGES);
	spin_lock_init(&nic->route);
	init_waitqueue_head(&nic->sub_wait);
	mutex_init(&ctl->mutex);
	spin_lock_init(&ctl->lock);
	init_completion(&ctl->done);
	init_waitqueue_head(&ctl->room);
	INIT_WORK(&nic->filter_work, netvsc_filter_work);
	INIT_DELAYED_WORK(&nic->link_work, netvsc_link_work);
	INIT_WORK(&nic->reset_work, netvsc_reset_work);
	INIT_WORK(&nic->cpus_work, netvsc_cpus_work);
	ratelimit_state_init(&nic->log_limit, 5 * HZ, 10);
	netdev_rss_key_fill(nic->rss_key, sizeof(nic->rss_key));
	nic->cpus = num_present_cpus();
	nic->cpu = alloc_cpu_stats();
	ctl->page = dma_alloc_coherent(&dev->dev, PAGE_SIZE, &ctl->page_dma,
				       GFP_KERNEL);
	return nic->cpu && ctl->page ? 0 : -ENOMEM;
}

static void free_nic(struct netvsc_nic *nic)
{
	netvsc_free_channels(nic);
	netvsc_free_buffers(nic);
	if (nic->ctl.page)
		dma_free_coherent(&nic->dev->dev, PAGE_SIZE, nic->ctl.page,
				  nic->ctl.page_dma);
	free_percpu(nic->cpu);
	free_netdev(nic->ndev);
}

static void stop_work(struct netvsc_nic *nic)
{
	cancel_work_sync(&nic->reset_work);
	cancel_work_sync(&nic->cpus_work);
	cancel_work_sync(&nic->filter_work);
	cancel_delayed_work_sync(&nic->link_work);
}

static int connect_and_register(struct netvsc_nic *nic)
{
	struct net_device *ndev = nic->ndev;
	int err;

	rtnl_lock();
	err = netvsc_connect(nic);
	if (err)
		goto out;
	netvsc_set_features(nic);
	lis_compat_xdp_features(ndev);
	lis_compat_mtu_range(ndev, ETH_MIN_MTU, netvsc_max_mtu(nic));
	err = register_netdevice(ndev);
	if (err)
		netvsc_disconnect(nic);
	else
		nic->registered = true;
out:
	rtnl_unlock();
	return err;
}

static int netvsc_probe(struct lis_device *dev,
			const struct hv_vmbus_device_id *id)
{
	bool crashed = reset_devices || is_kdump_kernel();
	u32 channels = crashed ? 1 : min(num_present_cpus(),
					 NETVSC_MAX_CHANNELS);
	struct net_device *ndev;
	struct netvsc_nic *nic;
	int err;

	ndev = alloc_etherdev_mq(sizeof(*nic), channels);
	if (!ndev)
		return -ENOMEM;
	SET_NETDEV_DEV(ndev, &dev->dev);
	ndev->netdev_ops = &netvsc_netdev_ops;
	ndev->ethtool_ops = &netvsc_ethtool_ops;
	ndev->watchdog_timeo = NETVSC_STUCK;
	netif_carrier_off(ndev);
	nic = netdev_priv(ndev);
	err = init_nic(nic, ndev, dev, channels);
	if (crashed)
		nic->recv_bytes = CRASH_RECV_BYTES;
	if (!err)
		err = netvsc_alloc_channels(nic);
	if (err)
		goto err_free;
	lis_set_drvdata(dev, nic);
	err = connect_and_register(nic);
	if (err)
		goto err_work;
	netdev_info(ndev, "protocol %u.%u (0x%x), %u channel(s), address %pM\n",
		    nic->version >> 16, nic->version & 0xffff, nic->version,
		    nic->nr_chan, ndev->dev_addr);
	netvsc_show(nic);
	return 0;

err_work:
	stop_work(nic);
	lis_set_drvdata(dev, NULL);
err_free:
	free_nic(nic);
	return err;
}

/* Also after a rescind: netvsc_gone() has ended or will end all waits. */
static void netvsc_remove(struct lis_device *dev)
{
	struct netvsc_nic *nic = lis_get_drvdata(dev);

	netvsc_show_no_more(nic);
	rtnl_lock();
	unregister_netdevice(nic->ndev);
	nic->registered = false;
	netvsc_disconnect(nic);
	rtnl_unlock();
	stop_work(nic);
	lis_set_drvdata(dev, NULL);
	free_nic(nic);
}

static int netvsc_suspend(struct lis_device *dev)
{
	struct netvsc_nic *nic = lis_get_drvdata(dev);

	rtnl_lock();
	netvsc_pause(nic);
	netvsc_disconnect(nic);
	rtnl_unlock();
	return 0;
}

static int netvsc_resume(struct lis_device *dev)
{
	struct netvsc_nic *nic = lis_get_drvdata(dev);
	int err;

	rtnl_lock();
	err = netvsc_connect(nic);
	if (err) {
		dev_err(&dev->dev, "lost while suspended: %d\n", err);
	} else {
		netvsc_set_features(nic);
		netdev_update_features(nic->ndev);
		netif_device_attach(nic->ndev);
	}
	rtnl_unlock();
	return err;
}

static const struct hv_vmbus_device_id netvsc_ids[] = {
	/* Synthetic network adapter */
	{ .guid = GUID_INIT(0xf8615163, 0xdf3e, 0x46c5, 0x91, 0x3f,
			    0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e) },
	{ }
};
MODULE_DEVICE_TABLE(vmbus, netvsc_ids);

static struct lis_driver netvsc_driver = {
	.driver = {
		.name		= "hv_netvsc",
		LIS_COMPAT_SET_PROBE_TYPE(PROBE_PREFER_ASYNCHRONOUS)
	},
	.id_table	= netvsc_ids,
	.probe		= netvsc_probe,
	.remove		= netvsc_remove,
	.suspend	= netvsc_suspend,
	.resume		= netvsc_resume,
};

static int __init netvsc_init(void)
{
	int err;

	if (ring_size < 16 || ring_size > 2048) {
		pr_err("hv_netvsc: ring_size=%u: not from 16 to 2048 pages\n",
		       ring_size);
		return -EINVAL;
	}
	netvsc_wq = alloc_workqueue("hv_netvsc", WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!netvsc_wq)
		return -ENOMEM;
	err = lis_driver_register(&netvsc_driver);
	if (err)
		destroy_workqueue(netvsc_wq);
	return err;
}

static void __exit netvsc_exit(void)
{
	lis_driver_unregister(&netvsc_driver);
	destroy_workqueue(netvsc_wq);
}

module_init(netvsc_init);
module_exit(netvsc_exit);

MODULE_DESCRIPTION("OpenLIS: Hyper-V virtual network adapters");
MODULE_LICENSE("GPL");
MODULE_VERSION(LIS_VERSION);
