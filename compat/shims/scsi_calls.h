/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions of the SCSI layer that got another form.  Their names are those of
 * the kernel's own declarations, so this is included after its headers.
 */
#ifndef LIS_COMPAT_SHIMS_SCSI_CALLS_H
#define LIS_COMPAT_SHIMS_SCSI_CALLS_H

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
#ifndef HAVE_BLK_MQ_F_NO_SCHED_BY_DEFAULT
#define BLK_MQ_F_NO_SCHED_BY_DEFAULT	0
#endif

#endif
