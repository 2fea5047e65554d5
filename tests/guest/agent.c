// SPDX-License-Identifier: GPL-2.0-only
/*
 * The agent of a test guest: runs the commands that guestexec sends over a
 * serial line and returns their output and exit status, unaltered.  The
 * protocol is in agent.h.  Static, one thread, one poll loop, no locks.
 */
#include "agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define CHUNK		4096
#define PIPE_CHUNKS	16	/* a pipe holds 64 KiB */
#define STALE_MS	1500	/* half a request this old is rubbish */

enum { IN, OUT, ERR };

static struct {
	pid_t pid;		/* 0: none */
	int fd[3];		/* our ends of its standard streams */
	int64_t deadline;	/* 0: none */
	bool timed_out;
	unsigned char input[INPUT_MAX];	/* not yet taken by it */
	size_t input_len;
} job = { .fd = { -1, -1, -1 } };

static int line;		/* the serial line */
static unsigned char inbuf[REQUEST_LEN + COMMAND_MAX];
static size_t inlen;
static int64_t intime;		/* when the last byte came */
static int wake[2];		/* SIGCHLD to poll */

static void on_child(int sig)
{
	int saved = errno;

	(void)sig;
	(void)!write(wake[1], "", 1);
	errno = saved;
}

static void send_frame(enum frame_op op, const void *data, size_t len)
{
	unsigned char frame[FRAME_LEN + CHUNK];

	frame[0] = (unsigned char)op;
	put16(frame + 1, (uint16_t)len);
	if (len)
		memcpy(frame + FRAME_LEN, data, len);
	(void)send_all(line, frame, FRAME_LEN + len);
}

static void close_stream(int which)
{
	if (job.fd[which] >= 0)
		close(job.fd[which]);
	job.fd[which] = -1;
}

