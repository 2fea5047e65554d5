// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's clock as a PTP clock of the name that udev's rules and chrony's
 * configurations know: it can be read, and nothing else.
 */
#include <linux/err.h>
#include "utils_int.h"

static int read_host_time(struct ptp_clock_info *info, struct timespec64 *ts)
{
	struct utils_service *svc = container_of(info, struct utils_service,
						 time.ptp_info);
	int err = -ENODATA;
	s64 now;

	mutex_lock(&svc->lock);
	if (svc->time.valid &&
	    utils_host_now(&svc->time.sample, utils_reference(), &now)) {
		*ts = ns_to_timespec64(now);
		err = 0;
	}
	mutex_unlock(&svc->lock);
	return err;
}

static int no_set(struct ptp_clock_info *info, const struct timespec64 *ts)
{
	return -EOPNOTSUPP;
}

static int no_fine(struct ptp_clock_info *info, long scaled_ppm)
{
	return -EOPNOTSUPP;
}

static int no_shift(struct ptp_clock_info *info, s64 delta)
{
	return -EOPNOTSUPP;
}

static int no_feature(struct ptp_clock_info *info,
		      struct ptp_clock_request *request, int on)
{
	return -EOPNOTSUPP;
}

static const struct ptp_clock_info host_clock = {
	.owner		= THIS_MODULE,
	.name		= "hyperv",
	.gettime64	= read_host_time,
	.settime64	= no_set,
	.adjfine	= no_fine,
	.adjtime	= no_shift,
	.enable		= no_feature,
};

/* A kernel without PTP clocks has none, which is no error. */
int utils_ptp_start(struct utils_service *svc)
{
	struct utils_time *t = &svc->time;
	struct ptp_clock *ptp;

	t->ptp_info = host_clock;
	ptp = lis_compat_ptp_register(&t->ptp_info, &svc->dev->dev);
	if (IS_ERR(ptp))
		return PTR_ERR(ptp);
	t->ptp = ptp;
	return 0;
}

void utils_ptp_stop(struct utils_service *svc)
{
	if (svc->time.ptp)
		lis_compat_ptp_unregister(svc->time.ptp);
}
