// SPDX-License-Identifier: GPL-2.0-only
/*
 * Control messages of the host: their shortest form by version, and offers
 * that cannot be believed.
 */
/* srcs: vmbus/message.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../vmbus/message.h"

static union lis_host_msg msg;

/* @size bytes in an allocation of exactly that size */
static enum lis_msg_verdict take(u32 type, u32 size, u32 version)
{
	unsigned char *raw = malloc(size ? size : 1);
	enum lis_msg_verdict verdict;

	memset(raw, 0xa5, size);
	memcpy(raw, &type, size < 4 ? size : 4);
	verdict = lis_msg_take(raw, size, version, &msg);
	free(raw);
	return verdict;
}

static void shortest_form_is_taken_and_no_shorter(void **state)
{
	static const struct { u32 type, bytes; } host[] = {
		{ LIS_MSG_OFFER_CHANNEL, 196 },
		{ LIS_MSG_RESCIND_OFFER, 12 },
		{ LIS_MSG_ALL_OFFERS_DELIVERED, 8 },
		{ LIS_MSG_OPEN_RESULT, 20 },
		{ LIS_MSG_GPADL_CREATED, 20 },
		{ LIS_MSG_GPADL_TORNDOWN, 12 },
		{ LIS_MSG_UNLOAD_COMPLETE, 8 },
		{ LIS_MSG_VERSION_RESPONSE, 16 },
		{ LIS_MSG_MODIFY_CHANNEL_RESPONSE, 16 },
	};
	unsigned int i;
	u32 size;

	(void)state;
	for (i = 0; i < sizeof(host) / sizeof(*host); i++) {
		for (size = 0; size < host[i].bytes; size++)
			assert_int_not_equal(take(host[i].type, size,
						  LIS_VMBUS_V5_3),
					     LIS_MSG_GOOD);
		for (; size <= LIS_HV_MSG_PAYLOAD_MAX; size++)
			assert_int_equal(take(host[i].type, size,
					      LIS_VMBUS_V5_3), LIS_MSG_GOOD);
	}
}

static void rest_is_zero(void **state)
{
	(void)state;
	assert_int_equal(take(LIS_MSG_RESCIND_OFFER, 12, LIS_VMBUS_V4_0),
			 LIS_MSG_GOOD);
	assert_int_equal(msg.relid.relid, 0xa5a5a5a5);
	assert_int_equal(msg.bytes[12], 0);
	assert_int_equal(msg.bytes[LIS_HV_MSG_PAYLOAD_MAX - 1], 0);
}

static void too_long_is_refused(void **state)
{
	(void)state;
	assert_int_equal(take(LIS_MSG_OFFER_CHANNEL, 241, LIS_VMBUS_V5_3),
			 LIS_MSG_SHORT);
	assert_int_equal(take(LIS_MSG_OFFER_CHANNEL, 255, LIS_VMBUS_V5_3),
			 LIS_MSG_SHORT);
}

static void version_response_grew(void **state)
{
	(void)state;
	assert_int_equal(take(LIS_MSG_VERSION_RESPONSE, 10, LIS_VMBUS_V4_1),
			 LIS_MSG_GOOD);
	assert_int_equal(take(LIS_MSG_VERSION_RESPONSE, 10, LIS_VMBUS_V5_0),
			 LIS_MSG_SHORT);
	assert_int_equal(take(LIS_MSG_VERSION_RESPONSE, 16, LIS_VMBUS_V6_0),
			 LIS_MSG_SHORT);
	assert_int_equal(take(LIS_MSG_VERSION_RESPONSE, 20, LIS_VMBUS_V6_0),
			 LIS_MSG_GOOD);
}

static void newer_messages_are_unknown_to_older_versions(void **state)
{
	(void)state;
	assert_int_equal(take(LIS_MSG_MODIFY_CHANNEL_RESPONSE, 16,
			      LIS_VMBUS_V5_2), LIS_MSG_UNKNOWN);
	assert_int_equal(take(LIS_MSG_TL_CONNECT_RESULT, 44, LIS_VMBUS_V4_0),
			 LIS_MSG_UNKNOWN);
	assert_int_equal(take(LIS_MSG_PAUSE_RESPONSE, 8, LIS_VMBUS_V5_3),
			 LIS_MSG_UNKNOWN);
}

static void guest_messages_are_unknown(void **state)
{
	static const u32 ours[] = {
		0, LIS_MSG_REQUEST_OFFERS, LIS_MSG_OPEN_CHANNEL,
		LIS_MSG_CLOSE_CHANNEL, LIS_MSG_GPADL_HEADER,
		LIS_MSG_GPADL_BODY, LIS_MSG_GPADL_TEARDOWN,
		LIS_MSG_RELID_RELEASED, LIS_MSG_INITIATE_CONTACT,
		LIS_MSG_UNLOAD, LIS_MSG_MODIFY_CHANNEL, LIS_MSG_COUNT,
		LIS_MSG_COUNT + 1, 0x7fffffff, 0xffffffff,
	};
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		assert_int_equal(take(ours[i], 240, LIS_VMBUS_V6_0),
				 LIS_MSG_UNKNOWN);
}

static struct lis_msg_offer good_offer(void)
{
	struct lis_msg_offer o = {
		.relid = 1,
		.connection_id = 0x2001,
		.monitor_id = 0xff,
		.dedicated_interrupt = 1,
	};

	o.class_id.b[0] = 1;
	o.instance_id.b[15] = 1;
	return o;
}

static void plain_offer_is_believed(void **state)
{
	struct lis_msg_offer o = good_offer();

	(void)state;
	assert_null(lis_offer_check(&o));
	o.relid = LIS_RELID_MAX;
	o.subchannel_index = 0xffff;
	assert_null(lis_offer_check(&o));
	o.monitor_allocated = 1;
	o.monitor_id = 127;
	assert_null(lis_offer_check(&o));
}

static void impossible_offers_are_refused(void **state)
{
	struct lis_msg_offer o = good_offer();

	(void)state;
	o.relid = 0;
	assert_non_null(lis_offer_check(&o));
	o.relid = LIS_RELID_MAX + 1;
	assert_non_null(lis_offer_check(&o));
	o.relid = 0xffffffff;
	assert_non_null(lis_offer_check(&o));
	o = good_offer();
	o.monitor_allocated = 1;
	assert_non_null(lis_offer_check(&o));
	o = good_offer();
	o.connection_id = 0;
	assert_non_null(lis_offer_check(&o));
	o.connection_id = 0x1000000;
	assert_non_null(lis_offer_check(&o));
	o = good_offer();
	o.class_id.b[0] = 0;
	assert_non_null(lis_offer_check(&o));
	o = good_offer();
	o.instance_id.b[15] = 0;
	assert_non_null(lis_offer_check(&o));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shortest_form_is_taken_and_no_shorter),
		cmocka_unit_test(rest_is_zero),
		cmocka_unit_test(too_long_is_refused),
		cmocka_unit_test(version_response_grew),
		cmocka_unit_test(newer_messages_are_unknown_to_older_versions),
		cmocka_unit_test(guest_messages_are_unknown),
		cmocka_unit_test(plain_offer_is_believed),
		cmocka_unit_test(impossible_offers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
