/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMBus control messages (carried in SynIC messages of type 1).
 * Facts: shared/protocol.md 2.1-2.7.  All sizes include the 8-byte header.
 */
#ifndef LIS_PROTO_VMBUS_H
#define LIS_PROTO_VMBUS_H

#include <lis/proto/hv.h>

#define LIS_VMBUS_VERSION(major, minor)	(((major) << 16) | (minor))
#define LIS_VMBUS_V2_4		LIS_VMBUS_VERSION(2, 4)
#define LIS_VMBUS_V3_0		LIS_VMBUS_VERSION(3, 0)
#define LIS_VMBUS_V4_0		LIS_VMBUS_VERSION(4, 0)
#define LIS_VMBUS_V4_1		LIS_VMBUS_VERSION(4, 1)
#define LIS_VMBUS_V5_0		LIS_VMBUS_VERSION(5, 0)
#define LIS_VMBUS_V5_1		LIS_VMBUS_VERSION(5, 1)
#define LIS_VMBUS_V5_2		LIS_VMBUS_VERSION(5, 2)
#define LIS_VMBUS_V5_3		LIS_VMBUS_VERSION(5, 3)
#define LIS_VMBUS_V6_0		LIS_VMBUS_VERSION(6, 0)

enum lis_msg_type {
	LIS_MSG_OFFER_CHANNEL		= 1,
	LIS_MSG_RESCIND_OFFER		= 2,
	LIS_MSG_REQUEST_OFFERS		= 3,
	LIS_MSG_ALL_OFFERS_DELIVERED	= 4,
	LIS_MSG_OPEN_CHANNEL		= 5,
	LIS_MSG_OPEN_RESULT		= 6,
	LIS_MSG_CLOSE_CHANNEL		= 7,
	LIS_MSG_GPADL_HEADER		= 8,
	LIS_MSG_GPADL_BODY		= 9,
	LIS_MSG_GPADL_CREATED		= 10,
	LIS_MSG_GPADL_TEARDOWN		= 11,
	LIS_MSG_GPADL_TORNDOWN		= 12,
	LIS_MSG_RELID_RELEASED		= 13,
	LIS_MSG_INITIATE_CONTACT	= 14,
	LIS_MSG_VERSION_RESPONSE	= 15,
	LIS_MSG_UNLOAD			= 16,
	LIS_MSG_UNLOAD_COMPLETE		= 17,
	LIS_MSG_OPEN_RESERVED		= 18,
	LIS_MSG_CLOSE_RESERVED		= 19,
	LIS_MSG_CLOSE_RESERVED_RESPONSE	= 20,
	LIS_MSG_TL_CONNECT		= 21,
	LIS_MSG_MODIFY_CHANNEL		= 22,
	LIS_MSG_TL_CONNECT_RESULT	= 23,
	LIS_MSG_MODIFY_CHANNEL_RESPONSE	= 24,
	LIS_MSG_MODIFY_CONNECTION	= 25,
	LIS_MSG_MODIFY_CONNECTION_RESP	= 26,
	LIS_MSG_PAUSE			= 27,
	LIS_MSG_PAUSE_RESPONSE		= 28,
	LIS_MSG_RESUME			= 29,
	LIS_MSG_COUNT
};

#define LIS_RELID_MAX		2047	/* 1..2047; flag 0 is unused */
#define LIS_VP_NO_INTERRUPT	0xffffffffu

struct lis_msg_hdr {
	__u32 type;		/* enum lis_msg_type */
	__u32 padding;
};
LIS_ASSERT_SIZE(struct lis_msg_hdr, 8);

/* OFFER_CHANNEL flags */
#define LIS_OFFER_ENUMERATE		0x0001
#define LIS_OFFER_CONFIDENTIAL_RING	0x0002
#define LIS_OFFER_CONFIDENTIAL_EXTERNAL	0x0004
#define LIS_OFFER_NAMED_PIPE		0x0010
#define LIS_OFFER_LOOPBACK		0x0100
#define LIS_OFFER_PARENT		0x0200
#define LIS_OFFER_MONITORED		0x0400
#define LIS_OFFER_TLNPI			0x2000

struct lis_msg_offer {
	struct lis_msg_hdr hdr;
	struct lis_guid class_id;
	struct lis_guid instance_id;
	__u8 reserved[16];
	__u16 flags;
	__u16 mmio_megabytes;
	__u8 user[120];
	__u16 subchannel_index;		/* 0 = primary */
	__u16 mmio_megabytes_optional;
	__u32 relid;
	__u8 monitor_id;
	__u8 monitor_allocated;		/* bit 0 */
	__u16 dedicated_interrupt;	/* bit 0 */
	__u32 connection_id;
} LIS_PACKED;
LIS_ASSERT_SIZE(struct lis_msg_offer, 196);

