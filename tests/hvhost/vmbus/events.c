// SPDX-License-Identifier: GPL-2.0-only
/*
 * Named events that `hvctl wait` waits for.  An event that happened before
 * anybody waited is not lost: each wait takes one occurrence.
 *
 * Locking: server.lock.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "server_int.h"

struct event {
	struct event *next;
	unsigned long happened;
	unsigned long taken;
	char name[];
};

static struct event *event_get(struct vmbus_server *s, const char *name)
{
	size_t size = strlen(name) + 1;
	struct event *e;

	for (e = s->events; e; e = e->next)
		if (!strcmp(e->name, name))
			return e;
	e = calloc(1, sizeof(*e) + size);
	if (!e)
		abort();
	memcpy(e->name, name, size);
	e->next = s->events;
	s->events = e;
	return e;
}

void server_event(struct vmbus_server *s, const char *name)
{
	server_trace(s, "event %s", name);
	event_get(s, name)->happened++;
	pthread_cond_broadcast(&s->changed);
}

void vmbus_server_event(struct vmbus_server *s, const char *name)
{
	pthread_mutex_lock(&s->lock);
	server_event(s, name);
	pthread_mutex_unlock(&s->lock);
}

bool event_wait(struct vmbus_server *s, const char *name, unsigned int ms)
{
	struct event *e = event_get(s, name);
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / 1000;
	end.tv_nsec += ms % 1000 * 1000000L;
	if (end.tv_nsec >= 1000000000L) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000L;
	}
	while (e->happened == e->taken)
		if (pthread_cond_timedwait(&s->changed, &s->lock, &end) ==
		    ETIMEDOUT)
			break;
	if (e->happened == e->taken)
		return false;
	e->taken++;
	return true;
}

void event_free(struct vmbus_server *s)
{
	struct event *e, *next;

	for (e = s->events; e; e = next) {
		next = e->next;
		free(e);
	}
	s->events = NULL;
}
