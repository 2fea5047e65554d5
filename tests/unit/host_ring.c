// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's side of the rings: wrap, full, signalling rules, and guests that
 * lie about their indices.
 *
 * srcs: tests/hvhost/vmbus/ring.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vmbus/ring.h"

#define PAGE	4096
#define PAGES	4			/* three of data */
#define SIZE	((PAGES - 1) * PAGE)

struct pair {
	struct ring r;
	uint8_t *pages[PAGES];
	struct lis_ring_control *ctl;
};

/* The data pages are in no order: the host may not assume any. */
static void make(struct pair *p, enum ring_role role)
{
	static const unsigned int order[PAGES] = { 0, 3, 1, 2 };
	uint8_t *memory = aligned_alloc(PAGE, PAGES * PAGE);

	memset(memory, 0, PAGES * PAGE);
	for (unsigned int i = 0; i < PAGES; i++)
		p->pages[i] = memory + order[i] * PAGE;
	p->ctl = (void *)memory;
	assert_true(ring_attach(&p->r, role, p->pages, PAGES));
	assert_int_equal(p->r.size, SIZE);
}

static void destroy(struct pair *p)
{
	free(p->ctl);
}

static void guest_write(struct pair *p, uint32_t at, const void *from,
			uint32_t len)
{
	for (uint32_t i = 0; i < len; i++, at++)
		p->pages[1 + at % SIZE / PAGE][at % PAGE] =
			((const uint8_t *)from)[i];
}

static void guest_read(struct pair *p, uint32_t at, void *to, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++, at++)
		((uint8_t *)to)[i] =
			p->pages[1 + at % SIZE / PAGE][at % PAGE];
}

static struct lis_pkt_desc desc(uint32_t payload)
{
	struct lis_pkt_desc d = {
		.type = LIS_PKT_INBAND, .offset8 = 2,
		.length8 = 2 + (payload + 7) / 8, .transaction_id = payload };

	return d;
}

/* --- consumer ------------------------------------------------------------- */

static void test_reading_wraps_at_every_offset(void **state)
{
	struct pair p;
	uint8_t in[64], out[64];

	(void)state;
	make(&p, RING_CONSUMER);
	for (uint32_t i = 0; i < sizeof(in); i++)
		in[i] = i + 1;
	for (uint32_t at = SIZE - 72; at <= SIZE; at += 8) {
		uint32_t start = at % SIZE, end = (at + 64) % SIZE;

		p.r.read = p.r.write = p.r.published = start;
		guest_write(&p, start, in, 64);
		p.ctl->write_index = end;
		assert_int_equal(ring_readable(&p.r), 64);
		ring_copy_out(&p.r, start, out, 64);
		assert_memory_equal(in, out, 64);
		ring_consume(&p.r, 64);
		assert_int_equal(p.r.read, end);
		assert_int_equal(ring_cached(&p.r), 0);
		ring_release(&p.r);
		assert_int_equal(p.ctl->read_index, end);
	}
	destroy(&p);
}

static void test_wrong_write_indices_stop_the_ring(void **state)
{
	static const uint32_t wrong[] = { SIZE, SIZE + 8, 4, 0xfffffff8, 63 };

	(void)state;
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct pair p;

		make(&p, RING_CONSUMER);
		p.ctl->write_index = wrong[i];
		assert_int_equal(ring_readable(&p.r), 0);
		assert_string_equal(p.r.fault, "write index");
		assert_int_equal(p.r.fault_value, wrong[i]);
		/* For good, also when it looks sane again */
		p.ctl->write_index = 64;
		assert_int_equal(ring_readable(&p.r), 0);
		destroy(&p);
	}
}

static void test_write_index_never_moves_backwards(void **state)
{
	struct pair p;

	(void)state;
	make(&p, RING_CONSUMER);
	p.ctl->write_index = 128;
	assert_int_equal(ring_readable(&p.r), 128);
	p.ctl->write_index = 64;
	assert_int_equal(ring_readable(&p.r), 0);
	assert_non_null(strstr(p.r.fault, "backwards"));
	destroy(&p);
}

