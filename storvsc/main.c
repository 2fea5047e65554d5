// SPDX-License-Identifier: GPL-2.0-only
/*
 * hv_storvsc: SCSI controllers, accelerated IDE channels and Fibre Channel
 * adapters that a Hyper-V host offers on the VMBus.
 *
 * This file: the module, its parameters, binding to the bus, and what the
 * SCSI midlayer is told.  Probe, remove, suspend and resume are called by the
 * bus in process context, never two at a time for one device; host->life is
 * taken against the error handler.
 */
#include <linux/blk-mq.h>
#include <linux/crash_dump.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include "storvsc_int.h"

int logging_level = 1;
module_param(logging_level, int, 0644);
MODULE_PARM_DESC(logging_level,
		 "0: none, 1: errors of host and protocol, 2: failed commands too");

unsigned int storvsc_ringbuffer_size = SZ_128K;
module_param(storvsc_ringbuffer_size, uint, 0444);
MODULE_PARM_DESC(storvsc_ringbuffer_size,
		 "bytes of each ring of a channel, whole pages, 16 KiB to 8 MiB");

unsigned int storvsc_vcpus_per_sub_channel = 4;
module_param(storvsc_vcpus_per_sub_channel, uint, 0444);
MODULE_PARM_DESC(storvsc_vcpus_per_sub_channel,
		 "virtual CPUs for each sub-channel, at least 1");

static unsigned int ring_avail_percent_lowater = 10;
module_param(ring_avail_percent_lowater, uint, 0444);
MODULE_PARM_DESC(ring_avail_percent_lowater,
		 "percent of a ring that the queue depth leaves free, at most 90");

int storvsc_max_hw_queues = -1;
module_param(storvsc_max_hw_queues, int, 0644);
MODULE_PARM_DESC(storvsc_max_hw_queues,
		 "most hardware queues of controllers found from now on, -1 or 0: one for each CPU");

unsigned int storvsc_poll_queues;
module_param_named(poll_queues, storvsc_poll_queues, uint, 0444);
MODULE_PARM_DESC(poll_queues,
		 "polled hardware queues of each controller, each with a sub-channel, at most one for each CPU (0: none)");

unsigned int storvsc_init_timeout = 30;
module_param(storvsc_init_timeout, uint, 0644);
MODULE_PARM_DESC(storvsc_init_timeout,
		 "seconds to wait for each answer while a controller starts, at least 1");

unsigned int storvsc_reset_after = 360;
module_param(storvsc_reset_after, uint, 0644);
MODULE_PARM_DESC(storvsc_reset_after,
		 "seconds a command may go unanswered before the controller is reset, at most 3600; checked each time the disk's own time-out runs out");

/* For looking at the bus again: not the kernel's, which may be kept busy. */
struct workqueue_struct *storvsc_wq;

/* Ring bytes of a request of a few pages: descriptor and range, eight page
 * numbers, packet, trailer.
 */
#define TYPICAL_REQUEST		168
/* What a single request may take of a ring */
#define LARGEST_SHARE		4
/* One range without holes: only its ends may be inside a page. */
#define PAGE_HOLES		(SZ_4K - 1)
/* Of a kernel that has little memory and one thing to do, writing a dump */
#define CRASH_RING		SZ_32K
/* Seconds: hosts stall disks for long, and nothing is gained by giving up. */
#define DISK_TIMEOUT		180

/* May a message of this level be logged now? */
bool storvsc_log(struct storvsc_host *host, int level)
{
	return READ_ONCE(logging_level) >= level && __ratelimit(&host->log_limit);
}

/* --- what the midlayer asks of a device ------------------------------------ */

/* Before INQUIRY: LUNs are listed by REPORT LUNS whatever SCSI level the host
 * claims, and VPD pages are there even where SPC-2 is claimed.  An IDE channel
 * has one disk, and nobody else is asked for.
 */
static int storvsc_sdev_init(struct scsi_device *sdev)
{
	struct storvsc_host *host = storvsc_host(sdev->host);

	if (sdev->id < host->place.target)
		return -ENXIO;
	sdev->sdev_bflags = BLIST_TRY_VPD_PAGES;
	sdev->sdev_bflags |= host->limits->luns > 1 ? BLIST_REPORTLUN2 :
						      BLIST_NOLUN;
	lis_compat_virt_boundary(sdev, PAGE_HOLES);
	return 0;
}

