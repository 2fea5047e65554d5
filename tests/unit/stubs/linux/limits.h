/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: the ranges of the kernel's integers. */
#ifndef LIS_STUB_LINUX_LIMITS_H
#define LIS_STUB_LINUX_LIMITS_H

#include_next <linux/limits.h>
#include <limits.h>
#include <stdint.h>

#define U8_MAX	UINT8_MAX
#define U16_MAX	UINT16_MAX
#define U32_MAX	UINT32_MAX
#define U64_MAX	(~0ULL)
#define S32_MAX	INT32_MAX

#endif
