/* SPDX-License-Identifier: GPL-2.0-only */
/* upstream: v4.11 took what finds a task's stack out of sched.h */
#include <linux/sched.h>
