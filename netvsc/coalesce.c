// SPDX-License-Identifier: GPL-2.0-only
/*
 * Frames of one stream that the host has put together, and which come in parts,
 * each a message of its own, all in one packet.  Pure.
 */
#include <linux/stddef.h>
#include "pure.h"

/**
 * netvsc_parts_add - one more part.
 * @p: the parts so far
 * @f: has_part; validated by netvsc_rx_frame()
 * @complete: set when it is the last one
 *
 * Return: NULL, or what is wrong, and then there are none.
 */
const char *netvsc_parts_add(struct netvsc_parts *p,
			     const struct netvsc_frame *f, bool *complete)
{
	bool first = f->part_flags & LIS_PACKET_ID_FIRST;
	bool was_open = p->open;

	*complete = false;
	p->open = false;
	if (first == was_open)
		return first ? "first part twice" : "part without a first one";
	if (first) {
		p->whole = *f;
		p->whole.bytes = 0;
		p->count = 0;
	} else if (f->part_id != p->whole.part_id) {
		return "part of another frame";
	}
	if (p->count == NETVSC_PARTS_MAX)
		return "too many parts";
	if (f->bytes > NETVSC_WHOLE_MAX - p->whole.bytes)
		return "parts of too large a frame";
	p->part[p->count].data = f->data;
	p->part[p->count++].bytes = f->bytes;
	p->whole.bytes += f->bytes;
	*complete = f->part_flags & LIS_PACKET_ID_LAST;
	p->open = !*complete;
	return NULL;
}
