// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the three daemons share: see service.h.  One thread; no locks.
 * Signals are blocked but while waiting, so that no request is cut short.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "device.h"
#include "file.h"
#include "say.h"
#include "service.h"
#include "text.h"

#define HELLO_MS	10000	/* the kernel's side answers at once, or never */
#define TRIES		5	/* to open and register, in a row */
#define STATUS_MS	1000	/* the status file is that old at most */

static volatile sig_atomic_t stopping;
static sigset_t while_waiting;

static void on_signal(int number)
{
	(void)number;
	stopping = 1;
}

static int catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t caught;

	sigemptyset(&caught);
	sigaddset(&caught, SIGTERM);
	sigaddset(&caught, SIGINT);
	sigaddset(&caught, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &caught, &while_waiting) ||
	    sigaction(SIGTERM, &action, NULL) ||
	    sigaction(SIGINT, &action, NULL) ||
	    sigaction(SIGHUP, &action, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	sigdelset(&while_waiting, SIGTERM);
	sigdelset(&while_waiting, SIGINT);
	sigdelset(&while_waiting, SIGHUP);
	return 0;
}

int64_t service_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool service_option(struct service *s, int option)
{
	switch (option) {
	case 'n':
		s->foreground = true;
		return true;
	case 'V':
		printf("%s (OpenLIS) %s\n", s->name, s->release);
		exit(0);
	case 1001:
		s->device = optarg;
		return true;
	case 1002:
		s->root = optarg;
		return true;
	case 1003:
		s->status_file = optarg;
		return true;
	case 1004:
		s->pid_file = optarg;
		return true;
	}
	return false;
}

static void write_status(struct service *s)
{
	char text[1024] = "", path[PATH_MAX];
	char *slash;

	if (s->quiet || !file_path(path, sizeof(path), s->root, s->status_file))
		return;
	text_add(text, sizeof(text),
		 "name=%s\npid=%d\ndevice=%s\nconnected=%s\nkernel_version=%s\n",
		 s->name, (int)getpid(), s->device, s->connected ? "yes" : "no",
		 s->version);
	text_add(text, sizeof(text),
		 "requests=%llu\nerrors=%llu\nlast_request=%s\nlast_time=%lld\nlast_error=%s\n",
		 (unsigned long long)s->requests, (unsigned long long)s->errors,
		 s->last_op ? s->last_op : "", (long long)s->last_time,
		 s->last_error);
	s->dirty = false;
	s->written_ms = service_now();
	slash = strrchr(path, '/');
	*slash = '\0';
	if (file_make_dirs(path, 0755))
		return;		/* nobody depends on it */
	*slash = '/';
	file_replace(path, text, strlen(text), 0644);
}

void service_failed(struct service *s, const char *format, ...)
{
	char raw[sizeof(s->last_error)];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	text_printable(s->last_error, sizeof(s->last_error), raw);
	s->errors++;
	s->dirty = true;
	say(LOG_ERR, "%s", s->last_error);
}

/* The sooner of what the daemon waits for and the status file's turn */
static int next_wait(struct service *s)
{
	int ms = s->ops->wait ? s->ops->wait(s) : -1;
	int64_t due;

	if (s->dirty && !s->quiet) {
		due = s->written_ms + STATUS_MS - service_now();
		if (due < 0)
			due = 0;
		if (ms < 0 || due < ms)
			ms = (int)due;
	}
	return ms;
}

/* 1: there is something to read; 0: not yet; negative: end, gone */
static int wait_for_request(struct service *s, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct timespec limit;
	int ms = next_wait(s), n;

	limit.tv_sec = ms / 1000;
	limit.tv_nsec = (long)(ms % 1000) * 1000000;
	n = ppoll(&p, 1, ms < 0 ? NULL : &limit, &while_waiting);
	if (stopping)
		return -EINTR;
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (s->ops->tick)
		s->ops->tick(s);
	if (s->dirty && service_now() - s->written_ms >= STATUS_MS)
		write_status(s);
	if (n && !(p.revents & POLLIN))
		return -ENODEV;
	return n;
}

