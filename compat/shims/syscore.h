/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Callbacks of the last CPU around sleep: since v6.19 they have a context.
 * Included by the one file that has such callbacks.  LIS_COMPAT_SYSCORE(name,
 * suspend, resume) stands for "struct syscore name" and its operations.
 */
#ifndef LIS_COMPAT_SHIMS_SYSCORE_H
#define LIS_COMPAT_SHIMS_SYSCORE_H

#include <linux/syscore_ops.h>

#ifdef HAVE_REGISTER_SYSCORE
#define LIS_COMPAT_SYSCORE(name, down, up)				\
static const struct syscore_ops name##_ops = {				\
	.suspend = down,						\
	.resume = up,							\
};									\
static struct syscore name = { .ops = &name##_ops }
#else
#define LIS_COMPAT_SYSCORE(name, down, up)				\
static int name##_down(void)						\
{									\
	return down(NULL);						\
}									\
static void name##_up(void)						\
{									\
	up(NULL);							\
}									\
static struct syscore_ops name = {					\
	.suspend = name##_down,						\
	.resume = name##_up,						\
}
#define register_syscore(s)	register_syscore_ops(s)
#define unregister_syscore(s)	unregister_syscore_ops(s)
#endif

#endif
