/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: what kernel.h gathers. */
#ifndef LIS_STUB_LINUX_KERNEL_H
#define LIS_STUB_LINUX_KERNEL_H

#include <linux/align.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <stdio.h>

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define lower_32_bits(n)	((u32)(n))
#define upper_32_bits(n)	((u32)((u64)(n) >> 32))
#define scnprintf(buf, size, ...) ({				\
	int lis_n = snprintf(buf, size, __VA_ARGS__);		\
	lis_n < (int)(size) ? lis_n : (int)(size) - 1; })

#endif
