/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Running other programs: never by a shell, always with a limit.
 */
#ifndef TOOLS_RUN_H
#define TOOLS_RUN_H

#include <stddef.h>

/*
 * Runs argv[0] (a path, or a name to be found in the usual directories) with
 * nothing to read; what it prints goes to @out, cut to fit.  @limit_ms after
 * its start it is killed, with all that it started in its process group.
 * Its exit status, 128 + signal, or -errno (-ETIMEDOUT).
 */
int run_program(const char *const argv[], int limit_ms, char *out,
		size_t out_size);

#endif
