// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists of pages as messages: put together again, they are what went in, for
 * every length around the limits of a message.
 */
/* srcs: vmbus/gpadl_pack.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "../../vmbus/gpadl_pack.h"

#define HANDLE	0xe1e11u

static u64 pfn_of(void *ctx, u32 i)
{
	return *(u64 *)ctx + 3ull * i;
}

/* Collects the qwords of all messages; returns the number of messages */
static u32 collect(struct lis_gpadl_pack *p, u64 *qwords, u32 *count)
{
	unsigned char *m;
	struct lis_msg_gpadl_header h;
	struct lis_msg_gpadl_body b;
	u32 len, head, messages = 0;

	*count = 0;
	for (;;) {
		m = malloc(LIS_HV_MSG_PAYLOAD_MAX);
		len = lis_gpadl_pack_next(p, m);
		if (!len)
			break;
		assert_true(len <= LIS_HV_MSG_PAYLOAD_MAX);
		memcpy(&h, m, sizeof(h));
		memcpy(&b, m, sizeof(b));
		if (!messages) {
			assert_int_equal(h.hdr.type, LIS_MSG_GPADL_HEADER);
			assert_int_equal(h.relid, 77);
			assert_int_equal(h.gpadl, HANDLE);
			assert_int_equal(h.range_count, 1);
			assert_int_equal(h.range_bytes, 8 + 8 * p->pages);
			head = sizeof(h);
		} else {
			assert_int_equal(b.hdr.type, LIS_MSG_GPADL_BODY);
			assert_int_equal(b.gpadl, HANDLE);
			assert_int_equal(b.number, messages - 1);
			head = sizeof(b);
		}
		assert_int_equal((len - head) % 8, 0);
		memcpy(qwords + *count, m + head, len - head);
		*count += (len - head) / 8;
		messages++;
		free(m);
	}
	free(m);
	return messages;
}

static void round_trip(u32 bytes)
{
	static u64 qwords[LIS_GPADL_MAX_PAGES + 1];
	u32 pages = (bytes + 4095) / 4096, count, i, messages;
	u64 base = 0x123456789ull;
	struct lis_gpadl_pack p;

	assert_int_equal(lis_gpadl_pack_init(&p, 77, HANDLE, bytes), 0);
	p.pfn = pfn_of;
	p.ctx = &base;
	messages = collect(&p, qwords, &count);
	assert_int_equal(count, pages + 1);
	assert_int_equal((u32)qwords[0], bytes);
	assert_int_equal(qwords[0] >> 32, 0);	/* offset */
	for (i = 0; i < pages; i++)
		assert_true(qwords[1 + i] == base + 3ull * i);
	assert_int_equal(messages,
			 pages <= 26 ? 1 : 1 + (pages - 26 + 27) / 28);
}

static void every_length_round_trips(void **state)
{
	u32 pages;

	(void)state;
	round_trip(1);
	round_trip(4095);
	for (pages = 1; pages < 300; pages++) {
		round_trip(pages * 4096);
		round_trip(pages * 4096 - 1);
	}
	round_trip(LIS_GPADL_MAX_PAGES * 4096u - 8);
	round_trip(LIS_GPADL_MAX_PAGES * 4096u);
}

static void what_does_not_fit_is_refused(void **state)
{
	struct lis_gpadl_pack p;

	(void)state;
	assert_int_not_equal(lis_gpadl_pack_init(&p, 77, HANDLE, 0), 0);
	assert_int_not_equal(lis_gpadl_pack_init(&p, 0, HANDLE, 4096), 0);
	assert_int_not_equal(lis_gpadl_pack_init(&p, 77, 0, 4096), 0);
	assert_int_not_equal(lis_gpadl_pack_init(&p, 77, HANDLE,
				LIS_GPADL_MAX_PAGES * 4096u + 1), 0);
	assert_int_not_equal(lis_gpadl_pack_init(&p, 77, HANDLE, 0xffffffff),
			     0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_round_trips),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
