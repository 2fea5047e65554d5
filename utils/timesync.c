// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time: the host says what it is.  When it says so for that purpose (after boot,
 * restore, resume) the clock is set; otherwise that is known, and shown as a PTP
 * clock, by which chrony disciplines the guest's.
 *
 * /sys/bus/vmbus/devices/ID/timesync/ has the last sample's age and offset.
 */
#define pr_fmt(fmt) "hv_utils: " fmt

#include <linux/module.h>
#include <linux/timekeeping.h>
#include <asm/mshyperv.h>
#include "../compat/shims/hyperv.h"
#include <lis/proto/hv.h>
#include "utils_int.h"

static bool timesync_implicit;
module_param(timesync_implicit, bool, 0644);
MODULE_PARM_DESC(timesync_implicit,
		 "set the clock by any sample of the host's when it is more than a second behind");

/* The partition's reference counter, 100 ns each */
u64 utils_reference(void)
{
	return hv_get_msr(LIS_HV_MSR_TIME_REF_COUNT);
}

/* Nothing may come between looking at one clock and setting the other. */
static void set_clock(struct utils_service *svc)
{
	struct timespec64 ts;
	s64 now;

	if (!utils_host_now(&svc->time.sample, utils_reference(), &now))
		return;
	ts = ns_to_timespec64(now);
	if (do_settimeofday64(&ts))
		return;
	svc->time.steps++;
	if (__ratelimit(&svc->log_limit))
		pr_info("clock set by %lld ms\n",
			(long long)div_s64(svc->time.behind_ns, NSEC_PER_MSEC));
}

static u32 timesync_message(struct utils_service *svc)
{
	struct utils_time *t = &svc->time;
	struct utils_sample sample;
	u64 reference = utils_reference();
	s64 now, guest = ktime_to_ns(ktime_get_real());
	const char *wrong;

	wrong = utils_read_time(svc->msg, utils_agreed(svc), &sample);
	if (!wrong && !sample.has_reference) {
		sample.reference = reference;
		sample.has_reference = true;
	}
	if (!wrong && !utils_host_now(&sample, reference, &now))
		wrong = "time at an impossible reference";
	if (wrong) {
		utils_complain(svc, UTILS_CNT_MALFORMED, wrong);
		return LIS_IC_E_INVALID;
	}
	t->sample = sample;
	t->valid = true;
	t->taken = jiffies;
	t->behind_ns = now - guest;
	if (utils_must_step(sample.flags, t->behind_ns,
			    READ_ONCE(timesync_implicit)))
		set_clock(svc);
	return LIS_IC_S_OK;
}

/* --- what can be seen ------------------------------------------------------ */

static struct utils_service *of(struct device *dev)
{
	return lis_get_drvdata(to_lis_device(dev));
}

static ssize_t last_sample_age_ms_show(struct device *dev,
				       struct device_attribute *attr, char *buf)
{
	struct utils_service *svc = of(dev);
	ssize_t len = -ENODATA;

	mutex_lock(&svc->lock);
	if (svc->time.valid)
		len = sysfs_emit(buf, "%u\n",
				 jiffies_to_msecs(jiffies - svc->time.taken));
	mutex_unlock(&svc->lock);
	return len;
}
static DEVICE_ATTR_RO(last_sample_age_ms);

static ssize_t last_offset_ns_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	struct utils_service *svc = of(dev);
	ssize_t len = -ENODATA;

	mutex_lock(&svc->lock);
	if (svc->time.valid)
		len = sysfs_emit(buf, "%lld\n",
				 (long long)svc->time.behind_ns);
	mutex_unlock(&svc->lock);
	return len;
}
static DEVICE_ATTR_RO(last_offset_ns);

static ssize_t steps_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(of(dev)->time.steps));
}
static DEVICE_ATTR_RO(steps);

static struct attribute *timesync_attrs[] = {
	&dev_attr_last_sample_age_ms.attr,
	&dev_attr_last_offset_ns.attr,
	&dev_attr_steps.attr,
	NULL
};

static const struct attribute_group timesync_group = {
	.name	= "timesync",
	.attrs	= timesync_attrs,
};

static int timesync_start(struct utils_service *svc)
{
	int err = sysfs_create_group(&svc->dev->dev.kobj, &timesync_group);

	if (err)
		return err;
	err = utils_ptp_start(svc);
	if (err)
		sysfs_remove_group(&svc->dev->dev.kobj, &timesync_group);
	return err;
}

static void timesync_stop(struct utils_service *svc)
{
	utils_ptp_stop(svc);
	sysfs_remove_group(&svc->dev->dev.kobj, &timesync_group);
}

/* Whether that was long ago or on another machine: the host says it again. */
static void timesync_begin(struct utils_service *svc)
{
	svc->time.valid = false;
}

const struct utils_kind utils_timesync_kind = {
	.name		= "TimeSync",
	.type		= LIS_IC_TIMESYNC,
	.versions	= { .count = 3,
			    .version = { { 4, 0 }, { 3, 0 }, { 1, 0 } } },
	.start		= timesync_start,
	.stop		= timesync_stop,
	.begin		= timesync_begin,
	.message	= timesync_message,
};
