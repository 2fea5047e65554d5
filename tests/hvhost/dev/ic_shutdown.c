// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shutdown: the guest is asked to power off, to restart, to hibernate.
 * Locking: see ic.h.
 */
#include <stdio.h>
#include <string.h>

#include "ic.h"

#define LIMIT_S		60
#define REASON_PLANNED	0x80000000u

static const struct ic_since versions[] = {
	{ { 1, 0 }, 0 }, { { 3, 0 }, 0 },
	{ { 3, 1 }, LIS_VMBUS_V4_0 }, { { 3, 2 }, LIS_VMBUS_V5_2 },
	{ { 0, 0 }, 0 },
};

/* A guest that has not agreed to a newer version would only power off. */
static bool possible(struct ic *ic, uint32_t flags, struct ic_args *a)
{
	const char *version = NULL;

	pthread_mutex_lock(&ic->lock);
	if (flags & LIS_IC_SHUT_RESTART && !ic_speaks(ic, 3, 1))
		version = "3.1";
	if (flags & LIS_IC_SHUT_HIBERNATE && !ic_speaks(ic, 3, 2))
		version = "3.2";
	pthread_mutex_unlock(&ic->lock);
	return !version ||
	       ic_wrong(a, "the guest has not agreed to version %s, which that takes",
			version);
}

bool ic_shutdown_verb(struct vmbus_server *s, struct ic_args *a)
{
	bool reboot = ic_flag(a, "--reboot"), any = ic_flag(a, "--anyway");
	bool hibernate = ic_flag(a, "--hibernate");
	bool force = ic_flag(a, "--force");
	const char *text = ic_value(a, "--text");
	long long limit = ic_number(a, "--limit", 1, 3600, LIMIT_S);
	struct lis_ic_shutdown m = {
		.reason = REASON_PLANNED,
		.timeout = ic_number(a, "--timeout", 0, 86400, 0),
		.flags = (force ? LIS_IC_SHUT_FORCE : 0) |
			 (reboot ? LIS_IC_SHUT_RESTART : 0) |
			 (hibernate ? LIS_IC_SHUT_HIBERNATE : 0),
	};
	uint32_t status;
	struct ic *ic;

	if (!ic_words(a, 0, 0, "[--reboot|--hibernate] [--force] [--text TEXT] [--timeout S] [--limit S] [--anyway]"))
		return false;
	if (reboot && hibernate)
		return ic_wrong(a, "--reboot or --hibernate, not both");
	if (!ic_utf16(m.text, sizeof(m.text), text ?: "hvctl ic shutdown"))
		return ic_wrong(a, "--text: too long, or not UTF-8");
	ic = ic_named(s, &ic_shutdown, a);
	if (!ic || (!any && !possible(ic, m.flags, a)))
		return false;
	return ic_ask(ic, (uint8_t *)&m, sizeof(m), &status, limit * 1000,
		      a->error) && ic_status_ok(a, status);
}

const struct ic_service ic_shutdown = {
	.name = "shutdown",
	.class_id = LIS_IC_SHUTDOWN_CLASS,
	.instance_id = LIS_IC_SHUTDOWN_INSTANCE,
	.type = LIS_IC_SHUTDOWN,
	.versions = versions,
};
