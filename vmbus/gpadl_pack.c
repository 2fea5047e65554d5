// SPDX-License-Identifier: GPL-2.0-only
/*
 * GPADL_HEADER takes one range header and 26 frame numbers, every GPADL_BODY
 * 28 more.  The length field of 16 bits ends it all at 8190 pages.
 */
#include <linux/errno.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "gpadl_pack.h"

/**
 * lis_gpadl_pack_init - begin with a page-aligned piece of memory.
 * @p: fill in @pfn and @ctx before the first lis_gpadl_pack_next()
 * @relid: channel it belongs to
 * @handle: our name for it, non-zero
 * @bytes: its length
 *
 * Return: 0, or -EINVAL when the protocol has no room for it.
 */
int lis_gpadl_pack_init(struct lis_gpadl_pack *p, u32 relid, u32 handle,
			u32 bytes)
{
	if (!relid || !handle || !bytes ||
	    bytes > LIS_GPADL_MAX_PAGES * LIS_HV_PAGE_SIZE)
		return -EINVAL;
	*p = (struct lis_gpadl_pack){
		.relid = relid,
		.handle = handle,
		.bytes = bytes,
		.pages = DIV_ROUND_UP(bytes, LIS_HV_PAGE_SIZE),
	};
	return 0;
}

static u32 put_pfns(struct lis_gpadl_pack *p, u8 *at, u32 most)
{
	u32 n = min(most, p->pages - p->done);
	u32 i;

	for (i = 0; i < n; i++) {
		__u64 pfn = p->pfn(p->ctx, p->done + i);

		/* the header's numbers are not 8-aligned */
		memcpy(at + i * sizeof(pfn), &pfn, sizeof(pfn));
	}
	p->done += n;
	return n * sizeof(__u64);
}

static u32 put_header(struct lis_gpadl_pack *p, u8 *msg)
{
	struct lis_gpa_range range = { .byte_count = p->bytes };
	struct lis_msg_gpadl_header h = {
		.hdr.type = LIS_MSG_GPADL_HEADER,
		.relid = p->relid,
		.gpadl = p->handle,
		.range_bytes = sizeof(range) + p->pages * sizeof(__u64),
		.range_count = 1,
	};

	memcpy(msg, &h, sizeof(h));
	memcpy(msg + sizeof(h), &range, sizeof(range));
	return sizeof(h) + sizeof(range) +
	       put_pfns(p, msg + sizeof(h) + sizeof(range),
			LIS_GPADL_HEADER_QWORDS - 1);
}

/**
 * lis_gpadl_pack_next - make the next message.
 * @p: the list
 * @msg: where
 *
 * Return: its length, or 0 when the host has been told everything.
 */
u32 lis_gpadl_pack_next(struct lis_gpadl_pack *p,
			u8 msg[LIS_HV_MSG_PAYLOAD_MAX])
{
	struct lis_msg_gpadl_body b = {
		.hdr.type = LIS_MSG_GPADL_BODY,
		.gpadl = p->handle,
	};

	if (!p->done)
		return put_header(p, msg);
	if (p->done == p->pages)
		return 0;
	b.number = p->bodies++;
	memcpy(msg, &b, sizeof(b));
	return sizeof(b) + put_pfns(p, msg + sizeof(b), LIS_GPADL_BODY_QWORDS);
}
