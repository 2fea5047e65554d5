/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: from a member to what contains it. */
#ifndef LIS_STUB_LINUX_CONTAINER_OF_H
#define LIS_STUB_LINUX_CONTAINER_OF_H

#include <stddef.h>

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))

#endif
