/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The shared ring of a channel direction and the packets in it.
 * Facts: shared/protocol.md 2.9, 2.10.  Guest and host each have their own
 * implementation of the arithmetic; only this layout is shared.
 */
#ifndef LIS_PROTO_RING_H
#define LIS_PROTO_RING_H

#include <lis/proto/hv.h>

/* First page of a ring; the data pages follow it. */
struct lis_ring_control {
	__u32 write_index;	/* byte offset in the data area; producer */
	__u32 read_index;	/* consumer */
	__u32 interrupt_mask;	/* consumer: non-zero = do not signal me */
	__u32 pending_send_size;	/* producer: bytes it waits for */
	__u32 reserved[12];
	__u32 features;		/* producer: LIS_RING_FEATURE_* */
	__u8 padding[LIS_HV_PAGE_SIZE - 68];
};
LIS_ASSERT_SIZE(struct lis_ring_control, 4096);
#define LIS_RING_FEATURE_PENDING_SIZE	0x1

enum lis_pkt_type {
	LIS_PKT_INBAND		= 6,
	LIS_PKT_TRANSFER_PAGES	= 7,
	LIS_PKT_GPA_DIRECT	= 9,
	LIS_PKT_CANCEL		= 10,
	LIS_PKT_COMPLETION	= 11,
};

#define LIS_PKT_WANT_COMPLETION	0x0001

struct lis_pkt_desc {
	__u16 type;		/* enum lis_pkt_type */
	__u16 offset8;		/* payload offset / 8 */
	__u16 length8;		/* packet length / 8, trailer excluded */
	__u16 flags;
	__u64 transaction_id;
};
LIS_ASSERT_SIZE(struct lis_pkt_desc, 16);

/* Trailer of every packet: where it began */
struct lis_pkt_trailer {
	__u32 zero;
	__u32 start;
};
LIS_ASSERT_SIZE(struct lis_pkt_trailer, 8);

/* GPA_DIRECT: desc, then this, then ranges {lis_gpa_range, u64 pfn[]} */
struct lis_pkt_gpa_direct {
	struct lis_pkt_desc desc;
	__u32 reserved;
	__u32 range_count;
};
LIS_ASSERT_SIZE(struct lis_pkt_gpa_direct, 24);

struct lis_pkt_xfer_range {
	__u32 byte_count;
	__u32 byte_offset;
};
LIS_ASSERT_SIZE(struct lis_pkt_xfer_range, 8);

struct lis_pkt_xfer_pages {
	struct lis_pkt_desc desc;
	__u16 set_id;
	__u8 sender_owns_set;
	__u8 reserved;
	__u32 range_count;
};
LIS_ASSERT_SIZE(struct lis_pkt_xfer_pages, 24);

#endif
