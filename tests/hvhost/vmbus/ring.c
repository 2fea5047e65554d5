// SPDX-License-Identifier: GPL-2.0-only
/*
 * Host side of a VMBus ring: checked indices, copies that may wrap, and the
 * two signalling rules (empty to non-empty, and pending send size).
 *
 * Locking: see ring.h.
 */
#include <string.h>

#include "ring.h"

static uint32_t used_bytes(const struct ring *r, uint32_t read, uint32_t write)
{
	return write >= read ? write - read : r->size - read + write;
}

static bool index_ok(const struct ring *r, uint32_t index)
{
	return index < r->size && !(index & 7);
}

static void ring_fault(struct ring *r, const char *what, uint32_t value)
{
	if (r->fault)
		return;
	r->fault = what;
	r->fault_value = value;
}

bool ring_attach(struct ring *r, enum ring_role role, uint8_t **pages,
		 uint32_t count)
{
	memset(r, 0, sizeof(*r));
	r->ctl = (struct lis_ring_control *)pages[0];
	r->pages = pages + 1;
	r->size = (count - 1) * LIS_HV_PAGE_SIZE;
	r->read = __atomic_load_n(&r->ctl->read_index, __ATOMIC_RELAXED);
	r->write = __atomic_load_n(&r->ctl->write_index, __ATOMIC_RELAXED);
	if (!index_ok(r, r->read))
		ring_fault(r, "initial read index", r->read);
	else if (!index_ok(r, r->write))
		ring_fault(r, "initial write index", r->write);
	r->published = role == RING_PRODUCER ? r->write : r->read;
	return !r->fault;
}

/* --- consumer ------------------------------------------------------------ */

uint32_t ring_cached(const struct ring *r)
{
	return used_bytes(r, r->read, r->write);
}

uint32_t ring_readable(struct ring *r)
{
	uint32_t before = used_bytes(r, r->read, r->write);
	uint32_t write, now;

	if (r->fault)
		return 0;
	write = __atomic_load_n(&r->ctl->write_index, __ATOMIC_ACQUIRE);
	if (!index_ok(r, write)) {
		ring_fault(r, "write index", write);
		return 0;
	}
	now = used_bytes(r, r->read, write);
	if (now < before) {
		ring_fault(r, "write index moved backwards to", write);
		return 0;
	}
	r->write = write;
	return now;
}

void ring_copy_out(const struct ring *r, uint32_t offset, void *to,
		   uint32_t len)
{
	uint8_t *out = to;

	while (offset >= r->size)
		offset -= r->size;
	while (len) {
		uint32_t in_page = offset % LIS_HV_PAGE_SIZE;
		uint32_t n = LIS_HV_PAGE_SIZE - in_page;

		if (n > len)
			n = len;
		memcpy(out, r->pages[offset / LIS_HV_PAGE_SIZE] + in_page, n);
		out += n;
		len -= n;
		offset += n;
		if (offset == r->size)
			offset = 0;
	}
}

void ring_consume(struct ring *r, uint32_t bytes)
{
	r->read += bytes;
	if (r->read >= r->size)
		r->read -= r->size;
}

bool ring_release(struct ring *r)
{
	uint32_t before, after, write, wanted;

	if (r->read == r->published || r->fault)
		return false;
	__atomic_store_n(&r->ctl->read_index, r->read, __ATOMIC_RELEASE);
	/* The guest sets its wish, then looks at the index; we the reverse */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	wanted = __atomic_load_n(&r->ctl->pending_send_size, __ATOMIC_RELAXED);
	write = __atomic_load_n(&r->ctl->write_index, __ATOMIC_RELAXED);
	before = r->published;
	r->published = r->read;
	if (!wanted || !(r->ctl->features & LIS_RING_FEATURE_PENDING_SIZE) ||
	    !index_ok(r, write))
		return false;
	if (wanted >= r->size) {
		ring_fault(r, "pending send size", wanted);
		return false;
	}
	after = r->size - used_bytes(r, r->read, write) - 1;
	before = r->size - used_bytes(r, before, write) - 1;
	return before < wanted && after >= wanted;
}

void ring_mask(struct ring *r, bool masked)
{
	__atomic_store_n(&r->ctl->interrupt_mask, masked, __ATOMIC_RELAXED);
	/* Whoever unmasks looks at the write index once more */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* --- producer ------------------------------------------------------------ */

static uint32_t ring_free(struct ring *r)
{
	uint32_t before = used_bytes(r, r->read, r->write);
	uint32_t read, now;

	if (r->fault)
		return 0;
	read = __atomic_load_n(&r->ctl->read_index, __ATOMIC_ACQUIRE);
	if (!index_ok(r, read)) {
		ring_fault(r, "read index", read);
		return 0;
	}
	now = used_bytes(r, read, r->write);
	if (now > before) {
		ring_fault(r, "read index moved backwards to", read);
		return 0;
	}
	r->read = read;
	/* A ring filled to the last byte would look empty */
	return r->size - now - 8;
}

static void ring_copy_in(struct ring *r, const void *from, uint32_t len)
{
	const uint8_t *in = from;

	while (len) {
		uint32_t in_page = r->write % LIS_HV_PAGE_SIZE;
		uint32_t n = LIS_HV_PAGE_SIZE - in_page;

		if (n > len)
			n = len;
		memcpy(r->pages[r->write / LIS_HV_PAGE_SIZE] + in_page, in, n);
		in += n;
		len -= n;
		r->write += n;
		if (r->write == r->size)
			r->write = 0;
	}
}

bool ring_put(struct ring *r, const struct lis_pkt_desc *desc,
	      const void *payload, uint32_t len)
{
	static const uint8_t zeroes[8];
	struct lis_pkt_trailer trailer = { .start = r->write };

	if (ring_packet_bytes(len) > ring_free(r))
		return false;
	if (r->waiting) {
		r->waiting = false;
		__atomic_store_n(&r->ctl->pending_send_size, 0,
				 __ATOMIC_RELAXED);
	}
	ring_copy_in(r, desc, sizeof(*desc));
	ring_copy_in(r, payload, len);
	ring_copy_in(r, zeroes, -len & 7);
	ring_copy_in(r, &trailer, sizeof(trailer));
	return true;
}

bool ring_publish(struct ring *r)
{
	uint32_t before = r->published;

	if (r->write == before)
		return false;
	__atomic_store_n(&r->ctl->write_index, r->write, __ATOMIC_RELEASE);
	r->published = r->write;
	/* The guest unmasks, then looks at the index; we the reverse */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return !__atomic_load_n(&r->ctl->interrupt_mask, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&r->ctl->read_index, __ATOMIC_RELAXED) == before;
}

void ring_want_space(struct ring *r, uint32_t len)
{
	r->waiting = true;
	__atomic_store_n(&r->ctl->pending_send_size, ring_packet_bytes(len),
			 __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}
