/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What utils/ needs of newer kernels: PTP clocks, setting the clock, polling of
 * files.  Included by its own header.
 */
#ifndef LIS_COMPAT_SHIMS_UTILS_H
#define LIS_COMPAT_SHIMS_UTILS_H

#include <linux/poll.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/time.h>

/* A kernel may be built without; then nobody can be told the host's time. */
#ifdef HAVE_PTP_CLOCK
#define lis_compat_ptp_register(info, parent)	ptp_clock_register(info, parent)
#define lis_compat_ptp_unregister(ptp)		ptp_clock_unregister(ptp)
#else
#define lis_compat_ptp_register(info, parent)	((struct ptp_clock *)NULL)
#define lis_compat_ptp_unregister(ptp)		((void)(ptp))
#endif

#ifndef HAVE_DO_SETTIMEOFDAY64		/* v3.17 */
static inline int lis_compat_settimeofday(const struct timespec64 *ts)
{
	struct timespec narrow = timespec64_to_timespec(*ts);

	return do_settimeofday(&narrow);
}
#define do_settimeofday64(ts)	lis_compat_settimeofday(ts)
#endif

#ifndef HAVE_POLL_T			/* v4.16, which has bits of its own, too */
#define __poll_t	unsigned int
#ifndef EPOLLIN
#define EPOLLIN		POLLIN
#define EPOLLHUP	POLLHUP
#define EPOLLRDNORM	POLLRDNORM
#endif
#endif

#endif
