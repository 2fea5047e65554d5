/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvctl's counterpart.  Verbs of the VM are served here, all others by the
 * VMBus server.
 *
 * Threads: @lock protects the table of clients; the main thread accepts, a
 * detached thread serves each client and takes itself out of the table.
 */
#include "ctl.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <json-c/json.h>

#include "core/vm.h"
#include "dev/controller.h"
#include "vmbus/server.h"

#define MAX_CLIENTS	16
#define CLOSE_WAIT_S	2

static struct {
	struct vm *vm;
	struct event_source listener;
	pthread_mutex_t lock;
	pthread_cond_t left;
	int fds[MAX_CLIENTS];		/* -1 = free */
	unsigned int clients;
} ctl = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.left = PTHREAD_COND_INITIALIZER,
};

static struct json_object *ok(void)
{
	struct json_object *reply = json_object_new_object();

	json_object_object_add(reply, "ok", json_object_new_boolean(true));
	return reply;
}

static struct json_object *error(const char *fmt, ...)
{
	struct json_object *reply = json_object_new_object();
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_object_object_add(reply, "ok", json_object_new_boolean(false));
	json_object_object_add(reply, "error", json_object_new_string(text));
	return reply;
}

/* Word @i of the request's arguments, "" when there are fewer */
static const char *word(struct json_object *request, size_t i)
{
	struct json_object *args;

	if (!json_object_object_get_ex(request, "args", &args) ||
	    !json_object_is_type(args, json_type_array) ||
	    i >= json_object_array_length(args))
		return "";
	return json_object_get_string(json_object_array_get_idx(args, i)) ?: "";
}

static struct json_object *power(struct json_object *request)
{
	const char *what = word(request, 0);
	struct vm *vm = ctl.vm;

	if (!strcmp(what, "shutdown")) {
		power_button(&vm->power);
	} else if (!strcmp(what, "reset")) {
		vm_request(vm, VM_RESET);
	} else if (!strcmp(what, "off")) {
		vm_request(vm, VM_POWER_OFF);
	} else if (!strcmp(what, "nmi")) {
		atomic_store(&vm->vcpus[0].nmi, true);
		vcpu_kick(&vm->vcpus[0]);
	} else {
		return error("power %s: want shutdown, reset, nmi or off",
			     what);
	}
	trace("power %s", what);
	return ok();
}

static struct json_object *save(struct json_object *request)
{
	const char *path = word(request, 0), *why;

	if (*path != '/')
		return error("save %s: want a path that begins with /", path);
	why = vm_save(ctl.vm, path);
	if (why)
		return error("save %s: %s", path, why);
	return ok();
}

struct json_object *ctl_stats(struct vm *vm, bool reset)
{
	struct json_object *all = json_object_new_object();

	json_object_object_add(all, "vm", vm_stats(vm, reset));
	json_object_object_add(all, "channels",
			       vmbus_server_stats(vm->server, reset));
	json_object_object_add(all, "disks", controller_disks(vm->server));
	json_object_object_add(all, "violations",
			       json_object_new_int64(vm->violations));
	return all;
}

static struct json_object *stats(struct json_object *request)
{
	const char *option = word(request, 0);
	struct json_object *reply;

	if (*option && strcmp(option, "--reset"))
		return error("stats %s: want nothing or --reset", option);
	reply = ctl_stats(ctl.vm, *option);
	json_object_object_add(reply, "ok", json_object_new_boolean(true));
	return reply;
}

static struct json_object *serve(struct json_object *request)
{
	struct json_object *verb, *reply = NULL;
	const char *name;

	if (!json_object_is_type(request, json_type_object) ||
	    !json_object_object_get_ex(request, "verb", &verb) ||
	    !json_object_is_type(verb, json_type_string))
		return error("request is not {\"verb\":...,\"args\":[...]}");
	name = json_object_get_string(verb);
	if (!strcmp(name, "ping"))
		return ok();
	if (!strcmp(name, "power"))
		return power(request);
	if (!strcmp(name, "save"))
		return save(request);
	if (!strcmp(name, "stats"))
		return stats(request);
	if (vmbus_server_control(ctl.vm->server, request, &reply) || !reply)
		return error("%s: unknown verb", name);
	return reply;
}

static void answer(FILE *f, const char *line)
{
	struct json_object *request = json_tokener_parse(line);
	struct json_object *reply = serve(request);

	fprintf(f, "%s\n", json_object_to_json_string_ext(reply,
						JSON_C_TO_STRING_PLAIN));
	fflush(f);
	json_object_put(reply);
	json_object_put(request);
}

static void leave(size_t slot)
{
	pthread_mutex_lock(&ctl.lock);
	ctl.fds[slot] = -1;
	ctl.clients--;
	pthread_cond_broadcast(&ctl.left);
	pthread_mutex_unlock(&ctl.lock);
}

static void *client_main(void *arg)
{
	size_t slot = (uintptr_t)arg, size = 0;
	char *line = NULL;
	FILE *in, *out;
	int fd = ctl.fds[slot];

	/* Two streams: one cannot turn from reading to writing on a socket */
	in = fdopen(fd, "r");
	out = fdopen(dup(fd), "w");
	while (in && out && getline(&line, &size, in) > 0)
		answer(out, line);
	/* Out of the table before the number can mean another file */
	leave(slot);
	if (out)
		fclose(out);
	if (in)
		fclose(in);
	free(line);
	return NULL;
}

static int free_slot(void)
{
	int i;

	for (i = 0; i < MAX_CLIENTS; i++)
		if (ctl.fds[i] < 0)
			return i;
	return -1;
}

static void accept_client(struct event_source *src, uint32_t events)
{
	int slot, fd = accept4(src->fd, NULL, NULL, SOCK_CLOEXEC);
	pthread_t thread;

	(void)events;
	if (fd < 0)
		return;
	pthread_mutex_lock(&ctl.lock);
	slot = free_slot();
	if (slot >= 0) {
		ctl.fds[slot] = fd;
		ctl.clients++;
	}
	pthread_mutex_unlock(&ctl.lock);
	if (slot >= 0 && !pthread_create(&thread, NULL, client_main,
					 (void *)(uintptr_t)slot)) {
		pthread_detach(thread);
		return;
	}
	if (slot >= 0)
		leave(slot);
	close(fd);
}

void ctl_init(struct vm *vm)
{
	size_t i;

	ctl.vm = vm;
	for (i = 0; i < MAX_CLIENTS; i++)
		ctl.fds[i] = -1;
	if (!vm->opt->control)
		return;
	ctl.listener = (struct event_source) {
		.fd = unix_listen("control", vm->opt->control),
		.ready = accept_client,
	};
	if (event_add(&vm->loop, &ctl.listener, EPOLLIN))
		die(EXIT_INTERNAL, "--control: epoll: %s", strerror(errno));
}

bool ctl_close(void)
{
	struct timespec limit;
	bool empty;
	size_t i;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += CLOSE_WAIT_S;
	pthread_mutex_lock(&ctl.lock);
	/* Answers under way still go out, but no more requests come in */
	for (i = 0; i < MAX_CLIENTS; i++)
		if (ctl.fds[i] >= 0)
			shutdown(ctl.fds[i], SHUT_RD);
	while (ctl.clients &&
	       !pthread_cond_timedwait(&ctl.left, &ctl.lock, &limit))
		;
	empty = !ctl.clients;
	pthread_mutex_unlock(&ctl.lock);
	return empty;
}
