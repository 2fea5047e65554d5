/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guest RAM: one private mapping, shown to the guest as RAM from 0 up to
 * the MMIO gap and, for the rest, from 4 GiB on.
 */
#include "core/memory.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "core/log.h"

/* IOAPIC, local APIC and what KVM needs on Intel lie above */
#define LOW_MMIO_END	0xfe800000ull
#define HIGH_MMIO	(60ull << 30)
#define HIGH_MMIO_SIZE	(4ull << 30)
#define GIB		(1ull << 30)

void memory_init(struct memory *m, uint64_t size, uint64_t gap)
{
	uint64_t top;

	m->size = size;
	m->low = size < GIB4 - gap ? size : GIB4 - gap;
	m->high = size - m->low;
	m->low_mmio = GIB4 - gap;
	m->low_mmio_size = LOW_MMIO_END - m->low_mmio;
	top = (GIB4 + m->high + GIB - 1) & ~(GIB - 1);
	m->high_mmio = top > HIGH_MMIO ? top : HIGH_MMIO;
	m->high_mmio_size = HIGH_MMIO_SIZE;

	m->base = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m->base == MAP_FAILED)
		die(EXIT_INTERNAL, "--mem: %s", strerror(errno));
	/* Fewer page faults, each of which is dear in a nested machine */
	madvise(m->base, size, MADV_HUGEPAGE);
}

void *memory_ptr(const struct memory *m, uint64_t gpa, size_t len)
{
	if (gpa < m->low)
		return len <= m->low - gpa ? m->base + gpa : NULL;
	if (gpa < GIB4 || gpa - GIB4 >= m->high)
		return NULL;
	gpa -= GIB4;
	return len <= m->high - gpa ? m->base + m->low + gpa : NULL;
}

int memory_attach(const struct memory *m, int vm_fd)
{
	struct kvm_userspace_memory_region slot = {
		.slot = 0,
		.memory_size = m->low,
		.userspace_addr = (uintptr_t)m->base,
	};

	if (ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &slot))
		return -1;
	if (!m->high)
		return 0;
	slot.slot = 1;
	slot.guest_phys_addr = GIB4;
	slot.memory_size = m->high;
	slot.userspace_addr = (uintptr_t)m->base + m->low;
	return ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &slot);
}

int memory_map(struct memory *m, int fd, uint64_t offset)
{
	if (mmap(m->base, m->size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fd, offset) ==
	    MAP_FAILED)
		return -1;
	m->mapped = true;
	return 0;
}

/* In the same place: the pages of a file would come back after DONTNEED */
static void unmap_file(struct memory *m)
{
	if (mmap(m->base, m->size, PROT_READ | PROT_WRITE, MAP_PRIVATE |
		 MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) ==
	    MAP_FAILED)
		die(EXIT_INTERNAL, "guest memory: %s", strerror(errno));
	madvise(m->base, m->size, MADV_HUGEPAGE);
	m->mapped = false;
}

void memory_clear(struct memory *m)
{
	if (m->mapped)
		unmap_file(m);
	else if (madvise(m->base, m->size, MADV_DONTNEED))
		memset(m->base, 0, m->size);
}
