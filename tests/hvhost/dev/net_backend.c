// SPDX-License-Identifier: GPL-2.0-only
/*
 * Back ends that are a file descriptor: a tap interface of the host, one that
 * was inherited; and the one that swallows all.
 * Locking: none, see net_backend.h.
 */
#include "net_backend.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/if_tun.h>

static void close_fd(struct net_backend *b)
{
	close(b->fd);
}

static void close_sink(struct net_backend *b)
{
	(void)b;
}

static bool fail(char *error, uint32_t size, const char *what)
{
	snprintf(error, size, "%s: %s", what, strerror(errno));
	return false;
}

static bool open_tap(struct net_backend *b, const char *name, char *error,
		     uint32_t size)
{
	struct ifreq ifr = {
		.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR,
	};
	int header = sizeof(struct virtio_net_hdr);

	if (!*name || strlen(name) >= sizeof(ifr.ifr_name)) {
		errno = EINVAL;
		return fail(error, size, name);
	}
	strcpy(ifr.ifr_name, name);
	b->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (b->fd < 0)
		return fail(error, size, "/dev/net/tun");
	/* The kernel shall finish the frames that it gives us */
	if (ioctl(b->fd, TUNSETIFF, &ifr) ||
	    ioctl(b->fd, TUNSETVNETHDRSZ, &header) ||
	    ioctl(b->fd, TUNSETOFFLOAD, 0)) {
		fail(error, size, name);
		close(b->fd);
		return false;
	}
	b->offload = true;
	b->tap = true;
	b->close = close_fd;
	return true;
}

void net_backend_coalesce(struct net_backend *b, unsigned int which)
{
	unsigned int flags = which ? TUN_F_CSUM : 0;

	b->coalescing = which;
	if (which & NET_COALESCE_4)
		flags |= TUN_F_TSO4;
	if (which & NET_COALESCE_6)
		flags |= TUN_F_TSO6;
	/* It cannot fail: the kernel has had these flags since there are taps */
	if (b->tap)
		ioctl(b->fd, TUNSETOFFLOAD, flags);
}

/* Somebody else's socket that keeps the bounds of messages */
static bool open_inherited(struct net_backend *b, const char *number,
			   char *error, uint32_t size)
{
	char *end;
	int flags;

	b->fd = strtoul(number, &end, 10);
	flags = *number && !*end ? fcntl(b->fd, F_GETFL) : -1;
	if (flags < 0 || fcntl(b->fd, F_SETFL, flags | O_NONBLOCK)) {
		errno = EBADF;
		return fail(error, size, number);
	}
	b->offload = true;
	b->close = close_fd;
	return true;
}

static bool open_by_name(struct net_backend *b, const char *text, char *error,
			 uint32_t size)
{
	if (!strncmp(text, "tap=", 4))
		return open_tap(b, text + 4, error, size);
	if (!strncmp(text, "fd=", 3))
		return open_inherited(b, text + 3, error, size);
	if (!strcmp(text, "user"))
		return net_user_open(b, error, size);
	if (!strcmp(text, "sink")) {
		b->fd = -1;
		b->offload = true;
		b->close = close_sink;
		return true;
	}
	snprintf(error, size, "no such back end: %s", text);
	return false;
}

struct net_backend *net_backend_open(const char *text, char *error,
				     uint32_t error_size)
{
	struct net_backend *b = calloc(1, sizeof(*b));

	if (!b)
		abort();
	snprintf(b->text, sizeof(b->text), "%s", text);
	if (open_by_name(b, text, error, error_size))
		return b;
	free(b);
	return NULL;
}

void net_backend_close(struct net_backend *b)
{
	b->close(b);
	free(b);
}

bool net_backend_send(struct net_backend *b, const struct virtio_net_hdr *h,
		      const void *frame, uint32_t bytes)
{
	struct iovec iov[2] = {
		{ .iov_base = (void *)h, .iov_len = sizeof(*h) },
		{ .iov_base = (void *)frame, .iov_len = bytes },
	};

	return b->fd < 0 ||
	       writev(b->fd, iov, 2) == (ssize_t)(sizeof(*h) + bytes);
}

uint32_t net_backend_receive(struct net_backend *b, struct virtio_net_hdr *h,
			     void *frame, uint32_t size)
{
	struct iovec iov[2] = {
		{ .iov_base = h, .iov_len = sizeof(*h) },
		{ .iov_base = frame, .iov_len = size },
	};
	ssize_t n;

	if (b->fd < 0)
		return 0;
	n = readv(b->fd, iov, 2);
	return n > (ssize_t)sizeof(*h) ? n - sizeof(*h) : 0;
}