static int storvsc_sdev_configure(struct scsi_device *sdev,
				  struct queue_limits *lim)
{
	struct storvsc_host *host = storvsc_host(sdev->host);

	blk_queue_rq_timeout(sdev->request_queue, DISK_TIMEOUT * HZ);
	/* Hosts answer it with errors that are not SCSI errors. */
	sdev->no_report_opcodes = 1;
	/* Tried on hosts that may know it; sd gives it up when refused. */
	sdev->no_write_same = host->version < LIS_STOR_V6_2;
	/* Virtual disks of 2012 hosts say SPC-2 but do what SPC-3 says;
	 * sd asks for thin provisioning only then.
	 */
	if (host->version >= LIS_STOR_V5_1 && sdev->scsi_level < SCSI_SPC_3 &&
	    !strncmp(sdev->vendor, "Msft", 4))
		sdev->scsi_level = SCSI_SPC_3;
	return 0;
}
LIS_SCSI_SDEV_CONFIGURE(storvsc_sdev_configure);
LIS_SCSI_MAP_QUEUES(storvsc_map_queues);

static LIS_SCSI_HOST_CONST struct scsi_host_template storvsc_template = {
	.module			= THIS_MODULE,
	.name			= "storvsc_host_t",
	.proc_name		= "storvsc_host",
	.queuecommand		= storvsc_queuecommand,
	LIS_SCSI_SET_COMMIT_RQS(storvsc_commit_rqs)
	LIS_SCSI_SET_MAP_QUEUES(storvsc_map_queues)
	LIS_SCSI_SET_MQ_POLL(storvsc_mq_poll)
	.eh_timed_out		= storvsc_eh_timed_out,
	.eh_abort_handler	= storvsc_eh_abort,
	.eh_host_reset_handler	= storvsc_eh_host_reset,
	.change_queue_depth	= scsi_change_queue_depth,
	.sdev_init		= storvsc_sdev_init,
	LIS_SCSI_SET_SDEV_CONFIGURE(storvsc_sdev_configure),
	.cmd_size		= sizeof(struct storvsc_cmd),
	.this_id		= -1,
	LIS_SCSI_SET_VIRT_BOUNDARY(PAGE_HOLES)
	LIS_SCSI_SET_HOST_TAGSET
	.skip_settle_delay	= 1,
};

/* --- a controller ---------------------------------------------------------- */

/* Requests a ring holds when they are small and some room stays free. */
static u32 slots_of_ring(void)
{
	u32 usable = storvsc_ringbuffer_size - SZ_4K;
	u32 free_percent = min(ring_avail_percent_lowater, 90u);

	usable -= usable / 100 * free_percent;
	return clamp_t(u32, usable / TYPICAL_REQUEST, 8, STORVSC_MAX_SLOTS);
}

/* The longest transfer that both the host and the ring allow. */
static u32 max_transfer(const struct storvsc_host *host)
{
	u32 ring = (storvsc_ringbuffer_size - SZ_4K) / LARGEST_SHARE;
	u32 pages = (ring - TYPICAL_REQUEST) / sizeof(u64);

	return min3(host->max_transfer, pages * (u32)SZ_4K,
		    (u32)(SG_MAX_SEGMENTS - 1) * (u32)SZ_4K);
}

static void init_host(struct storvsc_host *host, struct Scsi_Host *shost,
		      struct lis_device *dev)
{
	host->shost = shost;
	host->dev = dev;
	host->slots = slots_of_ring();
	host->patience = max(storvsc_init_timeout, 1u) * HZ;
	mutex_init(&host->life);
	spin_lock_init(&host->ctl.lock);
	init_completion(&host->ctl.done);
	spin_lock_init(&host->route);
	init_waitqueue_head(&host->sub_wait);
	INIT_DELAYED_WORK(&host->look_work, storvsc_look_work);
	storvsc_poll_prepare(host);
	ratelimit_state_init(&host->log_limit, 5 * HZ, 10);
	host->last_look = jiffies - 2 * HZ;
}

