// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets from the host: copied once, then checked, and never looked at in
 * the ring again, because the host could change them meanwhile.  A packet
 * that breaks a rule is answered with a sentence that says which one; the
 * caller breaks the channel with it.
 */
#include <linux/compiler.h>
#include <linux/string.h>

#include "packet.h"
#include "ring.h"

static const char *check_desc(const struct lis_pkt_desc *d, u32 avail, u32 room)
{
	u32 len = d->length8 * 8u;
	u32 offset = d->offset8 * 8u;

	if (len < sizeof(*d))
		return "packet shorter than its descriptor";
	if (len + LIS_RING_TRAILER > avail)
		return "packet longer than the ring's contents";
	if (len > room)
		return "packet longer than the channel allows";
	if (offset < sizeof(*d) || offset > len)
		return "payload outside its packet";
	return NULL;
}

static const char *find_ranges(const void *copy, struct lis_pkt_view *v)
{
	const struct lis_pkt_xfer_pages *x = copy;
	u32 offset = x->desc.offset8 * 8u;

	if (offset < sizeof(*x))
		return "transfer pages without their header";
	if (x->range_count > (offset - sizeof(*x)) / sizeof(*v->ranges))
		return "transfer page ranges outside their packet";
	v->set_id = x->set_id;
	v->ranges = copy + sizeof(*x);
	v->range_count = x->range_count;
	return NULL;
}

/**
 * lis_pkt_take - copy the next packet out of a ring and check it.
 * @ring: start of the packet; mapped for at least 64 KiB or the whole ring
 * @avail: bytes that the host has written from there on
 * @copy: private memory, 8-byte aligned
 * @room: its size, the longest packet allowed
 * @consumed: bytes of the packet in the ring, trailer included
 * @v: the result, pointing into @copy
 *
 * Return: NULL, or what the host did wrong.
 */
const char *lis_pkt_take(const void *ring, u32 avail, void *copy, u32 room,
			 u32 *consumed, struct lis_pkt_view *v)
{
	struct lis_pkt_desc d;
	const char *why;
	u32 len;

	if (avail < sizeof(d) + LIS_RING_TRAILER)
		return "less than a packet in the ring";
	memcpy(&d, ring, sizeof(d));
	/* the copy is what counts, not a second look at the ring */
	barrier();
	why = check_desc(&d, avail, room);
	if (why)
		return why;

	/* The descriptor that was checked, not what the ring says by now */
	len = d.length8 * 8u;
	memcpy(copy, &d, sizeof(d));
	memcpy(copy + sizeof(d), ring + sizeof(d), len - sizeof(d));

	*v = (struct lis_pkt_view){
		.type = d.type,
		.want_completion = d.flags & LIS_PKT_WANT_COMPLETION,
		.id = d.transaction_id,
		.payload = copy + d.offset8 * 8u,
		.len = len - d.offset8 * 8u,
	};
	*consumed = len + LIS_RING_TRAILER;

	switch (d.type) {
	case LIS_PKT_INBAND:
	case LIS_PKT_COMPLETION:
		return NULL;
	case LIS_PKT_TRANSFER_PAGES:
		return find_ranges(copy, v);
	default:
		return "packet type that hosts do not send";
	}
}
