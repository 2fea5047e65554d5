/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * COM2's UNIX socket.  The guest's vCPU threads send to the client directly
 * when they can, the main thread when the client was slow; only the main
 * thread receives.  Locks: see socket.h.
 */
#include "core/socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/log.h"

static void remove_stale(const struct sockaddr_un *sa)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	if (fd >= 0 && !stat(sa->sun_path, &st) && S_ISSOCK(st.st_mode) &&
	    connect(fd, (const void *)sa, sizeof(*sa)) &&
	    errno == ECONNREFUSED)
		unlink(sa->sun_path);
	close(fd);
}

/* Socket files to remove when the process ends, however it ends */
static const char *bound[3];	/* two sockets and an end */

static void remove_bound(void)
{
	size_t i;

	for (i = 0; i < sizeof(bound) / sizeof(*bound) && bound[i]; i++)
		unlink(bound[i]);
}

static void remember(const char *path)
{
	size_t i = 0;

	while (bound[i])
		i++;
	bound[i] = path;
	if (!i)
		atexit(remove_bound);
}

int unix_listen(const char *option, const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(sa.sun_path))
		die(EXIT_USAGE, "--%s %s: path is too long", option, path);
	strcpy(sa.sun_path, path);
	remove_stale(&sa);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || bind(fd, (void *)&sa, sizeof(sa)) || listen(fd, 8))
		die(EXIT_USAGE, "--%s %s: %s", option, path, strerror(errno));
	remember(path);
	return fd;
}

static void ring_put(struct byte_ring *r, uint8_t byte)
{
	r->bytes[(r->start + r->len++) % SOCKET_BUFFER] = byte;
}

static void ring_drop(struct byte_ring *r, size_t n)
{
	r->start = (r->start + n) % SOCKET_BUFFER;
	r->len -= n;
}

/* The longest piece that does not wrap */
static size_t ring_piece(const struct byte_ring *r)
{
	size_t to_end = SOCKET_BUFFER - r->start;

	return r->len < to_end ? r->len : to_end;
}

/* Ask epoll for what can be used now.  A failure means that the client is
 * gone, which its own event says too.
 */
static void want(struct socket_port *p)
{
	uint32_t events = (p->to_guest.len ? 0 : EPOLLIN) |
			  (p->to_client.len ? EPOLLOUT : 0);

	if (p->parked && events & EPOLLIN &&
	    !event_add(p->loop, &p->client, EPOLLIN)) {
		p->parked = false;
		p->interest = EPOLLIN;
	}
	if (p->client.fd < 0 || p->parked || events == p->interest)
		return;
	p->interest = events;
	event_change(p->loop, &p->client, events);
}

static void send_waiting(struct socket_port *p)
{
	struct byte_ring *r = &p->to_client;
	ssize_t n;

	while (p->client.fd >= 0 && r->len) {
		n = send(p->client.fd, r->bytes + r->start, ring_piece(r),
			 MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n <= 0)
			break;
		ring_drop(r, n);
	}
	want(p);
}

static bool put(void *ctx, uint8_t byte)
{
	struct socket_port *p = ctx;
	bool room;

	pthread_mutex_lock(&p->lock);
	if (p->to_client.len == SOCKET_BUFFER)
		send_waiting(p);
	room = p->to_client.len < SOCKET_BUFFER;
	if (room)
		ring_put(&p->to_client, byte);
	if (p->to_client.len % UART_FIFO == 0)
		send_waiting(p);
	pthread_mutex_unlock(&p->lock);
	return room;
}

static void flush(void *ctx)
{
	struct socket_port *p = ctx;

	pthread_mutex_lock(&p->lock);
	if (p->to_client.len)
		send_waiting(p);
	pthread_mutex_unlock(&p->lock);
}

static int get(void *ctx)
{
	struct socket_port *p = ctx;
	int byte = -1;

	pthread_mutex_lock(&p->lock);
	if (p->to_guest.len) {
		byte = p->to_guest.bytes[p->to_guest.start];
		ring_drop(&p->to_guest, 1);
		want(p);
	}
	pthread_mutex_unlock(&p->lock);
	return byte;
}

/* A hang-up with bytes still to read is not the end yet.  epoll reports it
 * again and again, whatever is asked for: want() comes back to it.
 */
static void park(struct socket_port *p)
{
	event_remove(p->loop, &p->client);
	p->parked = true;
}

static void hang_up(struct socket_port *p)
{
	event_remove(p->loop, &p->client);
	close(p->client.fd);
	p->client.fd = -1;
	/* The next client is somebody else: it wants the listener's events */
	event_change(p->loop, &p->listener, EPOLLIN);
}

static void receive(struct socket_port *p)
{
	struct byte_ring *r = &p->to_guest;
	ssize_t n;

	r->start = 0;
	n = recv(p->client.fd, r->bytes, SOCKET_BUFFER, MSG_DONTWAIT);
	if (n > 0)
		r->len = n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		hang_up(p);
	want(p);
}

static void client_ready(struct event_source *src, uint32_t events)
{
	struct socket_port *p = src->ctx;

	pthread_mutex_lock(&p->lock);
	if (events & EPOLLOUT)
		send_waiting(p);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		if (p->to_guest.len)
			park(p);
		else
			receive(p);
	}
	pthread_mutex_unlock(&p->lock);
	uart_poke(p->uart);
}

static void listener_ready(struct event_source *src, uint32_t events)
{
	struct socket_port *p = src->ctx;
	int fd = accept4(src->fd, NULL, NULL, SOCK_CLOEXEC);

	(void)events;
	if (fd < 0)
		return;
	pthread_mutex_lock(&p->lock);
	p->client.fd = fd;
	p->interest = EPOLLIN;
	if (event_add(p->loop, &p->client, EPOLLIN)) {
		close(fd);
		p->client.fd = -1;
	} else {
		/* Others wait in the listen queue until this one leaves */
		event_change(p->loop, &p->listener, 0);
		send_waiting(p);
	}
	pthread_mutex_unlock(&p->lock);
	uart_poke(p->uart);
}

static bool put_nowhere(void *ctx, uint8_t byte)
{
	(void)ctx;
	(void)byte;
	return true;
}

static void flush_nothing(void *ctx)
{
	(void)ctx;
}

void socket_port_init(struct socket_port *p, struct event_loop *loop,
		      struct uart *uart, const char *path)
{
	p->loop = loop;
	p->uart = uart;
	p->path = path;
	pthread_mutex_init(&p->lock, NULL);
	p->client = (struct event_source) {
		.fd = -1, .ready = client_ready, .ctx = p,
	};
	p->backend = (struct uart_backend) {
		.ctx = p, .put = put_nowhere, .flush = flush_nothing,
	};
	if (!path)
		return;
	p->backend.put = put;
	p->backend.flush = flush;
	p->backend.get = get;
	p->listener = (struct event_source) {
		.fd = unix_listen("agent", path),
		.ready = listener_ready, .ctx = p,
	};
	if (event_add(loop, &p->listener, EPOLLIN))
		die(EXIT_INTERNAL, "--agent: epoll_ctl: %s", strerror(errno));
}

void socket_port_close(struct socket_port *p)
{
	if (!p->path)
		return;
	flush(p);
	if (p->client.fd >= 0)
		close(p->client.fd);
	close(p->listener.fd);
}
