/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything the VMBus server does to the world goes through this table, so
 * that the server and the device providers run unchanged in unit tests
 * without a VM.  core/ + hv/ implement it on KVM; tests/unit has a fake.
 *
 * Threads: the server is entered from vCPU threads (guest messages), from
 * channel worker threads and from the control thread; it locks itself.
 * The effects may be called from any thread and never call back into the
 * server synchronously.
 */
#ifndef HVHOST_EFFECTS_H
#define HVHOST_EFFECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hv_effects {
	void *ctx;

	/* Queue a message for @vp's SINT; delivered in order, when the slot
	 * is free.  Never blocks, never fails (unbounded queue per VP).
	 */
	void (*post_message)(void *ctx, uint32_t vp, uint32_t sint,
			     const void *payload, size_t len);

	/* Set event flag @flag of @vp's SINT and raise its interrupt.
	 * Returns false when the SINT or event page is not enabled (lost).
	 */
	bool (*set_event)(void *ctx, uint32_t vp, uint32_t sint, uint32_t flag);

	/* Host address of guest memory [gpa, gpa+len), NULL if any byte of it
	 * is not RAM.  Valid until the VM is reset.
	 */
	void *(*guest_memory)(void *ctx, uint64_t gpa, size_t len);

	/* An eventfd that fires when the guest signals @connection_id; the
	 * caller owns polling it, unbind closes it.  -1 on error.
	 */
	int (*bind_signal)(void *ctx, uint32_t connection_id);
	void (*unbind_signal)(void *ctx, uint32_t connection_id, int fd);

	/* The guest broke the protocol: one line that names packet and field.
	 * Counted; makes hvhost exit with status 4 in the end.
	 */
	void (*violation)(void *ctx, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));

	/* What the guest's reference counter says, in units of 100 ns; NULL:
	 * always 0.
	 */
	uint64_t (*reference_time)(void *ctx);

	/* Highest VP index + 1 */
	uint32_t vp_count;
};

#endif