static void test_wrong_initial_indices_refuse_the_ring(void **state)
{
	struct pair p;

	(void)state;
	make(&p, RING_CONSUMER);
	p.ctl->read_index = SIZE;
	assert_false(ring_attach(&p.r, RING_CONSUMER, p.pages, PAGES));
	p.ctl->read_index = 0;
	p.ctl->write_index = 12;
	assert_false(ring_attach(&p.r, RING_CONSUMER, p.pages, PAGES));
	p.ctl->write_index = 16;
	assert_true(ring_attach(&p.r, RING_CONSUMER, p.pages, PAGES));
	destroy(&p);
}

static void test_guest_is_signalled_when_its_wish_comes_true(void **state)
{
	struct pair p;

	(void)state;
	make(&p, RING_CONSUMER);
	p.ctl->features = LIS_RING_FEATURE_PENDING_SIZE;
	/* Full but for 8 bytes; the guest wants 1024 */
	p.ctl->write_index = SIZE - 8;
	p.ctl->pending_send_size = 1024;
	assert_int_equal(ring_readable(&p.r), SIZE - 8);
	ring_consume(&p.r, 1008);
	assert_false(ring_release(&p.r));
	ring_consume(&p.r, 16);
	assert_true(ring_release(&p.r));
	/* Once is enough */
	ring_consume(&p.r, 64);
	assert_false(ring_release(&p.r));
	/* Nothing new to release, nothing to say */
	assert_false(ring_release(&p.r));
	destroy(&p);
}

static void test_without_the_feature_bit_no_wish_is_honoured(void **state)
{
	struct pair p;

	(void)state;
	make(&p, RING_CONSUMER);
	p.ctl->write_index = SIZE - 8;
	p.ctl->pending_send_size = 1024;
	ring_readable(&p.r);
	ring_consume(&p.r, 4096);
	assert_false(ring_release(&p.r));
	destroy(&p);
}

static void test_a_wish_larger_than_the_ring_is_a_fault(void **state)
{
	struct pair p;

	(void)state;
	make(&p, RING_CONSUMER);
	p.ctl->features = LIS_RING_FEATURE_PENDING_SIZE;
	p.ctl->write_index = 64;
	p.ctl->pending_send_size = SIZE;
	ring_readable(&p.r);
	ring_consume(&p.r, 64);
	assert_false(ring_release(&p.r));
	assert_string_equal(p.r.fault, "pending send size");
	destroy(&p);
}

/* --- producer ------------------------------------------------------------- */

static void test_packets_carry_padding_and_trailer(void **state)
{
	struct lis_pkt_trailer t;
	struct lis_pkt_desc d = desc(13), seen;
	uint8_t payload[16], got[16];
	struct pair p;

	(void)state;
	make(&p, RING_PRODUCER);
	memset(p.pages[1], 0xff, PAGE);
	memset(payload, 0x42, sizeof(payload));
	p.r.write = p.r.read = p.r.published = 8;
	p.ctl->write_index = p.ctl->read_index = 8;
	assert_true(ring_put(&p.r, &d, payload, 13));
	assert_int_equal(p.ctl->write_index, 8);	/* not yet visible */
	ring_publish(&p.r);
	assert_int_equal(p.ctl->write_index, 8 + 16 + 16 + 8);
	guest_read(&p, 8, &seen, 16);
	assert_memory_equal(&seen, &d, 16);
	guest_read(&p, 24, got, 16);
	memset(payload + 13, 0, 3);
	assert_memory_equal(got, payload, 16);
	guest_read(&p, 40, &t, 8);
	assert_int_equal(t.zero, 0);
	assert_int_equal(t.start, 8);
	destroy(&p);
}

static void test_writing_wraps_at_every_offset(void **state)
{
	uint8_t payload[40], got[40];
	struct lis_pkt_desc d = desc(40);
	struct pair p;

	(void)state;
	make(&p, RING_PRODUCER);
	for (unsigned int i = 0; i < sizeof(payload); i++)
		payload[i] = i * 7;
	for (uint32_t at = SIZE - 72; at < SIZE; at += 8) {
		p.r.write = p.r.read = p.r.published = at;
		p.ctl->write_index = p.ctl->read_index = at;
		assert_true(ring_put(&p.r, &d, payload, 40));
		ring_publish(&p.r);
		assert_int_equal(p.ctl->write_index, (at + 64) % SIZE);
		guest_read(&p, at + 16, got, 40);
		assert_memory_equal(got, payload, 40);
	}
	destroy(&p);
}

