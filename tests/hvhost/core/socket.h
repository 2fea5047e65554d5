/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other end of COM2: a listening UNIX stream socket with one client at a
 * time, raw bytes both ways, none lost: what the client has not taken waits
 * here, and what the guest has not read waits in the socket.
 *
 * Threads: @lock protects the buffers and @client.  The UART calls in with
 * its own lock held; the main thread calls uart_poke() without @lock held.
 * Order: uart.lock, then @lock.
 */
#ifndef HVHOST_SOCKET_H
#define HVHOST_SOCKET_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "core/serial.h"

#define SOCKET_BUFFER	65536

/* Bind and listen, replacing a socket file that nobody listens on any more;
 * ends the process with a line that names --@option.
 */
int unix_listen(const char *option, const char *path);

struct byte_ring {
	uint8_t bytes[SOCKET_BUFFER];
	size_t start, len;
};

struct socket_port {
	struct event_loop *loop;
	struct uart *uart;
	const char *path;
	pthread_mutex_t lock;
	struct event_source listener;
	struct event_source client;	/* fd -1 = none */
	uint32_t interest;		/* epoll events asked for on @client */
	bool parked;			/* gone, its bytes are not: no events */
	struct byte_ring to_client, to_guest;
	struct uart_backend backend;
};

/* @path NULL: a port with nothing behind it, bytes vanish */
void socket_port_init(struct socket_port *p, struct event_loop *loop,
		      struct uart *uart, const char *path);
void socket_port_close(struct socket_port *p);

#endif
