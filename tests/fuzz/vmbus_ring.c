// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both rings with a host that writes anything into the control pages at any
 * time.  Input: a stream of commands.  Whatever happens, no access leaves the
 * mapping, our indices stay valid, what we consume was available, and a
 * packet reaches memory as it was written.
 */
/* srcs: vmbus/ring.c vmbus/packet.c */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../vmbus/packet.h"
#include "../../vmbus/ring.h"

#define SIZE	4096u
#define CHECK(cond) do { \
	if (!(cond)) { \
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #cond); \
		abort(); \
	} } while (0)

static struct lis_ring_control *out_ctl, *in_ctl;
static unsigned char *out_data, *in_data;

static unsigned char *map_twice(void)
{
	int fd = memfd_create("ring", 0);
	unsigned char *p;

	CHECK(fd >= 0 && !ftruncate(fd, SIZE));
	/* the page after the second mapping is never ours */
	p = mmap(NULL, 3 * SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(p != MAP_FAILED);
	CHECK(mmap(p, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		   0) == p);
	CHECK(mmap(p + SIZE, SIZE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_FIXED, fd, 0) == p + SIZE);
	close(fd);
	return p;
}

static void send(struct lis_ring_out *r, u32 len, unsigned char fill)
{
	u32 at_index = r->write;
	void *at;
	u32 i;

	if (lis_ring_out_reserve(r, len, &at)) {
		lis_ring_out_block(r, len);
		CHECK(out_ctl->pending_send_size < SIZE);
		return;
	}
	CHECK(at == out_data + at_index);
	memset(at, fill, len);
	lis_ring_out_commit(r, len);
	CHECK(r->write < SIZE && !(r->write & 7));
	for (i = 0; i < len; i++)
		CHECK(out_data[(at_index + i) % SIZE] == fill);
	if (r->blocked)
		lis_ring_out_unblock(r);
}

static void receive(struct lis_ring_in *r, void *copy, u32 room)
{
	struct lis_pkt_view v;
	u32 avail, used;

	if (lis_ring_in_avail(r, &avail) || !avail)
		return;
	CHECK(avail < SIZE);
	if (lis_pkt_take(lis_ring_in_at(r), avail, copy, room, &used, &v))
		return;
	CHECK(used <= avail && used >= 24);
	CHECK(v.len <= room);
	CHECK((const unsigned char *)v.payload + v.len <=
	      (unsigned char *)copy + room);
	if (v.range_count)
		CHECK((const void *)(v.ranges + v.range_count) <= v.payload);
	lis_ring_in_consume(r, used);
	CHECK(r->read < SIZE && !(r->read & 7));
}

static u32 word(const uint8_t *p)
{
	u32 v;

	memcpy(&v, p, 4);
	return v;
}

static void host(u32 what, u32 value)
{
	switch (what % 8) {
	case 0: out_ctl->read_index = value; break;
	case 1: out_ctl->read_index = value % SIZE & ~7u; break;
	case 2: out_ctl->interrupt_mask = value; break;
	case 3: in_ctl->write_index = value; break;
	case 4: in_ctl->write_index = value % SIZE & ~7u; break;
	case 5: in_ctl->pending_send_size = value; break;
	case 6: in_ctl->features = value; break;
	case 7: memcpy(in_data + value % (SIZE - 8), &value, 4); break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	struct lis_ring_out out;
	struct lis_ring_in r;
	void *copy = malloc(512);

	if (!out_data) {
		out_data = map_twice();
		in_data = map_twice();
		out_ctl = malloc(sizeof(*out_ctl));
		in_ctl = malloc(sizeof(*in_ctl));
	}
	memset(out_ctl, 0, sizeof(*out_ctl));
	memset(in_ctl, 0, sizeof(*in_ctl));
	memset(in_data, 0, SIZE);
	lis_ring_out_init(&out, out_ctl, out_data, SIZE);
	lis_ring_in_init(&r, in_ctl, in_data, SIZE);
	for (; size >= 6; size -= 6, in += 6) {
		switch (in[0] % 8) {
		case 0: send(&out, (word(in + 2) % 6000) & ~7u, in[1]); break;
		case 1: lis_ring_out_publish(&out); break;
		case 2: receive(&r, copy, 512); break;
		case 3: lis_ring_in_release(&r); break;
		case 4: lis_ring_in_unmask(&r); break;
		default: host(in[1], word(in + 2)); break;
		}
		CHECK(out_ctl->write_index < SIZE);
		CHECK(in_ctl->read_index < SIZE);
	}
	free(copy);
	return 0;
}
