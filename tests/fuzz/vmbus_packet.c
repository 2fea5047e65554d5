// SPDX-License-Identifier: GPL-2.0-only
/*
 * The packet iterator on any bytes: the first two say how long a packet may
 * be, the rest is what the host wrote.  Every access stays in exact
 * allocations, and what is returned lies in the private copy.
 */
/* srcs: vmbus/packet.c vmbus/requests.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../vmbus/packet.h"
#include "../../vmbus/requests.h"

#define SLOTS	4u
#define CHECK(cond) do { \
	if (!(cond)) { \
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
		abort(); \
	} } while (0)

static void check_inside(const struct lis_pkt_view *v, const void *copy,
			 u32 room)
{
	const unsigned char *from = copy, *p = v->payload;
	u32 i;

	CHECK(p >= from + 16 && p + v->len <= from + room);
	for (i = 0; i < v->range_count; i++)
		CHECK((const unsigned char *)&v->ranges[i + 1] <= p);
	if (v->type != LIS_PKT_TRANSFER_PAGES)
		CHECK(!v->range_count);
}

static void complete(struct lis_requests *t, u64 id)
{
	u32 before = lis_request_count(t), slot = ~0u;
	enum lis_request_end end = lis_request_end(t, id, &slot);

	if (end == LIS_REQUEST_DONE)
		CHECK(slot < SLOTS && lis_request_count(t) == before - 1);
	else
		CHECK(lis_request_count(t) == before);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	atomic64_t slots[SLOTS] = {};
	struct lis_requests t = { .count = SLOTS, .slot = slots };
	struct lis_pkt_view v;
	u32 room, avail, used, i;
	unsigned char *ring, *at;
	void *copy;
	u64 id;

	if (size < 2 || size > 70000)
		return 0;
	room = (16 + (in[0] | in[1] << 8)) & ~7u;
	avail = (u32)size - 2;
	ring = malloc(avail ? avail : 1);
	copy = malloc(room);
	memcpy(ring, in + 2, avail);
	for (i = 0; i < SLOTS; i++)
		lis_request_begin(&t, i, &id);
	lis_request_abort(&t, 0);

	for (at = ring; avail; at += used, avail -= used) {
		if (lis_pkt_take(at, avail, copy, room, &used, &v))
			break;
		CHECK(used <= avail);
		check_inside(&v, copy, room);
		if (v.type == LIS_PKT_COMPLETION)
			complete(&t, v.id);
	}
	free(copy);
	free(ring);
	return 0;
}
