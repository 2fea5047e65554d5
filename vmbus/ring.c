// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ring arithmetic.  Everything in a control page may be changed by the host
 * at any time: each field is read once, checked, and only the checked copy is
 * used.  Our own indices live in private memory and are only ever written to
 * the shared page.
 *
 * An index is below the size of the data area and a multiple of 8; equal
 * indices mean an empty ring, so at least 8 bytes always stay free.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <asm/barrier.h>

#include "ring.h"

static bool index_ok(u32 index, u32 size)
{
	return index < size && !(index & 7);
}

static u32 used(u32 write, u32 read, u32 size)
{
	return write >= read ? write - read : write + size - read;
}

static u32 advance(u32 index, u32 bytes, u32 size)
{
	index += bytes;
	return index >= size ? index - size : index;
}

/**
 * lis_ring_out_init - start an empty guest->host ring.
 * @r: the producer
 * @ctl: zeroed control page, not yet known to the host
 * @data: data area, mapped twice
 * @size: its bytes
 */
void lis_ring_out_init(struct lis_ring_out *r, struct lis_ring_control *ctl,
		       void *data, u32 size)
{
	*r = (struct lis_ring_out){ .ctl = ctl, .data = data, .size = size };
	WRITE_ONCE(ctl->features, LIS_RING_FEATURE_PENDING_SIZE);
}

/**
 * lis_ring_out_room - bytes that are free right now.
 * @r: the producer
 * @room: the answer; one packet may use at most @room - 8
 *
 * Return: 0, or -EPROTO when the host's read index is impossible.
 */
int lis_ring_out_room(const struct lis_ring_out *r, u32 *room)
{
	/* pairs with the host's release of the space behind its read index */
	u32 read = virt_load_acquire(&r->ctl->read_index);

	if (unlikely(!index_ok(read, r->size)))
		return -EPROTO;
	*room = r->size - used(r->write, read, r->size);
	return 0;
}

/**
 * lis_ring_out_reserve - find room for one packet.
 * @r: the producer
 * @len: packet length, a multiple of 8, without the trailer
 * @at: where to write it, in one piece
 *
 * Return: 0, -EAGAIN (full), -EINVAL (can never fit) or -EPROTO.
 */
int lis_ring_out_reserve(struct lis_ring_out *r, u32 len, void **at)
{
	u32 need = len + LIS_RING_TRAILER;
	u32 room;
	int err;

	if (unlikely(need >= r->size))
		return -EINVAL;
	err = lis_ring_out_room(r, &room);
	if (unlikely(err))
		return err;
	if (need >= room)
		return -EAGAIN;
	*at = r->data + r->write;
	return 0;
}

/**
 * lis_ring_out_commit - the reserved packet is written.
 * @r: the producer
 * @len: as in lis_ring_out_reserve()
 *
 * The host sees it after lis_ring_out_publish().
 */
void lis_ring_out_commit(struct lis_ring_out *r, u32 len)
{
	struct lis_pkt_trailer end = { .start = r->write };

	memcpy(r->data + r->write + len, &end, sizeof(end));
	r->write = advance(r->write, len + LIS_RING_TRAILER, r->size);
}

/**
 * lis_ring_out_publish - show the host all committed packets.
 * @r: the producer
 *
 * A burst is published as one step, so the host can have gone idle only with
 * the index it was told before: comparing with that one is exact.
 *
 * Return: true when the host must be signalled: it saw an empty ring and did
 * not mask signals.
 */
bool lis_ring_out_publish(struct lis_ring_out *r)
{
	u32 before = r->published;

	if (r->write == before)
		return false;
	/* pairs with the host's acquire: packets before the index */
	virt_store_release(&r->ctl->write_index, r->write);
	r->published = r->write;
	/*
	 * Pairs with the host's barrier between unmasking (or advancing its
	 * read index) and looking at the write index again.
	 */
	virt_mb();
	return !READ_ONCE(r->ctl->interrupt_mask) &&
	       READ_ONCE(r->ctl->read_index) == before;
}

/**
 * lis_ring_out_publish_quiet - show the host all packets, put off the signal.
 * @r: the producer
 *
 * lis_ring_out_settle() says later whether it is still needed.
 */
void lis_ring_out_publish_quiet(struct lis_ring_out *r)
{
	u32 before = r->published;

	if (!lis_ring_out_publish(r))
		return;
	r->owed = true;
	r->owed_at = before;
}

/**
 * lis_ring_out_settle - is a signal that was put off still needed?
 * @r: the producer
 *
 * Not when the host has masked signals or moved its read index since: then it
 * was awake after our barrier in lis_ring_out_publish(), and it looks at the
 * write index again before it sleeps.  What was published after that look made
 * its own decision, and if that put off a signal, @owed_at is newer.
 *
 * Return: true when the host must be signalled.
 */
