// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which file systems to freeze, and in which order.  Pure.
 *
 * Freezing writes: a file system that lies in a file of another one has to
 * be frozen while that one still takes writes, or both wait for ever.
 */
#include <stdlib.h>
#include <string.h>

#include "mounts.h"

/* A chain of loop devices longer than this is none that anybody made. */
#define NESTING_MAX	32

/* These cannot be frozen, or have nothing that could be. */
static const char *const never[] = {
	"vfat", "exfat", "iso9660", "udf", "squashfs", "erofs",
	"cramfs", "romfs", "fuseblk",
};

struct planner {
	struct vss_mounts *m;
	vss_backing_fn backing;
	void *ctx;
	struct vss_mount **base;	/* what is frozen, before loops count */
	size_t base_count;
	struct vss_mount **order;
	size_t count;
};

static bool same_fs(const struct vss_mount *a, const struct vss_mount *b)
{
	return a->major == b->major && a->minor == b->minor;
}

static bool listed(const struct vss_skip *skip, const struct vss_mount *m)
{
	size_t i;

	for (i = 0; i < skip->count; i++)
		if (!strcmp(skip->names[i], m->point) ||
		    !strcmp(skip->names[i], m->source) ||
		    !strcmp(skip->names[i], m->type))
			return true;
	return false;
}

static const char *why_not(const struct vss_mount *m)
{
	size_t i;

	if (strncmp(m->source, "/dev/", 5))
		return "not on a local disk";
	if (m->read_only)
		return "read-only";
	for (i = 0; i < sizeof(never) / sizeof(never[0]); i++)
		if (!strcmp(m->type, never[i]))
			return "of a type that cannot be frozen";
	return NULL;
}

static size_t depth(const char *path)
{
	size_t n = 0;

	if (!strcmp(path, "/"))
		return 0;
	for (; *path; path++)
		n += *path == '/';
	return n;
}

/* Does @b stand for the file system rather than @a?  The mount nearest to the
 * root does, of equals the one on top.
 */
static bool stands_before(const struct vss_mount *b, const struct vss_mount *a)
{
	size_t da = depth(a->point), db = depth(b->point);

	return db < da || (db == da && b > a);
}

/* Who names any mount of a file system in the skip list means all of it. */
static void choose(struct vss_mounts *m, const struct vss_skip *skip)
{
	struct vss_mount *a, *b, *end = m->list + m->count;

	for (a = m->list; a < end; a++)
		a->skipped = why_not(a);
	for (a = m->list; a < end; a++) {
		if (a->skipped)
			continue;
		for (b = m->list; b < end; b++) {
			if (!same_fs(a, b))
				continue;
			if (listed(skip, b))
				a->skipped = "in the skip list";
			else if (!a->skipped && a != b && stands_before(b, a))
				a->skipped = "mounted elsewhere, too";
		}
	}
}

static int deeper_first(const void *a, const void *b)
{
	const struct vss_mount *x = *(struct vss_mount *const *)a;
	const struct vss_mount *y = *(struct vss_mount *const *)b;
	size_t dx = depth(x->point), dy = depth(y->point);

	if (dx != dy)
		return dx > dy ? -1 : 1;
	return x > y ? -1 : 1;		/* later ones first */
}

static bool is_below(const char *file, const char *point)
{
	size_t len = strlen(point);

	if (!strcmp(point, "/"))
		return *file == '/';
	return !strncmp(file, point, len) && (file[len] == '/' || !file[len]);
}

/* Whose file is it?  The longest mount point; of equals the one on top */
static const struct vss_mount *owner(const struct vss_mounts *m,
				     const char *file)
{
	const struct vss_mount *best = NULL;
	size_t i;

	for (i = 0; i < m->count; i++)
		if (is_below(file, m->list[i].point) &&
		    (!best || strlen(m->list[i].point) >= strlen(best->point)))
			best = &m->list[i];
	return best;
}

struct question {
	const struct vss_mounts *m;
	const struct vss_mount *host;	/* is a file of this one below? */
	bool yes;
};

static void is_it(void *arg, const char *file)
{
	struct question *q = arg;
	const struct vss_mount *found = owner(q->m, file);

	if (found && same_fs(found, q->host))
		q->yes = true;
}

/* Does @guest lie in a file of @host? */
static bool lies_in(const struct planner *p, const struct vss_mount *guest,
		    const struct vss_mount *host)
{
	struct question q = { .m = p->m, .host = host };

	p->backing(p->ctx, guest, is_it, &q);
	return q.yes;
}

static void place(struct planner *p, struct vss_mount *m, int nesting)
{
	size_t i;

	if (m->placed)
		return;
	m->placed = true;
	for (i = 0; i < p->base_count && nesting < NESTING_MAX; i++)
		if (!p->base[i]->placed && lies_in(p, p->base[i], m))
			place(p, p->base[i], nesting + 1);
	p->order[p->count++] = m;
}

size_t vss_plan(struct vss_mounts *m, const struct vss_skip *skip,
		vss_backing_fn backing, void *ctx, struct vss_mount **order)
{
	struct planner p = {
		.m = m, .backing = backing, .ctx = ctx, .order = order,
	};
	size_t i;

	if (!m->count)
		return 0;
	p.base = calloc(m->count, sizeof(*p.base));
	if (!p.base)
		return 0;
	choose(m, skip);
	for (i = 0; i < m->count; i++)
		if (!m->list[i].skipped)
			p.base[p.base_count++] = &m->list[i];
	if (p.base_count)
		qsort(p.base, p.base_count, sizeof(*p.base), deeper_first);
	for (i = 0; i < p.base_count; i++)
		place(&p, p.base[i], 0);
	free(p.base);
	return p.count;
}
