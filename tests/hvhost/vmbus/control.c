// SPDX-License-Identifier: GPL-2.0-only
/*
 * The server's control verbs: bus, hostile and wait here, others by devices.
 * Locking: takes server.lock where it looks at the bus.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../dev/controller.h"
#include "../dev/ic.h"
#include "../dev/nic.h"
#include "server_int.h"

#define ARGS_MAX	24
#define ERROR_BYTES	2048
#define WAIT_SECONDS	30
#define WAIT_MAX	3600

struct words {
	int argc;
	const char *argv[ARGS_MAX];
};

static bool get_words(struct json_object *request, struct words *w)
{
	struct json_object *args;
	size_t n;

	w->argc = 0;
	if (!json_object_object_get_ex(request, "args", &args))
		return true;
	if (!json_object_is_type(args, json_type_array))
		return false;
	n = json_object_array_length(args);
	if (n > ARGS_MAX)
		return false;
	for (size_t i = 0; i < n; i++)
		w->argv[w->argc++] = json_object_get_string(
			json_object_array_get_idx(args, i));
	return true;
}

/* --- bus ------------------------------------------------------------------ */

static const char *state_name(const struct vmbus_channel *ch)
{
	if (ch->rescinded)
		return "rescinded";
	switch (ch->state) {
	case CHANNEL_OPEN:
		return "open";
	case CHANNEL_CLOSING:
		return "closing";
	case CHANNEL_CLOSED:
		break;
	}
	return "closed";
}

static void bus_list(struct vmbus_server *s, struct json_object *reply)
{
	struct json_object *list = json_object_new_array();
	char version[16];

	for (uint32_t relid = 1; relid <= LIS_RELID_MAX; relid++) {
		struct vmbus_channel *ch = s->channels[relid];
		struct json_object *o;

		if (!ch)
			continue;
		o = stats_channel(ch);
		json_object_object_add(o, "state",
				       json_object_new_string(state_name(ch)));
		json_object_object_add(o, "target_vp", json_object_new_int64(
				       atomic_load(&ch->target_vp)));
		json_object_array_add(list, o);
	}
	json_object_object_add(reply, "channels", list);
	json_object_object_add(reply, "gpadls_left",
			       json_object_new_int64(s->gpadls_left));
	json_object_object_add(reply, "connected", json_object_new_boolean(
			       s->conn.state == CONN_CONNECTED));
	snprintf(version, sizeof(version), "%u.%u", s->conn.version >> 16,
		 s->conn.version & 0xffff);
	json_object_object_add(reply, "version",
			       json_object_new_string(version));
}

static void stall(struct vmbus_server *s, struct device *dev, bool on)
{
	for (uint32_t relid = 1; relid <= LIS_RELID_MAX; relid++) {
		struct vmbus_channel *ch = s->channels[relid];

		if (!ch || ch->dev != dev)
			continue;
		atomic_store(&ch->stalled, on);
		channel_kick(ch);
	}
}

/* Nothing that is in flight will ever be answered. */
static void stop_serving(struct vmbus_server *s, struct device *dev)
{
	for (uint32_t relid = 1; relid <= LIS_RELID_MAX; relid++) {
		struct vmbus_channel *ch = s->channels[relid];

		if (ch && ch->dev == dev)
			channel_stop(ch);
	}
}

static bool bus_device_verb(struct vmbus_server *s, const char *verb,
			    struct device *dev)
{
	if (!strcmp(verb, "rescind") || !strcmp(verb, "vanish")) {
		dev->withheld = true;
		if (dev->primary)
			offer_rescind(s, dev->primary);
		if (*verb == 'v')
			stop_serving(s, dev);
	} else if (!strcmp(verb, "reoffer")) {
		offer_again(s, dev);
	} else if (!strcmp(verb, "stall")) {
		stall(s, dev, true);
	} else if (!strcmp(verb, "resume")) {
		stall(s, dev, false);
	} else {
		return false;
	}
	return true;
}

static struct device *find_device(struct vmbus_server *s, const char *name)
{
	struct device *dev;

	for (dev = s->devices; dev; dev = dev->next) {
		/* "scsi1", or its number alone */
		if (!strcmp(dev->name, name) ||
		    (strlen(name) == 1 && !strncmp(dev->name, "scsi", 4) &&
		     !strcmp(dev->name + 4, name)))
			return dev;
	}
	return NULL;
}

