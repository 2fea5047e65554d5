/* SPDX-License-Identifier: GPL-2.0-only */
/* upstream: v5.10 took min(), max() and their kin out of kernel.h */
#include <linux/kernel.h>
