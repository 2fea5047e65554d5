/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * storvsp: SCSI, IDE accelerator and Fibre Channel over VMBus.
 * Facts: shared/protocol.md 4.
 */
#ifndef LIS_PROTO_STORVSP_H
#define LIS_PROTO_STORVSP_H

#include <lis/proto/types.h>

enum lis_stor_op {
	LIS_STOR_COMPLETE_IO		= 1,
	LIS_STOR_REMOVE_DEVICE		= 2,
	LIS_STOR_EXECUTE_SRB		= 3,
	LIS_STOR_RESET_LUN		= 4,
	LIS_STOR_RESET_ADAPTER		= 5,
	LIS_STOR_RESET_BUS		= 6,
	LIS_STOR_BEGIN_INIT		= 7,
	LIS_STOR_END_INIT		= 8,
	LIS_STOR_QUERY_VERSION		= 9,
	LIS_STOR_QUERY_PROPERTIES	= 10,
	LIS_STOR_ENUMERATE_BUS		= 11,
	LIS_STOR_FCHBA_DATA		= 12,
	LIS_STOR_CREATE_SUBCHANNELS	= 13,
	LIS_STOR_EVENT_NOTIFICATION	= 14,
};

#define LIS_STOR_VERSION(major, minor)	(((major) << 8) | (minor))
#define LIS_STOR_V2_0	LIS_STOR_VERSION(2, 0)	/* WS2008 */
#define LIS_STOR_V4_2	LIS_STOR_VERSION(4, 2)	/* WS2008 R2 */
#define LIS_STOR_V5_1	LIS_STOR_VERSION(5, 1)	/* WS2012 */
#define LIS_STOR_V6_0	LIS_STOR_VERSION(6, 0)	/* WS2012 R2 */
#define LIS_STOR_V6_2	LIS_STOR_VERSION(6, 2)	/* WS2016 on */

#define LIS_STOR_FLAG_WANT_COMPLETION	0x1

/* NTSTATUS values seen in packet status */
#define LIS_NT_SUCCESS			0x00000000u
#define LIS_NT_REVISION_MISMATCH	0xc0000059u
#define LIS_NT_INVALID_DEVICE_STATE	0xc0000184u
#define LIS_NT_INVALID_PARAMETER	0xc000000du

struct lis_stor_version {
	__u16 version;		/* LIS_STOR_V* */
	__u16 build;		/* informative */
};

#define LIS_STOR_PROP_MULTI_CHANNEL	0x1
struct lis_stor_properties {
	__u32 reserved;
	__u16 max_subchannels;
	__u16 reserved2;
	__u32 flags;		/* LIS_STOR_PROP_* */
	__u32 max_transfer_bytes;
	__u32 reserved3[2];
};
LIS_ASSERT_SIZE(struct lis_stor_properties, 24);

#define LIS_STOR_CDB_MAX	16
#define LIS_STOR_SENSE_MAX	20	/* 18 before 5.1 */
#define LIS_STOR_SENSE_MAX_OLD	18

enum lis_stor_direction {
	LIS_STOR_DIR_OUT	= 0,	/* to the device */
	LIS_STOR_DIR_IN		= 1,
	LIS_STOR_DIR_NONE	= 2,
};

struct lis_stor_srb {
	__u16 length;		/* 36 or 52 */
	__u8 srb_status;	/* LIS_SRB_* | LIS_SRB_F_* */
	__u8 scsi_status;
	__u8 port;
	__u8 path;
	__u8 target;
	__u8 lun;
	__u8 cdb_length;
	__u8 sense_length;
	__u8 direction;		/* enum lis_stor_direction */
	__u8 properties;
	__u32 transfer_length;
	union {
		__u8 cdb[LIS_STOR_CDB_MAX];
		__u8 sense[LIS_STOR_SENSE_MAX];
	};
	/* the fields below exist from 5.1 on */
	__u16 reserved;
	__u8 queue_tag;
	__u8 queue_action;	/* LIS_STOR_TAG_SIMPLE */
	__u32 srb_flags;	/* LIS_SRB_FLAG_* */
	__u32 timeout;		/* s */
	__u32 queue_sort_key;
};
LIS_ASSERT_SIZE(struct lis_stor_srb, 52);
#define LIS_STOR_SRB_BYTES_OLD	36

