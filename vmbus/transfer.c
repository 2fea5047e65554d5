// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packets out and in: the hot paths.  Neither allocates.
 *
 * Sending is serialized by ch->tx_lock; a packet is written straight into the
 * ring.  Receiving belongs to the owner of ch->rx (owner.c), which is who
 * called ops->receive().
 */
#include <linux/export.h>
#include <linux/scatterlist.h>
#include <linux/string.h>

#include "packet.h"
#include "vmbus_int.h"

/* A burst is shown to the host at the latest when it is this long */
#define BURST_MAX	16384u

/**
 * struct tx - a packet to be sent.
 * @type:	LIS_PKT_*
 * @flags:	of its descriptor
 * @id:		transaction id, unless a slot gives one
 * @slot:	request slot or LIS_NO_REQUEST
 * @payload:	after the descriptor and the range
 * @len:	its bytes
 * @span:	GPA-direct: its ranges
 * @spans:	their number, else 0
 * @sgl:	GPA-direct: the only range, else NULL
 * @nents:	its entries
 * @bytes:	its length
 * @pages:	4 KiB pages it touches
 */
struct tx {
	u16 type;
	u16 flags;
	u64 id;
	u32 slot;
	const void *payload;
	u32 len;
	const struct lis_span *span;
	u32 spans;
	struct scatterlist *sgl;
	int nents;
	u32 bytes;
	u32 pages;
};

static bool tx_publish(struct lis_channel *ch)
{
	bool signal = lis_ring_out_settle(&ch->out);

	signal |= lis_ring_out_publish(&ch->out);
	if (!signal)
		return false;
	ch->tx_stats.intr_out_empty++;
	return true;
}

/* The ring is full: let the host drain it, and say what we wait for. */
static int tx_full(struct lis_channel *ch, u32 len, void **at, bool *signal)
{
	int err;

	*signal |= tx_publish(ch);
	ch->tx_stats.out_full_total++;
	if (!ch->out.blocked)
		ch->tx_stats.out_full_first++;
	lis_ring_out_block(&ch->out, len);
	err = lis_ring_out_reserve(&ch->out, len, at);
	if (err == -EAGAIN) {
		ch->out_want = len;
		lis_room_expect(ch);
	}
	return err;
}

static int tx_reserve(struct lis_channel *ch, u32 len, void **at, bool *signal)
{
	int err;

	if (unlikely(!test_bit(LIS_CH_LIVE, &ch->flags)))
		return lis_channel_error(ch) ?: -ENODEV;
	err = lis_channel_error(ch);
	if (unlikely(err))
		return err;
	err = lis_ring_out_reserve(&ch->out, len, at);
	if (unlikely(err == -EAGAIN))
		err = tx_full(ch, len, at, signal);
	if (unlikely(!err && ch->out.blocked))
		lis_ring_out_unblock(&ch->out);
	return err;
}

/* The frame numbers of a range that has holes nowhere. */
static int put_range(const struct tx *t, void *at)
{
	struct lis_gpa_range range = { .byte_count = t->bytes };
	__u64 *pfn = at + sizeof(range);
	struct scatterlist *sg;
	u32 n = 0;
	int i;

	for_each_sg(t->sgl, sg, t->nents, i) {
		u64 addr = sg_dma_address(sg);
		u64 end = addr + sg_dma_len(sg);

		if (!i)
			range.byte_offset = addr & (LIS_HV_PAGE_SIZE - 1);
		else if (addr & (LIS_HV_PAGE_SIZE - 1))
			return -EINVAL;
		for (addr >>= LIS_HV_PAGE_SHIFT;
		     n < t->pages && addr << LIS_HV_PAGE_SHIFT < end; addr++)
			pfn[n++] = addr;
		if (n == t->pages)
			break;
		if (end & (LIS_HV_PAGE_SIZE - 1))
			return -EINVAL;
	}
	if (n < t->pages)
		return -EINVAL;
	memcpy(at, &range, sizeof(range));
	return 0;
}

static u32 span_pages(const struct lis_span *s)
{
	return ((s->addr & (LIS_HV_PAGE_SIZE - 1)) + s->bytes +
		(u64)LIS_HV_PAGE_SIZE - 1) >> LIS_HV_PAGE_SHIFT;
}

