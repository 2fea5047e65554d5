// SPDX-License-Identifier: GPL-2.0-only
/*
 * The slot table.  A slot is one 64-bit word, changed by compare-and-swap:
 *
 *	63..32	generation of the latest request in this slot
 *	31	it is outstanding
 *	15..0	cancelled requests of this slot not yet heard of again
 *
 * The transaction id on the wire is generation << 32 | slot + 1, so it is
 * never zero and never repeats before 2^32 uses of its slot.
 */
#include <linux/atomic.h>
#include <linux/errno.h>

#include "requests.h"

#define BUSY		(1ull << 31)
#define LATE_MASK	0xffffull
#define GENERATION(w)	((u32)((w) >> 32))

/**
 * lis_request_begin - a request goes out.
 * @t: the table
 * @slot: must be free
 * @id: transaction id for the wire
 *
 * Return: 0, or -EINVAL when the slot does not exist or is taken.
 */
int lis_request_begin(struct lis_requests *t, u32 slot, u64 *id)
{
	s64 old, new;
	u32 gen;

	if (slot >= t->count)
		return -EINVAL;
	old = atomic64_read(&t->slot[slot]);
	do {
		if ((u64)old & BUSY)
			return -EINVAL;
		gen = GENERATION((u64)old) + 1;
		new = (s64)((u64)gen << 32 | BUSY | ((u64)old & LATE_MASK));
	} while (!atomic64_try_cmpxchg(&t->slot[slot], &old, new));
	*id = (u64)gen << 32 | (slot + 1);
	return 0;
}

/**
 * lis_request_end - the host completed a request.
 * @t: the table
 * @id: transaction id from the wire, any value
 * @slot: the slot, when the id names one
 *
 * Return: what to do with the completion.
 */
enum lis_request_end lis_request_end(struct lis_requests *t, u64 id, u32 *slot)
{
	u32 n = (u32)id - 1;
	s64 old, new;
	bool done;

	if (n >= t->count)
		return LIS_REQUEST_UNKNOWN;
	*slot = n;
	old = atomic64_read(&t->slot[n]);
	do {
		/* a generation still to come, or none at all yet */
		if ((s32)(GENERATION(id) - GENERATION((u64)old)) > 0 ||
		    !GENERATION((u64)old))
			return LIS_REQUEST_UNKNOWN;
		done = ((u64)old & BUSY) &&
		       GENERATION(id) == GENERATION((u64)old);
		if (!done && !((u64)old & LATE_MASK))
			return LIS_REQUEST_TWICE;
		new = done ? (s64)((u64)old & ~BUSY) : old - 1;
	} while (!atomic64_try_cmpxchg(&t->slot[n], &old, new));
	return done ? LIS_REQUEST_DONE : LIS_REQUEST_LATE;
}

/**
 * lis_request_abort - stop waiting for a request.
 * @t: the table
 * @slot: its slot, free afterwards
 *
 * Return: true when it was outstanding.
 */
bool lis_request_abort(struct lis_requests *t, u32 slot)
{
	s64 old, new;

	if (slot >= t->count)
		return false;
	old = atomic64_read(&t->slot[slot]);
	do {
		if (!((u64)old & BUSY))
			return false;
		new = (s64)((u64)old & ~BUSY);
		if (((u64)old & LATE_MASK) < LATE_MASK)
			new++;
	} while (!atomic64_try_cmpxchg(&t->slot[slot], &old, new));
	return true;
}

/**
 * lis_request_count - how many are outstanding; for display only.
 * @t: the table
 */
u32 lis_request_count(const struct lis_requests *t)
{
	u32 n, busy = 0;

	for (n = 0; n < t->count; n++)
		if ((u64)atomic64_read(&t->slot[n]) & BUSY)
			busy++;
	return busy;
}
