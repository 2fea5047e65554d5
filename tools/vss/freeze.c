// SPDX-License-Identifier: GPL-2.0-only
/*
 * Freezing and thawing: see freeze.h.  One thread; no locks.
 *
 * Between the first freeze and the last thaw nothing may touch a disk: all
 * that is needed is open and in locked memory before, and nothing is logged.
 *
 * The guard is a process made before the first freeze.  It has the same
 * descriptors, and thaws when the end of its socket closes, which happens
 * whatever becomes of the daemon, or when the time is up and somewhat more.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "freeze.h"
#include "tools/lib/file.h"
#include "tools/lib/service.h"

#define TABLE_MAX	(4 << 20)	/* of a mount table, bytes */
#define GUARD_MORE_MS	2000		/* the daemon itself is first */

/* Does the descriptor belong to that mount, or to one on top of it? */
static bool of_mount(int fd, unsigned int id)
{
	char path[64], text[1024];
	const char *line;
	unsigned int found;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	if (file_read(path, text, sizeof(text)) < 0)
		return false;
	line = strstr(text, "mnt_id:");
	/* kernels before 3.15 do not tell */
	return !line || sscanf(line, "mnt_id: %u", &found) != 1 || found == id;
}

static int kernel_open(const struct vss_mount *m)
{
	int fd = open(m->point, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (of_mount(fd, m->id))
		return fd;
	close(fd);
	return -ESTALE;
}

/* So that the freeze itself has little to write */
static void kernel_flush(int fd)
{
	syncfs(fd);
}

static int kernel_freeze(int fd)
{
	return ioctl(fd, FIFREEZE, 0) ? -errno : 0;
}

static int kernel_thaw(int fd)
{
	return ioctl(fd, FITHAW, 0) ? -errno : 0;
}

static void kernel_close(int fd)
{
	close(fd);
}

const struct vss_fs_ops vss_kernel_ops = {
	.open = kernel_open,
	.flush = kernel_flush,
	.freeze = kernel_freeze,
	.thaw = kernel_thaw,
	.close = kernel_close,
};

static int fail(struct vss_freezer *f, int err, const char *what,
		const char *where)
{
	snprintf(f->error, sizeof(f->error), "%s %.160s: %s", what, where,
		 strerror(-err));
	return err;
}

static int read_table(struct vss_freezer *f)
{
	char *text = malloc(TABLE_MAX);
	ssize_t len;
	int err;

	if (!text)
		return -ENOMEM;
	len = file_read(f->mountinfo, text, TABLE_MAX);
	err = len < 0 ? (int)len : vss_mounts_parse(&f->mounts, text);
	free(text);
	return err;
}

static int make_plan(struct vss_freezer *f)
{
	int err = read_table(f);

	if (err)
		return fail(f, err, "cannot read", f->mountinfo);
	f->order = calloc(f->mounts.count + 1, sizeof(*f->order));
	if (!f->order)
		return fail(f, -ENOMEM, "cannot plan", "the freeze");
	f->count = vss_plan(&f->mounts, &f->skip, vss_backing_sysfs,
			    (void *)f->sysfs, f->order);
	return 0;
}

/* By its mount point, or by another of its mounts if that one is hidden */
static int open_any(struct vss_freezer *f, struct vss_mount *m)
{
	struct vss_mount *other = f->mounts.list;
	int fd = f->ops->open(m), i;

	for (i = 0; fd == -ESTALE && i < (int)f->mounts.count; i++, other++)
		if (other != m && other->major == m->major &&
		    other->minor == m->minor)
			fd = f->ops->open(other);
	return fd;
}

static int open_all(struct vss_freezer *f)
{
	size_t i;
	int fd;

	for (i = 0; i < f->count; i++) {
		fd = open_any(f, f->order[i]);
		if (fd < 0)
			return fail(f, fd, "cannot open", f->order[i]->point);
		f->order[i]->fd = fd;
		f->ops->flush(fd);
	}
	return 0;
}

static int thaw_all(struct vss_freezer *f)
{
	size_t i;
	int err = 0, ret;

	for (i = f->count; i--; ) {
		if (!f->order[i]->frozen)
			continue;
		ret = f->ops->thaw(f->order[i]->fd);
		f->order[i]->frozen = false;
		/* the guard, or somebody by hand, was first */
		if (ret == -EINVAL)
			err = err ? err : -ETIMEDOUT;
		else if (ret)
			err = fail(f, ret, "cannot thaw", f->order[i]->point);
	}
	return err;
}

/* Who kills the daemon by its name must not kill the guard with it. */
static void take_other_name(const char *name)
{
	prctl(PR_SET_NAME, name);
	/* which is where ps and pidof look: argv[0], in its own memory */
	strncpy(program_invocation_name, name, strlen(program_invocation_name));
}

/* In a process of its own; ends it */
static void stand_guard(struct vss_freezer *f, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char byte = 'r';
	size_t i;
	int n;

	take_other_name("hv_vss_guard");
	mlockall(MCL_CURRENT);		/* best effort: see the man page */
	if (write(fd, &byte, 1) != 1)
		_exit(1);
	do {
		n = poll(&p, 1, f->limit_ms + GUARD_MORE_MS);
	} while (n < 0 && errno == EINTR);
	if (n == 1 && read(fd, &byte, 1) == 1)
		_exit(0);		/* all is thawed */
	for (i = f->count; i--; )
		f->ops->thaw(f->order[i]->fd);
	_exit(2);
}

static int post_guard(struct vss_freezer *f)
{
	struct pollfd p = { .events = POLLIN };
	int pair[2];
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return fail(f, -errno, "cannot make", "a socket");
	f->guard = fork();
	if (f->guard < 0) {
		f->guard = 0;
		close(pair[0]);
		close(pair[1]);
		return fail(f, -errno, "cannot post", "the guard");
	}
	if (!f->guard) {
		close(pair[0]);
		stand_guard(f, pair[1]);
	}
	close(pair[1]);
	f->guard_fd = pair[0];
	p.fd = pair[0];
	if (poll(&p, 1, f->limit_ms) != 1 || read(pair[0], &byte, 1) != 1)
		return fail(f, -EIO, "cannot post", "the guard");
	return 0;
}

static void dismiss_guard(struct vss_freezer *f)
{
	int status;

	if (!f->guard)
		return;
	/* it may have gone already: no signal for that */
	if (send(f->guard_fd, "d", 1, MSG_NOSIGNAL) != 1)
		kill(f->guard, SIGKILL);
	close(f->guard_fd);
	while (waitpid(f->guard, &status, 0) < 0 && errno == EINTR)
		;
	f->guard = 0;
}

static void forget(struct vss_freezer *f)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (f->order[i]->fd >= 0)
			f->ops->close(f->order[i]->fd);
	free(f->order);
	f->order = NULL;
	f->count = 0;
	vss_mounts_free(&f->mounts);
}

