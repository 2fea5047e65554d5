// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets of a channel as a provider sees them: copied out of the ring once,
 * checked field by field, and sent with signals batched per burst.
 *
 * Locking: called by the channel's worker only.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server_int.h"

#define XFER_BODY_MAX	1024		/* ranges and what is said about them */

struct device *vmbus_channel_device(const struct vmbus_channel *ch)
{
	return ch->dev;
}

unsigned int vmbus_channel_index(const struct vmbus_channel *ch)
{
	return ch->subchannel;
}

bool vmbus_channel_stopping(struct vmbus_channel *ch)
{
	return atomic_load_explicit(&ch->stopping, memory_order_relaxed);
}

void vmbus_channel_watch(struct vmbus_channel *ch, int fd)
{
	ch->watch_fd = fd;
}

void *vmbus_channel_memory(struct vmbus_channel *ch, uint64_t gpa, size_t len)
{
	const struct hv_effects *fx = ch->server->fx;

	return fx->guest_memory(fx->ctx, gpa, len);
}

void vmbus_channel_violation(struct vmbus_channel *ch, const char *fmt, ...)
{
	char line[200];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	stat_add(&ch->stats.violations, 1);
	server_violation(ch->server, "%s relid %u %s", ch->dev->name,
			 ch->relid, line);
}

bool vmbus_channel_mischief(struct vmbus_channel *ch, enum mischief what)
{
	unsigned int n;

	if (!atomic_load_explicit(&ch->mischief_any, memory_order_relaxed))
		return false;
	n = atomic_load(&ch->mischief[what]);
	while (n)
		if (atomic_compare_exchange_weak(&ch->mischief[what], &n,
						 n - 1)) {
			atomic_fetch_sub(&ch->mischief_any, 1);
			return true;
		}
	return false;
}

bool vmbus_channel_mischief_due(struct vmbus_channel *ch, enum mischief what)
{
	return atomic_load(&ch->mischief[what]);
}

uint32_t vmbus_channel_longest(const struct vmbus_channel *ch)
{
	/* A ring filled to the last byte would look empty */
	return ch->out.size - ring_packet_bytes(0) - 8;
}

/* A ring whose indices or framing lie cannot be followed any further. */
static void report_fault(struct vmbus_channel *ch, struct ring *r,
			 const char *which)
{
	vmbus_channel_violation(ch, "%s ring: %s %#x (%u data bytes)", which,
				r->fault, r->fault_value, r->size);
	r->ctl = NULL;
}

static bool ring_usable(struct vmbus_channel *ch, struct ring *r,
			const char *which)
{
	if (!r->fault)
		return true;
	if (r->ctl)
		report_fault(ch, r, which);
	return false;
}

/* --- receive -------------------------------------------------------------- */

static const char *type_name(uint16_t type)
{
	switch (type) {
	case LIS_PKT_INBAND:
		return "INBAND";
	case LIS_PKT_GPA_DIRECT:
		return "GPA_DIRECT";
	case LIS_PKT_COMPLETION:
		return "COMPLETION";
	default:
		return NULL;
	}
}

static bool framing_fault(struct ring *r, const char *what, uint32_t value)
{
	r->fault = what;
	r->fault_value = value;
	return false;
}

/* Copy the packet at the read index; false: the framing is broken. */
static bool take_packet(struct vmbus_channel *ch, uint32_t avail)
{
	struct lis_pkt_desc *d = (struct lis_pkt_desc *)ch->packet;
	struct lis_pkt_trailer trailer;
	struct ring *r = &ch->in;
	uint32_t start = r->read, bytes;

	if (avail < sizeof(*d) + sizeof(trailer))
		return framing_fault(r, "packet shorter than its descriptor",
				     avail);
	ring_copy_out(r, start, d, sizeof(*d));
	bytes = d->length8 * 8u;
	if (bytes < sizeof(*d))
		return framing_fault(r, "packet length", bytes);
	if (bytes + sizeof(trailer) > avail)
		return framing_fault(r, "packet longer than the data, length",
				     bytes);
	ring_copy_out(r, start + sizeof(*d), d + 1, bytes - sizeof(*d));
	ring_copy_out(r, start + bytes, &trailer, sizeof(trailer));
	if (trailer.zero || trailer.start != start)
		return framing_fault(r, "packet trailer names start",
				     trailer.start);
	ring_consume(r, bytes + sizeof(trailer));
	stat_add(&ch->stats.rx_packets, 1);
	stat_add(&ch->stats.rx_bytes, bytes + sizeof(trailer));
	server_trace(ch->server, "%s.%u from guest type %u flags %#x id %#llx bytes %u",
		     ch->dev->name, ch->subchannel, d->type, d->flags,
		     (unsigned long long)d->transaction_id, bytes);
	return true;
}

