// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a host says of the time, and what that means for the guest's clock.
 *
 * Pure: computes from a private copy of what the host sent.
 */
#include <linux/stddef.h>
#include <linux/string.h>
#include "pure.h"

#define NS_PER_TICK	100
#define SECOND		1000000000LL
/* A host whose clock is before 2000 or after 2200 has none. */
#define EARLIEST	(946684800LL * SECOND)
#define LATEST		(7258118400LL * SECOND)
/* The reference counter runs on while a message travels, for so long at most:
 * a week, for guests that slept.
 */
#define OLDEST_TICKS	(7ULL * 86400 * 10000000)
/* A clock that is nearer to the host's than this is left alone. */
#define NEAR_NS		(100 * 1000)
/* One that is further behind than this is set if the host says no more than
 * what the time is, and that is asked for.
 */
#define FAR_BEHIND_NS	SECOND

static bool sane(s64 ns)
{
	return ns >= EARLIEST && ns <= LATEST;
}

/* 100 ns since 1601 as nanoseconds since 1970; 0 where that has no meaning */
static s64 unix_ns(u64 ticks)
{
	if (ticks < LIS_IC_EPOCH_DELTA)
		return 0;
	ticks -= LIS_IC_EPOCH_DELTA;
	return ticks > LATEST / NS_PER_TICK ? 0 : ticks * NS_PER_TICK;
}

static const char *read_old(const struct utils_frame *f, struct utils_sample *s)
{
	struct lis_ic_time_old t;

	if (f->head.bytes < sizeof(t))
		return "time that is too short";
	memcpy(&t, f->body, sizeof(t));
	s->host_ns = unix_ns(t.host_time);
	s->flags = t.flags;
	return NULL;
}

static const char *read_ref(const struct utils_frame *f, struct utils_sample *s)
{
	struct lis_ic_time_ref t;

	if (f->head.bytes < LIS_IC_TIME_REF_LEAST)
		return "time that is too short";
	memcpy(&t, f->body, LIS_IC_TIME_REF_LEAST);
	s->host_ns = unix_ns(t.host_time);
	s->reference = t.reference_time;
	s->has_reference = true;
	s->flags = t.flags;
	return NULL;
}

const char *utils_read_time(const struct utils_frame *f, u32 version,
			    struct utils_sample *s)
{
	const char *wrong;

	memset(s, 0, sizeof(*s));
	if (version >= UTILS_VERSION(4, 0))
		wrong = read_ref(f, s);
	else
		wrong = read_old(f, s);
	if (!wrong && !sane(s->host_ns))
		wrong = "time of another age";
	return wrong;
}

bool utils_host_now(const struct utils_sample *s, u64 reference, s64 *ns)
{
	u64 passed = 0;

	/* A counter that went back was reset: the sample says nothing then. */
	if (s->has_reference) {
		passed = reference - s->reference;
		if (reference < s->reference || passed > OLDEST_TICKS)
			return false;
	}
	*ns = s->host_ns + (s64)(passed * NS_PER_TICK);
	return sane(*ns);
}

bool utils_must_step(u8 flags, s64 behind, bool implicit)
{
	if (flags & LIS_IC_TIME_SYNC)
		return behind > NEAR_NS || behind < -NEAR_NS;
	return (flags & LIS_IC_TIME_SAMPLE) && implicit &&
	       behind > FAR_BEHIND_NS;
}
