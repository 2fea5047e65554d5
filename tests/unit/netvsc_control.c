// SPDX-License-Identifier: GPL-2.0-only
/* srcs: netvsc/control.c netvsc/offload.c */
/* Requests to the host, its answers, and what these say that it can do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "netvsc/pure.h"

static u64 memory[256];

static void requests(void **state)
{
	struct lis_rndis_request *r = (void *)memory;
	const u32 filter = 0xb;

	(void)state;
	memset(memory, 0xff, sizeof(memory));
	assert_int_equal(netvsc_build_set(memory, 7, LIS_OID_PACKET_FILTER,
					  &filter, 4), 32);
	assert_int_equal(r->hdr.length, 32);
	assert_int_equal(r->request_id, 7);
	assert_int_equal(r->info_offset, 20);
	assert_int_equal(r->info_length, 4);
	assert_memory_equal(r + 1, &filter, 4);
	memset(memory, 0xff, sizeof(memory));
	assert_int_equal(netvsc_build_query(memory, 8, LIS_OID_PERMANENT_MAC,
					    NULL, 0, 6), 34);
	assert_int_equal(r->hdr.type, LIS_RNDIS_QUERY);
	assert_int_equal(((u8 *)(r + 1))[5], 0);
	assert_int_equal(netvsc_build_initialize(memory, 1), 24);
	assert_int_equal(netvsc_build_halt(memory, 1), 12);
	assert_int_equal(netvsc_build_keepalive_done(memory, 9), 16);
	assert_int_equal(r->hdr.type, 0x80000008);
}

static void mac(void **state)
{
	static const u8 addr[] = { 0x00, 0x15, 0x5d, 0xab, 0xcd, 0xef };
	static const char text[] = "00155DABCDEF";
	const struct lis_rndis_config *c = (void *)memory;
	u32 i;

	(void)state;
	assert_int_equal(netvsc_build_mac(memory, addr), 72);
	assert_int_equal(c->name_offset + c->name_length, c->value_offset);
	assert_int_equal(c->value_offset + c->value_length, 72);
	for (i = 0; i < 12; i++) {
		assert_int_equal(((u8 *)memory)[48 + 2 * i], text[i]);
		assert_int_equal(((u8 *)memory)[49 + 2 * i], 0);
	}
}

static void rss(void **state)
{
	u32 table[LIS_NDIS_RSS_TABLE_ENTRIES] = { 3, 1, 2 };
	u8 key[LIS_NDIS_RSS_KEY_BYTES] = { 0xaa };
	const struct lis_ndis_rss_params *p = (void *)memory;

	(void)state;
	assert_int_equal(netvsc_build_rss(memory, table, 128, key,
					  LIS_NDIS_HASH_UDP4),
			 NETVSC_RSS_INFO_BYTES);
	assert_int_equal(p->table_offset, 40);
	assert_int_equal(p->table_bytes, 512);
	assert_int_equal(p->key_offset, 552);
	assert_int_equal(((u8 *)memory)[40], 3);
	assert_int_equal(((u8 *)memory)[552], 0xaa);
	assert_int_equal(p->hash, LIS_NDIS_HASH_TOEPLITZ | LIS_NDIS_HASH_IP4 |
			 LIS_NDIS_HASH_IP6 | LIS_NDIS_HASH_UDP4);
	assert_int_equal(netvsc_build_rss(memory, table, 64, key, 0), 336);
}

static struct lis_rndis_query_done *an_answer(u32 len, u32 offset)
{
	struct lis_rndis_query_done *q = (void *)memory;

	memset(memory, 0, sizeof(memory));
	q->hdr.type = LIS_RNDIS_QUERY | LIS_RNDIS_COMPLETION;
	q->request_id = 5;
	q->info_length = len;
	q->info_offset = offset;
	return q;
}

static void answers(void **state)
{
	struct lis_rndis_query_done *q = an_answer(6, 16);
	u32 status = 1, len, n;
	const u8 *info;

	(void)state;
	assert_int_equal(netvsc_answer_id(memory, 15), 0);
	assert_int_equal(netvsc_answer_id(memory, 16), 5);
	for (n = 0; n < 30; n++)
		assert_non_null(netvsc_check_query(memory, n, &status, &info,
						   &len));
	assert_null(netvsc_check_query(memory, 30, &status, &info, &len));
	assert_int_equal(status, 0);
	assert_int_equal(len, 6);
	assert_ptr_equal(info, (u8 *)memory + 24);
	an_answer(6, 15);
	assert_non_null(netvsc_check_query(memory, 30, &status, &info, &len));
	an_answer(6, 0xffffffff);
	assert_non_null(netvsc_check_query(memory, 30, &status, &info, &len));
	an_answer(0xffffffff, 16);
	assert_non_null(netvsc_check_query(memory, 30, &status, &info, &len));
	an_answer(0, 0xffffffff);
	assert_null(netvsc_check_query(memory, 24, &status, &info, &len));
	assert_int_equal(len, 0);
	an_answer(0xffffffff, 0)->status = LIS_RNDIS_STATUS_NOT_SUPPORTED;
	assert_null(netvsc_check_query(memory, 16, &status, &info, &len));
	assert_int_equal(status, LIS_RNDIS_STATUS_NOT_SUPPORTED);
	q->hdr.type = LIS_RNDIS_INDICATE;
	assert_int_equal(netvsc_answer_id(memory, 16), 0);
	assert_non_null(netvsc_check_set(memory, 16, &status));
}

static void initialize(void **state)
{
	struct lis_rndis_initialize_done *d = (void *)memory;
	u32 status = 1, shift = 0;

	(void)state;
	memset(memory, 0, sizeof(memory));
	d->hdr.type = LIS_RNDIS_INITIALIZE | LIS_RNDIS_COMPLETION;
	d->alignment_shift = 3;
	assert_non_null(netvsc_check_initialize(d, 51, &status, &shift));
	assert_null(netvsc_check_initialize(d, 52, &status, &shift));
	assert_int_equal(shift, 3);
	d->alignment_shift = 32;
	assert_non_null(netvsc_check_initialize(d, 52, &status, &shift));
	d->alignment_shift = 3;
	d->medium = 1;
	assert_non_null(netvsc_check_initialize(d, 52, &status, &shift));
}

static void indications(void **state)
{
	struct lis_rndis_indicate *i = (void *)memory;
	u32 status = 0;

	(void)state;
	memset(memory, 0, sizeof(memory));
	i->status = LIS_RNDIS_MEDIA_CONNECT;
	assert_non_null(netvsc_check_indicate(i, 19, &status));
	assert_null(netvsc_check_indicate(i, 20, &status));
	assert_int_equal(status, LIS_RNDIS_MEDIA_CONNECT);
	i->length = 8;
	i->offset = 12;
	assert_non_null(netvsc_check_indicate(i, 27, &status));
	assert_null(netvsc_check_indicate(i, 28, &status));
	i->offset = 11;
	assert_non_null(netvsc_check_indicate(i, 28, &status));
	i->length = 0xffffffff;
	i->offset = 12;
	assert_non_null(netvsc_check_indicate(i, 28, &status));
}

static struct lis_ndis_offload all_of_it(void)
{
	struct lis_ndis_offload o;

	memset(&o, 0, sizeof(o));
	o.hdr.type = LIS_NDIS_TYPE_OFFLOAD;
	o.hdr.revision = 3;
	o.hdr.size = sizeof(o);
	o.tx4.encapsulation = o.rx4.encapsulation = 2;
	o.tx6.encapsulation = o.rx6.encapsulation = 2;
	o.tx4.flags = o.rx4.flags = 0x155;
	o.tx6.flags = o.rx6.flags = 0x55;
	o.lso4 = (struct lis_ndis_lso2){ 2, 0xf53c, 2 };
	o.lso6 = o.lso4;
	o.lso6_flags = 5;
	return o;
}

static void offloads(void **state)
{
	struct lis_ndis_offload n = all_of_it();
	struct netvsc_offload o;

	(void)state;
	assert_null(netvsc_check_offload((u8 *)&n, sizeof(n), &o));
	assert_int_equal(o.can, 0x7ff);
	assert_int_equal(o.tso_bytes, 0xf53c);
	n.tx4.flags &= ~0x30u;		/* no TCP: no segmentation either */
	n.lso6.max_bytes = 0xffffffff;
	assert_null(netvsc_check_offload((u8 *)&n, sizeof(n), &o));
	assert_false(o.can & (NETVSC_CAN_TCP4_TX | NETVSC_CAN_TSO4));
	assert_true(o.can & NETVSC_CAN_TSO6);
	assert_int_equal(o.tso_bytes, NETVSC_TSO_MAX);
	n.lso6.max_bytes = 0;
	n.tx6.encapsulation = 0;
	assert_null(netvsc_check_offload((u8 *)&n, sizeof(n), &o));
	assert_false(o.can & (NETVSC_CAN_TCP6_TX | NETVSC_CAN_TSO6));
}

