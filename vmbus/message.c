// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shortest that each message of a host may be, and since which version of
 * VMBus there is such a message.  Longer is always allowed: newer hosts add
 * fields at the end.
 */
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "message.h"

static const struct rule {
	u8 bytes;
	u32 since;
} rules[LIS_MSG_COUNT] = {
	[LIS_MSG_OFFER_CHANNEL]		= { 196, 0 },
	[LIS_MSG_RESCIND_OFFER]		= { 12, 0 },
	[LIS_MSG_ALL_OFFERS_DELIVERED]	= { 8, 0 },
	[LIS_MSG_OPEN_RESULT]		= { 20, 0 },
	[LIS_MSG_GPADL_CREATED]		= { 20, 0 },
	[LIS_MSG_GPADL_TORNDOWN]	= { 12, 0 },
	/* what follows the connection state means nothing before 5.0 */
	[LIS_MSG_VERSION_RESPONSE]	= { 10, 0 },
	[LIS_MSG_UNLOAD_COMPLETE]	= { 8, 0 },
	[LIS_MSG_CLOSE_RESERVED_RESPONSE] = { 12, LIS_VMBUS_V4_0 },
	[LIS_MSG_TL_CONNECT_RESULT]	= { 44, LIS_VMBUS_V4_1 },
	[LIS_MSG_MODIFY_CHANNEL_RESPONSE] = { 16, LIS_VMBUS_V5_3 },
	[LIS_MSG_MODIFY_CONNECTION_RESP] = { 9, LIS_VMBUS_V6_0 },
	[LIS_MSG_PAUSE_RESPONSE]	= { 8, LIS_VMBUS_V6_0 },
};

static u32 shortest(u32 type, u32 version)
{
	if (type == LIS_MSG_VERSION_RESPONSE && version >= LIS_VMBUS_V5_0)
		return version >= LIS_VMBUS_V6_0 ? 20 : 16;
	return rules[type].bytes;
}

/**
 * lis_msg_take - copy a message of the host and check its form.
 * @payload: from the message page; read once
 * @size: bytes the host says it has
 * @version: negotiated version, or the one being asked for
 * @msg: private copy, padded with zeroes; what its fields say is unchecked
 *
 * Return: whether @msg may be looked at.
 */
enum lis_msg_verdict lis_msg_take(const void *payload, u32 size, u32 version,
				  union lis_host_msg *msg)
{
	u32 type;

	memset(msg, 0, sizeof(*msg));
	if (size < sizeof(msg->hdr) || size > sizeof(*msg))
		return LIS_MSG_SHORT;
	memcpy(msg, payload, size);
	/* the copy is what counts, not a second look at the page */
	barrier();
	type = msg->hdr.type;
	if (type >= ARRAY_SIZE(rules) || !rules[type].bytes ||
	    version < rules[type].since)
		return LIS_MSG_UNKNOWN;
	return size < shortest(type, version) ? LIS_MSG_SHORT : LIS_MSG_GOOD;
}

/**
 * lis_offer_check - can this offer be believed?
 * @o: private copy
 *
 * Return: NULL, or what is wrong with it.
 */
const char *lis_offer_check(const struct lis_msg_offer *o)
{
	static const struct lis_guid none;

	if (!o->relid || o->relid > LIS_RELID_MAX)
		return "channel id out of range";
	if ((o->monitor_allocated & 1) && o->monitor_id >= 128)
		return "monitor id out of range";
	if (!o->connection_id || o->connection_id >> 24)
		return "connection id out of range";
	if (!memcmp(&o->class_id, &none, sizeof(none)) ||
	    !memcmp(&o->instance_id, &none, sizeof(none)))
		return "no class or instance";
	return NULL;
}
