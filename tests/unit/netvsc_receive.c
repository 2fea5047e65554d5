// SPDX-License-Identifier: GPL-2.0-only
/* srcs: netvsc/receive.c netvsc/transmit.c netvsc/coalesce.c */
/* RNDIS messages in a receive buffer that a host may write what it likes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "netvsc/pure.h"

#define BYTES	4096u
#define LONGEST	1518u

static u8 buffer[BYTES];

static struct lis_rndis_packet *packet_at(u32 at)
{
	return (struct lis_rndis_packet *)(buffer + at);
}

/* As a host does it: the frame far behind the header */
static struct lis_pkt_xfer_range a_frame(u32 bytes)
{
	struct lis_rndis_packet *p = packet_at(0);

	memset(buffer, 0, sizeof(buffer));
	p->hdr.type = LIS_RNDIS_PACKET;
	p->hdr.length = 1806;
	p->data_offset = 248;
	p->data_length = bytes;
	return (struct lis_pkt_xfer_range){ 1806, 0 };
}

static void add_info(u32 type, u32 value)
{
	struct lis_rndis_packet *p = packet_at(0);
	struct lis_rndis_ppi i = { 16, type, 12 };

	p->ppi_offset = 36;
	memcpy(buffer + 44 + p->ppi_length, &i, sizeof(i));
	memcpy(buffer + 44 + p->ppi_length + 12, &value, 4);
	p->ppi_length += 16;
}

static const char *look(struct lis_pkt_xfer_range r, struct netvsc_frame *f)
{
	struct netvsc_rx_msg m;
	const char *wrong = netvsc_rx_open(buffer, BYTES, &r, &m);

	return wrong ?: netvsc_rx_frame(&m, LONGEST, f);
}

static void plain(void **state)
{
	struct netvsc_frame f;

	(void)state;
	assert_null(look(a_frame(60), &f));
	assert_ptr_equal(f.data, buffer + 256);
	assert_int_equal(f.bytes, 60);
	assert_false(f.has_csum || f.has_vlan || f.has_hash);
}

static void ranges(void **state)
{
	struct lis_pkt_xfer_range r = a_frame(60);
	struct netvsc_rx_msg m;

	(void)state;
	r.byte_offset = BYTES - 1805;
	assert_non_null(netvsc_rx_open(buffer, BYTES, &r, &m));
	r.byte_offset = 0xffffffff;
	assert_non_null(netvsc_rx_open(buffer, BYTES, &r, &m));
	r = (struct lis_pkt_xfer_range){ 0xffffffff, 8 };
	assert_non_null(netvsc_rx_open(buffer, BYTES, &r, &m));
	r = (struct lis_pkt_xfer_range){ 7, 0 };
	assert_non_null(netvsc_rx_open(buffer, BYTES, &r, &m));
	r = (struct lis_pkt_xfer_range){ 1805, 0 };
	assert_non_null(netvsc_rx_open(buffer, BYTES, &r, &m));
	packet_at(0)->hdr.length = 7;
	assert_non_null(netvsc_rx_open(buffer, BYTES, &r, &m));
	packet_at(0)->hdr.length = 8;
	assert_null(netvsc_rx_open(buffer, BYTES, &r, &m));
	assert_int_equal(m.head_bytes, 8);
}

static void bad_frames(void **state)
{
	struct lis_rndis_packet *p = packet_at(0);
	struct lis_pkt_xfer_range r;
	struct netvsc_frame f;

	(void)state;
	assert_non_null(look(a_frame(13), &f));
	assert_null(look(a_frame(14), &f));
	assert_null(look(a_frame(LONGEST), &f));
	assert_non_null(look(a_frame(LONGEST + 1), &f));
	r = a_frame(60);
	p->data_offset = 35;
	assert_non_null(look(r, &f));
	p->data_offset = 1806 - 8 - 59;
	assert_non_null(look(r, &f));
	p->data_offset = 1806 - 8 - 60;
	assert_null(look(r, &f));
	p->data_offset = 0xfffffff8;
	assert_non_null(look(r, &f));
	r = a_frame(60);
	p->oob_length = 1;
	assert_non_null(look(r, &f));
	r = a_frame(60);
	p->hdr.length = 43;
	assert_non_null(look(r, &f));
}

