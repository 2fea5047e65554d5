/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: the kernel's memory barriers as C11 fences. */
#ifndef LIS_STUB_ASM_BARRIER_H
#define LIS_STUB_ASM_BARRIER_H

#define mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define smp_mb()	mb()
#define smp_rmb()	rmb()
#define smp_wmb()	wmb()
#define virt_mb()	mb()
#define virt_rmb()	rmb()
#define virt_wmb()	wmb()
#define dma_rmb()	rmb()
#define dma_wmb()	wmb()

#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v)	__atomic_store_n(p, v, __ATOMIC_RELEASE)
#define virt_load_acquire(p)	smp_load_acquire(p)
#define virt_store_release(p, v)	smp_store_release(p, v)
#define smp_store_mb(var, v)	__atomic_store_n(&(var), v, __ATOMIC_SEQ_CST)
#define virt_store_mb(var, v)	smp_store_mb(var, v)

#endif
