/* SPDX-License-Identifier: GPL-2.0-only */
/* upstream: v5.14 took panic_notifier_list out of kernel.h */
#include <linux/kernel.h>
#include <linux/notifier.h>
