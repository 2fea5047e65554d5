// SPDX-License-Identifier: GPL-2.0-only
/* srcs: netvsc/nvsp.c */
/* What a host may and may not say in NVSP messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "netvsc/pure.h"

#define FRAME	1514u
#define BUFFER	(16u << 20)

static struct lis_nvsp_msg recv_answer(void)
{
	struct lis_nvsp_msg m;

	memset(&m, 0, sizeof(m));
	m.type = LIS_NVSP_SEND_RECV_BUF_COMPLETE;
	m.recv_buf_complete.status = LIS_NVSP_STATUS_SUCCESS;
	m.recv_buf_complete.section_count = 1;
	m.recv_buf_complete.section.suballoc_bytes = 1806;
	m.recv_buf_complete.section.suballocs = BUFFER / 1806;
	m.recv_buf_complete.section.end_offset = BUFFER;
	return m;
}

static void versions_newest_first(void **state)
{
	u32 i, before = 0xffffffff;

	(void)state;
	for (i = 0; netvsc_version(i); i++) {
		assert_true(netvsc_version(i) < before);
		before = netvsc_version(i);
	}
	assert_int_equal(i, 6);
	assert_int_equal(before, LIS_NVSP_V1);
	assert_int_equal(netvsc_msg_bytes(0), 28);
	assert_int_equal(netvsc_msg_bytes(LIS_NVSP_V6), 28);
	assert_int_equal(netvsc_msg_bytes(LIS_NVSP_V6_1), 40);
}

static void init(void **state)
{
	struct lis_nvsp_msg m = { .type = LIS_NVSP_INIT_COMPLETE };
	u32 len, status = 99;

	(void)state;
	m.init_complete.status = LIS_NVSP_STATUS_VERSION;
	for (len = 0; len < 16; len++)
		assert_non_null(netvsc_check_init(&m, len, &status));
	assert_null(netvsc_check_init(&m, 16, &status));
	assert_int_equal(status, LIS_NVSP_STATUS_VERSION);
	m.type = LIS_NVSP_SUBCHANNEL;
	assert_non_null(netvsc_check_init(&m, 32, &status));
}

static void receive_buffer(void **state)
{
	struct lis_nvsp_msg m = recv_answer();
	u32 len, status = 0;

	(void)state;
	for (len = 0; len < 28; len++)
		assert_non_null(netvsc_check_recv_buf(&m, len, BUFFER, FRAME,
						      &status));
	assert_null(netvsc_check_recv_buf(&m, 28, BUFFER, FRAME, &status));
	assert_int_equal(status, LIS_NVSP_STATUS_SUCCESS);
	/* a refusal needs no section */
	m.recv_buf_complete.status = LIS_NVSP_STATUS_FAILURE;
	assert_null(netvsc_check_recv_buf(&m, 12, BUFFER, FRAME, &status));
	assert_int_equal(status, LIS_NVSP_STATUS_FAILURE);
}

static const char *with(void (*change)(struct lis_nvsp_section *))
{
	struct lis_nvsp_msg m = recv_answer();
	u32 status;

	change(&m.recv_buf_complete.section);
	return netvsc_check_recv_buf(&m, 40, BUFFER, FRAME, &status);
}

static void later(struct lis_nvsp_section *s) { s->offset = 8; }
static void none(struct lis_nvsp_section *s)
{
	s->suballocs = 0;
}

static void narrow(struct lis_nvsp_section *s) { s->suballoc_bytes = 1557; }
static void enough(struct lis_nvsp_section *s) { s->suballoc_bytes = 1558; }
static void many(struct lis_nvsp_section *s) { s->suballocs++; }
static void wrap(struct lis_nvsp_section *s)
{
	s->suballoc_bytes = 0x10000;
	s->suballocs = 0x10000;
}
static void beyond(struct lis_nvsp_section *s) { s->end_offset = BUFFER + 1; }

static void lying_sections(void **state)
{
	struct lis_nvsp_msg m = recv_answer();
	u32 status;

	(void)state;
	assert_non_null(with(later));
	assert_non_null(with(none));
	assert_non_null(with(narrow));
	assert_null(with(enough));
	assert_non_null(with(many));
	assert_non_null(with(wrap));
	assert_non_null(with(beyond));
	m.recv_buf_complete.section_count = 2;
	assert_non_null(netvsc_check_recv_buf(&m, 40, BUFFER, FRAME, &status));
	m.recv_buf_complete.section_count = 0;
	assert_non_null(netvsc_check_recv_buf(&m, 40, BUFFER, FRAME, &status));
}

