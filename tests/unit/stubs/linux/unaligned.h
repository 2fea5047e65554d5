/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: integers at any address. */
#ifndef LIS_STUB_LINUX_UNALIGNED_H
#define LIS_STUB_LINUX_UNALIGNED_H

#include <linux/types.h>
#include <string.h>

#define LIS_STUB_UNALIGNED(bits)					\
static inline u##bits get_unaligned_le##bits(const void *p)		\
{									\
	u##bits v;							\
	memcpy(&v, p, sizeof(v));					\
	return v;							\
}									\
static inline u##bits get_unaligned_be##bits(const void *p)		\
{									\
	u##bits v;							\
	memcpy(&v, p, sizeof(v));					\
	return __builtin_bswap##bits(v);				\
}									\
static inline void put_unaligned_le##bits(u##bits v, void *p)		\
{									\
	memcpy(p, &v, sizeof(v));					\
}									\
static inline void put_unaligned_be##bits(u##bits v, void *p)		\
{									\
	v = __builtin_bswap##bits(v);					\
	memcpy(p, &v, sizeof(v));					\
}

LIS_STUB_UNALIGNED(16)
LIS_STUB_UNALIGNED(32)
LIS_STUB_UNALIGNED(64)

#endif
