/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Freezing all file systems of a plan and thawing them again, whatever
 * becomes of the one who did it.
 */
#ifndef VSS_FREEZE_H
#define VSS_FREEZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "mounts.h"

/* What is done to a file system; for tests others than the kernel's */
struct vss_fs_ops {
	/* A descriptor of the mount, or -errno. */
	int (*open)(const struct vss_mount *m);
	void (*flush)(int fd);		/* writes what is dirty */
	int (*freeze)(int fd);		/* 0 or -errno */
	int (*thaw)(int fd);
	void (*close)(int fd);
};

extern const struct vss_fs_ops vss_kernel_ops;

struct vss_freezer {
	const struct vss_fs_ops *ops;
	const char *mountinfo;		/* "/proc/self/mountinfo" */
	const char *sysfs;		/* "/sys" */
	struct vss_skip skip;
	int limit_ms;			/* thaw by itself after that */
	/* while frozen: */
	struct vss_mounts mounts;
	struct vss_mount **order;
	size_t count;
	bool frozen;
	int64_t deadline;		/* monotonic milliseconds */
	pid_t guard;			/* thaws if this process cannot; 0 */
	int guard_fd;
	char error[256];		/* of the last call */
};

/* Descriptors open, guard at its place, then all frozen; or none.  0 or -errno. */
int vss_freeze(struct vss_freezer *f);

/*
 * Thaws what is frozen.  0; -ETIMEDOUT if the guard had to do it before, so
 * that the file systems were not frozen all the time; or -errno.
 */
int vss_thaw(struct vss_freezer *f);

/*
 * Thaws whatever is frozen of what a freeze would freeze: a process that is no
 * more did it.  How many file systems that were, or -errno.
 */
int vss_thaw_left(struct vss_freezer *f);

/* What a freeze would do, said in lines.  0 or -errno. */
int vss_tell_plan(struct vss_freezer *f, void (*line)(const char *text));

/* Frozen file systems, and those that were not, into one line each */
void vss_describe(const struct vss_freezer *f,
		  void (*line)(const char *text));

#endif