static void infos(void **state)
{
	struct lis_pkt_xfer_range r = a_frame(60);
	struct netvsc_frame f;

	(void)state;
	add_info(LIS_PPI_CSUM, LIS_CSUM_RX_TCP_OK);
	add_info(LIS_PPI_VLAN, 5 | 1 << 3 | 0x123 << 4);
	add_info(0x80000077, 1);
	add_info(LIS_PPI_HASH, 0xdeadbeef);
	assert_null(look(r, &f));
	assert_true(f.has_csum && f.has_vlan && f.has_hash);
	assert_int_equal(f.csum, LIS_CSUM_RX_TCP_OK);
	assert_int_equal(f.tci, 5 << 13 | 1 << 12 | 0x123);
	assert_int_equal(f.hash, 0xdeadbeef);
}

static const char *with_info(u32 size, u32 offset, u32 length)
{
	struct lis_pkt_xfer_range r = a_frame(60);
	struct lis_rndis_ppi i = { size, LIS_PPI_CSUM, offset };
	struct netvsc_frame f;

	packet_at(0)->ppi_offset = 36;
	packet_at(0)->ppi_length = length;
	memcpy(buffer + 44, &i, sizeof(i));
	return look(r, &f);
}

static void bad_infos(void **state)
{
	(void)state;
	assert_null(with_info(16, 12, 16));
	assert_non_null(with_info(16, 12, 11));
	assert_non_null(with_info(16, 12, 15));
	assert_non_null(with_info(16, 12, 17));
	assert_non_null(with_info(0, 12, 16));
	assert_non_null(with_info(11, 12, 16));
	assert_non_null(with_info(17, 12, 16));
	assert_non_null(with_info(0xffffffff, 12, 16));
	assert_non_null(with_info(16, 11, 16));
	assert_non_null(with_info(16, 13, 16));
	assert_non_null(with_info(16, 0xffffffff, 16));
	assert_non_null(with_info(16, 12, NETVSC_PPI_MAX + 1));
	assert_non_null(with_info(16, 12, 0xffffffff));
}

static void control(void **state)
{
	struct lis_pkt_xfer_range r = { 60, 100 };
	struct lis_rndis_hdr h = { LIS_RNDIS_INDICATE, 52 };
	u64 to[NETVSC_CONTROL_MAX / 8];
	struct netvsc_rx_msg m;

	(void)state;
	memset(buffer, 0x5a, sizeof(buffer));
	memcpy(buffer + 100, &h, sizeof(h));
	assert_null(netvsc_rx_open(buffer, BYTES, &r, &m));
	/* the host changes its mind: what was copied counts */
	memset(buffer + 100, 0xff, 44);
	memset(to, 0, sizeof(to));
	assert_int_equal(netvsc_rx_control(&m, to), 52);
	assert_memory_equal(to, &h, sizeof(h));
	assert_int_equal(((u8 *)to)[51], 0x5a);
	assert_int_equal(((u8 *)to)[52], 0);
	h.length = r.byte_count = 3000;
	memcpy(buffer + 100, &h, sizeof(h));
	assert_null(netvsc_rx_open(buffer, BYTES, &r, &m));
	assert_int_equal(netvsc_rx_control(&m, to), NETVSC_CONTROL_MAX);
}

/* A header of ours, read as if it had come in */
static void our_own_header(void **state)
{
	const struct netvsc_tx_info info = {
		.bytes = 100, .csum = 1, .has_vlan = true, .tci = 0xf234,
	};
	struct lis_pkt_xfer_range r = { 0, 0 };
	struct netvsc_frame f;
	u32 header;

	(void)state;
	memset(buffer, 0xee, sizeof(buffer));
	header = netvsc_build_header(buffer, &info);
	assert_int_equal(header, 44 + 32);
	r.byte_count = header + 100;
	assert_null(look(r, &f));
	assert_ptr_equal(f.data, buffer + header);
	assert_int_equal(f.bytes, 100);
	assert_int_equal(f.tci, 0xf234);
	assert_int_equal(f.csum, 1);
}

