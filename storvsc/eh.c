// SPDX-License-Identifier: GPL-2.0-only
/*
 * When the host does not answer.
 *
 * The protocol cannot take a request back: until the host completes it, or
 * lets go of the channel, it may read or write the pages it was given.  So a
 * time-out is first answered with patience (a paused VM or a stalled disk is
 * common and harmless), until storvsc_reset_after seconds have passed.  After
 * that the SCSI error handler comes, and the only reset that returns the pages
 * is closing the channels; they are then opened anew.  Each step has a time
 * limit, and the last one leaves a dead host whose commands fail at once.
 *
 * Called by the midlayer: timed_out from the timer's work, the others from
 * the error handler's thread or a reset ioctl, without locks.
 */
#include <linux/blk-mq.h>
#include <linux/sched/mm.h>
#include "storvsc_int.h"
#include "trace.h"

enum scsi_timeout_action storvsc_eh_timed_out(struct scsi_cmnd *cmd)
{
	struct storvsc_host *host = storvsc_host(cmd->device->host);
	struct storvsc_cmd *priv = scsi_cmd_priv(cmd);
	u32 waited = (jiffies - priv->sent) / HZ;
	u32 limit = READ_ONCE(storvsc_reset_after);

	atomic_inc(&host->count[STORVSC_CNT_TIMEOUTS]);
	if (!storvsc_wait_on(waited, limit))
		return SCSI_EH_NOT_HANDLED;
	if (storvsc_log(host, 1))
		sdev_printk(KERN_WARNING, cmd->device,
			    "host slow to answer command 0x%02x: %u s, reset after %u s\n",
			    cmd->cmnd[0], waited, limit);
	return SCSI_EH_RESET_TIMER;
}

/*
 * A late answer takes a command out of the table before it is done with it.
 * Whoever has found that a command is not there any more, and is about to use
 * it anew, waits for that here.
 */
static void late_answers_end(struct storvsc_host *host)
{
	synchronize_rcu();	/* storvsc_receive(), storvsc_end_inflight() */
	storvsc_finish_now(host);
}

/* Nothing can be aborted; at best it has been completed meanwhile. */
int storvsc_eh_abort(struct scsi_cmnd *cmd)
{
	struct storvsc_cmd *priv = scsi_cmd_priv(cmd);
	struct scsi_cmnd **place;

	if (!priv->chan)	/* was never sent */
		return SUCCESS;
	place = &priv->chan->inflight[scsi_cmd_to_rq(cmd)->tag];
	if (READ_ONCE(*place) == cmd)
		return FAILED;
	late_answers_end(storvsc_host(cmd->device->host));
	return SUCCESS;
}

int storvsc_eh_host_reset(struct scsi_cmnd *cmd)
{
	struct storvsc_host *host = storvsc_host(cmd->device->host);
	unsigned int noio;
	int err = -ENODEV;

	/* memory must not be made free by writing to the disks we reset */
	noio = memalloc_noio_save();
	mutex_lock(&host->life);
	if (host->state == STORVSC_LIVE && !READ_ONCE(host->dead)) {
		atomic_inc(&host->count[STORVSC_CNT_RESETS]);
		dev_warn(&host->dev->dev, "resetting the controller\n");
		err = storvsc_reset_bus(host);
		if (err || storvsc_has_inflight(host)) {
			atomic_inc(&host->count[STORVSC_CNT_REOPENS]);
			storvsc_disconnect(host);
			err = storvsc_reconnect(host);
		}
		late_answers_end(host);
		if (err)
			dev_err(&host->dev->dev, "reset failed: %d\n", err);
	}
	trace_storvsc_reset(host->shost->host_no, err);
	mutex_unlock(&host->life);
	memalloc_noio_restore(noio);
	return err ? FAILED : SUCCESS;
}
