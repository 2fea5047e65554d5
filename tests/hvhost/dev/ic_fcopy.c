// SPDX-License-Identifier: GPL-2.0-only
/*
 * File copy: a file of the host is written in the guest, piece by piece.
 * Locking: see ic.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lis/proto/ic_files.h>

#include "ic.h"

#define LIMIT_S		60	/* of each answer */

static const struct ic_since versions[] = {
	{ { 1, 1 }, LIS_VMBUS_V3_0 }, { { 0, 0 }, 0 },
};

static const char *answered(struct ic *ic, const uint8_t *sent,
			    const uint8_t *body, uint32_t bytes,
			    uint32_t status)
{
	(void)ic;
	(void)bytes;
	(void)status;
	return memcmp(sent, body, 4) ? "another operation" : NULL;
}

static uint32_t cancel_body(struct ic *ic, uint8_t *body)
{
	struct lis_fcopy_head h = { .op = LIS_FCOPY_CANCEL };

	(void)ic;
	memcpy(body, &h, sizeof(h));
	return sizeof(h);
}

static void describe(struct ic *ic, struct json_object *to)
{
	json_object_object_add(to, "copying",
			       json_object_new_boolean(ic->fcopy.busy));
	json_object_object_add(to, "bytes_done",
			       json_object_new_int64(ic->fcopy.done));
	json_object_object_add(to, "bytes",
			       json_object_new_int64(ic->fcopy.bytes));
}

struct job {
	struct ic *ic;
	struct ic_args *args;
	long long limit_s;
	int fd;
	uint64_t bytes;
	bool refused;			/* the guest failed, or is silent */
	struct lis_fcopy_start start;
};

static bool ask(struct job *j, void *body, uint32_t bytes)
{
	uint32_t status;

	j->refused = !ic_ask(j->ic, body, bytes, &status, j->limit_s * 1000,
			     j->args->error) ||
		     !ic_status_ok(j->args, status);
	return !j->refused;
}

static bool ask_short(struct job *j, uint32_t op)
{
	struct lis_fcopy_head h = { .op = op };

	return ask(j, &h, sizeof(h));
}

/* Note how far it is; was it cancelled? */
static bool progress(struct job *j, uint64_t done)
{
	struct ic *ic = j->ic;
	bool cancel;

	pthread_mutex_lock(&ic->lock);
	ic->fcopy.done = done;
	cancel = ic->fcopy.cancel;
	pthread_cond_broadcast(&ic->changed);
	pthread_mutex_unlock(&ic->lock);
	return cancel;
}

static bool send_pieces(struct job *j)
{
	for (uint64_t at = 0; at < j->bytes;) {
		struct lis_fcopy_write w = {
			.head.op = LIS_FCOPY_WRITE, .offset = at };
		ssize_t n = pread(j->fd, w.data, sizeof(w.data), at);

		if (n <= 0)
			return ic_wrong(j->args, "reading the file: %s",
					n ? strerror(errno) : "it has shrunk");
		w.bytes = n;
		if (!ask(j, &w, sizeof(w)))
			return false;
		at += n;
		if (progress(j, at))
			return ic_wrong(j->args, "cancelled");
	}
	return true;
}

/* A guest that failed gets no more; one that is to give up is told so. */
static bool copy(struct job *j)
{
	char why[IC_TEXT];

	if (ask(j, &j->start, sizeof(j->start)) && send_pieces(j))
		return ask_short(j, LIS_FCOPY_COMPLETE);
	if (j->refused)
		return false;
	snprintf(why, sizeof(why), "%s", j->args->error);
	if (ask_short(j, LIS_FCOPY_CANCEL))
		snprintf(j->args->error, IC_TEXT, "%s", why);
	return false;
}

