/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Integration components: framing, version negotiation, shutdown, time
 * synchronisation and heartbeat.  Key/value pairs: ic_kvp.h, backup and file
 * copy: ic_files.h.
 * Facts: shared/protocol.md 7.
 */
#ifndef LIS_PROTO_IC_H
#define LIS_PROTO_IC_H

#include <lis/proto/types.h>

/* Each service is a channel of its own, a pipe of messages.  The host asks, the
 * guest answers in the same bytes.  {class, the only instance}:
 */
#define LIS_IC_SHUTDOWN_CLASS						\
	LIS_GUID(0x0e0b6031, 0x5213, 0x4934, 0x81, 0x8b, 0x38, 0xd9,	\
		 0x0c, 0xed, 0x39, 0xdb)
#define LIS_IC_SHUTDOWN_INSTANCE					\
	LIS_GUID(0xb6650ff7, 0x33bc, 0x4840, 0x80, 0x48, 0xe0, 0x67,	\
		 0x67, 0x86, 0xf3, 0x93)
#define LIS_IC_TIMESYNC_CLASS						\
	LIS_GUID(0x9527e630, 0xd0ae, 0x497b, 0xad, 0xce, 0xe8, 0x0a,	\
		 0xb0, 0x17, 0x5c, 0xaf)
#define LIS_IC_TIMESYNC_INSTANCE					\
	LIS_GUID(0x2dd1ce17, 0x079e, 0x403c, 0xb3, 0x52, 0xa1, 0x92,	\
		 0x1e, 0xe2, 0x07, 0xee)
#define LIS_IC_HEARTBEAT_CLASS						\
	LIS_GUID(0x57164f39, 0x9115, 0x4e78, 0xab, 0x55, 0x38, 0x2f,	\
		 0x3b, 0xd5, 0x42, 0x2d)
#define LIS_IC_HEARTBEAT_INSTANCE					\
	LIS_GUID(0xfd149e91, 0x82e0, 0x4a7d, 0xaf, 0xa6, 0x2a, 0x41,	\
		 0x66, 0xcb, 0xd7, 0xc0)
#define LIS_IC_KVP_CLASS						\
	LIS_GUID(0xa9a0f4e7, 0x5a45, 0x4d96, 0xb8, 0x27, 0x8a, 0x84,	\
		 0x1e, 0x8c, 0x03, 0xe6)
#define LIS_IC_KVP_INSTANCE						\
	LIS_GUID(0x242ff919, 0x07db, 0x4180, 0x9c, 0x2e, 0xb8, 0x6c,	\
		 0xb6, 0x8c, 0x8c, 0x55)
#define LIS_IC_VSS_CLASS						\
	LIS_GUID(0x35fa2e29, 0xea23, 0x4236, 0x96, 0xae, 0x3a, 0x6e,	\
		 0xba, 0xcb, 0xa4, 0x40)
#define LIS_IC_VSS_INSTANCE						\
	LIS_GUID(0x2450ee40, 0x33bf, 0x4fbd, 0x89, 0x2e, 0x9f, 0xb0,	\
		 0x6e, 0x92, 0x14, 0xcf)
#define LIS_IC_FCOPY_CLASS						\
	LIS_GUID(0x34d14be3, 0xdee4, 0x41c8, 0x9a, 0xe7, 0x6b, 0x17,	\
		 0x49, 0x77, 0xc1, 0x92)
#define LIS_IC_FCOPY_INSTANCE						\
	LIS_GUID(0xeb765408, 0x105f, 0x49b6, 0xb4, 0xaa, 0xc1, 0x23,	\
		 0xb6, 0x4d, 0x17, 0xd4)

/* --- framing ------------------------------------------------------------- */

/* Before every message */
struct lis_ic_pipe {
	__u32 type;		/* LIS_IC_PIPE_DATA */
	__u32 bytes;		/* that follow, exact */
};
LIS_ASSERT_SIZE(struct lis_ic_pipe, 8);
#define LIS_IC_PIPE_DATA	1

/* The longest message a host may send, pipe header not counted */
#define LIS_IC_MESSAGE_MAX	13312

struct lis_ic_version {
	__u16 major;
	__u16 minor;
};
LIS_ASSERT_SIZE(struct lis_ic_version, 4);

enum lis_ic_type {
	LIS_IC_NEGOTIATE	= 0,
	LIS_IC_HEARTBEAT	= 1,
	LIS_IC_KVP		= 2,
	LIS_IC_SHUTDOWN		= 3,
	LIS_IC_TIMESYNC		= 4,
	LIS_IC_VSS		= 5,
	LIS_IC_RDV		= 6,
	LIS_IC_FCOPY		= 7,
	LIS_IC_VM_SESSION	= 8,
};

