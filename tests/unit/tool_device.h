/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's side of a daemon, in a test: a socket that keeps messages
 * apart, in place of the character device; and the daemon in a process of
 * its own.
 */
#ifndef TESTS_TOOL_DEVICE_H
#define TESTS_TOOL_DEVICE_H

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "tests/unit/tool_scratch.h"
#include "tools/lib/service.h"

#define DEVICE_LIMIT_MS	20000

static int listener = -1;

static inline void device_appear(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/dev/hv",
		 scratch);
	file_make_dirs(below("/dev"), 0755);
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	assert_true(listener >= 0);
	assert_int_equal(bind(listener, (void *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 4), 0);
}

static inline void device_vanish(void)
{
	close(listener);
	unlink(below("/dev/hv"));
}

static inline bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, DEVICE_LIMIT_MS) == 1;
}

/* Waits for the daemon to open the device. */
static inline int device_opened(void)
{
	int fd;

	assert_true(readable(listener));
	fd = accept(listener, NULL, NULL);
	assert_true(fd >= 0);
	return fd;
}

/* The daemon's next message; its length, 0 if it closed. */
static inline size_t device_get(int fd, void *msg, size_t size)
{
	ssize_t got;

	assert_true(readable(fd));
	got = read(fd, msg, size);
	assert_true(got >= 0);
	return (size_t)got;
}

static inline void device_put(int fd, const void *msg, size_t len)
{
	assert_int_equal(write(fd, msg, len), len);
}

static inline pid_t daemon_start(struct service *s)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid)
		_exit(service_run(s));
	return pid;
}

/* Its exit status; a test's limit ends the wait. */
static inline int daemon_end(pid_t pid, int signal_number)
{
	int status;

	if (signal_number)
		kill(pid, signal_number);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#endif
