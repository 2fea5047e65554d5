// SPDX-License-Identifier: GPL-2.0-only
/*
 * The socket behind COM2: every byte that a client sent reaches the guest,
 * also when the client is gone before the guest reads, and hvhost sleeps until
 * then (it once spent a booting guest's time on an event that never ended).
 *
 * srcs: tests/hvhost/core/socket.c tests/hvhost/core/event.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/log.h"
#include "core/socket.h"

static struct event_loop loop;
static struct socket_port port;
static struct uart uart;
static char path[64];

void uart_poke(struct uart *u)
{
	assert_ptr_equal(u, &uart);
}

void say(const char *fmt, ...)
{
	(void)fmt;
}

void die(int status, const char *fmt, ...)
{
	fprintf(stderr, "%s\n", fmt);
	_exit(status);
}

/* Carry out what is due; returns how many events that were, at most @most */
static int turn(int most)
{
	struct event_source *src;
	struct epoll_event ev;
	int n = 0;

	while (n < most && epoll_wait(loop.epoll_fd, &ev, 1, 0) == 1) {
		src = ev.data.ptr;
		src->ready(src, ev.events);
		n++;
	}
	return n;
}

static int client(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(sa.sun_path, path);
	assert_int_equal(connect(fd, (void *)&sa, sizeof(sa)), 0);
	return fd;
}

static void guest_reads(const char *text)
{
	for (; *text; text++)
		assert_int_equal(port.backend.get(port.backend.ctx), *text);
}

static int set_up(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/host-socket-%d", getpid());
	if (event_init(&loop))
		return -1;
	socket_port_init(&port, &loop, &uart, path);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	socket_port_close(&port);
	unlink(path);
	return 0;
}

static void a_client_that_left_costs_nothing(void **state)
{
	int fd = client();

	(void)state;
	assert_true(turn(100) < 100);
	assert_int_equal(write(fd, "ping", 4), 4);
	assert_true(turn(100) < 100);
	close(fd);
	assert_true(turn(100) < 100);
	assert_int_equal(turn(100), 0);
}

static void its_bytes_reach_the_guest_and_the_next_is_served(void **state)
{
	int fd, next;

	(void)state;
	guest_reads("ping");
	assert_true(turn(100) < 100);
	fd = client();
	assert_true(turn(100) < 100);
	assert_int_equal(write(fd, "one", 3), 3);
	turn(100);
	assert_int_equal(write(fd, "two", 3), 3);
	close(fd);
	next = client();
	assert_true(turn(100) < 100);
	assert_int_equal(write(next, "three", 5), 5);
	guest_reads("one");
	turn(100);
	guest_reads("two");
	turn(100);
	guest_reads("three");
	assert_int_equal(port.backend.get(port.backend.ctx), -1);
	close(next);
	assert_true(turn(100) < 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_that_left_costs_nothing),
		cmocka_unit_test(
			its_bytes_reach_the_guest_and_the_next_is_served),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
