/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: min, max and clamp that evaluate once. */
#ifndef LIS_STUB_LINUX_MINMAX_H
#define LIS_STUB_LINUX_MINMAX_H

#define lis_stub_pick(op, a, b) ({			\
	__typeof__(a) lis_a = (a);			\
	__typeof__(b) lis_b = (b);			\
	lis_a op lis_b ? lis_a : lis_b; })

#define min(a, b)		lis_stub_pick(<, a, b)
#define max(a, b)		lis_stub_pick(>, a, b)
#define min_t(type, a, b)	lis_stub_pick(<, (type)(a), (type)(b))
#define max_t(type, a, b)	lis_stub_pick(>, (type)(a), (type)(b))
#define min3(a, b, c)		min(min(a, b), c)
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define clamp_t(type, v, lo, hi) min_t(type, max_t(type, v, lo), hi)
#define swap(a, b) \
	do { __typeof__(a) lis_t = (a); (a) = (b); (b) = lis_t; } while (0)

#endif
