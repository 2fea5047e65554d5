// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's side of a service: see device.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "device.h"

/* In case an event is missed, as between the look and the watch. */
#define LOOK_AGAIN_S	5

/* Watches the nearest directory above @path that there is. */
static int watch_above(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0)
		return -1;
	snprintf(dir, sizeof(dir), "%s", path);
	while ((slash = strrchr(dir, '/'))) {
		slash[slash == dir] = '\0';
		if (inotify_add_watch(fd, dir, IN_CREATE | IN_MOVED_TO |
				      IN_ATTRIB) >= 0 || slash == dir)
			return fd;
	}
	return fd;
}

bool device_wait(const char *path, const sigset_t *mask)
{
	struct timespec limit = { .tv_sec = LOOK_AGAIN_S };
	struct pollfd p = { .events = POLLIN };
	int n = 0;

	while (access(path, F_OK)) {
		p.fd = watch_above(path);
		if (access(path, F_OK))
			n = ppoll(&p, p.fd >= 0, &limit, mask);
		if (p.fd >= 0)
			close(p.fd);
		if (n < 0 && errno == EINTR)
			return false;
	}
	return true;
}

static int open_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

int device_open(const char *path)
{
	struct stat st;
	int fd;

	if (!stat(path, &st) && S_ISSOCK(st.st_mode))
		return open_socket(path);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	return fd < 0 ? -errno : fd;
}