static int freeze_all(struct vss_freezer *f)
{
	struct vss_mount *m;
	size_t i;
	int err;

	for (i = 0; i < f->count; i++) {
		m = f->order[i];
		err = f->ops->freeze(m->fd);
		if (!err)
			m->frozen = true;
		else if (err == -EOPNOTSUPP || err == -ENOTTY)
			m->skipped = "of a type that cannot be frozen";
		else if (err == -EBUSY)
			m->skipped = "frozen by somebody else";
		else
			return fail(f, err, "cannot freeze", m->point);
		/* The host has given up, and the guard has begun to thaw. */
		if (service_now() > f->deadline)
			return fail(f, -ETIMEDOUT, "too late after", m->point);
	}
	return 0;
}

int vss_freeze(struct vss_freezer *f)
{
	int err;

	f->error[0] = '\0';
	if (f->frozen)
		return 0;
	err = make_plan(f);
	if (!err)
		err = open_all(f);
	if (!err)
		err = post_guard(f);
	if (!err) {
		f->deadline = service_now() + f->limit_ms;
		err = freeze_all(f);
	}
	if (err) {
		thaw_all(f);
		dismiss_guard(f);
		forget(f);
	}
	f->frozen = !err;
	return err;
}

int vss_thaw(struct vss_freezer *f)
{
	int err;

	f->error[0] = '\0';
	if (!f->frozen)
		return 0;
	err = thaw_all(f);
	f->frozen = false;
	dismiss_guard(f);
	forget(f);
	if (err == -ETIMEDOUT)
		fail(f, err, "thawed before the host said so, for", "safety");
	return err;
}

int vss_thaw_left(struct vss_freezer *f)
{
	int err, fd, thawed = 0;
	size_t i;

	f->error[0] = '\0';
	err = make_plan(f);
	for (i = f->count; !err && i--; ) {
		fd = open_any(f, f->order[i]);
		if (fd < 0)
			continue;
		if (!f->ops->thaw(fd))
			thawed++;
		f->ops->close(fd);
	}
	forget(f);
	return err ? err : thawed;
}

static void describe_one(const struct vss_mount *m, const char *more,
			 const char *why, void (*line)(const char *text))
{
	char text[512];

	snprintf(text, sizeof(text), "%.200s (%.40s, %.100s)%s%s", m->point,
		 m->type, m->source, more, why);
	line(text);
}

static void describe_skipped(const struct vss_freezer *f,
			     void (*line)(const char *text))
{
	const struct vss_mount *m;
	size_t i;

	for (i = 0; i < f->mounts.count; i++) {
		m = &f->mounts.list[i];
		if (m->skipped && m->fd < 0 && !strncmp(m->source, "/dev/", 5))
			describe_one(m, " left out: ", m->skipped, line);
	}
}

void vss_describe(const struct vss_freezer *f, void (*line)(const char *text))
{
	const struct vss_mount *m;
	size_t i;

	for (i = 0; i < f->count; i++) {
		m = f->order[i];
		if (m->frozen)
			describe_one(m, " frozen", "", line);
		else
			describe_one(m, " not frozen: ",
				     m->skipped ? m->skipped : "?", line);
	}
	describe_skipped(f, line);
}

int vss_tell_plan(struct vss_freezer *f, void (*line)(const char *text))
{
	int err = make_plan(f);
	size_t i;

	for (i = 0; i < f->count; i++)
		describe_one(f->order[i], " to be frozen", "", line);
	describe_skipped(f, line);
	forget(f);
	return err;
}