static bool bus_verb(struct vmbus_server *s, int argc, const char *const *argv,
		     struct json_object *reply, char *error)
{
	struct device *dev;
	bool ok = true;

	pthread_mutex_lock(&s->lock);
	if (argc == 1 && !strcmp(argv[0], "list")) {
		bus_list(s, reply);
	} else if (argc != 2) {
		snprintf(error, ERROR_BYTES, "bus: expected list, or rescind, vanish, reoffer, stall or resume CONTROLLER");
		ok = false;
	} else {
		dev = find_device(s, argv[1]);
		ok = dev && bus_device_verb(s, argv[0], dev);
		if (!ok)
			snprintf(error, ERROR_BYTES, dev ?
				 "bus %s: no such verb" :
				 "bus %s: no such device: %s",
				 argv[0], argv[1]);
	}
	pthread_mutex_unlock(&s->lock);
	return ok;
}

/* --- wait ----------------------------------------------------------------- */

static bool wait_verb(struct vmbus_server *s, int argc,
		      const char *const *argv, char *error)
{
	unsigned long seconds = WAIT_SECONDS;
	char *end;
	bool ok;

	if (argc == 2) {
		errno = 0;
		seconds = strtoul(argv[1], &end, 10);
		if (errno || *end || !*argv[1] || seconds > WAIT_MAX) {
			snprintf(error, ERROR_BYTES, "wait %s: bad number of seconds: %s",
				 argv[0], argv[1]);
			return false;
		}
	} else if (argc != 1) {
		snprintf(error, ERROR_BYTES, "wait: expected EVENT [SECONDS]");
		return false;
	}
	pthread_mutex_lock(&s->lock);
	ok = event_wait(s, argv[0], seconds * 1000);
	pthread_mutex_unlock(&s->lock);
	if (!ok)
		snprintf(error, ERROR_BYTES, "wait %s: nothing happened in %lu s",
			 argv[0], seconds);
	return ok;
}

/* --- entry ---------------------------------------------------------------- */

static bool bus_entry(struct vmbus_server *s, int argc,
		      const char *const *argv, struct json_object *reply,
		      char *error, size_t size)
{
	(void)size;
	return bus_verb(s, argc, argv, reply, error);
}

static bool hostile_entry(struct vmbus_server *s, int argc,
			  const char *const *argv, struct json_object *reply,
			  char *error, size_t size)
{
	bool ok;

	(void)reply;
	pthread_mutex_lock(&s->lock);
	ok = hostile_apply(s, argc, argv, error, size);
	pthread_mutex_unlock(&s->lock);
	return ok;
}

static bool wait_entry(struct vmbus_server *s, int argc,
		       const char *const *argv, struct json_object *reply,
		       char *error, size_t size)
{
	(void)reply;
	(void)size;
	return wait_verb(s, argc, argv, error);
}

static const struct {
	const char *name;
	ic_verb *serve;
} verbs[] = {
	{ "disk", controller_control },
	{ "fc", fc_control },
	{ "nic", nic_control },
	{ "ic", ic_control },
	{ "kvp", kvp_control },
	{ "vss", vss_control },
	{ "fcopy", fcopy_control },
	{ "bus", bus_entry },
	{ "hostile", hostile_entry },
	{ "wait", wait_entry },
};

#define VERBS	(sizeof(verbs) / sizeof(verbs[0]))

int vmbus_server_control(struct vmbus_server *s, struct json_object *request,
			 struct json_object **reply)
{
	char error[ERROR_BYTES] = "";
	struct json_object *verb;
	const char *name = "";
	struct words w;
	bool ok = false;
	size_t i = 0;

	*reply = NULL;
	if (json_object_object_get_ex(request, "verb", &verb))
		name = json_object_get_string(verb) ?: "";
	while (i < VERBS && strcmp(verbs[i].name, name))
		i++;
	if (i == VERBS)
		return -1;
	*reply = json_object_new_object();
	if (!get_words(request, &w))
		snprintf(error, sizeof(error), "%s: args is not a list of at most %d words",
			 name, ARGS_MAX);
	else
		ok = verbs[i].serve(s, w.argc, w.argv, *reply, error,
				    sizeof(error));
	json_object_object_add(*reply, "ok", json_object_new_boolean(ok));
	if (!ok)
		json_object_object_add(*reply, "error",
				       json_object_new_string(error));
	return 0;
}
