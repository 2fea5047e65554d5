/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: compile-time assertions. */
#ifndef LIS_STUB_LINUX_BUILD_BUG_H
#define LIS_STUB_LINUX_BUILD_BUG_H

#define BUILD_BUG_ON(cond)	_Static_assert(!(cond), "BUILD_BUG_ON: " #cond)
#define BUILD_BUG_ON_MSG(cond, msg)	_Static_assert(!(cond), msg)
#ifndef static_assert
#define static_assert(expr, ...)	_Static_assert(expr, #expr)
#endif

#endif