/* RESCIND_OFFER, CLOSE_CHANNEL, RELID_RELEASED, CLOSE_RESERVED_RESPONSE */
struct lis_msg_relid {
	struct lis_msg_hdr hdr;
	__u32 relid;
};
LIS_ASSERT_SIZE(struct lis_msg_relid, 12);

#define LIS_OPEN_USER_BYTES	120
struct lis_msg_open {
	struct lis_msg_hdr hdr;
	__u32 relid;
	__u32 open_id;
	__u32 ring_gpadl;
	__u32 target_vp;
	__u32 downstream_page;	/* first page of the host->guest ring */
	__u8 user[LIS_OPEN_USER_BYTES];
};
LIS_ASSERT_SIZE(struct lis_msg_open, 148);

struct lis_msg_open_result {
	struct lis_msg_hdr hdr;
	__u32 relid;
	__u32 open_id;
	__u32 status;		/* NTSTATUS, 0 = ok */
};
LIS_ASSERT_SIZE(struct lis_msg_open_result, 20);

/* One range of a GPADL: this header, then ceil((offset+count)/4096) PFNs */
struct lis_gpa_range {
	__u32 byte_count;
	__u32 byte_offset;	/* < 4096 */
};
LIS_ASSERT_SIZE(struct lis_gpa_range, 8);

struct lis_msg_gpadl_header {
	struct lis_msg_hdr hdr;
	__u32 relid;
	__u32 gpadl;		/* chosen by the guest, non-zero */
	__u16 range_bytes;	/* whole list, parts in bodies included */
	__u16 range_count;
	/* up to LIS_GPADL_HEADER_QWORDS qwords follow, not 8-aligned */
};
LIS_ASSERT_SIZE(struct lis_msg_gpadl_header, 20);

struct lis_msg_gpadl_body {
	struct lis_msg_hdr hdr;
	__u32 number;
	__u32 gpadl;
	/* up to LIS_GPADL_BODY_QWORDS qwords follow */
};
LIS_ASSERT_SIZE(struct lis_msg_gpadl_body, 16);

#define LIS_GPADL_HEADER_QWORDS	27	/* one range header + 26 PFNs */
#define LIS_GPADL_BODY_QWORDS	28
#define LIS_GPADL_MAX_PAGES	8190	/* range_bytes is 16 bits wide */

struct lis_msg_gpadl_created {
	struct lis_msg_hdr hdr;
	__u32 relid;
	__u32 gpadl;
	__u32 status;		/* 0 = ok */
};
LIS_ASSERT_SIZE(struct lis_msg_gpadl_created, 20);

struct lis_msg_gpadl_teardown {
	struct lis_msg_hdr hdr;
	__u32 relid;
	__u32 gpadl;
};
LIS_ASSERT_SIZE(struct lis_msg_gpadl_teardown, 16);

struct lis_msg_gpadl_torndown {
	struct lis_msg_hdr hdr;
	__u32 gpadl;
};
LIS_ASSERT_SIZE(struct lis_msg_gpadl_torndown, 12);

struct lis_msg_initiate_contact {
	struct lis_msg_hdr hdr;
	__u32 version;
	__u32 target_vp;
	union {
		__u64 interrupt_page;	/* < 5.0 */
		struct {
			__u8 target_sint;	/* >= 5.0 */
			__u8 target_vtl;	/* >= 5.1 */
			__u16 reserved;
			__u32 features;		/* >= 6.0 */
		};
	};
	__u64 monitor_p2c;	/* parent->child page, 0 = none */
	__u64 monitor_c2p;
};
LIS_ASSERT_SIZE(struct lis_msg_initiate_contact, 40);

struct lis_msg_version_response {
	struct lis_msg_hdr hdr;
	__u8 supported;
	__u8 state;		/* 0 ok, 1 low resources, 2 failure */
	__u16 padding;
	__u32 connection_id;	/* >= 5.0; the selected version before */
};
LIS_ASSERT_SIZE(struct lis_msg_version_response, 16);

/* The same answer as a 6.0 host gives it */
struct lis_msg_version_response_6 {
	struct lis_msg_version_response base;
	__u32 features;
};
LIS_ASSERT_SIZE(struct lis_msg_version_response_6, 20);

struct lis_msg_modify_channel {
	struct lis_msg_hdr hdr;
	__u32 relid;
	__u32 target_vp;
};
LIS_ASSERT_SIZE(struct lis_msg_modify_channel, 16);

struct lis_msg_modify_response {
	struct lis_msg_hdr hdr;
	__u32 relid;
	__s32 status;
};
LIS_ASSERT_SIZE(struct lis_msg_modify_response, 16);

#endif
