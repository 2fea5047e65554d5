// SPDX-License-Identifier: GPL-2.0-only
/*
 * GPADLs at hvhost's server: lists over many messages, and every way to get
 * one wrong.
 *
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c
 * libs: -ljson-c
 */
#include "host_guest.h"

#include "dev/device.h"

static struct guest *g;
static struct lis_msg_offer offer;

/* A device that nothing is asked of */
static void dev_disconnect(struct device *dev)
{
	(void)dev;
}

static const struct device_ops silent_ops = {
	.disconnect = dev_disconnect, .destroy = (void *)free };

static int start(void **state)
{
	struct device *dev = calloc(1, sizeof(*dev));

	(void)state;
	g = guest_new("ws2022", 0);
	dev->ops = &silent_ops;
	strcpy(dev->name, "silent");
	vmbus_device_add(g->server, dev);
	connect_and_take(g, LIS_VMBUS_V5_3, &offer, 1);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	guest_free(g);
	return 0;
}

/* A header message with @qwords of data behind it */
struct header {
	struct lis_msg_gpadl_header h;
	uint8_t data[LIS_GPADL_HEADER_QWORDS * 8];
};

static struct header header(uint32_t handle, uint16_t range_bytes,
			    uint32_t byte_count, uint32_t byte_offset)
{
	struct lis_gpa_range range = { byte_count, byte_offset };
	struct header m = { .h = {
		.hdr.type = LIS_MSG_GPADL_HEADER, .relid = offer.relid,
		.gpadl = handle, .range_bytes = range_bytes,
		.range_count = 1 } };

	memcpy(m.data, &range, sizeof(range));
	for (uint64_t i = 1; i < LIS_GPADL_HEADER_QWORDS; i++)
		memcpy(m.data + i * 8, &i, 8);
	return m;
}

static void send_header(const struct header *m, unsigned int qwords)
{
	post(g, m, sizeof(m->h) + 8 * qwords);
}

static void expect_created(uint32_t relid, uint32_t handle, uint32_t status)
{
	const struct lis_msg_gpadl_created *r =
		EXPECT(g, LIS_MSG_GPADL_CREATED, struct lis_msg_gpadl_created);

	assert_int_equal(r->relid, relid);
	assert_int_equal(r->gpadl, handle);
	assert_int_equal(r->status, status);
}

#define FAILED 0x8000ffff

static void refused(const struct header *m, unsigned int qwords,
		    const char *why)
{
	send_header(m, qwords);
	expect_created(m->h.relid, m->h.gpadl, FAILED);
	assert_violation(g, why);
	assert_int_equal(waiting(g), 0);
}

/* --- good ones ------------------------------------------------------------ */

static void test_lists_of_every_length_are_taken(void **state)
{
	static const uint32_t pages[] = {
		1, 2, 25, 26, 27, 28, 53, 54, 55, 81, 82, 83, 1000,
		LIS_GPADL_MAX_PAGES };

	(void)state;
	for (unsigned int i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		uint32_t handle = gpadl_create(g, offer.relid, 3, pages[i]);

		gpadl_destroy(g, offer.relid, handle);
	}
	assert_clean(g);
}

static void test_nothing_is_answered_before_the_list_is_complete(void **state)
{
	struct header m = header(77, 8 + 8 * 27, 27 * PAGE, 0);
	struct {
		struct lis_msg_gpadl_body b;
		uint64_t pfn;
	} body = { .b = { .hdr.type = LIS_MSG_GPADL_BODY, .gpadl = 77 },
		   .pfn = 27 };

	(void)state;
	send_header(&m, 27);
	assert_int_equal(waiting(g), 0);
	post(g, &body, sizeof(body));
	expect_created(offer.relid, 77, 0);
	assert_clean(g);
}

static void test_two_lists_may_be_built_at_once(void **state)
{
	struct header a = header(71, 8 + 8 * 27, 27 * PAGE, 0);
	struct header b = header(72, 8 + 8 * 27, 27 * PAGE, 0);
	struct {
		struct lis_msg_gpadl_body b;
		uint64_t pfn;
	} body = { .b = { .hdr.type = LIS_MSG_GPADL_BODY, .gpadl = 72 },
		   .pfn = 27 };

	(void)state;
	send_header(&a, 27);
	send_header(&b, 27);
	post(g, &body, sizeof(body));
	expect_created(offer.relid, 72, 0);
	body.b.gpadl = 71;
	post(g, &body, sizeof(body));
	expect_created(offer.relid, 71, 0);
	assert_clean(g);
}

static void test_an_unaligned_range_counts_its_pages_right(void **state)
{
	struct header m = header(9, 8 + 8 * 3, 2 * PAGE, 1);

	(void)state;
	send_header(&m, 4);
	expect_created(offer.relid, 9, 0);
	m = header(10, 8 + 8 * 2, 2 * PAGE, 1);
	refused(&m, 3, "does not match the number of pages");
}

/* --- wrong ones ----------------------------------------------------------- */

