/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: the C library's numbers are the kernel's. */
#ifndef LIS_STUB_LINUX_ERRNO_H
#define LIS_STUB_LINUX_ERRNO_H

#include_next <linux/errno.h>
#include <errno.h>

#endif