static void bad_offloads(void **state)
{
	struct lis_ndis_offload n = all_of_it();
	struct netvsc_offload o;

	(void)state;
	assert_non_null(netvsc_check_offload((u8 *)&n, 111, &o));
	assert_int_equal(o.can, 0);
	assert_non_null(netvsc_check_offload((u8 *)&n, 112, &o));
	n.hdr.size = 112;
	assert_null(netvsc_check_offload((u8 *)&n, 112, &o));
	n.hdr.type = 0;
	assert_non_null(netvsc_check_offload((u8 *)&n, 156, &o));
}

static void parameters(void **state)
{
	struct lis_ndis_offload_params *p = (void *)memory;

	(void)state;
	assert_int_equal(netvsc_build_offload(p, 0xfff, true, false), 28);
	assert_int_equal(p->tcp4_csum, LIS_NDIS_PARAM_BOTH);
	assert_int_equal(p->udp6_csum, LIS_NDIS_PARAM_BOTH);
	assert_int_equal(p->lso4, LIS_NDIS_PARAM_ON);
	assert_int_equal(p->rsc4, LIS_NDIS_PARAM_OFF);
	assert_int_equal(netvsc_build_offload(p, 0xfff, true, true), 28);
	assert_int_equal(p->rsc4, LIS_NDIS_PARAM_ON);
	assert_int_equal(p->rsc6, LIS_NDIS_PARAM_OFF);
	assert_int_equal(netvsc_build_offload(p, NETVSC_CAN_TCP4_RX, false,
					      true), 20);
	assert_int_equal(p->hdr.revision, 1);
	assert_int_equal(p->tcp4_csum, LIS_NDIS_PARAM_RX);
	assert_int_equal(p->tcp6_csum, LIS_NDIS_PARAM_OFF);
	assert_int_equal(p->lso6, LIS_NDIS_PARAM_OFF);
}