struct lis_ic_header {
	struct lis_ic_version framework;
	__u16 type;		/* enum lis_ic_type */
	struct lis_ic_version version;
	__u16 bytes;		/* of the body, after this header */
	__u32 status;		/* LIS_IC_S_* in answers */
	__u8 transaction;	/* echoed */
	__u8 flags;		/* LIS_IC_FLAG_* */
	__u16 reserved;
} LIS_PACKED;
LIS_ASSERT_SIZE(struct lis_ic_header, 20);

#define LIS_IC_FLAG_TRANSACTION	0x1	/* wants an answer */
#define LIS_IC_FLAG_REQUEST	0x2
#define LIS_IC_FLAG_RESPONSE	0x4

/* HRESULTs in answers */
#define LIS_IC_S_OK			0x00000000u
#define LIS_IC_E_FAIL			0x80004005u
#define LIS_IC_E_NOT_SUPPORTED		0x80070032u
#define LIS_IC_E_EXISTS			0x80070050u
#define LIS_IC_E_INVALID		0x80070057u
#define LIS_IC_E_DISK_FULL		0x80070070u
#define LIS_IC_E_NO_MORE		0x80070103u
#define LIS_IC_E_NOT_CONNECTED		0x8007048fu
#define LIS_IC_E_BUSY			0x800704f7u
#define LIS_IC_E_NOT_FOUND		0x80041002u

/* Body of a negotiation; again at any time.  The versions of the framework
 * come first, then those of the message.  The answer has one of each, or
 * counts of 0 when there is none in common.
 */
struct lis_ic_negotiate {
	__u16 frameworks;
	__u16 messages;
	__u32 reserved;
	struct lis_ic_version version[];
};
LIS_ASSERT_SIZE(struct lis_ic_negotiate, 8);
#define LIS_IC_VERSIONS_MAX	100	/* of each kind */

/* Versions: framework 1.0 (2008), 3.0 (2008 R2 on); heartbeat 1.0, 3.0;
 * shutdown 1.0, 3.0, 3.1 (restart), 3.2 (hibernate); time 1.0, 3.0, 4.0;
 * KVP 3.0 (1.0 on 2008), 4.0, 5.0; VSS 4.0 to 7.0; file copy 1.1.
 */

/* --- heartbeat ----------------------------------------------------------- */

struct lis_ic_heartbeat {
	__u64 sequence;		/* the answer's is one more */
	__u32 application;	/* enum lis_ic_application */
	__u32 reserved[7];
};
LIS_ASSERT_SIZE(struct lis_ic_heartbeat, 40);

enum lis_ic_application {
	LIS_IC_APP_UNKNOWN	= 0,
	LIS_IC_APP_HEALTHY	= 1,
	LIS_IC_APP_CRITICAL	= 2,
	LIS_IC_APP_STOPPED	= 3,
};

/* --- shutdown ------------------------------------------------------------ */

/* What is answered before the guest acts.  Flags 0 and FORCE: power off. */
struct lis_ic_shutdown {
	__u32 reason;
	__u32 timeout;		/* seconds */
	__u32 flags;		/* LIS_IC_SHUT_* */
	__u8 text[2048];	/* may lack its NUL */
};
LIS_ASSERT_SIZE(struct lis_ic_shutdown, 2060);

#define LIS_IC_SHUT_FORCE	0x1
#define LIS_IC_SHUT_RESTART	0x2	/* 3.1 */
#define LIS_IC_SHUT_HIBERNATE	0x4	/* 3.2 */

/* --- time synchronisation ------------------------------------------------ */

/* Times count units of 100 ns since 1601-01-01 UTC. */
#define LIS_IC_EPOCH_DELTA	116444736000000000ULL	/* to 1970 */

/* Versions 1.0 and 3.0 */
struct lis_ic_time_old {
	__u64 host_time;
	__u64 guest_time;
	__u64 round_trip;
	__u8 flags;		/* LIS_IC_TIME_* */
} LIS_PACKED;
LIS_ASSERT_SIZE(struct lis_ic_time_old, 25);

/* Version 4.0: the host's time when the guest's reference counter was so */
struct lis_ic_time_ref {
	__u64 host_time;
	__u64 reference_time;	/* 100 ns of the guest's reference counter */
	__u8 flags;		/* LIS_IC_TIME_* */
	__u8 leap;
	__u8 stratum;
	__u8 reserved[5];	/* struct may end 2 bytes earlier */
} LIS_PACKED;
LIS_ASSERT_SIZE(struct lis_ic_time_ref, 24);
#define LIS_IC_TIME_REF_LEAST	17	/* what a guest needs of it */

#define LIS_IC_TIME_PROBE	0	/* look, do nothing */
#define LIS_IC_TIME_SYNC	0x1	/* set the clock now */
#define LIS_IC_TIME_SAMPLE	0x2	/* one of a series */

#endif
