/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest RAM and the map of guest physical addresses.
 *
 * The host mapping is made once and stays until the process ends, also over
 * resets of the guest: a pointer from memory_ptr() never dangles.  All fields
 * but @mapped are read-only after memory_init().
 */
#ifndef HVHOST_MEMORY_H
#define HVHOST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#define GIB4	(1ull << 32)

struct memory {
	uint8_t *base;		/* host address of guest address 0 */
	uint64_t size;		/* RAM in all */
	uint64_t low;		/* RAM below the gap: [0, low) */
	uint64_t high;		/* RAM above 4 GiB: [4G, 4G + high) */
	/* MMIO windows offered to the guest through ACPI */
	uint64_t low_mmio, low_mmio_size;
	uint64_t high_mmio, high_mmio_size;
	bool mapped;		/* RAM began as a private copy of a file */
};

/* Ends the process when there is not enough memory. */
void memory_init(struct memory *m, uint64_t size, uint64_t gap);

/* Host address of [gpa, gpa + len), NULL unless all of it is RAM */
void *memory_ptr(const struct memory *m, uint64_t gpa, size_t len);

/* Give the RAM to a new VM; 0 or -1 with errno */
int memory_attach(const struct memory *m, int vm_fd);

/* What is in the file from @offset on; 0 or -1 with errno */
int memory_map(struct memory *m, int fd, uint64_t offset);

/* All zeroes again, as at power-on */
void memory_clear(struct memory *m);

#endif
