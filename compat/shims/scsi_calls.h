/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of the SCSI layer that got another form.  Their names are those of
 * the kernel's own declarations, so this is included after its headers.
 */
#ifndef LIS_COMPAT_SHIMS_SCSI_CALLS_H
#define LIS_COMPAT_SHIMS_SCSI_CALLS_H

#include <linux/blk-mq.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

/* 6.6 and stable kernels take the SCSI device, older ones its device. */
#ifndef HAVE_SCSI_RESCAN_SDEV
#define scsi_rescan_device(sdev)	scsi_rescan_device(&(sdev)->sdev_gendev)
#endif

/* 5.16; before, each command carried whom to tell. */
#ifndef HAVE_SCSI_DONE
static inline void lis_compat_scsi_done(struct scsi_cmnd *cmd)
{
	cmd->scsi_done(cmd);
}
#define scsi_done(cmd)	lis_compat_scsi_done(cmd)
#endif

/* 5.15; before, a command pointed to its request. */
#ifndef HAVE_SCSI_CMD_TO_RQ
static inline struct request *scsi_cmd_to_rq(struct scsi_cmnd *cmd)
{
	return cmd->request;
}
#endif

/* 3.19; before, each driver had to say what comes of it, by the reason. */
#ifndef HAVE_SCSI_CHANGE_QUEUE_DEPTH
static inline int lis_compat_change_queue_depth(struct scsi_device *sdev,
						int depth, int reason)
{
	if (reason == SCSI_QDEPTH_QFULL)
		scsi_track_queue_full(sdev, depth);
	else
		scsi_adjust_queue_depth(sdev, 0, depth);
	return sdev->queue_depth;
}
#endif

/* 5.3; before, none is known to follow. */
static inline bool lis_compat_is_last(const struct scsi_cmnd *cmd)
{
#ifdef HAVE_SCSI_COMMIT_RQS
	return cmd->flags & SCMD_LAST;
#else
	return true;
#endif
}

/*
 * 5.0: a host's set of tags has a map for each type of queue.  Before, the
 * block layer's own map must do, and there blk-mq may be off, too; we know
 * commands by their tags, which only blk-mq gives to all.
 */
static inline void lis_compat_map_queue(struct Scsi_Host *shost,
					unsigned int cpu, unsigned int queue)
{
#ifdef HAVE_SCSI_TAG_SET_MAP
	struct blk_mq_queue_map *map = &shost->tag_set.map[HCTX_TYPE_DEFAULT];

	map->mq_map[cpu] = map->queue_offset + queue;
#endif
}

/*
 * 5.13: a host has more maps than one, and then their sizes are its own affair.
 */
static inline void lis_compat_set_maps(struct Scsi_Host *shost,
				       unsigned int polled)
{
#ifdef HAVE_SCSI_MQ_POLL
	shost->nr_maps = polled ? HCTX_MAX_TYPES : 1;
#endif
}

static inline void lis_compat_size_maps(struct Scsi_Host *shost,
					unsigned int queues,
					unsigned int polled)
{
#ifdef HAVE_SCSI_MQ_POLL
	struct blk_mq_queue_map *map = shost->tag_set.map;

	map[HCTX_TYPE_DEFAULT].nr_queues = queues;
	map[HCTX_TYPE_DEFAULT].queue_offset = 0;
	if (!polled)
		return;
	map[HCTX_TYPE_READ].nr_queues = 0;
	map[HCTX_TYPE_POLL].nr_queues = polled;
	map[HCTX_TYPE_POLL].queue_offset = queues;
#endif
}

static inline void lis_compat_map_poll_queue(struct Scsi_Host *shost,
					     unsigned int cpu,
					     unsigned int queue)
{
#ifdef HAVE_SCSI_MQ_POLL
	struct blk_mq_queue_map *map = &shost->tag_set.map[HCTX_TYPE_POLL];

	map->mq_map[cpu] = map->queue_offset + queue;
#endif
}

static inline void lis_compat_use_blk_mq(struct Scsi_Host *shost)
{
#ifndef HAVE_SCSI_TAG_SET_MAP
	shost->use_blk_mq = 1;
#endif
}

/* 5.3 takes it from the host template. */
static inline void lis_compat_virt_boundary(struct scsi_device *sdev,
					    unsigned long mask)
{
#ifndef HAVE_SCSI_VIRT_BOUNDARY
	blk_queue_virt_boundary(sdev->request_queue, mask);
#endif
}

/*
 * 5.16; before, a user's choice of a scheduler and none by default do not go
 * together, and the choice stays.
 */
static inline void lis_compat_no_scheduler(struct Scsi_Host *shost)
{
#ifdef HAVE_BLK_MQ_F_NO_SCHED_BY_DEFAULT
	shost->tag_set.flags |= BLK_MQ_F_NO_SCHED_BY_DEFAULT;
#endif
}

#endif
