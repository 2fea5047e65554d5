/* SPDX-License-Identifier: GPL-2.0-only */
/* upstream: v6.7 took ARRAY_SIZE() out of kernel.h */
#include <linux/kernel.h>
