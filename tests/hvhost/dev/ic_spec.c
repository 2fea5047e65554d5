// SPDX-License-Identifier: GPL-2.0-only
/*
 * "NAME[=PERIOD][,NAME...]" or "all": which integration components there are.
 * Locking: see ic.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../vmbus/generation.h"
#include "../vmbus/server.h"
#include "ic.h"

#define PERIOD_MAX_MS	3600000

static const struct ic_service *const services[] = {
	&ic_shutdown, &ic_timesync, &ic_heartbeat, &ic_kvp, &ic_vss, &ic_fcopy,
};

#define SERVICES	(sizeof(services) / sizeof(services[0]))
#define PIPE_MESSAGES	4		/* kind of pipe, in the offer */

static void create(struct vmbus_server *s, const struct ic_service *service,
		   unsigned int period_ms)
{
	struct ic *ic = calloc(1, sizeof(*ic));
	uint32_t kind = PIPE_MESSAGES;

	if (!ic)
		abort();
	ic->service = service;
	ic->period_ms = period_ms;
	pthread_mutex_init(&ic->lock, NULL);
	pthread_cond_init(&ic->changed, NULL);
	ic->dev.class_id = service->class_id;
	ic->dev.instance_id = service->instance_id;
	ic->dev.offer_flags = LIS_OFFER_ENUMERATE | LIS_OFFER_NAMED_PIPE;
	memcpy(ic->dev.user, &kind, sizeof(kind));
	ic->dev.ops = &ic_ops;
	snprintf(ic->dev.name, sizeof(ic->dev.name), "%s", service->name);
	vmbus_device_add(s, &ic->dev);
}

static bool has_versions(struct vmbus_server *s,
			 const struct ic_service *service)
{
	uint32_t vmbus = vmbus_server_generation(s)->vmbus;

	for (const struct ic_since *v = service->versions; v->version.major;
	     v++)
		if (v->vmbus <= vmbus)
			return true;
	return false;
}

static bool wrong(char **error, const char *word, const char *what)
{
	if (asprintf(error, "ic %s: %s", word, what) < 0)
		*error = NULL;
	return false;
}

/* The number after "NAME=", in the service's unit; false: it is none */
static bool parse_period(const struct ic_service *service, const char *text,
			 unsigned int *ms)
{
	unsigned long n;
	char *end;

	*ms = service->period_ms;
	if (!text)
		return true;
	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || !*text || *end || *text == '-' || !service->period_unit ||
	    n > PERIOD_MAX_MS / service->period_unit)
		return false;
	*ms = n * service->period_unit;
	return true;
}

static bool add_one(struct vmbus_server *s, char *word, char **error)
{
	char *period = strchr(word, '=');
	unsigned int ms;
	size_t i = 0;

	if (period)
		*period++ = 0;
	while (i < SERVICES && strcmp(services[i]->name, word))
		i++;
	if (i == SERVICES)
		return wrong(error, word, "no such service; there are shutdown, timesync, heartbeat, kvp, vss and fcopy, or all");
	if (!parse_period(services[i], period, &ms))
		return wrong(error, word, services[i]->period_unit ?
			     "bad period" : "it has no period");
	if (vmbus_device_find(s, word))
		return wrong(error, word, "it is there already");
	if (!has_versions(s, services[i]))
		return wrong(error, word, "hosts of this generation do not have it");
	create(s, services[i], ms);
	return true;
}

/* Those that a host of this generation has */
static void add_all(struct vmbus_server *s)
{
	for (size_t i = 0; i < SERVICES; i++)
		if (has_versions(s, services[i]) &&
		    !vmbus_device_find(s, services[i]->name))
			create(s, services[i], services[i]->period_ms);
}

bool vmbus_server_add_ic(struct vmbus_server *s, const char *spec,
			 char **error)
{
	char *copy = strdup(spec), *rest = copy, *word;
	bool ok = true;

	if (!copy)
		abort();
	*error = NULL;
	while (ok && (word = strsep(&rest, ","))) {
		if (!strcmp(word, "all"))
			add_all(s);
		else
			ok = add_one(s, word, error);
	}
	free(copy);
	return ok;
}

struct ic *ic_service_find(struct vmbus_server *s, const char *name,
			   struct ic_args *a)
{
	for (size_t i = 0; i < SERVICES; i++)
		if (!strcmp(services[i]->name, name))
			return ic_named(s, services[i], a);
	ic_wrong(a, "no such service: %s", name);
	return NULL;
}

struct ic *ic_named(struct vmbus_server *s, const struct ic_service *service,
		    struct ic_args *a)
{
	struct device *dev = vmbus_device_find(s, service->name);

	if (!dev)
		ic_wrong(a, "%s is not offered: see --ic of hvhost",
			 service->name);
	return (struct ic *)dev;
}
