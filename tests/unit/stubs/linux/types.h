/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: the kernel's names for integers. */
#ifndef LIS_STUB_LINUX_TYPES_H
#define LIS_STUB_LINUX_TYPES_H

#include_next <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;
typedef unsigned int gfp_t;
typedef __u64 phys_addr_t;
typedef __u64 dma_addr_t;
typedef __u64 sector_t;

#ifndef __user
#define __user
#endif
#ifndef __force
#define __force
#endif
#ifndef __iomem
#define __iomem
#endif
#ifndef __must_check
#define __must_check	__attribute__((warn_unused_result))
#endif

#endif
