// SPDX-License-Identifier: GPL-2.0-only
/*
 * `hvctl ic ...`: what is there, how it is, and what all services can do.
 * Locking: see ic.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../vmbus/server.h"
#include "ic.h"

#define WAIT_S	30

static const char *const names[] = {
	"shutdown", "timesync", "heartbeat", "kvp", "vss", "fcopy",
};

static const char *const states[] = {
	[IC_CLOSED] = "closed",
	[IC_NEGOTIATING] = "negotiating",
	[IC_READY] = "ready",
	[IC_REFUSED] = "refused",
};

static void add_count(struct json_object *o, const char *key, uint64_t n)
{
	json_object_object_add(o, key, json_object_new_int64(n));
}

static void add_version(struct json_object *o, const char *key,
			const struct lis_ic_version *v)
{
	char text[16];

	snprintf(text, sizeof(text), "%u.%u", v->major, v->minor);
	json_object_object_add(o, key, json_object_new_string(text));
}

static void add_text(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

/* Answers that may come yet */
static uint64_t owed(const struct ic *ic)
{
	uint64_t n = 0;

	for (size_t i = 0; i < sizeof(ic->owed) / sizeof(ic->owed[0]); i++)
		n += ic->owed[i];
	return n;
}

/* With the lock held */
static struct json_object *describe(struct ic *ic)
{
	struct json_object *o = json_object_new_object();
	const struct ic_counts *c = &ic->counts;
	char status[16];

	add_text(o, "service", ic->service->name);
	add_text(o, "state", states[ic->state]);
	add_version(o, "framework", &ic->framework);
	add_version(o, "version", &ic->version);
	add_count(o, "period_ms", ic->period_ms);
	json_object_object_add(o, "last_contact_ms", ic->contact_ms ?
			       json_object_new_int64(ic_now_ms() -
						     ic->contact_ms) : NULL);
	snprintf(status, sizeof(status), "%#010x", ic->last_status);
	add_text(o, "last_status", status);
	add_count(o, "sent", c->sent);
	add_count(o, "answered", c->answered);
	add_count(o, "missed", c->missed);
	add_count(o, "late", c->late);
	add_count(o, "owed", owed(ic));
	add_count(o, "failed", c->failed);
	add_count(o, "negotiations", c->negotiations);
	add_count(o, "lies", c->lies);
	add_count(o, "odd", c->odd);
	if (ic->service->describe)
		ic->service->describe(ic, o);
	return o;
}

static bool list(struct vmbus_server *s, struct ic_args *a,
		 struct json_object *reply)
{
	struct json_object *all = json_object_new_array();

	json_object_object_add(reply, "services", all);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct device *dev = vmbus_device_find(s, names[i]);
		struct ic *ic = (struct ic *)dev;

		if (!dev)
			continue;
		pthread_mutex_lock(&ic->lock);
		json_object_array_add(all, describe(ic));
		pthread_mutex_unlock(&ic->lock);
	}
	return ic_words(a, 0, 0, "list");
}

static bool add(struct vmbus_server *s, struct ic_args *a)
{
	char *text = NULL;
	bool ok;

	if (!ic_words(a, 1, 1, "add NAME[=PERIOD][,...]"))
		return false;
	ok = vmbus_server_add_ic(s, a->argv[0], &text);
	if (!ok)
		snprintf(a->error, IC_TEXT, "%s", text ?: "out of memory");
	free(text);
	return ok;
}

/* "ready" and the other states, or "contact": an answer from now on */
static bool come(const struct ic *ic, const char *what, uint64_t before)
{
	return !strcmp(what, "contact") ? ic->counts.answered > before :
	       !strcmp(what, states[ic->state]);
}

static bool known(const char *what)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (!strcmp(states[i], what))
			return true;
	return !strcmp(what, "contact");
}

static bool wait(struct vmbus_server *s, struct ic_args *a)
{
	long long limit = ic_number(a, "--limit", 0, 3600, WAIT_S);
	struct timespec end;
	uint64_t before;
	struct ic *ic;
	bool ok;

	if (!ic_words(a, 2, 2, "wait NAME closed|negotiating|ready|refused|contact [--limit S]"))
		return false;
	if (!known(a->argv[1]))
		return ic_wrong(a, "%s: no such state", a->argv[1]);
	ic = ic_service_find(s, a->argv[0], a);
	if (!ic)
		return false;
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += limit;
	pthread_mutex_lock(&ic->lock);
	before = ic->counts.answered;
	while (!(ok = come(ic, a->argv[1], before)) &&
	       !pthread_cond_timedwait(&ic->changed, &ic->lock, &end))
		;
	pthread_mutex_unlock(&ic->lock);
	return ok || ic_wrong(a, "wait %s %s: not in %lld s", a->argv[0],
			      a->argv[1], limit);
}

/* Offer versions again, as a host does after it was moved or restored. */
static bool negotiate(struct vmbus_server *s, struct ic_args *a)
{
	struct ic *ic;

	if (!ic_words(a, 1, 1, "negotiate NAME"))
		return false;
	ic = ic_service_find(s, a->argv[0], a);
	if (!ic)
		return false;
	pthread_mutex_lock(&ic->lock);
	ic->negotiate = true;
	if (ic->ch)
		ic->state = IC_NEGOTIATING;
	pthread_mutex_unlock(&ic->lock);
	vmbus_device_kick(&ic->dev);
	return true;
}

/* Another period for unasked messages; 0: none */
static bool period(struct vmbus_server *s, struct ic_args *a)
{
	struct ic *ic;
	char *end;
	unsigned long ms;

	if (!ic_words(a, 2, 2, "period NAME MS"))
		return false;
	ic = ic_service_find(s, a->argv[0], a);
	if (!ic)
		return false;
	ms = strtoul(a->argv[1], &end, 10);
	if (!*a->argv[1] || *end || ms > 3600000 || !ic->service->period_unit)
		return ic_wrong(a, "%s %s: bad period", a->argv[0],
				a->argv[1]);
	pthread_mutex_lock(&ic->lock);
	ic->period_ms = ms;
	ic->next_ms = ic_now_ms();
	pthread_mutex_unlock(&ic->lock);
	vmbus_device_kick(&ic->dev);
	return true;
}

bool ic_control(struct vmbus_server *s, int argc, const char *const *argv,
		struct json_object *reply, char *error, size_t error_size)
{
	const char *verb = argc ? argv[0] : "";
	struct ic_args a;

	(void)error_size;
	ic_args_init(&a, "ic", argc - !!argc, argv + !!argc, error);
	if (!strcmp(verb, "list"))
		return list(s, &a, reply);
	if (!strcmp(verb, "add"))
		return add(s, &a);
	if (!strcmp(verb, "wait"))
		return wait(s, &a);
	if (!strcmp(verb, "negotiate"))
		return negotiate(s, &a);
	if (!strcmp(verb, "period"))
		return period(s, &a);
	if (!strcmp(verb, "shutdown"))
		return ic_shutdown_verb(s, &a);
	if (!strcmp(verb, "time"))
		return ic_time_verb(s, &a);
	return ic_wrong(&a, "expected list, add, wait, negotiate, period, shutdown or time");
}
