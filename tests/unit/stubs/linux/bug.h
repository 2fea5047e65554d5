/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: WARN says where, and ends the test. */
#ifndef LIS_STUB_LINUX_BUG_H
#define LIS_STUB_LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <stdio.h>
#include <stdlib.h>

/* A warning in a pure core is a bug of ours: never let a test go on. */
#define WARN(cond, fmt, ...) ({						\
	int lis_warn = !!(cond);					\
	if (lis_warn) {							\
		fprintf(stderr, "WARN at %s:%d: " fmt "\n",		\
			__FILE__, __LINE__, ##__VA_ARGS__);		\
		abort();						\
	}								\
	lis_warn; })
#define WARN_ON(cond)		WARN(cond, "%s", #cond)
#define WARN_ON_ONCE(cond)	WARN_ON(cond)
#define WARN_ONCE(cond, fmt, ...) WARN(cond, fmt, ##__VA_ARGS__)

#endif
