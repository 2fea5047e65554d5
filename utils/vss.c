// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backup: hands the host's requests to hv_vss_daemon, and sees to it that
 * nothing stays frozen when the host does not come back, the device goes, the
 * daemon dies, or answers when nobody waits any more.
 *
 * Called with svc->lock, but what says otherwise.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include "utils_int.h"

static unsigned int vss_thaw_after = 300;
module_param(vss_thaw_after, uint, 0644);
MODULE_PARM_DESC(vss_thaw_after,
		 "seconds after which file systems that a silent host had frozen are thawed, 5 to 900; 0: never");

/* Of an unbinding, for file systems to be thawed */
#define PARTING		(10 * HZ)

static unsigned int vss_patience(struct utils_service *svc)
{
	/* all that is dirty may have to be written */
	return svc->vss.asked == LIS_VSS_FREEZE ? 15 * 60 : 30;
}

static int vss_registers(struct utils_service *svc, const void *data, u32 len)
{
	const struct lis_vssd_message *m = data;
	u32 greeting = 1;

	if (len != sizeof(*m) || (m->head.op != LIS_VSSD_REGISTER &&
				  m->head.op != LIS_VSSD_REGISTER_OLD))
		return -EINVAL;
	if (m->head.op == LIS_VSSD_REGISTER_OLD)
		return 0;
	memcpy(svc->relay.greeting, &greeting, sizeof(greeting));
	return sizeof(greeting);
}

static void watch_silence(struct utils_service *svc)
{
	unsigned int limit = READ_ONCE(vss_thaw_after);

	if (svc->vss.state.frozen && limit)
		mod_delayed_work(utils_wq, &svc->vss.silence,
				 clamp(limit, 5u, 900u) * HZ);
}

static void vss_idle(struct utils_service *svc)
{
	struct lis_vssd_message *out = svc->relay.out;

	if (!svc->vss.thaw_due)
		return;
	memset(out, 0, sizeof(*out));
	out->head.op = LIS_VSS_THAW;
	svc->vss.asked = LIS_VSS_THAW;
	utils_relay_own(svc, sizeof(*out));
}

/* Whatever is frozen, or may be, is thawed, now or when there is a daemon. */
static void let_go(struct utils_service *svc, const char *why)
{
	if (!svc->vss.state.frozen)
		return;
	dev_warn(&svc->dev->dev, "VSS: thawing file systems: %s\n", why);
	svc->vss.state.let_go = true;
	svc->vss.thaw_due = true;
	if (utils_relay_idle(svc))
		vss_idle(svc);
}

static void silence_work(struct work_struct *work)
{
	struct utils_service *svc = container_of(to_delayed_work(work),
						 struct utils_service,
						 vss.silence);

	mutex_lock(&svc->lock);
	let_go(svc, "the host does not");
	mutex_unlock(&svc->lock);
}

static u32 vss_message(struct utils_service *svc)
{
	struct lis_vssd_message *out = svc->relay.out;
	const char *wrong;
	u32 status;

	watch_silence(svc);
	if (utils_vss_request(&svc->vss.state, svc->msg, utils_agreed(svc), out,
			      &status, &wrong) == UTILS_VSS_ANSWER) {
		if (wrong)
			utils_complain(svc, UTILS_CNT_MALFORMED, wrong);
		return status;
	}
	svc->vss.asked = out->head.op;
	return utils_relay_ask(svc, sizeof(*out));
}

static u32 vss_answer(struct utils_service *svc, const void *data)
{
	const struct lis_vssd_message *m = data;
	struct utils_backup *b = &svc->vss;
	u32 status;

	if (svc->relay.own) {
		/* more than asking cannot be done */
		b->thaw_due = false;
		b->state.frozen = false;
		return 0;
	}
	status = utils_vss_answer(&b->state, svc->msg, b->asked, m->status);
	watch_silence(svc);
	return status;
}

/* Frozen or not, nobody knows. */
static void vss_lost(struct utils_service *svc)
{
	svc->vss.owed = svc->vss.asked;
	if (svc->relay.own || svc->vss.asked != LIS_VSS_FREEZE)
		return;
	svc->vss.state.frozen = true;
	let_go(svc, "the daemon did not say that it had frozen them");
}

static void vss_late(struct utils_service *svc, const void *data)
{
	const struct lis_vssd_message *m = data;

	if (svc->vss.owed == LIS_VSS_FREEZE && m->status) {
		svc->vss.thaw_due = false;
		svc->vss.state.frozen = false;
	}
}

static const struct utils_daemon vss_daemon = {
	.node		= "vmbus/hv_vss",
	.room		= sizeof(struct lis_vssd_message),
	.patience	= vss_patience,
	.registers	= vss_registers,
	.answer_bytes	= sizeof(struct lis_vssd_message),
	.answer		= vss_answer,
	.lost		= vss_lost,
	.late		= vss_late,
	.idle		= vss_idle,
};

static void vss_begin(struct utils_service *svc)
{
	let_go(svc, "the host has begun anew, or is gone");
}

static int vss_start(struct utils_service *svc)
{
	INIT_DELAYED_WORK(&svc->vss.silence, silence_work);
	return 0;
}

static bool parted(struct utils_service *svc)
{
	return !READ_ONCE(svc->vss.thaw_due) || !READ_ONCE(svc->relay.opened);
}

/* Without the lock; the daemon can still be asked. */
static void vss_stop(struct utils_service *svc)
{
	wait_event_timeout(svc->relay.wait, parted(svc), PARTING);
	cancel_delayed_work_sync(&svc->vss.silence);
}

const struct utils_kind utils_vss_kind = {
	.name		= "VSS",
	.type		= LIS_IC_VSS,
	.versions	= { .count = 2, .version = { { 5, 0 }, { 4, 0 } } },
	.daemon		= &vss_daemon,
	.start		= vss_start,
	.stop		= vss_stop,
	.begin		= vss_begin,
	.message	= vss_message,
};
