// SPDX-License-Identifier: GPL-2.0-only
/*
 * guestexec: run a command in a test guest, through its agent's UNIX socket
 * (hvhost --agent).  Prints the command's output on the same streams and
 * exits with its status.  The protocol is in tests/guest/agent.h.  Single
 * thread, no locks.
 */
#include "../guest/agent.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define EXIT_TIMEOUT	124
#define EXIT_GONE	125
#define ANSWER_MS	20000	/* a busy guest of an emulator is slow */
#define RETRY_MS	2500
#define SLACK_MS	15000	/* beyond the limit that the agent keeps */

static const char *socket_name;
static const char *command;
static unsigned int limit = 60;
static unsigned int await;
static bool with_stdin, quiet;

static int sock = -1;
static unsigned char nonce[NONCE_LEN];
static unsigned char buf[1 << 17];
static size_t buflen;

static void usage(FILE *to)
{
	fprintf(to,
"usage: guestexec [-s SOCKET] [-t SECONDS] [-w SECONDS] [-i] [--] COMMAND\n"
"\n"
"Runs COMMAND (one argument: a line for the guest's shell; several are joined\n"
"with spaces) in a test guest and exits with its status.\n"
"\n"
"  -s SOCKET   the guest's agent socket (default: $HVHOST_AGENT)\n"
"  -t SECONDS  time limit for COMMAND (default 60, 0: none): exit status 124\n"
"  -w SECONDS  wait that long for the guest's agent to appear\n"
"  -i          hand standard input on\n"
"  -q          no message when the guest is gone or the time is over\n"
"\n"
"Exit status 125: the guest is gone or does not answer; 2: wrong usage.\n");
}

static _Noreturn void fail(int status, const char *what)
{
	if (!quiet)
		fprintf(stderr, "guestexec: %s: %s\n", what, command);
	exit(status);
}

static void write_all(int fd, const void *data, size_t len)
{
	if (send_all(fd, data, len))
		return;
	if (fd == sock)
		fail(EXIT_GONE, "the guest is gone");
	exit(1);	/* nobody wants the output */
}

static bool try_connect(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	strncpy(addr.sun_path, socket_name, sizeof(addr.sun_path) - 1);
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return false;
	if (!connect(sock, (struct sockaddr *)&addr, sizeof(addr)))
		return true;
	close(sock);
	sock = -1;
	return false;
}

static void consume(size_t len)
{
	memmove(buf, buf + len, buflen - len);
	buflen -= len;
}

/*
 * Wait for more from the guest until @deadline (0: for ever).  With @in, also
 * until standard input has something.  False when the time is over.
 */
static bool wait_more(int64_t deadline, bool in)
{
	struct pollfd fds[2] = {
		{ .fd = sock, .events = POLLIN },
		{ .fd = in ? STDIN_FILENO : -1, .events = POLLIN },
	};
	int64_t left = deadline ? deadline - now_ms() : 60000;
	ssize_t n;

	if (left <= 0)
		return false;
	if (poll(fds, 2, (int)left) <= 0)
		return !deadline || now_ms() < deadline;
	if (!fds[0].revents)
		return true;
	n = read(sock, buf + buflen, sizeof(buf) - buflen);
	if (n == 0 || (n < 0 && errno != EINTR))
		fail(EXIT_GONE, "the guest is gone");
	if (n > 0)
		buflen += (size_t)n;
	return true;
}

static void new_nonce(void)
{
	if (getrandom(nonce, NONCE_LEN, 0) != NONCE_LEN)
		exit(1);
}

static void send_request(const char *line)
{
	size_t len = strlen(line);
	unsigned char head[REQUEST_LEN];
	unsigned char *p = head + MAGIC_LEN;

	memcpy(head, MAGIC, MAGIC_LEN);
	memcpy(p, nonce, NONCE_LEN);
	put16(p + NONCE_LEN, (uint16_t)limit);
	p[NONCE_LEN + 2] = with_stdin ? FLAG_STDIN : 0;
	put16(p + NONCE_LEN + 3, (uint16_t)len);
	head[REQUEST_LEN - 1] = head_sum(head);
	write_all(sock, head, sizeof(head));
	write_all(sock, line, len);
}

/* Skip to our own answer, or to the agent's READY; what it was, or 0 */
static int skip_rubbish(void)
{
	while (buflen >= MAGIC_LEN) {
		if (!memcmp(buf, READY, MAGIC_LEN)) {
			consume(MAGIC_LEN);
			return 'R';
		}
		if (!memcmp(buf, MAGIC, MAGIC_LEN)) {
			if (buflen < MAGIC_LEN + NONCE_LEN)
				return 0;
			if (!memcmp(buf + MAGIC_LEN, nonce, NONCE_LEN)) {
				consume(MAGIC_LEN + NONCE_LEN);
				return 'A';
			}
		}
		consume(1);
	}
	return 0;
}

