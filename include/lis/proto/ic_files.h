/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Integration components that touch a guest's files: backup (VSS) and copies
 * from the host (guest interface).
 * Facts: shared/protocol.md 7.6, 7.7.
 */
#ifndef LIS_PROTO_IC_FILES_H
#define LIS_PROTO_IC_FILES_H

#include <lis/proto/ic.h>

/* --- backup -------------------------------------------------------------- */

enum lis_vss_op {
	LIS_VSS_CREATE		= 0,
	LIS_VSS_DELETE		= 1,
	LIS_VSS_HOT_BACKUP	= 2,	/* can it be done? */
	LIS_VSS_DM_INFO		= 3,
	LIS_VSS_BACKUP_DONE	= 4,
	LIS_VSS_FREEZE		= 5,	/* these: 5.0 on */
	LIS_VSS_THAW		= 6,
	LIS_VSS_AUTO_RECOVER	= 7,
	LIS_VSS_QUERY_CLUSTER	= 8,	/* 6.0 */
	LIS_VSS_OPS
};

struct lis_vss_head {
	__u8 op;		/* enum lis_vss_op */
	__u8 reserved[7];
};
LIS_ASSERT_SIZE(struct lis_vss_head, 8);

/* LIS_VSS_HOT_BACKUP, LIS_VSS_DM_INFO, LIS_VSS_THAW */
struct lis_vss_flags {
	struct lis_vss_head head;
	__u32 flags;
} LIS_PACKED;
LIS_ASSERT_SIZE(struct lis_vss_flags, 12);

/* Answers to LIS_VSS_HOT_BACKUP */
#define LIS_VSS_HBU_POSSIBLE		0x1
#define LIS_VSS_HBU_NO_AUTO_RECOVERY	0x4

struct lis_vss_lun {
	__u8 bus;
	__u8 reserved[3];
	struct lis_guid controller;
	__u8 port, target, lun, reserved2;
};
LIS_ASSERT_SIZE(struct lis_vss_lun, 24);
#define LIS_VSS_LUNS_MAX	260

struct lis_vss_freeze {
	struct lis_vss_head head;
	__u32 backup_type;
	__u32 flags;		/* LIS_VSS_FREEZE_* */
	__u32 luns;
	struct lis_vss_lun lun[LIS_VSS_LUNS_MAX];
};
LIS_ASSERT_SIZE(struct lis_vss_freeze, 6260);
#define LIS_VSS_FREEZE_AUTO_RECOVERY	0x1
#define LIS_VSS_FREEZE_SHARED_LUNS	0x2

/* --- file copy ----------------------------------------------------------- */

enum lis_fcopy_op {
	LIS_FCOPY_START		= 0,
	LIS_FCOPY_WRITE		= 1,
	LIS_FCOPY_COMPLETE	= 2,
	LIS_FCOPY_CANCEL	= 3,
	LIS_FCOPY_OPS
};

/* LIS_FCOPY_COMPLETE and LIS_FCOPY_CANCEL are no more than this. */
struct lis_fcopy_head {
	__u32 op;		/* enum lis_fcopy_op */
	struct lis_guid service;
	struct lis_guid session;
};
LIS_ASSERT_SIZE(struct lis_fcopy_head, 36);

#define LIS_FCOPY_PATH_MAX	260
struct lis_fcopy_start {
	struct lis_fcopy_head head;
	__u16 name[LIS_FCOPY_PATH_MAX];	/* UTF-16, NUL inside */
	__u16 path[LIS_FCOPY_PATH_MAX];
	__u32 flags;			/* LIS_FCOPY_* */
	__u64 bytes;
} LIS_PACKED;
LIS_ASSERT_SIZE(struct lis_fcopy_start, 1088);
#define LIS_FCOPY_OVERWRITE	0x1
#define LIS_FCOPY_CREATE_PATH	0x2

#define LIS_FCOPY_FRAGMENT	6144
struct lis_fcopy_write {
	struct lis_fcopy_head head;
	__u32 pad;
	__u64 offset;
	__u32 bytes;		/* at most LIS_FCOPY_FRAGMENT */
	__u8 data[LIS_FCOPY_FRAGMENT];
} LIS_PACKED;
LIS_ASSERT_SIZE(struct lis_fcopy_write, 6196);

#endif
