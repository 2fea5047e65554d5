/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What storvsc/ needs of newer kernels' SCSI layer, for kernels that lack it.
 * The driver is written to 6.14 and later: sdev_init, sdev_configure with
 * queue limits, constant host template, typed answers.
 */
#ifndef LIS_COMPAT_SHIMS_SCSI_H
#define LIS_COMPAT_SHIMS_SCSI_H

/* What queuecommand returns: an enum from 7.0 on, int before. */
#ifdef HAVE_SCSI_QC_STATUS
#define scsi_qc_t	enum scsi_qc_status
#else
#define scsi_qc_t	int
#endif

/* 6.7 made the template constant; before, the midlayer writes to it. */
#ifdef HAVE_SCSI_CONST_TEMPLATE
#define LIS_SCSI_HOST_CONST	const
#else
#define LIS_SCSI_HOST_CONST
#endif

/* 6.14 renamed the hooks of a device. */
#ifndef HAVE_SCSI_SDEV_INIT
#define sdev_init	slave_alloc
#endif

/*
 * sdev_configure(sdev, limits): 6.14; device_configure in 6.10;
 * slave_configure(sdev), where limits are set on the queue, before that.
 */
#if defined(HAVE_SCSI_SDEV_CONFIGURE)
#define LIS_SCSI_SDEV_CONFIGURE(fn)	struct lis_##fn##_as_it_is
#define LIS_SCSI_SET_SDEV_CONFIGURE(fn)	.sdev_configure = fn
#elif defined(HAVE_SCSI_DEVICE_CONFIGURE)
#define LIS_SCSI_SDEV_CONFIGURE(fn)	struct lis_##fn##_as_it_is
#define LIS_SCSI_SET_SDEV_CONFIGURE(fn)	.device_configure = fn
#else
#define LIS_SCSI_SDEV_CONFIGURE(fn)					\
static int fn##_without_limits(struct scsi_device *sdev)		\
{									\
	return fn(sdev, NULL);						\
}									\
struct lis_##fn##_wrapped
#define LIS_SCSI_SET_SDEV_CONFIGURE(fn)	\
	.slave_configure = fn##_without_limits
#endif

/* 6.2 gave eh_timed_out its own answers. */
#ifndef HAVE_SCSI_TIMEOUT_ACTION
#define scsi_timeout_action	blk_eh_timer_return
#define SCSI_EH_RESET_TIMER	BLK_EH_RESET_TIMER
#ifdef HAVE_BLK_EH_DONE			/* 4.18 */
#define SCSI_EH_NOT_HANDLED	BLK_EH_DONE
#else
#define SCSI_EH_NOT_HANDLED	BLK_EH_NOT_HANDLED
#endif
#endif

/* 3.19; before, the midlayer says why (scsi_calls.h). */
#ifndef HAVE_SCSI_CHANGE_QUEUE_DEPTH
#define scsi_change_queue_depth	lis_compat_change_queue_depth
#endif

/* 5.3: a command says whether another follows, and commit_rqs that none does. */
#ifdef HAVE_SCSI_COMMIT_RQS
#define LIS_SCSI_SET_COMMIT_RQS(fn)	.commit_rqs = (fn),
#else
#define LIS_SCSI_SET_COMMIT_RQS(fn)
#endif

/*
 * 5.3: the template says that only a transfer's ends may be inside a page;
 * before, each queue is told (lis_compat_virt_boundary() in scsi_calls.h).
 */
#ifdef HAVE_SCSI_VIRT_BOUNDARY
#define LIS_SCSI_SET_VIRT_BOUNDARY(mask)	.virt_boundary_mask = (mask),
#else
#define LIS_SCSI_SET_VIRT_BOUNDARY(mask)
#endif

/*
 * 5.10: tags can be unique in the whole host.  Before, they are unique in a
 * hardware queue, of which there is one only then.
 */
#ifdef HAVE_SCSI_HOST_TAGSET
#define LIS_SCSI_SET_HOST_TAGSET		.host_tagset = 1,
#define LIS_SCSI_MOST_QUEUES			UINT_MAX
#else
#define LIS_SCSI_SET_HOST_TAGSET
#define LIS_SCSI_MOST_QUEUES			1u
#endif

/* 5.13: queues that are polled; before, none are. */
#if defined(HAVE_SCSI_MQ_POLL) && defined(HAVE_SCSI_HOST_TAGSET)
#define LIS_SCSI_SET_MQ_POLL(fn)		.mq_poll = (fn),
#define LIS_SCSI_MOST_POLL_QUEUES		UINT_MAX
#else
#define LIS_SCSI_SET_MQ_POLL(fn)
#define LIS_SCSI_MOST_POLL_QUEUES		0u
#endif

/*
 * 6.1: map_queues cannot fail.  Before 4.9 there is none, and where the tags'
 * set has no maps, no need for it: see LIS_SCSI_MOST_QUEUES.
 */
#if defined(HAVE_SCSI_MAP_QUEUES_VOID)
#define LIS_SCSI_MAP_QUEUES(fn)	struct lis_##fn##_as_it_is
#define LIS_SCSI_SET_MAP_QUEUES(fn)	.map_queues = fn,
#elif !defined(HAVE_SCSI_TAG_SET_MAP)
#define LIS_SCSI_MAP_QUEUES(fn)	struct lis_##fn##_not_needed
#define LIS_SCSI_SET_MAP_QUEUES(fn)
#else
#define LIS_SCSI_MAP_QUEUES(fn)						\
static int fn##_that_cannot_fail(struct Scsi_Host *shost)		\
{									\
	fn(shost);							\
	return 0;							\
}									\
struct lis_##fn##_wrapped
#define LIS_SCSI_SET_MAP_QUEUES(fn)	\
	.map_queues = fn##_that_cannot_fail,
#endif

#endif
