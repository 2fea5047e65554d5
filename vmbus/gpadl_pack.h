/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A list of pages as the messages that tell the host of it.  Pure.
 */
#ifndef LIS_VMBUS_GPADL_PACK_H
#define LIS_VMBUS_GPADL_PACK_H

#include <linux/types.h>
#include <lis/proto/vmbus.h>

/**
 * struct lis_gpadl_pack - a list being packed.
 * @relid:	channel it belongs to
 * @handle:	our name for it, non-zero
 * @bytes:	its length; the first page is used from its start
 * @pages:	pages in it
 * @done:	pages packed so far
 * @bodies:	body messages made so far
 * @pfn:	4 KiB frame number of page @i
 * @ctx:	passed to @pfn
 */
struct lis_gpadl_pack {
	u32 relid;
	u32 handle;
	u32 bytes;
	u32 pages;
	u32 done;
	u32 bodies;
	u64 (*pfn)(void *ctx, u32 i);
	void *ctx;
};

int lis_gpadl_pack_init(struct lis_gpadl_pack *p, u32 relid, u32 handle,
			u32 bytes);
u32 lis_gpadl_pack_next(struct lis_gpadl_pack *p,
			u8 msg[LIS_HV_MSG_PAYLOAD_MAX]);

#endif
