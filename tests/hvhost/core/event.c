/* SPDX-License-Identifier: GPL-2.0-only */
/* The main thread's event loop.  Rules for threads: see event.h. */
#include "core/event.h"

#include <errno.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "core/log.h"

static int control(struct event_loop *loop, int op, struct event_source *src,
		   uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = src };

	return epoll_ctl(loop->epoll_fd, op, src->fd, &ev);
}

int event_init(struct event_loop *loop)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };

	atomic_init(&loop->quit, false);
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->quit_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (loop->epoll_fd < 0 || loop->quit_fd < 0)
		return -1;
	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, loop->quit_fd, &ev);
}

int event_add(struct event_loop *loop, struct event_source *src,
	      uint32_t events)
{
	return control(loop, EPOLL_CTL_ADD, src, events);
}

int event_change(struct event_loop *loop, struct event_source *src,
		 uint32_t events)
{
	return control(loop, EPOLL_CTL_MOD, src, events);
}

void event_remove(struct event_loop *loop, struct event_source *src)
{
	control(loop, EPOLL_CTL_DEL, src, 0);
}

void event_run(struct event_loop *loop)
{
	struct event_source *src;
	struct epoll_event ev;
	int n;

	while (!atomic_load(&loop->quit)) {
		/* One at a time: a callback may free another's source */
		n = epoll_wait(loop->epoll_fd, &ev, 1, -1);
		if (n < 0 && errno != EINTR)
			die(EXIT_INTERNAL, "epoll_wait failed");
		src = n > 0 ? ev.data.ptr : NULL;
		if (src)
			src->ready(src, ev.events);
	}
}

void event_quit(struct event_loop *loop)
{
	uint64_t one = 1;

	atomic_store(&loop->quit, true);
	if (write(loop->quit_fd, &one, sizeof(one)) < 0)
		say("event loop: cannot wake the main thread");
}

int event_timer_new(void)
{
	return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
}

void event_timer_arm(int fd, uint64_t ms)
{
	struct itimerspec t = {
		.it_value = { ms / 1000, ms % 1000 * 1000000 },
	};

	timerfd_settime(fd, 0, &t, NULL);
}

void event_fd_drain(int fd)
{
	uint64_t count;

	/* Nothing to read means somebody was faster: just as good */
	if (read(fd, &count, sizeof(count)) < 0)
		return;
}
