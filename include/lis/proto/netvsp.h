/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NVSP: the packets of a synthetic NIC's channels.  What travels inside the
 * shared buffers is in lis/proto/rndis.h.
 * Facts: shared/protocol.md 5.1-5.4, 5.8-5.10.
 */
#ifndef LIS_PROTO_NETVSP_H
#define LIS_PROTO_NETVSP_H

#include <lis/proto/types.h>

#define LIS_NVSP_V1	0x00000002u
#define LIS_NVSP_V2	0x00030002u	/* MTU, capabilities */
#define LIS_NVSP_V4	0x00040000u	/* virtual functions */
#define LIS_NVSP_V5	0x00050000u	/* sub-channels */
#define LIS_NVSP_V6	0x00060000u
#define LIS_NVSP_V6_1	0x00060001u	/* longer messages, RSC */

/* Every message but the indirection table has one of these sizes. */
#define LIS_NVSP_BYTES_OLD	28
#define LIS_NVSP_BYTES		40	/* from 6.1 on */

enum lis_nvsp_type {
	LIS_NVSP_INIT			= 1,
	LIS_NVSP_INIT_COMPLETE		= 2,
	LIS_NVSP_SEND_NDIS_VERSION	= 100,
	LIS_NVSP_SEND_RECV_BUF		= 101,
	LIS_NVSP_SEND_RECV_BUF_COMPLETE	= 102,
	LIS_NVSP_REVOKE_RECV_BUF	= 103,
	LIS_NVSP_SEND_SEND_BUF		= 104,
	LIS_NVSP_SEND_SEND_BUF_COMPLETE	= 105,
	LIS_NVSP_REVOKE_SEND_BUF	= 106,
	LIS_NVSP_RNDIS			= 107,
	LIS_NVSP_RNDIS_COMPLETE		= 108,
	LIS_NVSP_SEND_NDIS_CONFIG	= 125,
	LIS_NVSP_VF_ASSOCIATION		= 128,
	LIS_NVSP_SWITCH_DATA_PATH	= 129,
	LIS_NVSP_UPLINK_STATE		= 130,
	LIS_NVSP_OID_QUERY_EX		= 131,
	LIS_NVSP_OID_QUERY_EX_COMPLETE	= 132,
	LIS_NVSP_SUBCHANNEL		= 133,	/* also its completion */
	LIS_NVSP_INDIRECTION_TABLE	= 134,
};

enum lis_nvsp_status {
	LIS_NVSP_STATUS_NONE		= 0,
	LIS_NVSP_STATUS_SUCCESS		= 1,
	LIS_NVSP_STATUS_FAILURE		= 2,
	LIS_NVSP_STATUS_BAD_RNDIS	= 5,
	LIS_NVSP_STATUS_BUSY		= 6,
	LIS_NVSP_STATUS_VERSION		= 7,
};

#define LIS_NVSP_RECV_BUF_ID	0xcafe	/* by custom */
#define LIS_NVSP_NO_SECTION	0xffffffffu
#define LIS_NVSP_TABLE_ENTRIES	16

/* lis_nvsp_ndis_config.capabilities */
#define LIS_NVSP_CAP_VMQ	(1u << 0)
#define LIS_NVSP_CAP_SRIOV	(1u << 2)
#define LIS_NVSP_CAP_VLAN	(1u << 3)
#define LIS_NVSP_CAP_CORRELATION	(1u << 4)
#define LIS_NVSP_CAP_TEAMING	(1u << 5)
#define LIS_NVSP_CAP_VSUBNET	(1u << 6)
#define LIS_NVSP_CAP_RSC	(1u << 7)

struct lis_nvsp_init {
	__u32 version_min;	/* both the same */
	__u32 version_max;
};

struct lis_nvsp_init_complete {
	__u32 deprecated_version;
	__u32 max_mdl_chain;
	__u32 status;		/* enum lis_nvsp_status */
};

struct lis_nvsp_ndis_version {
	__u32 major;
	__u32 minor;
};

/* SEND_RECV_BUF, SEND_SEND_BUF; the revokes have the id alone. */
struct lis_nvsp_send_buf {
	__u32 gpadl;
	__u16 id;
	__u16 padding;
};

struct lis_nvsp_revoke_buf {
	__u16 id;
};

struct lis_nvsp_section {
	__u32 offset;
	__u32 suballoc_bytes;
	__u32 suballocs;
	__u32 end_offset;
};

struct lis_nvsp_recv_buf_complete {
	__u32 status;
	__u32 section_count;	/* 1 */
	struct lis_nvsp_section section;
};

struct lis_nvsp_send_buf_complete {
	__u32 status;
	__u32 section_bytes;
};

#define LIS_NVSP_CHANNEL_DATA		0
#define LIS_NVSP_CHANNEL_CONTROL	1
struct lis_nvsp_rndis {
	__u32 channel_type;	/* LIS_NVSP_CHANNEL_* */
	__u32 section_index;	/* of the send buffer, or NO_SECTION */
	__u32 section_bytes;
};

struct lis_nvsp_rndis_complete {
	__u32 status;
};

struct lis_nvsp_ndis_config {
	__u32 mtu;		/* of the frame, its 14-byte header included */
	__u32 reserved;
	__u32 capabilities;	/* LIS_NVSP_CAP_* */
	__u32 capabilities_high;
};

struct lis_nvsp_vf_association {
	__u32 allocated;
	__u32 serial;
};

struct lis_nvsp_data_path {
	__u32 active;		/* 0 synthetic, 1 virtual function */
};

struct lis_nvsp_subchannel {
	__u32 operation;	/* 1: allocate */
	__u32 count;
};
#define LIS_NVSP_SUBCHANNEL_ALLOCATE	1

struct lis_nvsp_subchannel_complete {
	__u32 status;
	__u32 granted;
};

/* The table's offset counts from the start of the message. */
struct lis_nvsp_table {
	__u32 count;		/* LIS_NVSP_TABLE_ENTRIES */
	__u32 offset;
};

struct lis_nvsp_msg {
	__u32 type;		/* enum lis_nvsp_type */
	union {
		struct lis_nvsp_init init;
		struct lis_nvsp_init_complete init_complete;
		struct lis_nvsp_ndis_version ndis_version;
		struct lis_nvsp_send_buf send_buf;
		struct lis_nvsp_revoke_buf revoke_buf;
		struct lis_nvsp_recv_buf_complete recv_buf_complete;
		struct lis_nvsp_send_buf_complete send_buf_complete;
		struct lis_nvsp_rndis rndis;
		struct lis_nvsp_rndis_complete rndis_complete;
		struct lis_nvsp_ndis_config ndis_config;
		struct lis_nvsp_vf_association vf_association;
		struct lis_nvsp_data_path data_path;
		struct lis_nvsp_subchannel subchannel;
		struct lis_nvsp_subchannel_complete subchannel_complete;
		struct lis_nvsp_table table;
		__u8 raw[LIS_NVSP_BYTES - 4];
	};
};
LIS_ASSERT_SIZE(struct lis_nvsp_msg, LIS_NVSP_BYTES);

#endif
