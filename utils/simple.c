// SPDX-License-Identifier: GPL-2.0-only
/*
 * Messages of the services that need no daemon: heartbeat and shutdown.
 *
 * Pure: computes from a private copy of what the host sent.
 */
#include <linux/stddef.h>
#include <linux/string.h>
#include "pure.h"

const char *utils_heartbeat(struct utils_frame *f, u32 application)
{
	struct lis_ic_heartbeat beat;

	if (f->head.bytes < sizeof(beat.sequence))
		return "heartbeat without a number";
	memcpy(&beat.sequence, f->body, sizeof(beat.sequence));
	beat.sequence++;
	memcpy(f->body, &beat.sequence, sizeof(beat.sequence));
	if (f->head.bytes >= offsetof(struct lis_ic_heartbeat, reserved))
		memcpy(f->body + offsetof(struct lis_ic_heartbeat, application),
		       &application, sizeof(application));
	return NULL;
}

/* What is forced is not told apart: the guest's own way is tried first. */
const char *utils_shutdown(const struct utils_frame *f, enum utils_power *what)
{
	u32 flags;

	if (f->head.bytes < offsetof(struct lis_ic_shutdown, text))
		return "request for shutdown that is too short";
	memcpy(&flags, f->body + offsetof(struct lis_ic_shutdown, flags),
	       sizeof(flags));
	switch (flags & ~LIS_IC_SHUT_FORCE) {
	case 0:
		*what = UTILS_POWER_OFF;
		return NULL;
	case LIS_IC_SHUT_RESTART:
		*what = UTILS_REBOOT;
		return NULL;
	case LIS_IC_SHUT_HIBERNATE:
		*what = UTILS_HIBERNATE;
		return NULL;
	}
	return "request for a shutdown of an unknown kind";
}
