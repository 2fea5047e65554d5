// SPDX-License-Identifier: GPL-2.0-only
/*
 * The back end "user": libslirp's TCP/IP stack behind a socket pair, which
 * translates what the guest sends into sockets of this process.  The guest is
 * 10.0.2.15 (by DHCP), its gateway 10.0.2.2 is the host.
 *
 * Threads: one runs the stack and owns all of it; the NIC's workers only use
 * the other end of the socket pair.  Closing it ends the thread.
 */
#include "net_backend.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <slirp/libslirp.h>

#define POLLS_MAX	1024
#define TIMERS_MAX	8
#define FRAMES_AT_ONCE	64
#define MTU		1500

struct timer {
	bool used, armed;
	int64_t expires;		/* ms */
	SlirpTimerCb fire;
	void *arg;
};

struct user {
	Slirp *slirp;
	pthread_t thread;
	int fd;				/* the stack's end of the pair */
	struct pollfd polls[POLLS_MAX];
	int poll_count;
	struct timer timers[TIMERS_MAX];
	uint8_t frame[NET_FRAME_MAX];
};

/* --- what the stack asks for ---------------------------------------------- */

static int64_t now_ns(void *opaque)
{
	struct timespec t;

	(void)opaque;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static ssize_t to_guest(const void *frame, size_t bytes, void *opaque)
{
	const struct virtio_net_hdr h = { 0 };
	struct user *u = opaque;
	struct iovec iov[2] = {
		{ .iov_base = (void *)&h, .iov_len = sizeof(h) },
		{ .iov_base = (void *)frame, .iov_len = bytes },
	};
	struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };

	/* A guest that does not read loses frames */
	sendmsg(u->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	return bytes;
}

static void guest_error(const char *text, void *opaque)
{
	(void)text;
	(void)opaque;
}

static void *timer_new(SlirpTimerCb fire, void *arg, void *opaque)
{
	struct user *u = opaque;

	for (unsigned int i = 0; i < TIMERS_MAX; i++) {
		struct timer *t = &u->timers[i];

		if (t->used)
			continue;
		*t = (struct timer){ .used = true, .fire = fire, .arg = arg };
		return t;
	}
	abort();
}

static void timer_free(void *timer, void *opaque)
{
	(void)opaque;
	((struct timer *)timer)->used = false;
}

static void timer_mod(void *timer, int64_t expires, void *opaque)
{
	struct timer *t = timer;

	(void)opaque;
	t->expires = expires;
	t->armed = true;
}

static void ignore_fd(int fd, void *opaque)
{
	(void)fd;
	(void)opaque;
}

static void ignore(void *opaque)
{
	(void)opaque;
}

static const SlirpCb callbacks = {
	.send_packet = to_guest, .guest_error = guest_error,
	.clock_get_ns = now_ns, .timer_new = timer_new,
	.timer_free = timer_free, .timer_mod = timer_mod,
	.register_poll_fd = ignore_fd, .unregister_poll_fd = ignore_fd,
	.notify = ignore,
};

/* --- its thread ----------------------------------------------------------- */

static const struct {
	int slirp;
	short poll;
} events[] = {
	{ SLIRP_POLL_IN, POLLIN }, { SLIRP_POLL_OUT, POLLOUT },
	{ SLIRP_POLL_PRI, POLLPRI }, { SLIRP_POLL_ERR, POLLERR },
	{ SLIRP_POLL_HUP, POLLHUP },
};

#define EVENTS (sizeof(events) / sizeof(events[0]))

static int add_poll(int fd, int wanted, void *opaque)
{
	struct user *u = opaque;
	struct pollfd *p = &u->polls[u->poll_count];

	if (u->poll_count == POLLS_MAX)
		return -1;
	*p = (struct pollfd){ .fd = fd };
	for (size_t i = 0; i < EVENTS; i++)
		if (wanted & events[i].slirp)
			p->events |= events[i].poll;
	return u->poll_count++;
}

static int get_events(int index, void *opaque)
{
	struct user *u = opaque;
	int got = 0;

	for (size_t i = 0; index >= 0 && i < EVENTS; i++)
		if (u->polls[index].revents & events[i].poll)
			got |= events[i].slirp;
	return got;
}

static void run_timers(struct user *u)
{
	int64_t now = now_ns(NULL) / 1000000;

	for (unsigned int i = 0; i < TIMERS_MAX; i++) {
		struct timer *t = &u->timers[i];

		if (!t->used || !t->armed || t->expires > now)
			continue;
		t->armed = false;
		t->fire(t->arg);
	}
}

static uint32_t until_timer(struct user *u, uint32_t ms)
{
	int64_t now = now_ns(NULL) / 1000000;

	for (unsigned int i = 0; i < TIMERS_MAX; i++) {
		struct timer *t = &u->timers[i];

		if (!t->used || !t->armed)
			continue;
		if (t->expires <= now)
			return 0;
		if (t->expires - now < ms)
			ms = t->expires - now;
	}
	return ms;
}

/* false: the other end was closed */
static bool from_guest(struct user *u)
{
	for (unsigned int i = 0; i < FRAMES_AT_ONCE; i++) {
		struct virtio_net_hdr h;
		ssize_t n = recv(u->fd, u->frame, sizeof(u->frame),
				 MSG_DONTWAIT);

		if (!n)
			return false;
		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		if (n > (ssize_t)sizeof(h))
			slirp_input(u->slirp, u->frame + sizeof(h),
				    n - sizeof(h));
	}
	return true;
}

static void *user_main(void *arg)
{
	struct user *u = arg;

	for (;;) {
		uint32_t ms = 60000;
		int ret;

		u->polls[0] = (struct pollfd){ .fd = u->fd, .events = POLLIN };
		u->poll_count = 1;
		slirp_pollfds_fill(u->slirp, &ms, add_poll, u);
		ret = poll(u->polls, u->poll_count, until_timer(u, ms));
		if (ret > 0 && u->polls[0].revents && !from_guest(u))
			return NULL;
		slirp_pollfds_poll(u->slirp, ret < 0, get_events, u);
		run_timers(u);
	}
}

/* --- life ----------------------------------------------------------------- */

static void user_close(struct net_backend *b)
{
	struct user *u = b->private;

	close(b->fd);
	pthread_join(u->thread, NULL);
	slirp_cleanup(u->slirp);
	close(u->fd);
	free(u);
}

static Slirp *new_slirp(struct user *u)
{
	SlirpConfig cfg = {
		.version = 1, .in_enabled = true, .in6_enabled = true,
		.vprefix_len = 64, .vhostname = "guest",
		.if_mtu = MTU, .if_mru = MTU,
	};

	inet_pton(AF_INET, "10.0.2.0", &cfg.vnetwork);
	inet_pton(AF_INET, "255.255.255.0", &cfg.vnetmask);
	inet_pton(AF_INET, "10.0.2.2", &cfg.vhost);
	inet_pton(AF_INET, "10.0.2.15", &cfg.vdhcp_start);
	inet_pton(AF_INET, "10.0.2.3", &cfg.vnameserver);
	inet_pton(AF_INET6, "fec0::", &cfg.vprefix_addr6);
	inet_pton(AF_INET6, "fec0::2", &cfg.vhost6);
	inet_pton(AF_INET6, "fec0::3", &cfg.vnameserver6);
	return slirp_new(&cfg, &callbacks, u);
}

bool net_user_open(struct net_backend *b, char *error, uint32_t error_size)
{
	struct user *u = calloc(1, sizeof(*u));
	int pair[2];

	if (!u)
		abort();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, pair)) {
		snprintf(error, error_size, "socket pair: %s", strerror(errno));
		free(u);
		return false;
	}
	b->fd = pair[0];
	u->fd = pair[1];
	b->private = u;
	b->close = user_close;
	u->slirp = new_slirp(u);
	if (u->slirp && !pthread_create(&u->thread, NULL, user_main, u))
		return true;
	snprintf(error, error_size, "no TCP/IP stack");
	if (u->slirp)
		slirp_cleanup(u->slirp);
	close(pair[0]);
	close(pair[1]);
	free(u);
	return false;
}