/* The frame numbers of ranges that are contiguous each. */
static void put_spans(const struct tx *t, void *at)
{
	u32 i, p, pages;

	for (i = 0; i < t->spans; i++) {
		const struct lis_span *s = &t->span[i];
		const struct lis_gpa_range range = {
			.byte_count = s->bytes,
			.byte_offset = s->addr & (LIS_HV_PAGE_SIZE - 1),
		};
		__u64 *pfn = at + sizeof(range);

		memcpy(at, &range, sizeof(range));
		pages = span_pages(s);
		for (p = 0; p < pages; p++)
			pfn[p] = (s->addr >> LIS_HV_PAGE_SHIFT) + p;
		at = pfn + pages;
	}
}

static u32 tx_head(const struct tx *t)
{
	u32 ranges = t->sgl ? 1 : t->spans;

	if (!ranges)
		return sizeof(struct lis_pkt_desc);
	return sizeof(struct lis_pkt_gpa_direct) +
	       ranges * sizeof(struct lis_gpa_range) + t->pages * sizeof(__u64);
}

/* Behind the descriptor, which follows */
static int put_ranges(const struct tx *t, void *at)
{
	const struct lis_pkt_gpa_direct g = {
		.range_count = t->sgl ? 1 : t->spans,
	};

	if (!g.range_count)
		return 0;
	memcpy(at, &g, sizeof(g));
	if (t->sgl)
		return put_range(t, at + sizeof(g));
	put_spans(t, at + sizeof(g));
	return 0;
}

static int tx_write(struct lis_channel *ch, struct tx *t, void *at, u32 head,
		    u32 total)
{
	struct lis_pkt_desc d = {
		.type = t->type,
		.offset8 = head / 8,
		.length8 = total / 8,
		.flags = t->flags,
	};
	int err;

	err = put_ranges(t, at);
	if (err)
		return err;
	if (t->slot != LIS_NO_REQUEST) {
		err = lis_request_begin(&ch->req, t->slot, &t->id);
		if (err)
			return err;
		d.flags |= LIS_PKT_WANT_COMPLETION;
	}
	d.transaction_id = t->id;
	memcpy(at, &d, sizeof(d));
	memcpy(at + head, t->payload, t->len);
	/* what was in the ring before is nobody's business */
	memset(at + head + t->len, 0, total - head - t->len);
	return 0;
}

static int tx_send_locked(struct lis_channel *ch, struct tx *t, u32 flags,
			  bool *signal)
{
	u32 head = tx_head(t);
	u32 total = ALIGN(head + t->len, 8);
	void *at;
	int err;

	err = tx_reserve(ch, total, &at, signal);
	if (unlikely(err))
		return err;
	err = tx_write(ch, t, at, head, total);
	if (unlikely(err))
		return err;
	lis_ring_out_commit(&ch->out, total);
	ch->tx_stats.packets++;
	ch->tx_stats.bytes += total;
	if (flags & LIS_SEND_QUIET)
		lis_ring_out_publish_quiet(&ch->out);
	else if (!(flags & LIS_SEND_MORE) ||
		 lis_ring_out_unpublished(&ch->out) >=
		 min(ch->out.size / 4, BURST_MAX))
		*signal |= tx_publish(ch);
	return 0;
}

static int tx_send(struct lis_channel *ch, struct tx *t, u32 flags)
{
	unsigned long irq;
	bool signal = false;
	int err;

	/* 16 bits count the packet in units of 8 bytes */
	if (t->len > 0xffff * 8 - 16 || (u64)tx_head(t) + t->len > 0xffff * 8)
		return -EINVAL;
	spin_lock_irqsave(&ch->tx_lock, irq);
	err = tx_send_locked(ch, t, flags, &signal);
	spin_unlock_irqrestore(&ch->tx_lock, irq);
	if (signal)
		lis_signal_host(ch);
	if (unlikely(err == -EPROTO) && !lis_channel_error(ch))
		lis_channel_break(ch, "read index outside the ring");
	return err;
}

/**
 * lis_send - queue an in-band packet.
 * @ch: open channel
 * @payload: copied
 * @len: its bytes
 * @slot: free request slot that the completion will carry, or LIS_NO_REQUEST
 * @flags: LIS_SEND_MORE: the caller sends more at once, or kicks;
 *	LIS_SEND_QUIET: the same, and the host may already look
 *
 * After -EAGAIN ops->receive() is called when there may be room again, also if
 * no packet has come in.
 *
 * Context: any.
 * Return: 0, -EAGAIN (ring full), -ENODEV, -EPROTO, -EINVAL.
 */
