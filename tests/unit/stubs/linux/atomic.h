/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: 32 and 64-bit atomics, fully ordered. */
#ifndef LIS_STUB_LINUX_ATOMIC_H
#define LIS_STUB_LINUX_ATOMIC_H

#include <linux/types.h>

typedef struct { int counter; } atomic_t;
typedef struct { s64 counter; } atomic64_t;

static inline int atomic_read(const atomic_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static inline s64 atomic64_read(const atomic64_t *v)
{
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);
}

static inline void atomic64_set(atomic64_t *v, s64 n)
{
	__atomic_store_n(&v->counter, n, __ATOMIC_RELAXED);
}

static inline bool atomic64_try_cmpxchg(atomic64_t *v, s64 *old, s64 new)
{
	return __atomic_compare_exchange_n(&v->counter, old, new, 0,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

#endif
