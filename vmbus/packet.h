/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One packet out of the host->guest ring as a checked private copy.  Pure.
 */
#ifndef LIS_VMBUS_PACKET_H
#define LIS_VMBUS_PACKET_H

#include <linux/types.h>
#include <lis/proto/ring.h>

/**
 * struct lis_pkt_view - where things are in a checked copy.
 * @type:	LIS_PKT_INBAND, LIS_PKT_TRANSFER_PAGES or LIS_PKT_COMPLETION
 * @want_completion: the host asked for one
 * @id:		transaction id
 * @payload:	in the copy
 * @len:	its bytes
 * @set_id:	transfer pages: of the buffer
 * @ranges:	transfer pages: in the copy
 * @range_count: their number
 */
struct lis_pkt_view {
	u16 type;
	bool want_completion;
	u64 id;
	const void *payload;
	u32 len;
	u16 set_id;
	const struct lis_pkt_xfer_range *ranges;
	u32 range_count;
};

const char *lis_pkt_take(const void *ring, u32 avail, void *copy, u32 room,
			 u32 *consumed, struct lis_pkt_view *v);

#endif
