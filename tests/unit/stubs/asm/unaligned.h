/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: where kernels before 6.12 have it. */
#ifndef LIS_STUB_ASM_UNALIGNED_H
#define LIS_STUB_ASM_UNALIGNED_H

#include <linux/unaligned.h>

#endif