static bool check_range(struct vmbus_channel *ch, unsigned int i,
			const struct lis_gpa_range *range, uint32_t room,
			uint32_t *pfns)
{
	uint64_t end = (uint64_t)range->byte_offset + range->byte_count;

	if (range->byte_offset >= LIS_HV_PAGE_SIZE) {
		vmbus_channel_violation(ch, "packet GPA_DIRECT: range %u offset %u > 4095",
					i, range->byte_offset);
		return false;
	}
	if (!range->byte_count) {
		vmbus_channel_violation(ch, "packet GPA_DIRECT: range %u is empty",
					i);
		return false;
	}
	*pfns = (end + LIS_HV_PAGE_SIZE - 1) / LIS_HV_PAGE_SIZE;
	if ((uint64_t)*pfns * 8 > room) {
		vmbus_channel_violation(ch, "packet GPA_DIRECT: range %u needs %u pages, %u bytes are left for them",
					i, *pfns, room);
		return false;
	}
	return true;
}

/*
 * The ranges lie between the fixed part and the payload, whose place only its
 * offset tells: the driver of RHEL 7 leaves room for the most pages before it.
 */
static bool parse_ranges(struct vmbus_channel *ch, struct vmbus_packet *p,
			 uint32_t payload_at)
{
	const struct lis_pkt_gpa_direct *g = (const void *)ch->packet;
	uint32_t at = sizeof(*g);

	if (payload_at < at + sizeof(struct lis_gpa_range) ||
	    !g->range_count) {
		vmbus_channel_violation(ch, "packet GPA_DIRECT: payload offset %u, no range",
					payload_at);
		return false;
	}
	p->range_count = g->range_count;
	p->ranges = ch->packet + at;
	for (uint32_t i = 0; i < g->range_count; i++) {
		struct lis_gpa_range range;
		uint32_t pfns;

		if (payload_at - at < sizeof(range)) {
			vmbus_channel_violation(ch, "packet GPA_DIRECT: range %u of %u is missing",
						i, g->range_count);
			return false;
		}
		memcpy(&range, ch->packet + at, sizeof(range));
		at += sizeof(range);
		if (!check_range(ch, i, &range, payload_at - at, &pfns))
			return false;
		if (!i) {
			p->range_bytes = range.byte_count;
			p->range_offset = range.byte_offset;
			p->pfns = ch->packet + at;
			p->pfn_count = pfns;
		}
		at += pfns * 8;
	}
	return true;
}

static bool parse_packet(struct vmbus_channel *ch, struct vmbus_packet *p)
{
	const struct lis_pkt_desc *d = (const void *)ch->packet;
	uint32_t bytes = d->length8 * 8u, at = d->offset8 * 8u;
	const char *name = type_name(d->type);

	if (!name) {
		vmbus_channel_violation(ch, "packet: type %u", d->type);
		return false;
	}
	if (at < sizeof(*d) || at > bytes) {
		vmbus_channel_violation(ch, "packet %s: payload offset %u of %u",
					name, at, bytes);
		return false;
	}
	if (d->flags & ~LIS_PKT_WANT_COMPLETION)
		vmbus_channel_violation(ch, "packet %s: flags %#x", name,
					d->flags);
	memset(p, 0, sizeof(*p));
	p->type = d->type;
	p->want_completion = d->flags & LIS_PKT_WANT_COMPLETION;
	p->transaction_id = d->transaction_id;
	p->payload = ch->packet + at;
	p->payload_bytes = bytes - at;
	if (d->type == LIS_PKT_GPA_DIRECT)
		return parse_ranges(ch, p, at);
	if (at != sizeof(*d)) {
		vmbus_channel_violation(ch, "packet %s: payload offset %u, not 16",
					name, at);
		return false;
	}
	return true;
}

bool vmbus_channel_receive(struct vmbus_channel *ch, struct vmbus_packet *p)
{
	for (;;) {
		uint32_t avail;

		if (vmbus_channel_stopping(ch) ||
		    !ring_usable(ch, &ch->in, "guest to host"))
			return false;
		avail = ring_cached(&ch->in);
		if (!avail)
			avail = ring_readable(&ch->in);
		ch->drained = !avail;
		if (ch->drained) {
			ring_usable(ch, &ch->in, "guest to host");
			return false;
		}
		if (take_packet(ch, avail) && parse_packet(ch, p))
			return true;
	}
}

/* --- send ----------------------------------------------------------------- */

