// SPDX-License-Identifier: GPL-2.0-only
/*
 * Offers of any content: what is believed keeps every promise that the bus
 * builds on; and lists of pages of any length, packed, fit their messages.
 */
/* srcs: vmbus/message.c vmbus/gpadl_pack.c */
#include <stdlib.h>
#include <string.h>

#include "../../vmbus/gpadl_pack.h"
#include "../../vmbus/message.h"

static u64 pfn_of(void *ctx, u32 i)
{
	(void)ctx;
	return i;
}

static void pack(u32 relid, u32 handle, u32 bytes)
{
	u8 msg[LIS_HV_MSG_PAYLOAD_MAX];
	struct lis_gpadl_pack p;
	u32 len, qwords = 0, messages = 0;

	if (lis_gpadl_pack_init(&p, relid, handle, bytes))
		return;
	p.pfn = pfn_of;
	while ((len = lis_gpadl_pack_next(&p, msg))) {
		if (len > sizeof(msg))
			abort();
		qwords += (len - (messages ? 16 : 20)) / 8;
		messages++;
	}
	if (qwords != p.pages + 1 || (u64)p.pages * 4096 < bytes)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	struct lis_msg_offer o;

	if (size < sizeof(o))
		return 0;
	memcpy(&o, in, sizeof(o));
	if (!lis_offer_check(&o)) {
		if (!o.relid || o.relid > LIS_RELID_MAX)
			abort();
		if ((o.monitor_allocated & 1) && o.monitor_id / 32 >= 4)
			abort();
		if (!o.connection_id || o.connection_id > 0xffffff)
			abort();
	}
	pack(o.relid, o.connection_id, o.hdr.padding % (34u << 20));
	return 0;
}