static void test_wrong_headers_are_refused_and_named(void **state)
{
	struct header m;

	(void)state;
	m = header(0, 16, PAGE, 0);
	refused(&m, 2, "handle 0");
	m = header(5, 16, PAGE, 0);
	m.h.range_count = 2;
	refused(&m, 2, "range count");
	m = header(5, 12, PAGE, 0);
	refused(&m, 2, "range buffer length");
	m = header(5, 8, PAGE, 0);
	refused(&m, 1, "range buffer length");
	m = header(5, 16, 0, 0);
	refused(&m, 2, "byte count 0");
	m = header(5, 16, 16, 4096);
	refused(&m, 2, "byte offset over 4095");
	m = header(5, 16, PAGE + 1, 0);
	refused(&m, 2, "does not match the number of pages");
	m = header(5, 16, UINT32_MAX, 4095);
	refused(&m, 2, "does not match the number of pages");
	m = header(5, 16, PAGE, 0);
	refused(&m, 3, "more data than announced");
	m = header(5, 32, 3 * PAGE, 0);
	refused(&m, 0, "without data");
	post(g, &m, sizeof(m.h) + 12);
	expect_created(offer.relid, 5, FAILED);
	assert_violation(g, "not a multiple of 8");
	m = header(5, 16, PAGE, 0);
	m.h.relid = 99;
	refused(&m, 2, "relid 99 is not offered");
	m = header(5, 16, PAGE, 0);
	send_header(&m, 2);
	expect_created(offer.relid, 5, 0);
	assert_clean(g);
	refused(&m, 2, "handle is in use");
}

static void test_pages_outside_memory_are_refused(void **state)
{
	static const uint64_t bad[] = { RAM_PAGES, 1ull << 40, ~0ull,
					1ull << 52 };

	(void)state;
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct header m = header(5, 24, 2 * PAGE, 0);

		memcpy(m.data + 16, &bad[i], 8);
		refused(&m, 3, "is not RAM");
	}
}

static void test_a_bad_body_ends_its_list(void **state)
{
	struct header m = header(6, 8 + 8 * 28, 28 * PAGE, 0);
	struct {
		struct lis_msg_gpadl_body b;
		uint64_t pfns[LIS_GPADL_BODY_QWORDS];
	} body = { .b = { .hdr.type = LIS_MSG_GPADL_BODY, .gpadl = 6 } };

	(void)state;
	send_header(&m, 27);
	post(g, &body, sizeof(body.b) + 3 * 8);
	expect_created(offer.relid, 6, FAILED);
	assert_violation(g, "more data than announced");
	/* The rest of it is too late */
	post(g, &body, sizeof(body.b) + 8);
	assert_violation(g, "GPADL_BODY: handle 0x6 is not being built");
	assert_int_equal(waiting(g), 0);
	/* And the handle is free again */
	m = header(6, 16, PAGE, 0);
	send_header(&m, 2);
	expect_created(offer.relid, 6, 0);
}

static void test_wrong_teardowns_get_no_answer(void **state)
{
	uint32_t handle = gpadl_create(g, offer.relid, 3, 4);
	struct header m = header(8, 8 + 8 * 27, 27 * PAGE, 0);

	(void)state;
	gpadl_teardown_post(g, offer.relid, handle + 1);
	assert_violation(g, "GPADL_TEARDOWN");
	gpadl_teardown_post(g, offer.relid + 1, handle);
	assert_violation(g, "is not offered");
	send_header(&m, 27);
	gpadl_teardown_post(g, offer.relid, 8);
	assert_violation(g, "GPADL_TEARDOWN");
	assert_int_equal(waiting(g), 0);
	gpadl_destroy(g, offer.relid, handle);
	gpadl_teardown_post(g, offer.relid, handle);
	assert_violation(g, "GPADL_TEARDOWN");
	assert_int_equal(waiting(g), 0);
}

static void test_the_limit_of_all_lists_is_kept(void **state)
{
	uint32_t handles[64], n = 0;
	const struct lis_msg_gpadl_created *r;

	(void)state;
	/* 1280 MiB in lists of just under 32 MiB: forty fit, no more */
	do {
		assert_true(n < 64);
		handles[n] = gpadl_post(g, offer.relid, 1,
					LIS_GPADL_MAX_PAGES);
		r = EXPECT(g, LIS_MSG_GPADL_CREATED,
			   struct lis_msg_gpadl_created);
		if (r->status)
			break;
		n++;
	} while (1);
	assert_int_equal(n, 40);
	/* Bodies that follow the refusal are no fault of the guest's */
	assert_clean(g);
	gpadl_destroy(g, offer.relid, handles[0]);
	gpadl_create(g, offer.relid, 1, LIS_GPADL_MAX_PAGES);
	assert_clean(g);
}

#define T(name) cmocka_unit_test_setup_teardown(test_##name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(lists_of_every_length_are_taken),
		T(nothing_is_answered_before_the_list_is_complete),
		T(two_lists_may_be_built_at_once),
		T(an_unaligned_range_counts_its_pages_right),
		T(wrong_headers_are_refused_and_named),
		T(pages_outside_memory_are_refused),
		T(a_bad_body_ends_its_list),
		T(wrong_teardowns_get_no_answer),
		T(the_limit_of_all_lists_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
