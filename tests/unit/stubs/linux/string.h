/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: the C library's, and what only the kernel has. */
#ifndef LIS_STUB_LINUX_STRING_H
#define LIS_STUB_LINUX_STRING_H

#include <linux/types.h>
#include <string.h>

static inline void *memchr_inv(const void *start, int c, size_t n)
{
	const unsigned char *p = start;

	for (; n; n--, p++)
		if (*p != (unsigned char)c)
			return (void *)p;
	return NULL;
}

static inline ssize_t strscpy(char *dst, const char *src, size_t size)
{
	size_t len = strnlen(src, size);

	if (!size)
		return -7;
	if (len == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = '\0';
		return -7;	/* E2BIG */
	}
	memcpy(dst, src, len + 1);
	return (ssize_t)len;
}

#endif