/* Pass on what a stream of the command holds; false at its end */
static bool relay(int which)
{
	static const enum frame_op op[] = {
		[OUT] = OP_STDOUT, [ERR] = OP_STDERR
	};
	char data[CHUNK];
	ssize_t n;

	if (job.fd[which] < 0)
		return false;
	n = read(job.fd[which], data, sizeof(data));
	if (n > 0) {
		send_frame(op[which], data, (size_t)n);
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	close_stream(which);
	return false;
}

/* The command has ended: send what is left and its status */
static void finish(int status)
{
	unsigned char code;
	int i;

	if (WIFEXITED(status))
		code = (unsigned char)WEXITSTATUS(status);
	else
		code = (unsigned char)(128 + WTERMSIG(status));
	/* What is there now, not to the end: a background process of the
	 * command may hold the pipe, and fill it, for ever.
	 */
	for (i = 0; i < PIPE_CHUNKS && relay(OUT); i++)
		;
	for (i = 0; i < PIPE_CHUNKS && relay(ERR); i++)
		;
	if (job.timed_out)
		send_frame(OP_TIMEOUT, NULL, 0);
	else
		send_frame(OP_EXIT, &code, 1);
	close_stream(IN);
	close_stream(OUT);
	close_stream(ERR);
	job.pid = 0;
}

static void reap(void)
{
	char drop[64];
	int status;
	pid_t pid;

	while (read(wake[0], drop, sizeof(drop)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == job.pid)
			finish(status);
	}
}

/* Forget a command whose client has gone: nothing of it may reach the line */
static void abandon(void)
{
	if (!job.pid)
		return;
	kill(-job.pid, SIGKILL);
	job.pid = 0;
	close_stream(IN);
	close_stream(OUT);
	close_stream(ERR);
}

static void child(const char *command, int pipes[3][2])
{
	int i;

	setsid();
	for (i = 0; i < 3; i++)
		dup2(pipes[i][i == IN ? 0 : 1], i);
	signal(SIGPIPE, SIG_DFL);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static void start(const char *command, unsigned int limit, bool with_stdin)
{
	unsigned char failed = 126;
	int pipes[3][2], i;

	for (i = 0; i < 3; i++) {
		if (pipe2(pipes[i], O_CLOEXEC) < 0) {
			send_frame(OP_EXIT, &failed, 1);
			return;
		}
	}
	job.timed_out = false;
	job.input_len = 0;
	job.deadline = limit ? now_ms() + limit * 1000LL : 0;
	job.pid = fork();
	if (!job.pid)
		child(command, pipes);
	for (i = 0; i < 3; i++) {
		close(pipes[i][i == IN ? 0 : 1]);
		job.fd[i] = pipes[i][i == IN ? 1 : 0];
		fcntl(job.fd[i], F_SETFL, O_NONBLOCK);
	}
	if (job.pid < 0) {
		job.pid = 0;
		send_frame(OP_EXIT, &failed, 1);
		return;
	}
	if (!with_stdin)
		close_stream(IN);
}

/* Give the command its input as it takes it; the client sends no more before
 * it has our ACK.
 */
static void feed(void)
{
	ssize_t n;

	n = write(job.fd[IN], job.input, job.input_len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		close_stream(IN);	/* it does not want any more */
		n = (ssize_t)job.input_len;
	}
	job.input_len -= (size_t)n;
	memmove(job.input, job.input + n, job.input_len);
	if (!job.input_len)
		send_frame(OP_ACK, NULL, 0);
}

static void input(const unsigned char *data, size_t len)
{
	if (!len)
		close_stream(IN);
	if (job.fd[IN] < 0 || job.input_len) {
		send_frame(OP_ACK, NULL, 0);
		return;
	}
	memcpy(job.input, data, len);
	job.input_len = len;
}

static void consume(size_t len)
{
	memmove(inbuf, inbuf + len, inlen - len);
	inlen -= len;
}

/* One request at the head of inbuf; false if there is not all of it yet */
static bool take_request(void)
{
	const unsigned char *p = inbuf + MAGIC_LEN;
	static char command[COMMAND_MAX + 1];
	unsigned int limit, flags;
	size_t len;

	if (inlen < REQUEST_LEN)
		return false;
	limit = get16(p + NONCE_LEN);
	flags = p[NONCE_LEN + 2];
	len = get16(p + NONCE_LEN + 3);
	if (inbuf[REQUEST_LEN - 1] != head_sum(inbuf) || len > COMMAND_MAX) {
		consume(1);
		return true;
	}
	if (inlen < REQUEST_LEN + len)
		return false;
	abandon();
	memcpy(command, inbuf + REQUEST_LEN, len);
	command[len] = '\0';
	(void)send_all(line, inbuf, MAGIC_LEN + NONCE_LEN);
	consume(REQUEST_LEN + len);
	if (len)
		start(command, limit, flags & FLAG_STDIN);
	return true;
}

static bool take_input(void)
{
	size_t len;

	if (inlen < FRAME_LEN)
		return false;
	len = get16(inbuf + 1);
	if (len > INPUT_MAX) {
		consume(1);
		return true;
	}
	if (inlen < FRAME_LEN + len)
		return false;
	input(inbuf + FRAME_LEN, len);
	consume(FRAME_LEN + len);
	return true;
}

/* Take what is complete off the head of inbuf; skip rubbish */
static void parse(void)
{
	size_t have;

	while (inlen) {
		have = inlen < MAGIC_LEN ? inlen : MAGIC_LEN;
		if (!memcmp(inbuf, MAGIC, have)) {
			if (!take_request())
				return;
		} else if (inbuf[0] == OP_INPUT && job.pid) {
			if (!take_input())
				return;
		} else {
			consume(1);
		}
	}
}

static void receive(void)
{
	ssize_t n;

	if (inlen && now_ms() - intime > STALE_MS)
		inlen = 0;
	if (inlen == sizeof(inbuf))
		inlen = 0;
	n = read(line, inbuf + inlen, sizeof(inbuf) - inlen);
	if (n <= 0) {
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			return;
		exit(1);	/* init starts another agent */
	}
	inlen += (size_t)n;
	intime = now_ms();
	parse();
}

static void open_line(const char *name)
{
	struct termios tio;

	line = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (line < 0 || tcgetattr(line, &tio) < 0) {
		perror(name);
		exit(1);
	}
	cfmakeraw(&tio);
	cfsetspeed(&tio, B115200);
	tio.c_cflag |= CLOCAL | CREAD;
	tcsetattr(line, TCSANOW, &tio);
	(void)send_all(line, READY, MAGIC_LEN);
}

static int poll_timeout(void)
{
	int64_t left;

	if (!job.pid || !job.deadline)
		return -1;
	left = job.deadline - now_ms();
	if (left > 0)
		return (int)left;
	kill(-job.pid, SIGKILL);
	job.timed_out = true;
	job.deadline = 0;
	return -1;		/* its death will wake us */
}

int main(int argc, char **argv)
{
	struct sigaction sa = { .sa_handler = on_child };
	struct pollfd fds[5];

	if (argc != 2) {
		fprintf(stderr, "usage: agent /dev/ttyS1\n");
		return 2;
	}
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) < 0)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGCHLD, &sa, NULL);
	open_line(argv[1]);
	for (;;) {
		fds[0] = (struct pollfd){ .fd = line, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = wake[0], .events = POLLIN };
		fds[2] = (struct pollfd){ .fd = job.fd[OUT], .events = POLLIN };
		fds[3] = (struct pollfd){ .fd = job.fd[ERR], .events = POLLIN };
		fds[4] = (struct pollfd){
			.fd = job.input_len ? job.fd[IN] : -1,
			.events = POLLOUT,
		};
		if (poll(fds, 5, poll_timeout()) < 0)
			continue;
		if (fds[0].revents)
			receive();
		if (fds[2].revents)
			relay(OUT);
		if (fds[3].revents)
			relay(ERR);
		if (fds[4].revents && job.fd[IN] >= 0)
			feed();
		if (fds[1].revents)
			reap();
	}
}
