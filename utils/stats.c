// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be seen of a service: /sys/kernel/debug/hyperv/DEVICE/utils.
 * Counters are written under svc->lock and only shown, so read without it.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "utils_int.h"

static const char * const counter_name[UTILS_CNT_COUNT] = {
	[UTILS_CNT_MESSAGES]	 = "messages",
	[UTILS_CNT_ANSWERS]	 = "answers",
	[UTILS_CNT_NEGOTIATIONS] = "negotiations",
	[UTILS_CNT_MALFORMED]	 = "malformed",
	[UTILS_CNT_REFUSED]	 = "refused",
	[UTILS_CNT_NO_ROOM]	 = "ring_full",
	[UTILS_CNT_REGISTERED]	 = "daemon_registered",
	[UTILS_CNT_ASKED]	 = "daemon_asked",
	[UTILS_CNT_TIMEOUTS]	 = "daemon_timeouts",
	[UTILS_CNT_LOST]	 = "daemon_lost",
	[UTILS_CNT_LATE]	 = "daemon_late",
	[UTILS_CNT_ODD]		 = "daemon_odd",
};

static const char * const hand_name[] = {
	[UTILS_ABSENT]	 = "absent",
	[UTILS_GREETING] = "registering",
	[UTILS_READY]	 = "ready",
	[UTILS_OFFERED]	 = "asked",
	[UTILS_TAKEN]	 = "busy",
	[UTILS_OWED]	 = "late",
};

static void show_version(struct seq_file *s, const char *what,
			 struct lis_ic_version v)
{
	seq_printf(s, "%-18s %u.%u\n", what, v.major, v.minor);
}

static void show_daemon(struct seq_file *s, const struct utils_service *svc)
{
	seq_printf(s, "%-18s %s\n", "device", svc->kind->daemon->node);
	seq_printf(s, "%-18s %s\n", "daemon",
		   hand_name[READ_ONCE(svc->relay.hand.state)]);
}

static int utils_stats_show(struct seq_file *s, void *unused)
{
	struct utils_service *svc = s->private;
	const char *error = READ_ONCE(svc->last_error);
	u32 i, n = svc->kind->daemon ? UTILS_CNT_COUNT : UTILS_CNT_REGISTERED;

	seq_printf(s, "%-18s %s\n", "service", svc->kind->name);
	seq_printf(s, "%-18s %s\n", "state", !READ_ONCE(svc->live) ? "closed" :
		   utils_agreed(svc) ? "connected" : "waiting for the host");
	show_version(s, "framework", svc->terms.framework);
	show_version(s, "version", svc->terms.message);
	if (svc->count[UTILS_CNT_MESSAGES])
		seq_printf(s, "%-18s %u\n", "last_message_ms",
			   jiffies_to_msecs(jiffies - READ_ONCE(svc->last)));
	if (svc->kind->daemon)
		show_daemon(s, svc);
	for (i = 0; i < n; i++)
		seq_printf(s, "%-18s %u\n", counter_name[i],
			   READ_ONCE(svc->count[i]));
	seq_printf(s, "%-18s %s\n", "last_error", error ? error : "none");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(utils_stats);

void utils_show(struct utils_service *svc)
{
	svc->debugfs = debugfs_create_file("utils", 0444,
					   lis_device_debugfs(svc->dev), svc,
					   &utils_stats_fops);
}

/* Waits for readers. */
void utils_show_no_more(struct utils_service *svc)
{
	debugfs_remove(svc->debugfs);
}
