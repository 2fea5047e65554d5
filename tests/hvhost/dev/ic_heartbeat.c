// SPDX-License-Identifier: GPL-2.0-only
/*
 * Heartbeat: a number every so often, which the guest answers with the next one
 * and how its application is.
 * Locking: see ic.h.
 */
#include <string.h>

#include "ic.h"

#define LOST_AFTER	3	/* unanswered in a row */

static const struct ic_since versions[] = {
	{ { 1, 0 }, 0 }, { { 3, 0 }, 0 }, { { 0, 0 }, 0 },
};

static uint32_t beat(struct ic *ic, uint8_t *body)
{
	struct lis_ic_heartbeat h = { .sequence = ++ic->heartbeat.sequence };

	memcpy(body, &h, sizeof(h));
	return sizeof(h);
}

static const char *beaten(struct ic *ic, const uint8_t *sent,
			  const uint8_t *body, uint32_t bytes, uint32_t status)
{
	struct lis_ic_heartbeat was, is;

	(void)bytes;
	memcpy(&was, sent, sizeof(was));
	memcpy(&is, body, sizeof(is));
	if (status)
		return "a status that is not 0";
	if (is.sequence != was.sequence + 1)
		return "the sequence number is not the next one";
	if (is.application > LIS_IC_APP_STOPPED)
		return "no such application state";
	ic->heartbeat.sequence = is.sequence;
	ic->heartbeat.application = is.application;
	return NULL;
}

static const char *condition(const struct ic *ic)
{
	if (ic->state != IC_READY)
		return "no contact";
	if (ic->missed >= LOST_AFTER)
		return "lost";
	return ic->heartbeat.sequence > 1 ? "ok" : "no contact";
}

static void describe(struct ic *ic, struct json_object *to)
{
	static const char *const states[] = {
		[LIS_IC_APP_UNKNOWN] = "unknown",
		[LIS_IC_APP_HEALTHY] = "healthy",
		[LIS_IC_APP_CRITICAL] = "critical",
		[LIS_IC_APP_STOPPED] = "stopped",
	};

	json_object_object_add(to, "heartbeat",
			       json_object_new_string(condition(ic)));
	json_object_object_add(to, "application", json_object_new_string(
			       states[ic->heartbeat.application]));
}

const struct ic_service ic_heartbeat = {
	.name = "heartbeat",
	.class_id = LIS_IC_HEARTBEAT_CLASS,
	.instance_id = LIS_IC_HEARTBEAT_INSTANCE,
	.type = LIS_IC_HEARTBEAT,
	.period_ms = 2000,
	.period_unit = 1,
	.versions = versions,
	.periodic = beat,
	.answer = beaten,
	.harmless = beat,
	.describe = describe,
};