int lis_send(struct lis_channel *ch, const void *payload, u32 len, u32 slot,
	     u32 flags)
{
	struct tx t = {
		.type = LIS_PKT_INBAND,
		.slot = slot,
		.payload = payload,
		.len = len,
	};

	return tx_send(ch, &t, flags);
}
EXPORT_SYMBOL_GPL(lis_send);

/**
 * lis_send_sg - queue a GPA-direct packet with one range.
 * @ch: open channel
 * @payload: copied
 * @len: its bytes
 * @sgl: DMA-mapped; only its start and its end may lie inside a 4 KiB page
 * @nents: mapped entries
 * @bytes: length of the range, at most what the entries hold
 * @slot: as in lis_send()
 * @flags: as in lis_send()
 *
 * Context: any.
 * Return: as lis_send().
 */
int lis_send_sg(struct lis_channel *ch, const void *payload, u32 len,
		struct scatterlist *sgl, int nents, u32 bytes, u32 slot,
		u32 flags)
{
	struct tx t = {
		.type = LIS_PKT_GPA_DIRECT,
		.slot = slot,
		.payload = payload,
		.len = len,
		.sgl = sgl,
		.nents = nents,
		.bytes = bytes,
	};

	if (unlikely(nents < 1 || !bytes))
		return -EINVAL;
	t.pages = (((u64)sg_dma_address(sgl) & (LIS_HV_PAGE_SIZE - 1)) +
		   bytes + LIS_HV_PAGE_SIZE - 1) >> LIS_HV_PAGE_SHIFT;
	if (unlikely(t.pages > 0xffff))
		return -EINVAL;
	return tx_send(ch, &t, flags);
}
EXPORT_SYMBOL_GPL(lis_send_sg);

/**
 * lis_send_spans - queue a GPA-direct packet with a range for each span.
 * @ch: open channel
 * @payload: copied
 * @len: its bytes
 * @span: DMA addresses and lengths
 * @n: how many
 * @slot: as in lis_send()
 * @flags: as in lis_send()
 *
 * Context: any.
 * Return: as lis_send().
 */
int lis_send_spans(struct lis_channel *ch, const void *payload, u32 len,
		   const struct lis_span *span, u32 n, u32 slot, u32 flags)
{
	struct tx t = {
		.type = LIS_PKT_GPA_DIRECT,
		.slot = slot,
		.payload = payload,
		.len = len,
		.span = span,
		.spans = n,
	};
	u32 i;

	if (unlikely(!n))
		return -EINVAL;
	for (i = 0; i < n; i++) {
		if (unlikely(!span[i].bytes))
			return -EINVAL;
		t.pages += span_pages(&span[i]);
		if (unlikely(t.pages > 0xffff))
			return -EINVAL;
	}
	return tx_send(ch, &t, flags);
}
EXPORT_SYMBOL_GPL(lis_send_spans);

static int send_completion(struct lis_channel *ch, u64 id, const void *payload,
		    u32 len, u32 flags)
{
	struct tx t = {
		.type = LIS_PKT_COMPLETION,
		.id = id,
		.slot = LIS_NO_REQUEST,
		.payload = payload,
		.len = len,
	};

	return tx_send(ch, &t, flags);
}

/**
 * lis_complete - answer a packet of the host that wants a completion.
 * @ch: open channel
 * @id: lis_packet.id
 * @payload: copied
 * @len: its bytes
 *
 * Context: any.
 * Return: as lis_send().
 */
int lis_complete(struct lis_channel *ch, u64 id, const void *payload, u32 len)
{
	return send_completion(ch, id, payload, len, 0);
}
EXPORT_SYMBOL_GPL(lis_complete);

/**
 * lis_complete_more - as lis_complete(), but lis_channel_kick() follows.
 * @ch: open channel
 * @id: lis_packet.id
 * @payload: copied
 * @len: its bytes
 *
 * Context: any.
 * Return: as lis_send().
 */
int lis_complete_more(struct lis_channel *ch, u64 id, const void *payload,
		      u32 len)
{
	return send_completion(ch, id, payload, len, LIS_SEND_MORE);
}
EXPORT_SYMBOL_GPL(lis_complete_more);

