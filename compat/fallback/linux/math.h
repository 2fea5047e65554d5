/* SPDX-License-Identifier: GPL-2.0-only */
/* upstream: v5.11 took DIV_ROUND_UP() and its kin out of kernel.h */
#include <linux/kernel.h>
