/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: whole bitmaps. */
#ifndef LIS_STUB_LINUX_BITMAP_H
#define LIS_STUB_LINUX_BITMAP_H

#include <linux/bitops.h>
#include <string.h>

static inline void bitmap_zero(unsigned long *p, unsigned int n)
{
	memset(p, 0, BITS_TO_LONGS(n) * sizeof(long));
}

static inline bool bitmap_empty(const unsigned long *p, unsigned int n)
{
	return find_first_bit(p, n) == n;
}

static inline bool bitmap_full(const unsigned long *p, unsigned int n)
{
	return find_first_zero_bit(p, n) == n;
}

#endif