/* One at a time */
static bool begin(struct job *j)
{
	struct ic *ic = j->ic;
	bool busy;

	pthread_mutex_lock(&ic->lock);
	busy = ic->fcopy.busy;
	if (!busy) {
		ic->fcopy.busy = true;
		ic->fcopy.cancel = false;
		ic->fcopy.done = 0;
		ic->fcopy.bytes = j->bytes;
	}
	pthread_mutex_unlock(&ic->lock);
	return !busy || ic_wrong(j->args, "another file is being copied");
}

static void end(struct job *j)
{
	pthread_mutex_lock(&j->ic->lock);
	j->ic->fcopy.busy = false;
	pthread_cond_broadcast(&j->ic->changed);
	pthread_mutex_unlock(&j->ic->lock);
}

static bool cancel_verb(struct ic_args *a, struct ic *ic)
{
	bool busy;

	pthread_mutex_lock(&ic->lock);
	busy = ic->fcopy.busy;
	ic->fcopy.cancel |= busy;
	pthread_mutex_unlock(&ic->lock);
	return busy || ic_wrong(a, "no file is being copied");
}

/* "/a/b" is the file b in the folder /a, unless --name tells both as they are */
static bool fill_names(struct job *j, const char *name)
{
	const char *dest = j->args->argv[1], *slash = strrchr(dest, '/');
	char path[4096];

	snprintf(path, sizeof(path), "%s", dest);
	if (!name) {
		if (!slash || !slash[1])
			return ic_wrong(j->args, "%s: want the whole path of a file, or --name",
					dest);
		name = slash + 1;
		path[slash == dest ? 1 : slash - dest] = 0;
	}
	return (ic_utf16((uint8_t *)j->start.name, sizeof(j->start.name),
			 name) &&
		ic_utf16((uint8_t *)j->start.path, sizeof(j->start.path),
			 path)) ||
	       ic_wrong(j->args, "a name is too long, or not UTF-8");
}

static bool open_source(struct job *j)
{
	struct stat st;

	j->fd = open(j->args->argv[0], O_RDONLY | O_CLOEXEC);
	if (j->fd < 0 || fstat(j->fd, &st))
		return ic_wrong(j->args, "%s: %s", j->args->argv[0],
				strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ic_wrong(j->args, "%s: not a file", j->args->argv[0]);
	j->bytes = j->start.bytes = st.st_size;
	return true;
}

bool fcopy_control(struct vmbus_server *s, int argc, const char *const *argv,
		   struct json_object *reply, char *error, size_t error_size)
{
	struct job j = { .fd = -1, .start.head.op = LIS_FCOPY_START };
	struct ic_args a;
	const char *name;
	bool ok;

	(void)reply;
	(void)error_size;
	j.args = &a;
	ic_args_init(&a, "fcopy", argc, argv, error);
	j.start.flags = (ic_flag(&a, "--overwrite") ? LIS_FCOPY_OVERWRITE : 0) |
			(ic_flag(&a, "--create-path") ? LIS_FCOPY_CREATE_PATH :
			 0);
	name = ic_value(&a, "--name");
	j.limit_s = ic_number(&a, "--limit", 1, 3600, LIMIT_S);
	if (!ic_words(&a, 1, 2, "SRC DEST [--name NAME] [--overwrite] [--create-path] [--limit S], or cancel"))
		return false;
	j.ic = ic_named(s, &ic_fcopy, &a);
	if (!j.ic)
		return false;
	if (a.argc == 1)
		return strcmp(a.argv[0], "cancel") ?
		       ic_wrong(&a, "expected SRC DEST, or cancel") :
		       cancel_verb(&a, j.ic);
	ok = open_source(&j) && fill_names(&j, name) && begin(&j);
	if (ok) {
		ok = copy(&j);
		end(&j);
	}
	if (j.fd >= 0)
		close(j.fd);
	return ok;
}

const struct ic_service ic_fcopy = {
	.name = "fcopy",
	.class_id = LIS_IC_FCOPY_CLASS,
	.instance_id = LIS_IC_FCOPY_INSTANCE,
	.type = LIS_IC_FCOPY,
	.versions = versions,
	.answer = answered,
	.harmless = cancel_body,
	.describe = describe,
};
