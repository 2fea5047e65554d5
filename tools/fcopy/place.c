// SPDX-License-Identifier: GPL-2.0-only
/*
 * Getting at the directory that the host names: see place.h.
 *
 * The allowed directory itself is the administrator's word and may be reached
 * over links.  Below it every component is opened by its descriptor and must
 * be a directory: who swaps one for a link meanwhile gains nothing.  That
 * works on every kernel; openat2() could say it in one call, but says no more.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "place.h"
#include "tools/lib/file.h"
#include "tools/lib/text.h"

bool fcopy_clean_dir(char *out, size_t size, const char *dir)
{
	size_t used = 0, len;

	if (*dir != '/' || !text_utf8(dir) || !text_plain(dir))
		return false;
	for (; *dir; dir += len) {
		dir += strspn(dir, "/");
		len = strcspn(dir, "/");
		if (!len || (len == 1 && *dir == '.'))
			continue;
		if (len > NAME_MAX || used + len + 1 >= size ||
		    (len == 2 && !memcmp(dir, "..", 2)))
			return false;
		out[used++] = '/';
		memcpy(out + used, dir, len);
		used += len;
	}
	out[used] = '\0';
	return true;
}

bool fcopy_name_ok(const char *name)
{
	return *name && strlen(name) <= NAME_MAX && !strchr(name, '/') &&
	       strcmp(name, ".") && strcmp(name, "..") && text_utf8(name) &&
	       text_plain(name);
}

static int made_dir(const struct fcopy_policy *p, int at, const char *name)
{
	int fd;

	if (mkdirat(at, name, 0700) && errno != EEXIST)
		return -errno;
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fchown(fd, p->owner, p->group) || fchmod(fd, p->dir_mode)) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

/* The directory @name in @at, a descriptor or -errno. */
static int step(const struct fcopy_policy *p, int at, const char *name,
		bool create)
{
	struct stat st;
	int fd;

	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno == ENOENT && create)
		return made_dir(p, at, name);
	if (errno == ENOTDIR &&
	    !fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) &&
	    S_ISLNK(st.st_mode))
		return -ELOOP;
	return -errno;
}

static int walk(const struct fcopy_policy *p, int at, const char *rest,
		bool create)
{
	char name[NAME_MAX + 1];
	size_t len;
	int next;

	while (*rest) {
		len = strcspn(++rest, "/");
		memcpy(name, rest, len);
		name[len] = '\0';
		rest += len;
		next = step(p, at, name, create);
		close(at);
		if (next < 0)
			return next;
		at = next;
	}
	return at;
}

int fcopy_open_dir(const struct fcopy_policy *p, const char *root,
		   const char *dir, bool create)
{
	const char *allowed = fcopy_policy_root(p, dir);
	char start[PATH_MAX];
	int fd;

	if (!allowed)
		return -EPERM;
	if (!file_path(start, sizeof(start), root, *allowed ? allowed : "/"))
		return -ENAMETOOLONG;
	fd = open(start, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return walk(p, fd, dir + strlen(allowed), create);
}