static void lso_without_csum(void **state)
{
	const struct netvsc_tx_info info = { .bytes = 9, .csum = 7, .lso = 8 };
	struct lis_rndis_ppi p;

	(void)state;
	assert_int_equal(netvsc_build_header(buffer, &info), 60);
	memcpy(&p, buffer + 44, sizeof(p));
	assert_int_equal(p.type, LIS_PPI_LSO);
	assert_int_equal(buffer[56], 8);
	assert_int_equal(packet_at(0)->hdr.length, 69);
}

/* --- frames in parts ------------------------------------------------------- */

#define FIRST	LIS_PACKET_ID_FIRST
#define LAST	LIS_PACKET_ID_LAST

static struct netvsc_parts parts;
static bool complete;

static const char *part(u32 bytes, u8 flags, u16 id)
{
	struct lis_pkt_xfer_range r = a_frame(bytes);
	struct netvsc_frame f;
	const char *wrong;

	add_info(LIS_PPI_PACKET_ID, 1 | (flags | LIS_PACKET_ID_SUBALLOC) << 8 |
		 (u32)id << 16);
	if (flags & FIRST)
		add_info(LIS_PPI_CSUM, LIS_CSUM_RX_TCP_OK);
	wrong = look(r, &f);
	if (wrong)
		return wrong;
	assert_true(f.has_part);
	return netvsc_parts_add(&parts, &f, &complete);
}

static void frame_in_parts(void **state)
{
	(void)state;
	parts.open = false;
	assert_null(part(1514, FIRST, 7));
	assert_false(complete);
	assert_null(part(1514, 0, 7));
	assert_null(part(1, LAST, 7));
	assert_true(complete);
	assert_false(parts.open);
	assert_int_equal(parts.count, 3);
	assert_int_equal(parts.whole.bytes, 3029);
	assert_int_equal(parts.whole.csum, LIS_CSUM_RX_TCP_OK);
	assert_int_equal(parts.part[2].bytes, 1);
	assert_null(part(60, FIRST | LAST, 8));
	assert_true(complete);
	assert_int_equal(parts.whole.bytes, 60);
}

static void bad_parts(void **state)
{
	u32 i;

	(void)state;
	parts.open = false;
	assert_non_null(part(60, 0, 1));
	assert_non_null(part(60, LAST, 1));
	assert_non_null(part(13, FIRST, 1));
	assert_null(part(60, FIRST, 1));
	assert_non_null(part(60, FIRST, 1));
	assert_false(parts.open);
	assert_null(part(60, FIRST, 1));
	assert_non_null(part(60, LAST, 2));
	assert_null(part(60, FIRST, 1));
	assert_non_null(part(0, LAST, 1));
	parts.open = false;
	assert_null(part(60, FIRST, 1));
	for (i = 1; i < NETVSC_PARTS_MAX; i++)
		assert_null(part(1, 0, 1));
	assert_non_null(part(1, LAST, 1));
	assert_null(part(LONGEST, FIRST, 1));
	for (i = 2; i * LONGEST <= NETVSC_WHOLE_MAX; i++)
		assert_null(part(LONGEST, 0, 1));
	assert_non_null(part(LONGEST, LAST, 1));
	assert_false(complete || parts.open);
}

static void tags_both_ways(void **state)
{
	u32 tci;

	(void)state;
	for (tci = 0; tci < 0x10000; tci++)
		assert_int_equal(netvsc_vlan_from_host(netvsc_vlan_to_host(tci)),
				 tci);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(ranges),
		cmocka_unit_test(bad_frames),
		cmocka_unit_test(infos),
		cmocka_unit_test(bad_infos),
		cmocka_unit_test(control),
		cmocka_unit_test(our_own_header),
		cmocka_unit_test(lso_without_csum),
		cmocka_unit_test(frame_in_parts),
		cmocka_unit_test(bad_parts),
		cmocka_unit_test(tags_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
