// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets from the host: what a good one becomes, and that every bad one is
 * refused with a reason and without a byte read or written out of bounds
 * (the ring and the copy are exact allocations under ASan).
 */
/* srcs: vmbus/packet.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../vmbus/packet.h"

static struct lis_pkt_view v;
static unsigned int used;

/* Build @avail bytes of ring with this descriptor, take a packet from it */
static const char *take(u16 type, u32 offset, u32 len, u32 avail, u32 room,
			const void *body, size_t body_len)
{
	static void *copy;
	struct lis_pkt_desc d = {
		.type = type,
		.offset8 = offset / 8,
		.length8 = len / 8,
		.flags = LIS_PKT_WANT_COMPLETION,
		.transaction_id = 0x1122334455667788ull,
	};
	unsigned char *ring = malloc(avail ? avail : 1);
	const char *why;

	free(copy);
	copy = malloc(room);
	memset(ring, 0xee, avail);
	memcpy(ring, &d, avail < sizeof(d) ? avail : sizeof(d));
	if (body)
		memcpy(ring + sizeof(d), body, body_len);
	used = 0;
	why = lis_pkt_take(ring, avail, copy, room, &used, &v);
	/* what comes now must not matter any more */
	memset(ring, 0x55, avail);
	free(ring);
	return why;
}

static void inband_is_copied(void **state)
{
	(void)state;
	assert_null(take(LIS_PKT_INBAND, 16, 32, 40, 64, "hello, host is here",
			 16));
	assert_int_equal(v.type, LIS_PKT_INBAND);
	assert_true(v.want_completion);
	assert_true(v.id == 0x1122334455667788ull);
	assert_int_equal(v.len, 16);
	assert_memory_equal(v.payload, "hello, host is here", 16);
	assert_int_equal(v.range_count, 0);
	assert_int_equal(used, 40);
}

static void completion_without_payload_is_good(void **state)
{
	(void)state;
	assert_null(take(LIS_PKT_COMPLETION, 16, 16, 24, 16, NULL, 0));
	assert_int_equal(v.len, 0);
	assert_int_equal(used, 24);
}

static void payload_may_start_later(void **state)
{
	(void)state;
	assert_null(take(LIS_PKT_INBAND, 24, 32, 100, 32, "skipped!payload.",
			 16));
	assert_int_equal(v.len, 8);
	assert_memory_equal(v.payload, "payload.", 8);
}

static void bad_lengths_are_refused(void **state)
{
	(void)state;
	assert_non_null(take(LIS_PKT_INBAND, 16, 16, 23, 64, NULL, 0));
	assert_non_null(take(LIS_PKT_INBAND, 16, 16, 0, 64, NULL, 0));
	assert_non_null(take(LIS_PKT_INBAND, 16, 8, 64, 64, NULL, 0));
	assert_non_null(take(LIS_PKT_INBAND, 16, 0, 64, 64, NULL, 0));
	assert_non_null(take(LIS_PKT_INBAND, 16, 64, 64, 64, NULL, 0));
	assert_non_null(take(LIS_PKT_INBAND, 16, 64, 71, 64, NULL, 0));
	assert_null(take(LIS_PKT_INBAND, 16, 64, 72, 64, NULL, 0));
	assert_non_null(take(LIS_PKT_INBAND, 16, 64, 72, 56, NULL, 0));
	assert_non_null(take(LIS_PKT_INBAND, 16, 0xffff * 8, 72, 64, NULL, 0));
}

static void bad_offsets_are_refused(void **state)
{
	(void)state;
	assert_non_null(take(LIS_PKT_INBAND, 0, 32, 40, 64, NULL, 0));
	assert_non_null(take(LIS_PKT_INBAND, 8, 32, 40, 64, NULL, 0));
	assert_non_null(take(LIS_PKT_INBAND, 40, 32, 40, 64, NULL, 0));
	assert_non_null(take(LIS_PKT_INBAND, 0xffff * 8, 32, 40, 64, NULL, 0));
	assert_null(take(LIS_PKT_INBAND, 32, 32, 40, 64, NULL, 0));
	assert_int_equal(v.len, 0);
}

static void only_three_types_come_from_a_host(void **state)
{
	unsigned int type;

	(void)state;
	for (type = 0; type < 0x10000; type += type < 20 ? 1 : 997) {
		const char *why = take((u16)type, 24, 32, 40, 64,
				       "\0\0\0\0\0\0\0\0", 8);

		if (type == LIS_PKT_INBAND || type == LIS_PKT_COMPLETION ||
		    type == LIS_PKT_TRANSFER_PAGES)
			assert_null(why);
		else
			assert_non_null(why);
	}
}

static const char *xfer(u32 count, u32 offset, u32 len)
{
	struct { u16 set; u8 own, zero; u32 count; u32 range[8]; } body = {
		.set = 0xcafe, .count = count,
		.range = { 100, 0, 200, 1000, 300, 2000, 400, 3000 },
	};

	return take(LIS_PKT_TRANSFER_PAGES, offset, len, len + 8, 128, &body,
		    len - 16 < sizeof(body) ? len - 16 : sizeof(body));
}

static void transfer_ranges_are_found(void **state)
{
	(void)state;
	assert_null(xfer(3, 48, 56));
	assert_int_equal(v.range_count, 3);
	assert_int_equal(v.ranges[2].byte_count, 300);
	assert_int_equal(v.ranges[2].byte_offset, 2000);
	assert_int_equal(v.len, 8);
	assert_null(xfer(0, 24, 24));
	assert_int_equal(v.range_count, 0);
}

static void transfer_ranges_stay_in_the_packet(void **state)
{
	(void)state;
	assert_non_null(xfer(4, 48, 56));
	assert_non_null(xfer(1, 24, 56));
	assert_non_null(xfer(0xffffffff, 48, 56));
	assert_non_null(xfer(0x20000000, 48, 56));
	assert_non_null(xfer(0, 16, 56));	/* payload inside the header */
	assert_null(xfer(4, 56, 56));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inband_is_copied),
		cmocka_unit_test(completion_without_payload_is_good),
		cmocka_unit_test(payload_may_start_later),
		cmocka_unit_test(bad_lengths_are_refused),
		cmocka_unit_test(bad_offsets_are_refused),
		cmocka_unit_test(only_three_types_come_from_a_host),
		cmocka_unit_test(transfer_ranges_are_found),
		cmocka_unit_test(transfer_ranges_stay_in_the_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
