// SPDX-License-Identifier: GPL-2.0-only
/*
 * Looking again: devices that came, went, or changed.
 *
 * Requests to look come from interrupt context, as many as the host likes;
 * they set bits, and one delayed work does what the bits say.  The delay
 * makes one look of a storm.
 */
#include <scsi/scsi_eh.h>
#include "storvsc_int.h"

#define LOOK_DELAY	(HZ / 20)
/* A storm that does not end: looks this far apart */
#define LOOK_PAUSE	HZ

static unsigned long look_delay(const struct storvsc_host *host)
{
	unsigned long next = READ_ONCE(host->last_look) + LOOK_PAUSE;

	return time_before(jiffies, next) ? LOOK_PAUSE : LOOK_DELAY;
}

/*
 * @sdev: the device a reply came from, or NULL for an event.  Any context.
 * A device still being probed needs no second look, and a look caused by it
 * could cause the next one.
 */
void storvsc_look_at(struct storvsc_host *host, struct scsi_device *sdev,
		     u32 actions)
{
	if (!(actions & (STORVSC_SEE_DEVICE | STORVSC_SEE_BUS)))
		return;
	if (sdev && sdev->sdev_state != SDEV_RUNNING)
		return;
	if (actions & STORVSC_SEE_BUS)
		set_bit(0, &host->see_bus);
	else if (sdev)
		set_bit(storvsc_lun_slot(sdev), host->see_lun);
	if (!READ_ONCE(host->no_looking))
		queue_delayed_work(storvsc_wq, &host->look_work,
				   look_delay(host));
}

/* No look runs or starts after this. */
void storvsc_stop_looking(struct storvsc_host *host)
{
	WRITE_ONCE(host->no_looking, true);
	cancel_delayed_work_sync(&host->look_work);
}

/* The host knows no such LUN: not "not ready", not "busy". */
static bool is_absent(struct scsi_device *sdev)
{
	struct scsi_sense_hdr sense;
	int result = scsi_test_unit_ready(sdev, 10 * HZ, 1, &sense);

	return result > 0 && host_byte(result) == DID_NO_CONNECT;
}

/* @changed: LUNs' slots, which LUNs of several targets may share */
static void look_at_device(struct storvsc_host *host, struct scsi_device *sdev,
			   bool bus, const unsigned long *changed)
{
	if (bus && is_absent(sdev)) {
		/* A dead controller is removed as a whole. */
		if (!READ_ONCE(host->dead))
			scsi_remove_device(sdev);
		return;
	}
	if (test_bit(storvsc_lun_slot(sdev), changed))
		scsi_rescan_device(sdev);
}

/* Those asked for so far; whoever asks from now on is heard next time. */
static void take_changed(struct storvsc_host *host, unsigned long *changed)
{
	u32 i;

	bitmap_zero(changed, STORVSC_MAX_LUNS);
	for (i = 0; i < STORVSC_MAX_LUNS; i++)
		if (test_and_clear_bit(i, host->see_lun))
			set_bit(i, changed);
}

/* Disks that came.  Waits for the host at every target. */
static void look_for_more(struct storvsc_host *host)
{
	struct Scsi_Host *shost = host->shost;
	u32 path, target;

	for (path = 0; path <= shost->max_channel; path++) {
		for (target = host->place.target; target < shost->max_id;
		     target++) {
			if (READ_ONCE(host->dead) ||
			    READ_ONCE(host->no_looking))
				return;
			scsi_scan_target(&shost->shost_gendev, path, target,
					 SCAN_WILD_CARD, SCSI_SCAN_RESCAN);
		}
	}
}

void storvsc_look_work(struct work_struct *work)
{
	struct storvsc_host *host = container_of(to_delayed_work(work),
						 struct storvsc_host,
						 look_work);
	bool bus = test_and_clear_bit(0, &host->see_bus);
	DECLARE_BITMAP(changed, STORVSC_MAX_LUNS);
	struct scsi_device *sdev;

	take_changed(host, changed);
	atomic_inc(&host->count[STORVSC_CNT_LOOKS]);
	shost_for_each_device(sdev, host->shost) {
		if (READ_ONCE(host->dead) || READ_ONCE(host->no_looking))
			continue;	/* the loop drops its reference */
		look_at_device(host, sdev, bus, changed);
	}
	if (bus)
		look_for_more(host);
	WRITE_ONCE(host->last_look, jiffies);
}
