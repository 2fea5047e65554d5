// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heartbeat: the host counts, and sees that somebody counts with it.
 *
 * /sys/bus/vmbus/devices/ID/application_state tells the host whether what this
 * guest is for does well; it has no meaning for the guest itself.
 */
#include <linux/string.h>
#include "utils_int.h"

static const char * const state_name[] = {
	[LIS_IC_APP_UNKNOWN]	= "unknown",
	[LIS_IC_APP_HEALTHY]	= "healthy",
	[LIS_IC_APP_CRITICAL]	= "critical",
	[LIS_IC_APP_STOPPED]	= "stopped",
};

static ssize_t application_state_show(struct device *dev,
				      struct device_attribute *attr, char *buf)
{
	struct utils_service *svc = lis_get_drvdata(to_lis_device(dev));

	return sysfs_emit(buf, "%s\n", state_name[READ_ONCE(svc->application)]);
}

static ssize_t application_state_store(struct device *dev,
				       struct device_attribute *attr,
				       const char *buf, size_t len)
{
	struct utils_service *svc = lis_get_drvdata(to_lis_device(dev));
	u32 i;

	for (i = 0; i < ARRAY_SIZE(state_name); i++) {
		if (sysfs_streq(buf, state_name[i])) {
			WRITE_ONCE(svc->application, i);
			return len;
		}
	}
	return -EINVAL;
}
static DEVICE_ATTR_RW(application_state);

static int heartbeat_start(struct utils_service *svc)
{
	return device_create_file(&svc->dev->dev, &dev_attr_application_state);
}

static void heartbeat_stop(struct utils_service *svc)
{
	device_remove_file(&svc->dev->dev, &dev_attr_application_state);
}

static u32 heartbeat_message(struct utils_service *svc)
{
	const char *wrong = utils_heartbeat(svc->msg,
					    READ_ONCE(svc->application));

	if (!wrong)
		return LIS_IC_S_OK;
	utils_complain(svc, UTILS_CNT_MALFORMED, wrong);
	return LIS_IC_E_INVALID;
}

const struct utils_kind utils_heartbeat_kind = {
	.name		= "Heartbeat",
	.type		= LIS_IC_HEARTBEAT,
	.versions	= { .count = 2, .version = { { 3, 0 }, { 1, 0 } } },
	.start		= heartbeat_start,
	.stop		= heartbeat_stop,
	.message	= heartbeat_message,
};
