/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host may say: control messages, checked.  Pure.
 */
#ifndef LIS_VMBUS_MESSAGE_H
#define LIS_VMBUS_MESSAGE_H

#include <linux/types.h>
#include <lis/proto/vmbus.h>

/* Any message from the host, padded with zeroes to the longest */
union lis_host_msg {
	struct lis_msg_hdr hdr;
	struct lis_msg_offer offer;
	struct lis_msg_relid relid;
	struct lis_msg_open_result open_result;
	struct lis_msg_gpadl_created created;
	struct lis_msg_gpadl_torndown torndown;
	struct lis_msg_version_response_6 version;
	struct lis_msg_modify_response modified;
	u8 bytes[LIS_HV_MSG_PAYLOAD_MAX];
};

enum lis_msg_verdict {
	LIS_MSG_GOOD,
	LIS_MSG_UNKNOWN,	/* not a host's message, or not in this version */
	LIS_MSG_SHORT,
};

enum lis_msg_verdict lis_msg_take(const void *payload, u32 size, u32 version,
				  union lis_host_msg *msg);
const char *lis_offer_check(const struct lis_msg_offer *o);

#endif
