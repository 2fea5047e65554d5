/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hypervisor layer of Hyper-V: synthetic MSRs, hypercalls and SynIC pages.
 * Source of the facts: TLFS, as restated in docs and shared/protocol.md 1.
 */
#ifndef LIS_PROTO_HV_H
#define LIS_PROTO_HV_H

#include <lis/proto/types.h>

#define LIS_HV_PAGE_SIZE	4096
#define LIS_HV_PAGE_SHIFT	12

/* HV_STATUS, bits 15:0 of a hypercall result */
#define LIS_HV_SUCCESS			0x00
#define LIS_HV_INVALID_CODE		0x02
#define LIS_HV_INVALID_INPUT		0x03
#define LIS_HV_INVALID_ALIGNMENT	0x04
#define LIS_HV_INVALID_PARAMETER	0x05
#define LIS_HV_ACCESS_DENIED		0x06
#define LIS_HV_INSUFFICIENT_MEMORY	0x0b
#define LIS_HV_INVALID_CONNECTION_ID	0x12
#define LIS_HV_INSUFFICIENT_BUFFERS	0x13
#define LIS_HV_TIME_OUT			0x78

/* Hypercall codes, bits 15:0 of the control word */
#define LIS_HV_CALL_POST_MESSAGE	0x005c
#define LIS_HV_CALL_SIGNAL_EVENT	0x005d
#define LIS_HV_CALL_FAST		(1u << 16)

/* Synthetic MSR: 100 ns since the partition was made */
#define LIS_HV_MSR_TIME_REF_COUNT	0x40000020

/* SynIC */
#define LIS_HV_SINT_COUNT		16
#define LIS_HV_SINT_VMBUS		2
#define LIS_HV_MSG_PAYLOAD_MAX		240
#define LIS_HV_EVENT_FLAGS		2048

#define LIS_HV_MSG_NONE			0x00000000
#define LIS_HV_MSG_VMBUS		0x00000001
#define LIS_HV_MSG_TIMER_EXPIRED	0x80000010

/* One of the 16 slots of a SIMP page */
struct lis_hv_message {
	__u32 type;		/* LIS_HV_MSG_*; 0 = slot free */
	__u8 payload_size;
	__u8 flags;		/* LIS_HV_MSG_PENDING */
	__u16 reserved;
	__u64 sender;
	__u8 payload[LIS_HV_MSG_PAYLOAD_MAX];
};
LIS_ASSERT_SIZE(struct lis_hv_message, 256);
#define LIS_HV_MSG_PENDING	0x01	/* another message waits: write EOM */

/* One of the 16 groups of a SIEFP page */
struct lis_hv_event_flags {
	__u64 bits[LIS_HV_EVENT_FLAGS / 64];
};
LIS_ASSERT_SIZE(struct lis_hv_event_flags, 256);

/* Input of HvPostMessage */
struct lis_hv_post_message {
	__u32 connection_id;
	__u32 reserved;
	__u32 message_type;
	__u32 payload_size;
	__u8 payload[LIS_HV_MSG_PAYLOAD_MAX];
};
LIS_ASSERT_SIZE(struct lis_hv_post_message, 256);

/* Well-known connection ids */
#define LIS_CONN_MESSAGE	1	/* VMBus message port, all versions */
#define LIS_CONN_EVENT		2	/* shared event port, before 1.1 */
#define LIS_CONN_MONITOR	3
#define LIS_CONN_MESSAGE_5	4	/* message port for version >= 5.0 */

#endif