static void rss_caps(void **state)
{
	struct lis_ndis_rss_caps c = {
		.hdr = { LIS_NDIS_TYPE_RSS_CAPABILITIES, 2, 18 },
		.queues = 8, .table_entries = 128,
	};
	u32 queues, entries;

	(void)state;
	assert_non_null(netvsc_check_rss_caps((u8 *)&c, 17, &queues, &entries));
	assert_null(netvsc_check_rss_caps((u8 *)&c, 18, &queues, &entries));
	assert_int_equal(queues, 8);
	assert_int_equal(entries, 128);
	c.table_entries = 100;
	assert_null(netvsc_check_rss_caps((u8 *)&c, 18, &queues, &entries));
	assert_int_equal(entries, 64);
	c.table_entries = 0xffff;
	assert_null(netvsc_check_rss_caps((u8 *)&c, 18, &queues, &entries));
	assert_int_equal(entries, 128);
	c.queues = 0;
	assert_non_null(netvsc_check_rss_caps((u8 *)&c, 18, &queues, &entries));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(mac),
		cmocka_unit_test(rss),
		cmocka_unit_test(answers),
		cmocka_unit_test(initialize),
		cmocka_unit_test(indications),
		cmocka_unit_test(offloads),
		cmocka_unit_test(bad_offloads),
		cmocka_unit_test(parameters),
		cmocka_unit_test(rss_caps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
