/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which file systems to freeze, and in which order.
 */
#ifndef VSS_MOUNTS_H
#define VSS_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#define VSS_MOUNTS_MAX	4096	/* in a mount table; more are an error */

struct vss_mount {
	unsigned int id;		/* of the mount */
	unsigned int major, minor;	/* of the file system */
	char *point;
	char *type;
	char *source;
	bool read_only;			/* the file system as a whole */
	/* of the list of file systems: */
	const char *skipped;		/* why it is left out; NULL: it is not */
	bool placed;
	int fd;				/* of the mount point; -1 */
	bool frozen;			/* by us */
};

struct vss_mounts {
	struct vss_mount *list;
	size_t count;
};

/* What the administrator wants left out: mount points, sources or types */
struct vss_skip {
	char **names;
	size_t count;
};

/* Takes apart /proc/self/mountinfo; 0 or -errno.  vss_mounts_free() either way. */
int vss_mounts_parse(struct vss_mounts *m, const char *text);
void vss_mounts_free(struct vss_mounts *m);

/*
 * Tells the files that the block devices below a mount's file system lie in
 * (loop devices, also below others), by calling @found for each.
 */
typedef void (*vss_backing_fn)(void *ctx, const struct vss_mount *mount,
			       void (*found)(void *arg, const char *file),
			       void *arg);

/*
 * Makes the list of what to freeze: mounts of @m, one for each file system, in
 * order: nested ones before those they are mounted on, and a file system that
 * lies in a file before the one with that file; the root is last.  @order has
 * room for m->count; returns how many.
 */
size_t vss_plan(struct vss_mounts *m, const struct vss_skip *skip,
		vss_backing_fn backing, void *ctx, struct vss_mount **order);

/* vss_backing_fn by sysfs; @ctx is the directory where sysfs is. */
void vss_backing_sysfs(void *ctx, const struct vss_mount *mount,
		       void (*found)(void *arg, const char *file), void *arg);

#endif