#define LIS_STOR_TAG_SIMPLE		0x20
#define LIS_SRB_FLAG_QUEUE_ACTION	0x00000002
#define LIS_SRB_FLAG_NO_SYNC_TRANSFER	0x00000008
#define LIS_SRB_FLAG_DATA_IN		0x00000040
#define LIS_SRB_FLAG_DATA_OUT		0x00000080

#define LIS_SRB_CODE(status)		((status) & 0x3f)
#define LIS_SRB_F_FROZEN		0x40
#define LIS_SRB_F_AUTOSENSE		0x80
enum lis_srb_code {
	LIS_SRB_PENDING			= 0x00,
	LIS_SRB_SUCCESS			= 0x01,
	LIS_SRB_ABORTED			= 0x02,
	LIS_SRB_ABORT_FAILED		= 0x03,
	LIS_SRB_ERROR			= 0x04,
	LIS_SRB_BUSY			= 0x05,
	LIS_SRB_INVALID_REQUEST		= 0x06,
	LIS_SRB_INVALID_PATH		= 0x07,
	LIS_SRB_NO_DEVICE		= 0x08,
	LIS_SRB_TIMEOUT			= 0x09,
	LIS_SRB_SELECTION_TIMEOUT	= 0x0a,
	LIS_SRB_COMMAND_TIMEOUT		= 0x0b,
	LIS_SRB_MESSAGE_REJECT		= 0x0d,
	LIS_SRB_BUS_RESET		= 0x0e,
	LIS_SRB_PARITY			= 0x0f,
	LIS_SRB_SENSE_FAILED		= 0x10,
	LIS_SRB_NO_HBA			= 0x11,
	LIS_SRB_DATA_OVERRUN		= 0x12,
	LIS_SRB_BUS_FREE		= 0x13,
	LIS_SRB_PHASE			= 0x14,
	LIS_SRB_BAD_LENGTH		= 0x15,
	LIS_SRB_FLUSHED			= 0x16,
	LIS_SRB_INVALID_LUN		= 0x20,
	LIS_SRB_INVALID_TARGET		= 0x21,
	LIS_SRB_BAD_FUNCTION		= 0x22,
	LIS_SRB_ERROR_RECOVERY		= 0x23,
	LIS_SRB_NOT_POWERED		= 0x24,
	LIS_SRB_LINK_DOWN		= 0x25,
	LIS_SRB_INTERNAL_ERROR		= 0x30,
};

struct lis_stor_fc_wwn {
	__u8 primary_active;
	__u8 reserved[3];
	__u8 primary_port[8];	/* big-endian byte strings */
	__u8 primary_node[8];
	__u8 secondary_port[8];
	__u8 secondary_node[8];
};
LIS_ASSERT_SIZE(struct lis_stor_fc_wwn, 36);

struct lis_stor_packet {
	__u32 operation;	/* enum lis_stor_op */
	__u32 flags;		/* LIS_STOR_FLAG_* */
	__u32 status;		/* NTSTATUS, replies only */
	union {
		struct lis_stor_srb srb;
		struct lis_stor_version version;
		struct lis_stor_properties properties;
		struct lis_stor_fc_wwn wwn;
		__u16 subchannel_count;
		__u8 raw[52];
	};
};
LIS_ASSERT_SIZE(struct lis_stor_packet, 64);
#define LIS_STOR_PACKET_BYTES		64	/* >= 5.1 */
#define LIS_STOR_PACKET_BYTES_OLD	48	/* <= 4.2 */

#endif
