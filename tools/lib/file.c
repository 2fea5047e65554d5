// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whole small files: reading with a limit, replacing at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

bool file_path(char *out, size_t size, const char *root, const char *path)
{
	int len = snprintf(out, size, "%s%s", root ? root : "", path);

	return len >= 0 && (size_t)len < size;
}

ssize_t file_read(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t used = 0;
	ssize_t got;

	out[0] = '\0';
	if (fd < 0)
		return -errno;
	do {
		got = read(fd, out + used, size - used);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			break;
		used += (size_t)got;
	} while (got && used < size);
	if (got < 0)
		got = -errno;
	else
		got = used < size ? (ssize_t)used : -EFBIG;
	close(fd);
	out[got < 0 ? 0 : got] = '\0';
	return got;
}

ssize_t file_line(const char *path, char *out, size_t size)
{
	ssize_t len = file_read(path, out, size);

	if (len >= 0)
		len = (ssize_t)strcspn(out, "\n");
	out[len < 0 ? 0 : len] = '\0';
	return len;
}

int file_write_all(int fd, const void *data, size_t len)
{
	const char *at = data;
	ssize_t done;

	while (len) {
		done = write(fd, at, len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		at += done;
		len -= (size_t)done;
	}
	return 0;
}

int file_replace(const char *path, const void *data, size_t len, mode_t mode)
{
	char temp[PATH_MAX];
	int fd, err;

	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >=
	    (int)sizeof(temp))
		return -ENAMETOOLONG;
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = file_write_all(fd, data, len);
	if (!err && (fchmod(fd, mode) || fdatasync(fd)))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(temp, path))
		err = -errno;
	if (err)
		unlink(temp);
	return err;
}

int file_make_dirs(const char *path, mode_t mode)
{
	char part[PATH_MAX];
	char *slash;

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	for (slash = part + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdir(part, mode) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(part, mode) && errno != EEXIST ? -errno : 0;
}
