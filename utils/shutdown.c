// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shutdown: the host asks the guest to power off, to restart or to hibernate.
 * It is answered before anything happens, since nobody is there to do it
 * afterwards.
 */
#define pr_fmt(fmt) "hv_utils: " fmt

#include <linux/kobject.h>
#include <linux/reboot.h>
#include <asm/mshyperv.h>
#include "../compat/shims/hyperv.h"
#include "utils_int.h"

/* What is done about it is user space's: a rule of udev calls systemctl. */
static void ask_for_hibernation(struct utils_service *svc)
{
	char event[] = "EVENT=hibernate";
	char *env[2] = {};

	env[0] = event;
	kobject_uevent_env(&svc->dev->dev.kobj, KOBJ_CHANGE, env);
}

static void power_work(struct work_struct *work)
{
	struct utils_service *svc = container_of(work, struct utils_service,
						 power.work);

	switch (READ_ONCE(svc->power.what)) {
	case UTILS_POWER_OFF:
		orderly_poweroff(true);
		break;
	case UTILS_REBOOT:
		orderly_reboot();
		break;
	case UTILS_HIBERNATE:
		ask_for_hibernation(svc);
		break;
	}
}

static u32 shutdown_message(struct utils_service *svc)
{
	enum utils_power what;
	const char *wrong = utils_shutdown(svc->msg, &what);

	if (wrong) {
		utils_complain(svc, UTILS_CNT_MALFORMED, wrong);
		return LIS_IC_E_INVALID;
	}
	if (what == UTILS_HIBERNATE && !hv_is_hibernation_supported()) {
		utils_complain(svc, UTILS_CNT_REFUSED,
			       "this machine has no hibernation");
		return LIS_IC_E_NOT_SUPPORTED;
	}
	WRITE_ONCE(svc->power.what, what);
	svc->power.accepted = true;
	return LIS_IC_S_OK;
}

static void shutdown_answered(struct utils_service *svc)
{
	static const char * const said[] = {
		[UTILS_POWER_OFF]	= "Shutdown request received - graceful shutdown initiated",
		[UTILS_REBOOT]		= "Restart request received - graceful restart initiated",
		[UTILS_HIBERNATE]	= "Hibernation request received - uevent sent",
	};

	if (!svc->power.accepted)
		return;
	svc->power.accepted = false;
	if (__ratelimit(&svc->log_limit))
		pr_info("%s\n", said[svc->power.what]);
	queue_work(utils_wq, &svc->power.work);
}

static int shutdown_start(struct utils_service *svc)
{
	INIT_WORK(&svc->power.work, power_work);
	return 0;
}

/* What was promised is done. */
static void shutdown_stop(struct utils_service *svc)
{
	flush_work(&svc->power.work);
}

const struct utils_kind utils_shutdown_kind = {
	.name		= "Shutdown",
	.type		= LIS_IC_SHUTDOWN,
	.versions	= {
		.count = 4,
		.version = { { 3, 2 }, { 3, 1 }, { 3, 0 }, { 1, 0 } },
	},
	.start		= shutdown_start,
	.stop		= shutdown_stop,
	.message	= shutdown_message,
	.answered	= shutdown_answered,
};