static void describe_limits(struct storvsc_host *host, struct Scsi_Host *shost)
{
	u32 bytes = max_transfer(host);

	shost->max_channel = host->limits->paths - 1;
	shost->max_id = host->place.target + host->limits->targets;
	shost->max_lun = host->limits->luns;
	shost->max_cmd_len = LIS_STOR_CDB_MAX;
	shost->can_queue = host->slots;
	shost->cmd_per_lun = host->slots;
	shost->nr_hw_queues = host->nr_queues + host->nr_poll;
	lis_compat_set_maps(shost, host->nr_poll);
	lis_compat_use_blk_mq(shost);
	shost->max_sectors = bytes >> 9;
	/* A transfer that starts inside a page touches one page more. */
	shost->sg_tablesize = bytes / SZ_4K + 1;
}

static int add_scsi_host(struct storvsc_host *host)
{
	struct Scsi_Host *shost = host->shost;
	int err;

	storvsc_settle_poll_queues(host);
	describe_limits(host, shost);
	storvsc_go_live(host);
	err = scsi_add_host(shost, &host->dev->dev);
	if (err)
		return err;
	/* A virtual disk is scheduled by the host: with a host-wide tag set
	 * the block layer would put a scheduler in front all the same.
	 */
	lis_compat_no_scheduler(shost);
	err = storvsc_fc_add(host);
	if (err)
		scsi_remove_host(shost);
	return err;
}

static int connect_and_add(struct storvsc_host *host)
{
	int err;

	mutex_lock(&host->life);
	err = storvsc_connect(host);
	if (!err) {
		err = add_scsi_host(host);
		if (err)
			storvsc_die(host);
	}
	mutex_unlock(&host->life);
	return err;
}

/* What it is, and where its disks are */
static int identify(struct storvsc_host *host, unsigned long kind)
{
	const char *wrong = NULL;

	host->limits = storvsc_limits(kind);
	host->kind = kind < STORVSC_KINDS ? kind : STORVSC_SCSI;
	if (host->kind == STORVSC_IDE)
		wrong = storvsc_ide_place(host->dev->instance_id.b,
					  &host->place);
	if (wrong)
		dev_err(&host->dev->dev, "host offers %s\n", wrong);
	return wrong ? -ENODEV : storvsc_fc_prepare(host);
}

static int storvsc_probe(struct lis_device *dev,
			 const struct hv_vmbus_device_id *id)
{
	struct Scsi_Host *shost;
	struct storvsc_host *host;
	int err;

	shost = scsi_host_alloc(&storvsc_template, sizeof(*host));
	if (!shost)
		return -ENOMEM;
	host = storvsc_host(shost);
	init_host(host, shost, dev);
	err = identify(host, id->driver_data);
	if (!err)
		err = storvsc_alloc_channels(host);
	if (err)
		goto err_free;
	lis_set_drvdata(dev, host);
	err = connect_and_add(host);
	if (err)
		goto err_work;
	dev_info(&dev->dev, "%s, protocol %u.%u, %u channel(s), %u requests\n",
		 host->limits->name, host->version >> 8, host->version & 0xff,
		 host->nr_chan, host->slots);
	storvsc_show(host);
	scsi_scan_host(shost);
	return 0;

err_work:
	storvsc_stop_looking(host);
	lis_set_drvdata(dev, NULL);
err_free:
	storvsc_free_channels(host);
	scsi_host_put(shost);
	return err;
}

/*
 * Also after a rescind, and then nothing may wait for the host: storvsc_gone()
 * has ended or will end all commands, whatever scsi_remove_host() waits for.
 */
static void storvsc_remove(struct lis_device *dev)
{
	struct storvsc_host *host = lis_get_drvdata(dev);

	storvsc_show_no_more(host);
	storvsc_stop_looking(host);
	storvsc_fc_remove(host);
	scsi_remove_host(host->shost);
	mutex_lock(&host->life);
	storvsc_die(host);
	mutex_unlock(&host->life);
	/* a packet that came in meanwhile may have asked for a look once more */
	storvsc_stop_looking(host);
	storvsc_finish_now(host);
	lis_set_drvdata(dev, NULL);
	storvsc_free_channels(host);
	scsi_host_put(host->shost);
}

/* The disks are quiet already: they were suspended before their parent. */
static int storvsc_suspend(struct lis_device *dev)
{
	struct storvsc_host *host = lis_get_drvdata(dev);

	storvsc_stop_looking(host);
	mutex_lock(&host->life);
	storvsc_disconnect(host);
	mutex_unlock(&host->life);
	return 0;
}