bool lis_ring_out_settle(struct lis_ring_out *r)
{
	if (!r->owed)
		return false;
	r->owed = false;
	return !READ_ONCE(r->ctl->interrupt_mask) &&
	       READ_ONCE(r->ctl->read_index) == r->owed_at;
}

/**
 * lis_ring_out_block - ask for a signal once a packet would fit.
 * @r: the producer
 * @len: packet length as in lis_ring_out_reserve()
 *
 * The caller looks for room once more afterwards, or the signal could be lost.
 * Some hosts count the 8 bytes that must stay free and some do not: asking for
 * 8 more is right for both.
 */
void lis_ring_out_block(struct lis_ring_out *r, u32 len)
{
	u32 want = min(len + LIS_RING_TRAILER + 8, r->size - 1);

	r->blocked = true;
	WRITE_ONCE(r->ctl->pending_send_size, want);
	/* pairs with the host's barrier after it advanced its read index */
	virt_mb();
}

/**
 * lis_ring_out_unblock - no signal for room is wanted any more.
 * @r: the producer
 */
void lis_ring_out_unblock(struct lis_ring_out *r)
{
	r->blocked = false;
	WRITE_ONCE(r->ctl->pending_send_size, 0);
}

/**
 * lis_ring_in_init - start an empty host->guest ring.
 * @r: the consumer
 * @ctl: zeroed control page, not yet known to the host
 * @data: data area, mapped twice
 * @size: its bytes
 */
void lis_ring_in_init(struct lis_ring_in *r, struct lis_ring_control *ctl,
		      const void *data, u32 size)
{
	*r = (struct lis_ring_in){ .ctl = ctl, .data = data, .size = size };
	/* The producer's field, but the host may be a version that reads it */
	WRITE_ONCE(ctl->features, LIS_RING_FEATURE_PENDING_SIZE);
}

/**
 * lis_ring_in_avail - bytes the host has written and we have not consumed.
 * @r: the consumer
 * @avail: the answer
 *
 * The host's index is read only when everything seen before is consumed.
 *
 * Return: 0, or -EPROTO when the index is impossible.
 */
int lis_ring_in_avail(struct lis_ring_in *r, u32 *avail)
{
	if (r->read == r->limit) {
		/* pairs with the host's release of the packets before it */
		u32 write = virt_load_acquire(&r->ctl->write_index);

		if (unlikely(!index_ok(write, r->size)))
			return -EPROTO;
		r->limit = write;
	}
	*avail = used(r->limit, r->read, r->size);
	return 0;
}

/**
 * lis_ring_in_consume - go past a packet that was copied out.
 * @r: the consumer
 * @len: its length with the trailer; at most what lis_ring_in_avail() said
 */
void lis_ring_in_consume(struct lis_ring_in *r, u32 len)
{
	r->read = advance(r->read, len, r->size);
}

/**
 * lis_ring_in_release - give consumed space back to the host.
 * @r: the consumer
 *
 * Return: true when the host waits for room and just got enough of it: it
 * must be signalled.
 */
bool lis_ring_in_release(struct lis_ring_in *r)
{
	u32 before = r->published;
	u32 want, write;

	if (r->read == before)
		return false;
	/* pairs with the host's acquire: packets are copied before that */
	virt_store_release(&r->ctl->read_index, r->read);
	r->published = r->read;
	/* pairs with the host's barrier after it set pending_send_size */
	virt_mb();
	want = READ_ONCE(r->ctl->pending_send_size);
	if (likely(!want) ||
	    !(READ_ONCE(r->ctl->features) & LIS_RING_FEATURE_PENDING_SIZE))
		return false;
	write = READ_ONCE(r->ctl->write_index);
	if (!index_ok(write, r->size))
		return false;	/* lis_ring_in_avail() will say so */
	want = min(want, r->size - 1);
	return r->size - used(write, before, r->size) - 1 < want &&
	       r->size - used(write, r->read, r->size) - 1 >= want;
}

/**
 * lis_ring_in_mask - no signals please, we are looking.
 * @r: the consumer
 */
void lis_ring_in_mask(struct lis_ring_in *r)
{
	WRITE_ONCE(r->ctl->interrupt_mask, 1);
}

/**
 * lis_ring_in_unmask - we stop looking.
 * @r: the consumer
 *
 * Return: true when something came in meanwhile, for which no signal may
 * arrive: look again.
 */
bool lis_ring_in_unmask(struct lis_ring_in *r)
{
	WRITE_ONCE(r->ctl->interrupt_mask, 0);
	/* pairs with the host's barrier after it published its write index */
	virt_mb();
	return READ_ONCE(r->ctl->write_index) != r->read;
}
