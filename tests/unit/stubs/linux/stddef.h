/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: offsets and field sizes. */
#ifndef LIS_STUB_LINUX_STDDEF_H
#define LIS_STUB_LINUX_STDDEF_H

#include_next <linux/stddef.h>
#include <stddef.h>

#define sizeof_field(type, member)	sizeof(((type *)0)->member)
#define offsetofend(type, member) \
	(offsetof(type, member) + sizeof_field(type, member))

#endif
