// SPDX-License-Identifier: GPL-2.0-only
/*
 * What lies below a file system, as sysfs tells: partitions, device mapper
 * and RAID members, down to the files of loop devices.
 */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mounts.h"
#include "tools/lib/file.h"

#define NESTING_MAX	16

struct walk {
	void (*found)(void *arg, const char *file);
	void *arg;
};

static void look(const struct walk *w, const char *dir, int nesting);

static bool join(char *out, const char *dir, const char *name)
{
	int len = snprintf(out, PATH_MAX, "%s/%s", dir, name);

	return len > 0 && len < PATH_MAX;
}

static void look_at_slaves(const struct walk *w, const char *dir, int nesting)
{
	char slaves[PATH_MAX], slave[PATH_MAX], real[PATH_MAX];
	struct dirent *entry;
	DIR *d;

	if (!join(slaves, dir, "slaves"))
		return;
	d = opendir(slaves);
	if (!d)
		return;
	while ((entry = readdir(d)))
		if (*entry->d_name != '.' &&
		    join(slave, slaves, entry->d_name) &&
		    realpath(slave, real))
			look(w, real, nesting + 1);
	closedir(d);
}

/* @dir: of a block device, without links in it */
static void look(const struct walk *w, const char *dir, int nesting)
{
	char path[PATH_MAX], file[PATH_MAX];

	if (nesting > NESTING_MAX)
		return;
	if (join(path, dir, "loop/backing_file") &&
	    file_line(path, file, sizeof(file)) > 0)
		w->found(w->arg, file);
	look_at_slaves(w, dir, nesting);
	/* a partition is a directory in that of its disk */
	if (join(path, dir, "partition") && !access(path, F_OK)) {
		snprintf(path, sizeof(path), "%s", dir);
		*strrchr(path, '/') = '\0';
		look(w, path, nesting + 1);
	}
}

void vss_backing_sysfs(void *ctx, const struct vss_mount *mount,
		       void (*found)(void *arg, const char *file), void *arg)
{
	struct walk w = { .found = found, .arg = arg };
	unsigned int major_nr = mount->major, minor_nr = mount->minor;
	char path[PATH_MAX], real[PATH_MAX];
	struct stat st;

	/* btrfs has a number of its own, which no device goes by */
	if (!major_nr && !stat(mount->source, &st) && S_ISBLK(st.st_mode)) {
		major_nr = major(st.st_rdev);
		minor_nr = minor(st.st_rdev);
	}
	snprintf(path, sizeof(path), "%s/dev/block/%u:%u", (const char *)ctx,
		 major_nr, minor_nr);
	if (realpath(path, real))
		look(&w, real, 0);
}
