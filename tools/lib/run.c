// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running other programs: see run.h.  Output is taken while the program runs
 * and what is there when it ends; a process that it leaves behind may keep
 * the pipe open for as long as it likes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run.h"
#include "service.h"

#define LOOK_MS	20	/* a program that has closed its output and goes on */

struct sink {
	char *out;
	size_t size, used;
};

/* Takes what there is; false at the end of it. */
static bool drain(int fd, struct sink *sink)
{
	char buf[1024];
	ssize_t got;
	size_t room;

	for (;;) {
		got = read(fd, buf, sizeof(buf));
		if (got < 0)
			return errno == EAGAIN || errno == EINTR;
		if (!got)
			return false;
		room = sink->size - sink->used - 1;
		if ((size_t)got < room)
			room = (size_t)got;
		memcpy(sink->out + sink->used, buf, room);
		sink->used += room;
		sink->out[sink->used] = '\0';
	}
}

static int start(const char *const argv[], int out, pid_t *pid)
{
	static char *const environment[] = {
		(char *)"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		(char *)"LC_ALL=C",
		NULL,
	};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, all;
	int err;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&how);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_adddup2(&files, out, 2);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETPGROUP |
				 POSIX_SPAWN_SETSIGMASK |
				 POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&how, 0);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &all);
	err = posix_spawnp(pid, argv[0], &files, &how, (char *const *)argv,
			   environment);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&how);
	return -err;
}

/* Until it ends or its time is up */
static int wait_for(pid_t pid, int fd, int limit_ms, struct sink *sink)
{
	int64_t end = service_now() + limit_ms;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int status;
	pid_t got;

	for (;;) {
		got = waitpid(pid, &status, WNOHANG);
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got == pid)
			break;
		if (service_now() >= end) {
			kill(-pid, SIGKILL);
			while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
				;
			return -ETIMEDOUT;
		}
		poll(&p, 1, LOOK_MS);
		if (p.fd >= 0 && !drain(fd, sink))
			p.fd = -1;	/* it has closed its output */
	}
	drain(fd, sink);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   128 + WTERMSIG(status);
}

int run_program(const char *const argv[], int limit_ms, char *out,
		size_t out_size)
{
	struct sink sink = { .out = out, .size = out_size };
	int fds[2], err;
	pid_t pid;

	out[0] = '\0';
	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	err = start(argv, fds[1], &pid);
	close(fds[1]);
	if (!err) {
		fcntl(fds[0], F_SETFL, O_NONBLOCK);
		err = wait_for(pid, fds[0], limit_ms, &sink);
	}
	close(fds[0]);
	return err;
}
