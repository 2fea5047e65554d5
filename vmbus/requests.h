/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests that wait for a completion, by slot.  What travels to the host and
 * back is a generation and a slot number, never an address; a completion
 * counts once.  Pure; every function is atomic by itself and needs no lock.
 */
#ifndef LIS_VMBUS_REQUESTS_H
#define LIS_VMBUS_REQUESTS_H

#include <linux/atomic.h>
#include <linux/types.h>

/**
 * struct lis_requests - the slots of one channel.
 * @count: number of slots
 * @slot:  their states, zeroed before use
 */
struct lis_requests {
	u32 count;
	atomic64_t *slot;
};

enum lis_request_end {
	LIS_REQUEST_DONE,	/* was outstanding, is free again */
	LIS_REQUEST_LATE,	/* was cancelled before: drop it */
	LIS_REQUEST_TWICE,	/* was completed before: the host lies */
	LIS_REQUEST_UNKNOWN,	/* never was one of ours: the host lies */
};

int lis_request_begin(struct lis_requests *t, u32 slot, u64 *id);
enum lis_request_end lis_request_end(struct lis_requests *t, u64 id, u32 *slot);
bool lis_request_abort(struct lis_requests *t, u32 slot);
u32 lis_request_count(const struct lis_requests *t);

#endif
