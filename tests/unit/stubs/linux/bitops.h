/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: bit operations; the unprefixed ones are atomic. */
#ifndef LIS_STUB_LINUX_BITOPS_H
#define LIS_STUB_LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/types.h>

#define DECLARE_BITMAP(name, n)	unsigned long name[BITS_TO_LONGS(n)]

static inline bool test_bit(unsigned long n, const volatile unsigned long *p)
{
	return p[BIT_WORD(n)] & BIT_MASK(n);
}

static inline void __set_bit(unsigned long n, volatile unsigned long *p)
{
	p[BIT_WORD(n)] |= BIT_MASK(n);
}

static inline void __clear_bit(unsigned long n, volatile unsigned long *p)
{
	p[BIT_WORD(n)] &= ~BIT_MASK(n);
}

static inline bool test_and_set_bit(unsigned long n, volatile unsigned long *p)
{
	return __atomic_fetch_or(&p[BIT_WORD(n)], BIT_MASK(n),
				 __ATOMIC_SEQ_CST) & BIT_MASK(n);
}

static inline bool test_and_clear_bit(unsigned long n,
				      volatile unsigned long *p)
{
	return __atomic_fetch_and(&p[BIT_WORD(n)], ~BIT_MASK(n),
				  __ATOMIC_SEQ_CST) & BIT_MASK(n);
}

static inline void set_bit(unsigned long n, volatile unsigned long *p)
{
	test_and_set_bit(n, p);
}

static inline void clear_bit(unsigned long n, volatile unsigned long *p)
{
	test_and_clear_bit(n, p);
}

static inline unsigned long find_next_zero_bit(const unsigned long *p,
					       unsigned long size,
					       unsigned long from)
{
	while (from < size && test_bit(from, p))
		from++;
	return from < size ? from : size;
}

static inline unsigned long find_next_bit(const unsigned long *p,
					  unsigned long size,
					  unsigned long from)
{
	while (from < size && !test_bit(from, p))
		from++;
	return from < size ? from : size;
}

#define find_first_zero_bit(p, size)	find_next_zero_bit(p, size, 0)
#define find_first_bit(p, size)		find_next_bit(p, size, 0)
#define for_each_set_bit(bit, p, size)				\
	for ((bit) = find_first_bit(p, size); (bit) < (size);	\
	     (bit) = find_next_bit(p, size, (bit) + 1))

static inline unsigned int hweight32(u32 v)
{
	return (unsigned int)__builtin_popcount(v);
}

static inline int fls(unsigned int v)
{
	return v ? 32 - __builtin_clz(v) : 0;
}

static inline unsigned long __ffs(unsigned long v)
{
	return (unsigned long)__builtin_ctzl(v);
}

#endif