static int storvsc_resume(struct lis_device *dev)
{
	struct storvsc_host *host = lis_get_drvdata(dev);
	int err = -ENODEV;

	mutex_lock(&host->life);
	if (!READ_ONCE(host->dead)) {
		err = storvsc_reconnect(host);
		if (err)
			dev_err(&dev->dev, "lost while suspended: %d\n", err);
	}
	mutex_unlock(&host->life);
	WRITE_ONCE(host->no_looking, false);
	/* The host may have changed its disks meanwhile. */
	storvsc_look_at(host, NULL, STORVSC_SEE_BUS);
	return err;
}

static const struct hv_vmbus_device_id storvsc_ids[] = {
	/* SCSI controller */
	{ .guid = GUID_INIT(0xba6163d9, 0x04a1, 0x4d29, 0xb6, 0x05,
			    0x72, 0xe2, 0xff, 0xb1, 0xdc, 0x7f),
	  .driver_data = STORVSC_SCSI },
	/* Disk of an emulated IDE port, past the emulation */
	{ .guid = GUID_INIT(0x32412632, 0x86cb, 0x44a2, 0x9b, 0x5c,
			    0x50, 0xd1, 0x41, 0x73, 0x54, 0xf5),
	  .driver_data = STORVSC_IDE },
	/* Synthetic Fibre Channel adapter */
	{ .guid = GUID_INIT(0x2f9bcc4a, 0x0069, 0x4af3, 0xb7, 0x6b,
			    0x6f, 0xd0, 0xbe, 0x52, 0x8c, 0xda),
	  .driver_data = STORVSC_FC },
	{ }
};
MODULE_DEVICE_TABLE(vmbus, storvsc_ids);

static struct lis_driver storvsc_driver = {
	.driver = {
		.name		= "hv_storvsc",
		/* A slow or stuck controller must not hold up the others. */
		LIS_COMPAT_SET_PROBE_TYPE(PROBE_PREFER_ASYNCHRONOUS)
	},
	.id_table	= storvsc_ids,
	.probe		= storvsc_probe,
	.remove		= storvsc_remove,
	.suspend	= storvsc_suspend,
	.resume		= storvsc_resume,
};

/* Both rings of a channel are shared as one, of less than 32 MiB. */
static bool parameters_ok(void)
{
	if (storvsc_ringbuffer_size < SZ_16K ||
	    storvsc_ringbuffer_size > SZ_8M ||
	    storvsc_ringbuffer_size % PAGE_SIZE) {
		pr_err("hv_storvsc: storvsc_ringbuffer_size=%u: not a multiple of the page size from 16 KiB to 8 MiB\n",
		       storvsc_ringbuffer_size);
		return false;
	}
	return true;
}

/* A crash kernel gets by with one queue and small rings. */
static void scale_down(void)
{
	if (!reset_devices && !is_kdump_kernel())
		return;
	storvsc_max_hw_queues = 1;
	storvsc_poll_queues = 0;
	storvsc_ringbuffer_size = min_t(u32, storvsc_ringbuffer_size,
					CRASH_RING);
	pr_info("hv_storvsc: crash kernel: one queue, rings of %u bytes\n",
		storvsc_ringbuffer_size);
}

static int __init storvsc_init(void)
{
	int err;

	if (!parameters_ok())
		return -EINVAL;
	scale_down();
	storvsc_wq = alloc_workqueue("hv_storvsc",
				     WQ_UNBOUND | WQ_FREEZABLE, 0);
	if (!storvsc_wq)
		return -ENOMEM;
	err = storvsc_poll_init();
	if (err)
		goto err_wq;
	err = storvsc_fc_init();
	if (err)
		goto err_poll;
	err = lis_driver_register(&storvsc_driver);
	if (err)
		goto err_fc;
	return 0;

err_fc:
	storvsc_fc_exit();
err_poll:
	storvsc_poll_exit();
err_wq:
	destroy_workqueue(storvsc_wq);
	return err;
}

static void __exit storvsc_exit(void)
{
	lis_driver_unregister(&storvsc_driver);
	storvsc_fc_exit();
	storvsc_poll_exit();
	destroy_workqueue(storvsc_wq);
}

module_init(storvsc_init);
module_exit(storvsc_exit);

MODULE_DESCRIPTION("OpenLIS: Hyper-V virtual SCSI, IDE and Fibre Channel disks");
MODULE_LICENSE("GPL");
MODULE_VERSION(LIS_VERSION);