/* Wait until @deadline for the agent's answer or READY; what it was, or 0 */
static int await_answer(int64_t deadline)
{
	int got;

	do {
		got = skip_rubbish();
	} while (!got && wait_more(deadline, false));
	return got;
}

/*
 * A guest that boots may lose what we send, and a serial port that was full
 * when its driver cleared it may stay stuck until its other end comes anew: so
 * an empty request goes out on one connection after the other, at the latest
 * when the agent says that it is there.
 */
static void await_agent(void)
{
	int64_t give_up = now_ms() + await * 1000LL;
	int got;

	new_nonce();
	while (now_ms() < give_up) {
		if (!try_connect()) {
			usleep(20000);
			continue;
		}
		buflen = 0;
		do {
			send_request("");
			got = await_answer(now_ms() + RETRY_MS);
			if (got == 'A')
				return;
		} while (got == 'R');
		close(sock);
	}
	fail(EXIT_GONE, "the guest's agent does not appear");
}

static void open_session(void)
{
	int64_t give_up;

	if (await)
		await_agent();
	else if (!try_connect())
		fail(EXIT_GONE, "no guest at the agent socket");
	new_nonce();
	send_request(command);
	give_up = now_ms() + ANSWER_MS;
	while (now_ms() < give_up) {
		if (await_answer(give_up) == 'A')
			return;
	}
	fail(EXIT_GONE, "the guest does not answer");
}

static void send_input(void)
{
	unsigned char frame[FRAME_LEN + INPUT_MAX];
	ssize_t n = read(STDIN_FILENO, frame + FRAME_LEN, INPUT_MAX);

	if (n < 0)
		n = 0;
	if (!n)
		with_stdin = false;
	frame[0] = OP_INPUT;
	put16(frame + 1, (uint16_t)n);
	write_all(sock, frame, FRAME_LEN + (size_t)n);
}

/* Act on one frame of the answer; false if there is not all of it yet */
static bool take_frame(bool *acked)
{
	const unsigned char *data = buf + FRAME_LEN;
	size_t len;

	if (buflen < FRAME_LEN)
		return false;
	len = get16(buf + 1);
	if (buflen < FRAME_LEN + len)
		return false;
	switch (buf[0]) {
	case OP_STDOUT:
		write_all(STDOUT_FILENO, data, len);
		break;
	case OP_STDERR:
		write_all(STDERR_FILENO, data, len);
		break;
	case OP_ACK:
		*acked = true;
		break;
	case OP_EXIT:
		exit(len ? *data : 1);
	case OP_TIMEOUT:
		fail(EXIT_TIMEOUT, "time limit");
	default:
		/* Noise on the line, or an agent that started anew */
		fail(EXIT_GONE, "the guest's agent lost the thread");
	}
	consume(FRAME_LEN + len);
	return true;
}

static void run_session(void)
{
	int64_t deadline = limit ? now_ms() + limit * 1000LL + SLACK_MS : 0;
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	bool acked = true;

	for (;;) {
		while (take_frame(&acked))
			;
		if (with_stdin && acked && poll(&in, 1, 0) > 0) {
			acked = false;
			send_input();
		}
		if (!wait_more(deadline, with_stdin && acked))
			fail(EXIT_GONE, "the guest hangs");
	}
}

static unsigned int number(const char *opt, const char *arg)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (!*arg || *end || n > 65535) {
		fprintf(stderr, "guestexec: %s %s: not a number of seconds\n",
			opt, arg);
		exit(2);
	}
	return (unsigned int)n;
}

static char *join(char **words)
{
	size_t len = 1;
	char **w, *line;

	for (w = words; *w; w++)
		len += strlen(*w) + 1;
	line = calloc(1, len);
	if (!line || len > COMMAND_MAX) {
		fprintf(stderr, "guestexec: command is too long\n");
		exit(2);
	}
	for (w = words; *w; w++) {
		strcat(line, *w);
		if (w[1])
			strcat(line, " ");
	}
	return line;
}

int main(int argc, char **argv)
{
	static const struct option longopts[] = {
		{ "help", no_argument, NULL, 'h' }, { }
	};
	int opt;

	socket_name = getenv("HVHOST_AGENT");
	while ((opt = getopt_long(argc, argv, "+s:t:w:iqh", longopts,
				  NULL)) != -1) {
		switch (opt) {
		case 's': socket_name = optarg; break;
		case 't': limit = number("-t", optarg); break;
		case 'w': await = number("-w", optarg); break;
		case 'i': with_stdin = true; break;
		case 'q': quiet = true; break;
		case 'h': usage(stdout); return 0;
		default: usage(stderr); return 2;
		}
	}
	if (optind == argc || !socket_name) {
		fprintf(stderr, "guestexec: no %s given; see guestexec --help\n",
			socket_name ? "command" : "-s SOCKET");
		return 2;
	}
	command = join(argv + optind);
	open_session();
	run_session();
}