/**
 * lis_channel_kick - make good what LIS_SEND_MORE or _QUIET put off.
 * @ch: the channel
 *
 * Context: any.
 */
void lis_channel_kick(struct lis_channel *ch)
{
	unsigned long irq;
	bool signal = false;

	spin_lock_irqsave(&ch->tx_lock, irq);
	if (likely(test_bit(LIS_CH_LIVE, &ch->flags)))
		signal = tx_publish(ch);
	spin_unlock_irqrestore(&ch->tx_lock, irq);
	if (signal)
		lis_signal_host(ch);
}
EXPORT_SYMBOL_GPL(lis_channel_kick);

/**
 * lis_request_cancel - never wait for a request again.
 * @ch: the channel
 * @slot: its slot, free afterwards; a late completion is dropped
 *
 * Context: any.
 * Return: true when it was outstanding.
 */
bool lis_request_cancel(struct lis_channel *ch, u32 slot)
{
	unsigned long irq;
	bool was = false;

	spin_lock_irqsave(&ch->tx_lock, irq);
	if (likely(test_bit(LIS_CH_LIVE, &ch->flags)))
		was = lis_request_abort(&ch->req, slot);
	spin_unlock_irqrestore(&ch->tx_lock, irq);
	return was;
}
EXPORT_SYMBOL_GPL(lis_request_cancel);

/* --- receive ------------------------------------------------------------- */

/* True when the driver may see it; false: drop it, or the channel is broken */
static bool rx_completion(struct lis_channel *ch, u64 id, u32 *slot)
{
	switch (lis_request_end(&ch->req, id, slot)) {
	case LIS_REQUEST_DONE:
		return true;
	case LIS_REQUEST_LATE:
		ch->rx_stats.late++;
		return false;
	case LIS_REQUEST_TWICE:
		lis_channel_break(ch, "a request completed twice");
		return false;
	case LIS_REQUEST_UNKNOWN:
		break;
	}
	lis_channel_break(ch, "completion of a request that never was");
	return false;
}

static void rx_give_back(struct lis_channel *ch)
{
	/* not for every packet: each time costs a full barrier */
	if (lis_ring_in_unreleased(&ch->in) < ch->in.size / 4)
		return;
	if (lis_ring_in_release(&ch->in)) {
		ch->rx_stats.intr_in_full++;
		lis_signal_host(ch);
	}
}

static const char *rx_take(struct lis_channel *ch, u32 avail,
			   struct lis_pkt_view *v)
{
	const char *why;
	u32 used;

	why = lis_pkt_take(lis_ring_in_at(&ch->in), avail, ch->copy,
			   ch->copy_size, &used, v);
	if (unlikely(why))
		return why;
	lis_ring_in_consume(&ch->in, used);
	ch->rx_stats.packets++;
	ch->rx_stats.bytes += used - LIS_RING_TRAILER;
	rx_give_back(ch);
	return NULL;
}

/**
 * lis_packet_next - the next packet of the host.
 * @ch: the channel
 *
 * Context: ops->receive() only.
 * Return: a private copy, valid until the next call, or NULL when the ring is
 * empty or the channel broken.
 */
const struct lis_packet *lis_packet_next(struct lis_channel *ch)
{
	struct lis_packet *p = &ch->pkt;
	struct lis_pkt_view v;
	const char *why;
	u32 avail;

	while (likely(!lis_channel_error(ch))) {
		if (unlikely(lis_ring_in_avail(&ch->in, &avail))) {
			lis_channel_break(ch, "write index outside the ring");
			break;
		}
		if (!avail)
			break;
		why = rx_take(ch, avail, &v);
		if (unlikely(why)) {
			lis_channel_break(ch, why);
			break;
		}
		p->slot = LIS_NO_REQUEST;
		if (v.type == LIS_PKT_COMPLETION &&
		    !rx_completion(ch, v.id, &p->slot))
			continue;
		p->type = v.type;
		p->want_completion = v.want_completion;
		p->id = v.id;
		p->set_id = v.set_id;
		p->ranges = v.ranges;
		p->range_count = v.range_count;
		p->payload = v.payload;
		p->len = v.len;
		return p;
	}
	return NULL;
}
EXPORT_SYMBOL_GPL(lis_packet_next);
