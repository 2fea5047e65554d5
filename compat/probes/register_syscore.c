// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v6.19 gave syscore callbacks a context; exports: register_syscore */
#include <linux/syscore_ops.h>
static int sleep(void *data) { return 0; }
static const struct syscore_ops ops = { .suspend = sleep };
struct syscore probe = { .ops = &ops };
void go(void);
void go(void) { register_syscore(&probe); }
