// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control messages of any bytes and any claimed length, in any version: what
 * is taken is long enough for its type, and the rest of the copy is zero.
 */
/* srcs: vmbus/message.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../vmbus/message.h"

static const u32 versions[] = {
	LIS_VMBUS_V2_4, LIS_VMBUS_V3_0, LIS_VMBUS_V4_0, LIS_VMBUS_V4_1,
	LIS_VMBUS_V5_0, LIS_VMBUS_V5_3, LIS_VMBUS_V6_0,
};

/* What the code behind would read of a message of this type */
static size_t needed(u32 type, u32 version)
{
	switch (type) {
	case LIS_MSG_OFFER_CHANNEL:
		return sizeof(struct lis_msg_offer);
	case LIS_MSG_RESCIND_OFFER:
		return sizeof(struct lis_msg_relid);
	case LIS_MSG_OPEN_RESULT:
		return sizeof(struct lis_msg_open_result);
	case LIS_MSG_GPADL_CREATED:
		return sizeof(struct lis_msg_gpadl_created);
	case LIS_MSG_GPADL_TORNDOWN:
		return sizeof(struct lis_msg_gpadl_torndown);
	case LIS_MSG_MODIFY_CHANNEL_RESPONSE:
		return sizeof(struct lis_msg_modify_response);
	case LIS_MSG_VERSION_RESPONSE:
		return version < LIS_VMBUS_V5_0 ? 10 :
		       sizeof(struct lis_msg_version_response);
	default:
		return sizeof(struct lis_msg_hdr);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	union lis_host_msg msg;
	unsigned char *raw;
	u32 version, i;

	if (size < 1 || size > 256)
		return 0;
	version = versions[in[0] % (sizeof(versions) / sizeof(*versions))];
	in++;
	size--;
	raw = malloc(size ? size : 1);
	memcpy(raw, in, size);
	if (lis_msg_take(raw, (u32)size, version, &msg) == LIS_MSG_GOOD) {
		if (size < needed(msg.hdr.type, version) ||
		    memcmp(&msg, in, size))
			abort();
		for (i = (u32)size; i < sizeof(msg); i++)
			if (msg.bytes[i])
				abort();
	}
	free(raw);
	return 0;
}
