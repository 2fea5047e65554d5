/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What agent (in the guest) and guestexec (outside) say to each other on a
 * serial line.  Each byte costs an exit of the guest, so there is no padding
 * and no chatter; numbers are little-endian.
 *
 * guestexec opens with a request; a client that went away in the middle of
 * something leaves rubbish on the line, so both sides skip what does not
 * begin with the magic, and the agent's answer repeats the client's nonce.
 * A new request ends the command of an older one; one without a command
 * only has itself answered.
 *
 *   to the guest    MAGIC nonce[4] limit[2] flags[1] length[2] sum[1] command
 *                   then, with FLAG_STDIN: INPUT length[2] data, each answered
 *                   by one ACK before the next; length 0 is the end
 *   from the guest  MAGIC nonce[4], then any number of: op[1] length[2] data
 *
 * READY, alone on the line, says that the agent has just begun to listen.
 */
#ifndef GUEST_AGENT_H
#define GUEST_AGENT_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAGIC		"\xa5\x5a\x1c"
#define READY		"\xa5\x5a\x1d"
#define MAGIC_LEN	3
#define NONCE_LEN	4
#define REQUEST_LEN	(MAGIC_LEN + NONCE_LEN + 6)
#define FRAME_LEN	3
#define COMMAND_MAX	60000
#define INPUT_MAX	2048

#define FLAG_STDIN	1

enum frame_op {
	OP_STDOUT = 'o',
	OP_STDERR = 'e',
	OP_EXIT = 'x',		/* data: exit status[1] */
	OP_TIMEOUT = 't',	/* killed at its time limit */
	OP_ACK = 'a',
	OP_INPUT = 'i',
};

/* Over a request's head: a UART that is being set up loses bytes, and a false
 * length would swallow the requests that follow.
 */
static inline unsigned char head_sum(const unsigned char *head)
{
	unsigned char sum = 0x5b;
	int i;

	for (i = 0; i < REQUEST_LEN - 1; i++)
		sum = (unsigned char)((sum << 1 | sum >> 7) ^ head[i]);
	return sum;
}

static inline int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* False when the other end is gone */
static inline bool send_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static inline void put16(unsigned char *p, uint16_t v)
{
	p[0] = v & 0xff;
	p[1] = v >> 8;
}

static inline uint16_t get16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

#endif
