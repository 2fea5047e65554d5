/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The other end of a NIC's cable: a descriptor that gives and takes one frame
 * at a time behind a struct virtio_net_hdr, or nothing at all.
 *
 * Threads: any number may send and receive; opening and closing is for one.
 */
#ifndef HVHOST_NET_BACKEND_H
#define HVHOST_NET_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/virtio_net.h>

#define NET_FRAME_MAX	(65535 + 18)

struct net_backend {
	int fd;			/* -1: a sink */
	bool tap;
	bool offload;		/* takes headers that leave work to do */
	unsigned int coalescing;	/* as ordered last */
	void (*close)(struct net_backend *b);
	void *private;
	char text[40];		/* as given on the command line */
};

/* "tap=NAME", "user", "sink" or "fd=N"; NULL: @error is one line. */
struct net_backend *net_backend_open(const char *text, char *error,
				     uint32_t error_size);
void net_backend_close(struct net_backend *b);

/* false: it was dropped */
bool net_backend_send(struct net_backend *b, const struct virtio_net_hdr *h,
		      const void *frame, uint32_t bytes);
/* Bytes of the next frame, 0: there is none now.  Never waits. */
uint32_t net_backend_receive(struct net_backend *b, struct virtio_net_hdr *h,
			     void *frame, uint32_t size);

/* It may hand over TCP of IPv4 (bit 0) or IPv6 (bit 1) as large frames, whose
 * header says gso_type, for the guest takes them so.
 */
#define NET_COALESCE_4	1u
#define NET_COALESCE_6	2u
void net_backend_coalesce(struct net_backend *b, unsigned int which);

/* net_user.c */
bool net_user_open(struct net_backend *b, char *error, uint32_t error_size);

#endif
