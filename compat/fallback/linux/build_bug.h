/* SPDX-License-Identifier: GPL-2.0-only */
/* upstream: v4.13 took BUILD_BUG_ON() and its kin out of bug.h */
#include <linux/bug.h>