static bool register_with(struct service *s, int fd, char *msg)
{
	size_t len = s->ops->hello(s, msg);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t got;

	if (write(fd, msg, len) != (ssize_t)len) {
		service_failed(s, "%s refused the registration: %s", s->device,
			       strerror(errno));
		return false;
	}
	if (poll(&p, 1, HELLO_MS) != 1) {
		service_failed(s, "%s does not answer the registration",
			       s->device);
		return false;
	}
	got = read(fd, msg, SERVICE_MESSAGE_MAX);
	if (got <= 0 || !s->ops->welcome(s, msg, (size_t)got)) {
		service_failed(s, "%s answers the registration in a way this program does not know",
			       s->device);
		return false;
	}
	return true;
}

/* Requests, until the device goes away or a signal comes */
static void serve(struct service *s, int fd, char *msg)
{
	ssize_t got;
	size_t len;
	int ready;

	for (;;) {
		ready = wait_for_request(s, fd);
		if (ready < 0)
			break;
		if (!ready)
			continue;
		got = read(fd, msg, SERVICE_MESSAGE_MAX);
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got <= 0)
			break;
		s->requests++;
		s->last_time = time(NULL);
		s->dirty = true;
		len = s->ops->answer(s, msg, (size_t)got);
		/* The kernel has given up on a request that took too long:
		 * then it does not want the answer, and there will be more.
		 */
		if (len && write(fd, msg, len) != (ssize_t)len)
			service_failed(s, "the answer to the last request was not wanted: %s",
				       strerror(errno));
	}
}

static void open_failed(struct service *s, int err)
{
	if (err == -EBUSY)
		service_failed(s, "%s is in use: another daemon for it is running (pgrep -l '%s|hyperv')",
			       s->device, s->name);
	else
		service_failed(s, "cannot open %s: %s", s->device,
			       strerror(-err));
}

/* One life of the device; false if it did not come to life */
static bool connect_once(struct service *s, char *msg)
{
	int fd = device_open(s->device);
	bool registered;

	if (fd < 0) {
		open_failed(s, fd);
		return false;
	}
	registered = register_with(s, fd, msg);
	if (registered) {
		s->connected = true;
		say(LOG_INFO, "connected to %s, version %s", s->device,
		    s->version);
		write_status(s);
		serve(s, fd, msg);
		s->connected = false;
	}
	close(fd);
	if (s->ops->gone)
		s->ops->gone(s);
	if (registered && !stopping)
		say(LOG_NOTICE, "%s went away; waiting for it to come back",
		    s->device);
	return registered;
}

static int become_daemon(struct service *s)
{
	char path[PATH_MAX], pid[32];
	int err;

	if (!s->foreground && daemon(0, 0)) {
		say(LOG_ERR, "cannot become a daemon: %s", strerror(errno));
		return -1;
	}
	if (!s->pid_file)
		return 0;
	snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	if (!file_path(path, sizeof(path), s->root, s->pid_file))
		return -1;
	err = file_replace(path, pid, strlen(pid), 0644);
	if (err)
		say(LOG_ERR, "cannot write %s: %s", path, strerror(-err));
	return err;
}

int service_run(struct service *s)
{
	static const struct timespec pause = { .tv_sec = 1 };
	static char msg[SERVICE_MESSAGE_MAX];
	int failures = 0;

	say_open(s->name, s->foreground);
	if (become_daemon(s) || catch_signals())
		return 1;
	write_status(s);
	while (!stopping && failures < TRIES) {
		if (!device_wait(s->device, &while_waiting) || stopping)
			continue;	/* a signal */
		failures = connect_once(s, msg) ? 0 : failures + 1;
		write_status(s);
		/* A device that is just going, or the daemon before us */
		if (failures && failures < TRIES)
			ppoll(NULL, 0, &pause, &while_waiting);
	}
	say(failures == TRIES ? LOG_ERR : LOG_INFO, "%s",
	    failures == TRIES ? "gives up" : "ends, as it was told to");
	if (s->pid_file)
		unlink(s->pid_file);
	return failures == TRIES;
}
