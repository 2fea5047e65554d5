/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Programs of the administrator that are told before the freeze and after the
 * thaw, so that what they stand for (a database) is at rest in between.
 */
#ifndef VSS_HOOKS_H
#define VSS_HOOKS_H

#include <stddef.h>

#define VSS_HOOKS_MAX	64

struct vss_hooks {
	const char *dir;
	int limit_ms;			/* for each */
	char *told[VSS_HOOKS_MAX];	/* which were told to freeze, in order */
	size_t count;
	char error[256];
};

/*
 * Runs each program in the directory as "PROGRAM freeze", in the order of
 * their names.  If one fails, those before it and itself are told to thaw.
 * 0 or -errno.
 */
int vss_hooks_freeze(struct vss_hooks *h);

/* "PROGRAM thaw" for those that were told, in reverse.  0 if all were good. */
int vss_hooks_thaw(struct vss_hooks *h);

/* The same for all, told by a process that is no more */
int vss_hooks_thaw_left(struct vss_hooks *h);

#endif