/* Make the next packet wrong in the ways that were ordered. */
static void spoil(struct vmbus_channel *ch, struct lis_pkt_desc *d,
		  size_t *len)
{
	if (vmbus_channel_mischief(ch, MISCHIEF_TRUNCATED_PACKET)) {
		*len = *len > 8 ? 8 : 0;
		d->length8 = (sizeof(*d) + *len) / 8;
	}
	if (vmbus_channel_mischief(ch, MISCHIEF_UNKNOWN_ID))
		d->transaction_id ^= 0x5a5a5a5a00000000u | 0x5a5a5a5a;
	if (vmbus_channel_mischief(ch, MISCHIEF_BAD_TYPE))
		d->type = 99;
	if (vmbus_channel_mischief(ch, MISCHIEF_BAD_OFFSET))
		d->offset8 = d->length8 + 1;
	if (vmbus_channel_mischief(ch, MISCHIEF_BAD_LENGTH))
		d->length8 = 0xffff;
}

static bool put_packet(struct vmbus_channel *ch, const struct lis_pkt_desc *d,
		       const void *payload, size_t len)
{
	if (ring_put(&ch->out, d, payload, len))
		goto sent;
	if (!ring_usable(ch, &ch->out, "host to guest"))
		return true;	/* nobody will ever read it */
	/* The guest can only make room for what it can see */
	if (!ch->out.waiting)
		stat_add(&ch->stats.ring_full, 1);
	if (ring_publish(&ch->out))
		channel_interrupt(ch);
	ring_want_space(&ch->out, len);
	if (!ring_put(&ch->out, d, payload, len))
		return false;
sent:
	stat_add(&ch->stats.tx_packets, 1);
	stat_add(&ch->stats.tx_bytes, ring_packet_bytes(len));
	server_trace(ch->server, "%s.%u to guest type %u flags %#x id %#llx bytes %zu",
		     ch->dev->name, ch->subchannel, d->type, d->flags,
		     (unsigned long long)d->transaction_id, len);
	return true;
}

static void corrupt_index(struct vmbus_channel *ch)
{
	ring_publish(&ch->out);
	ch->out_dead = true;
	__atomic_store_n(&ch->out.ctl->write_index, ch->out.size + 8,
			 __ATOMIC_SEQ_CST);
	channel_interrupt(ch);
}

static bool send_packet(struct vmbus_channel *ch, struct lis_pkt_desc *d,
			const void *payload, size_t len)
{
	if (vmbus_channel_stopping(ch) || ch->out_dead ||
	    !ring_usable(ch, &ch->out, "host to guest"))
		return true;
	if (vmbus_channel_mischief(ch, MISCHIEF_DROP_COMPLETION))
		return true;
	if (vmbus_channel_mischief(ch, MISCHIEF_INDEX_CORRUPT)) {
		corrupt_index(ch);
		return true;
	}
	if (vmbus_channel_mischief(ch, MISCHIEF_DUPLICATE_COMPLETION))
		put_packet(ch, d, payload, len);
	spoil(ch, d, &len);
	return put_packet(ch, d, payload, len);
}

bool vmbus_channel_send(struct vmbus_channel *ch, uint16_t type,
			uint16_t flags, uint64_t transaction_id,
			const void *payload, size_t len)
{
	struct lis_pkt_desc d = {
		.type = type,
		.offset8 = sizeof(d) / 8,
		.length8 = (sizeof(d) + len + 7) / 8,
		.flags = flags,
		.transaction_id = transaction_id,
	};

	return send_packet(ch, &d, payload, len);
}

bool vmbus_channel_send_pages(struct vmbus_channel *ch, uint16_t set,
			      uint64_t transaction_id,
			      const struct lis_pkt_xfer_range *ranges,
			      unsigned int count, const void *payload,
			      size_t len)
{
	struct lis_pkt_xfer_pages head = { .set_id = set,
					   .range_count = count };
	size_t fixed = sizeof(head) - sizeof(head.desc);
	size_t at = fixed + count * sizeof(*ranges);
	uint8_t body[XFER_BODY_MAX];

	if (at + len > sizeof(body))
		abort();
	memcpy(body, &head.set_id, fixed);
	memcpy(body + fixed, ranges, count * sizeof(*ranges));
	memcpy(body + at, payload, len);
	head.desc = (struct lis_pkt_desc){
		.type = LIS_PKT_TRANSFER_PAGES,
		.offset8 = (sizeof(head.desc) + at) / 8,
		.length8 = (sizeof(head.desc) + at + len + 7) / 8,
		.flags = LIS_PKT_WANT_COMPLETION,
		.transaction_id = transaction_id,
	};
	return send_packet(ch, &head.desc, body, at + len);
}

void vmbus_channel_flush(struct vmbus_channel *ch)
{
	bool signal = false;

	if (vmbus_channel_stopping(ch))
		return;
	if (ring_usable(ch, &ch->in, "guest to host"))
		signal = ring_release(&ch->in);
	if (!ch->out_dead && ring_usable(ch, &ch->out, "host to guest") &&
	    ring_publish(&ch->out))
		signal = true;
	if (signal)
		channel_interrupt(ch);
}
