/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in. */
#ifndef LIS_STUB_LINUX_ARRAY_SIZE_H
#define LIS_STUB_LINUX_ARRAY_SIZE_H

#include <linux/kernel.h>

#endif