static void send_buffer(void **state)
{
	struct lis_nvsp_msg m = { .type = LIS_NVSP_SEND_SEND_BUF_COMPLETE };
	u32 status, bytes = 0;

	(void)state;
	m.send_buf_complete.status = LIS_NVSP_STATUS_SUCCESS;
	m.send_buf_complete.section_bytes = 6144;
	assert_non_null(netvsc_check_send_buf(&m, 11, BUFFER, &status, &bytes));
	assert_null(netvsc_check_send_buf(&m, 12, BUFFER, &status, &bytes));
	assert_int_equal(bytes, 6144);
	m.send_buf_complete.section_bytes = 0;
	assert_non_null(netvsc_check_send_buf(&m, 12, BUFFER, &status, &bytes));
	m.send_buf_complete.section_bytes = BUFFER + 1;
	assert_non_null(netvsc_check_send_buf(&m, 12, BUFFER, &status, &bytes));
}

static void subchannels(void **state)
{
	struct lis_nvsp_msg m = { .type = LIS_NVSP_SUBCHANNEL };
	u32 status, granted = 0;

	(void)state;
	m.subchannel_complete.status = LIS_NVSP_STATUS_SUCCESS;
	m.subchannel_complete.granted = 3;
	assert_non_null(netvsc_check_subchannels(&m, 8, 3, &status, &granted));
	assert_null(netvsc_check_subchannels(&m, 12, 3, &status, &granted));
	assert_int_equal(granted, 3);
	assert_non_null(netvsc_check_subchannels(&m, 12, 2, &status, &granted));
}

struct table_msg {
	u32 type, count, offset;
	u32 rest[32];
};

static void table(void **state)
{
	struct table_msg m = { LIS_NVSP_INDIRECTION_TABLE, 16, 12, { 0 } };
	u16 out[LIS_NVSP_TABLE_ENTRIES];
	u32 i, len;

	(void)state;
	for (i = 0; i < 16; i++)
		m.rest[i] = i % 4;
	for (len = 0; len < 76; len++)
		assert_non_null(netvsc_check_table(&m, len, 4, out));
	assert_null(netvsc_check_table(&m, 76, 4, out));
	for (i = 0; i < 16; i++)
		assert_int_equal(out[i], i % 4);
	assert_non_null(netvsc_check_table(&m, 76, 3, out));
	/* where some hosts put it */
	memmove(m.rest + 4, m.rest, 64);
	m.offset = 28;
	assert_non_null(netvsc_check_table(&m, 76, 4, out));
	assert_null(netvsc_check_table(&m, 92, 4, out));
	m.offset = 0xfffffff0;
	assert_non_null(netvsc_check_table(&m, 92, 4, out));
	m.offset = 4;
	assert_non_null(netvsc_check_table(&m, 92, 4, out));
	m.offset = 28;
	m.count = 15;
	assert_non_null(netvsc_check_table(&m, 92, 4, out));
}

static void types(void **state)
{
	struct lis_nvsp_msg m = { .type = LIS_NVSP_RNDIS_COMPLETE };
	u32 status = 0;

	(void)state;
	m.rndis_complete.status = 5;
	assert_int_equal(netvsc_msg_type(&m, 3), -1);
	assert_int_equal(netvsc_msg_type(&m, 4), LIS_NVSP_RNDIS_COMPLETE);
	assert_non_null(netvsc_check_sent(&m, 4, &status));
	assert_null(netvsc_check_sent(&m, 8, &status));
	assert_int_equal(status, 5);
	m.type = 0xffffffff;
	assert_int_equal(netvsc_msg_type(&m, 4), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_newest_first),
		cmocka_unit_test(init),
		cmocka_unit_test(receive_buffer),
		cmocka_unit_test(lying_sections),
		cmocka_unit_test(send_buffer),
		cmocka_unit_test(subchannels),
		cmocka_unit_test(table),
		cmocka_unit_test(types),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
