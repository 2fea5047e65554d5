// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time synchronisation: the host's time, told when a guest begins to listen
 * ("set your clock"), then every so often ("this is how late it is").
 * Locking: see ic.h.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../vmbus/server.h"
#include "ic.h"

#define PER_SECOND	10000000ll
#define LIMIT_S		60

static const struct ic_since versions[] = {
	{ { 1, 0 }, 0 }, { { 3, 0 }, 0 }, { { 4, 0 }, LIS_VMBUS_V4_0 },
	{ { 0, 0 }, 0 },
};

static uint64_t host_time(const struct ic *ic)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return LIS_IC_EPOCH_DELTA + t.tv_sec * PER_SECOND + t.tv_nsec / 100 +
	       ic->time.offset;
}

static uint64_t reference_time(const struct ic *ic)
{
	return vmbus_server_reference_time(ic->dev.server);
}

/* The version decides how long the body is; stamp() has the last word. */
static uint32_t time_body(struct ic *ic, uint8_t *body, uint8_t flags)
{
	struct lis_ic_time_old old = { .flags = flags };
	struct lis_ic_time_ref ref = { .flags = flags, .stratum = 1 };

	if (!ic_speaks(ic, 4, 0)) {
		memcpy(body, &old, sizeof(old));
		return sizeof(old);
	}
	memcpy(body, &ref, sizeof(ref));
	return sizeof(ref);
}

static uint32_t sample(struct ic *ic, uint8_t *body)
{
	uint32_t bytes = time_body(ic, body, ic->time.flags);

	ic->time.flags = LIS_IC_TIME_SAMPLE;
	return bytes;
}

static uint32_t probe(struct ic *ic, uint8_t *body)
{
	return time_body(ic, body, LIS_IC_TIME_PROBE);
}

static void stamp(struct ic *ic, uint8_t *body, uint32_t bytes)
{
	uint64_t now[2] = { host_time(ic), 0 };

	if (bytes == sizeof(struct lis_ic_time_ref))
		now[1] = reference_time(ic);
	memcpy(body, now, sizeof(now));
}

static void ready(struct ic *ic)
{
	ic->time.flags = LIS_IC_TIME_SYNC;
	ic->periodic_now = true;
}

static const char *answered(struct ic *ic, const uint8_t *sent,
			    const uint8_t *body, uint32_t bytes,
			    uint32_t status)
{
	(void)ic;
	(void)sent;
	(void)body;
	(void)bytes;
	return status ? "a status that is not 0" : NULL;
}

static void describe(struct ic *ic, struct json_object *to)
{
	json_object_object_add(to, "offset_seconds", json_object_new_double(
			       ic->time.offset / (double)PER_SECOND));
}

static bool tell(struct ic *ic, struct ic_args *a, uint8_t flags,
		 unsigned int limit)
{
	uint8_t body[sizeof(struct lis_ic_time_ref) + 8];
	uint32_t status, bytes;

	pthread_mutex_lock(&ic->lock);
	bytes = time_body(ic, body, flags);
	pthread_mutex_unlock(&ic->lock);
	return ic_ask(ic, body, bytes, &status, limit * 1000, a->error) &&
	       ic_status_ok(a, status);
}

bool ic_time_verb(struct vmbus_server *s, struct ic_args *a)
{
	bool sync = ic_flag(a, "--sync"), one = ic_flag(a, "--sample");
	bool look = ic_flag(a, "--probe");
	long long none = 1ll << 40;
	long long offset = ic_number(a, "--offset", -none + 1, none - 1, none);
	long long limit = ic_number(a, "--limit", 1, 3600, LIMIT_S);
	struct ic *ic;

	if (!ic_words(a, 0, 0, "[--offset SECONDS] [--sync|--sample|--probe] [--limit S]"))
		return false;
	if (sync + one + look > 1)
		return ic_wrong(a, "one of --sync, --sample and --probe");
	if (!(sync + one + look) && offset == none)
		return ic_wrong(a, "nothing to do: --offset SECONDS, --sync, --sample or --probe");
	ic = ic_named(s, &ic_timesync, a);
	if (!ic)
		return false;
	if (offset != none) {
		pthread_mutex_lock(&ic->lock);
		ic->time.offset = offset * PER_SECOND;
		pthread_mutex_unlock(&ic->lock);
	}
	if (!(sync + one + look))
		return true;
	return tell(ic, a, sync ? LIS_IC_TIME_SYNC : one ? LIS_IC_TIME_SAMPLE :
		    LIS_IC_TIME_PROBE, limit);
}

const struct ic_service ic_timesync = {
	.name = "timesync",
	.class_id = LIS_IC_TIMESYNC_CLASS,
	.instance_id = LIS_IC_TIMESYNC_INSTANCE,
	.type = LIS_IC_TIMESYNC,
	.period_ms = 5000,
	.period_unit = 1000,
	.versions = versions,
	.ready = ready,
	.periodic = sample,
	.stamp = stamp,
	.answer = answered,
	.harmless = probe,
	.describe = describe,
};
