/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The main thread's event loop: file descriptors and callbacks over epoll.
 *
 * Threads: callbacks run in the main thread only; event_add, event_change,
 * event_remove and event_quit may be called from any thread.  A source must
 * stay allocated until the main thread has removed it or the loop has ended.
 */
#ifndef HVHOST_EVENT_H
#define HVHOST_EVENT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

struct event_loop {
	int epoll_fd;
	int quit_fd;
	atomic_bool quit;
};

struct event_source {
	int fd;
	void (*ready)(struct event_source *src, uint32_t events);
	void *ctx;
};

/* 0 or -1 with errno */
int event_init(struct event_loop *loop);
int event_add(struct event_loop *loop, struct event_source *src,
	      uint32_t events);
int event_change(struct event_loop *loop, struct event_source *src,
		 uint32_t events);
void event_remove(struct event_loop *loop, struct event_source *src);

/* Returns after event_quit() */
void event_run(struct event_loop *loop);
void event_quit(struct event_loop *loop);

/* Timers: create, arm once after @ms (0 = disarm), consume an expiry */
int event_timer_new(void);
void event_timer_arm(int fd, uint64_t ms);
void event_fd_drain(int fd);

#endif
