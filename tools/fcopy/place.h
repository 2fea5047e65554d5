/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Getting at the directory that the host names, without being led astray:
 * no "..", no symbolic links below the allowed directory.
 */
#ifndef FCOPY_PLACE_H
#define FCOPY_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "policy.h"

/*
 * Cleans @dir: absolute, single slashes, no slash at the end, no "."; false
 * if it is relative, has "..", control characters or bad UTF-8, or is too
 * long.  "/" becomes "".
 */
bool fcopy_clean_dir(char *out, size_t size, const char *dir);

/* May a file be called so: one component, text, neither "." nor ".."? */
bool fcopy_name_ok(const char *name);

/*
 * Opens the directory @dir (clean), which must be below an allowed one.
 * @root is put in front of all paths.  A descriptor, or -errno: -EPERM where
 * the policy does not allow it, -ELOOP where a link is in the way.  @create
 * makes what is missing below the allowed directory.
 */
int fcopy_open_dir(const struct fcopy_policy *p, const char *root,
		   const char *dir, bool create);

#endif
