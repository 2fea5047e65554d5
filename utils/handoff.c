// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who owes whom what between a service and its daemon: one request at a time,
 * and one answer to each, which may come when nobody waits for it any more.
 *
 * Pure; the caller has a lock.
 */
#include "pure.h"

void utils_registered(struct utils_handoff *h, bool greet)
{
	h->state = greet ? UTILS_GREETING : UTILS_READY;
}

bool utils_offer(struct utils_handoff *h)
{
	if (h->state != UTILS_READY)
		return false;
	h->state = UTILS_OFFERED;
	return true;
}

void utils_was_read(struct utils_handoff *h)
{
	if (h->state == UTILS_GREETING)
		h->state = UTILS_READY;
	else if (h->state == UTILS_OFFERED)
		h->state = UTILS_TAKEN;
}

enum utils_written utils_written(struct utils_handoff *h)
{
	enum utils_handoff_state was = h->state;

	if (was == UTILS_TAKEN || was == UTILS_OWED)
		h->state = UTILS_READY;
	return was == UTILS_TAKEN ? UTILS_WROTE_ANSWER :
	       was == UTILS_OWED ? UTILS_WROTE_LATE : UTILS_WROTE_ODD;
}

/* Nobody waits for the answer any more. */
void utils_abandon(struct utils_handoff *h)
{
	if (h->state == UTILS_OFFERED)
		h->state = UTILS_READY;
	else if (h->state == UTILS_TAKEN)
		h->state = UTILS_OWED;
}

bool utils_bye(struct utils_handoff *h)
{
	bool had = h->state == UTILS_TAKEN;

	h->state = UTILS_ABSENT;
	return had;
}
