/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The host's own arithmetic for the two rings of a channel: it shares only
 * the layout (lis/proto/ring.h) with the guest drivers it is to judge.
 *
 * Locking: none; a ring belongs to one thread.  The guest changes the shared
 * pages at any time, so every index is loaded once, checked, and kept in a
 * private copy.
 */
#ifndef HVHOST_RING_H
#define HVHOST_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lis/proto/ring.h>

struct ring {
	struct lis_ring_control *ctl;
	uint8_t **pages;	/* data pages; they need not be contiguous */
	uint32_t size;		/* data bytes */
	uint32_t read;		/* trusted copy */
	uint32_t write;		/* trusted copy */
	uint32_t published;	/* our own index as the guest sees it */
	bool waiting;		/* our pending_send_size is set */
	const char *fault;	/* what the guest did wrong; NULL = fine */
	uint32_t fault_value;
};

enum ring_role { RING_CONSUMER, RING_PRODUCER };

/* @pages: control page, then @count - 1 data pages.  false: ring->fault. */
bool ring_attach(struct ring *r, enum ring_role role, uint8_t **pages,
		 uint32_t count);

/* Consumer side: guest to host.  _cached is what is known without a look. */
uint32_t ring_cached(const struct ring *r);
uint32_t ring_readable(struct ring *r);
void ring_copy_out(const struct ring *r, uint32_t offset, void *to,
		   uint32_t len);
void ring_consume(struct ring *r, uint32_t bytes);
/* Publish what was consumed; true = the guest waits for that space. */
bool ring_release(struct ring *r);
void ring_mask(struct ring *r, bool masked);

/* Producer side: host to guest.  @desc goes out as it is, @len bytes of
 * payload follow whatever it claims.  false = no room.
 */
bool ring_put(struct ring *r, const struct lis_pkt_desc *desc,
	      const void *payload, uint32_t len);
/* Publish what was put; true = the guest has to be signalled. */
bool ring_publish(struct ring *r);
/* Ask for a signal when @len bytes of payload fit; then try once more. */
void ring_want_space(struct ring *r, uint32_t len);

static inline uint32_t ring_packet_bytes(uint32_t payload)
{
	return (uint32_t)sizeof(struct lis_pkt_desc) + ((payload + 7) & ~7u) +
	       (uint32_t)sizeof(struct lis_pkt_trailer);
}

#endif