static void test_a_ring_is_never_filled_to_the_last_byte(void **state)
{
	static uint8_t payload[SIZE];
	struct lis_pkt_desc d = desc(SIZE - 32);
	struct pair p;

	(void)state;
	make(&p, RING_PRODUCER);
	assert_false(ring_put(&p.r, &d, payload, SIZE - 24));
	assert_true(ring_put(&p.r, &d, payload, SIZE - 32));
	assert_false(ring_put(&p.r, &d, payload, 0));
	ring_publish(&p.r);
	assert_int_equal(p.ctl->write_index, SIZE - 8);
	destroy(&p);
}

static void test_signal_only_from_empty_to_not_empty(void **state)
{
	struct lis_pkt_desc d = desc(0);
	struct pair p;

	(void)state;
	make(&p, RING_PRODUCER);
	assert_false(ring_publish(&p.r));	/* nothing was put */
	ring_put(&p.r, &d, NULL, 0);
	ring_put(&p.r, &d, NULL, 0);
	assert_true(ring_publish(&p.r));	/* once for both */
	ring_put(&p.r, &d, NULL, 0);
	assert_false(ring_publish(&p.r));	/* it was not empty */
	p.ctl->read_index = p.ctl->write_index;
	p.ctl->interrupt_mask = 1;
	ring_put(&p.r, &d, NULL, 0);
	assert_false(ring_publish(&p.r));	/* masked */
	p.ctl->read_index = p.ctl->write_index;
	p.ctl->interrupt_mask = 0;
	ring_put(&p.r, &d, NULL, 0);
	assert_true(ring_publish(&p.r));
	destroy(&p);
}

static void test_want_of_space_is_stated_and_taken_back(void **state)
{
	static uint8_t payload[SIZE];
	struct lis_pkt_desc d = desc(SIZE - 32);
	struct pair p;

	(void)state;
	make(&p, RING_PRODUCER);
	ring_put(&p.r, &d, payload, SIZE - 32);
	ring_publish(&p.r);
	assert_false(ring_put(&p.r, &d, payload, 64));
	ring_want_space(&p.r, 64);
	assert_int_equal(p.ctl->pending_send_size, 16 + 64 + 8);
	p.ctl->read_index = p.ctl->write_index;
	assert_true(ring_put(&p.r, &d, payload, 64));
	assert_int_equal(p.ctl->pending_send_size, 0);
	destroy(&p);
}

static void test_wrong_read_indices_stop_the_ring(void **state)
{
	static const uint32_t wrong[] = { SIZE, 4, 0xffffffff, 48 };
	struct lis_pkt_desc d = desc(0);

	(void)state;
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct pair p;

		make(&p, RING_PRODUCER);
		assert_true(ring_put(&p.r, &d, NULL, 0));
		ring_publish(&p.r);
		/* 48 is in the ring, but ahead of what was written */
		p.ctl->read_index = wrong[i];
		assert_false(ring_put(&p.r, &d, NULL, 0));
		assert_non_null(strstr(p.r.fault, "read index"));
		assert_int_equal(p.r.fault_value, wrong[i]);
		destroy(&p);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading_wraps_at_every_offset),
		cmocka_unit_test(test_wrong_write_indices_stop_the_ring),
		cmocka_unit_test(test_write_index_never_moves_backwards),
		cmocka_unit_test(test_wrong_initial_indices_refuse_the_ring),
		cmocka_unit_test(
			test_guest_is_signalled_when_its_wish_comes_true),
		cmocka_unit_test(
			test_without_the_feature_bit_no_wish_is_honoured),
		cmocka_unit_test(test_a_wish_larger_than_the_ring_is_a_fault),
		cmocka_unit_test(test_packets_carry_padding_and_trailer),
		cmocka_unit_test(test_writing_wraps_at_every_offset),
		cmocka_unit_test(test_a_ring_is_never_filled_to_the_last_byte),
		cmocka_unit_test(test_signal_only_from_empty_to_not_empty),
		cmocka_unit_test(test_want_of_space_is_stated_and_taken_back),
		cmocka_unit_test(test_wrong_read_indices_stop_the_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
