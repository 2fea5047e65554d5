/* SPDX-License-Identifier: GPL-2.0-only */
/* Load a Linux kernel and point a vCPU at it; main thread, no lock. */
#ifndef HVHOST_BOOT_H
#define HVHOST_BOOT_H

#include "core/memory.h"
#include "core/options.h"
#include "core/vcpu.h"

/* Look at the kernel file: ends the process if it cannot be booted. */
void boot_check(const struct options *opt, const struct memory *mem);

/* Where a kernel starts, and in which mode */
struct boot_entry {
	uint64_t at;
	bool bits32;
};

/* Fill guest memory; @entry is where the kernel starts.  0, or -1 with a
 * message printed.
 */
int boot_load(const struct options *opt, const struct memory *mem,
	      uint64_t rsdp, struct boot_entry *entry);

/* 64-bit mode, paging on, or 32-bit protected mode, paging off; RSI = zero page.
 * 0 or -1 with errno.
 */
int boot_set_registers(struct vcpu *v, struct boot_entry entry);

#endif
