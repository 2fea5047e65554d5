/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host may write: directories, size, and whose the files become.
 * From a configuration file of lines "name = value"; # begins a comment.
 */
#ifndef FCOPY_POLICY_H
#define FCOPY_POLICY_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define FCOPY_CONFIG	"/etc/openlis/fcopy.conf"
#define FCOPY_ROOTS	64

struct fcopy_policy {
	char *roots[FCOPY_ROOTS];	/* absolute, without / at the end */
	size_t root_count;
	bool own_roots;			/* not the default ones */
	mode_t mode;
	mode_t dir_mode;
	uid_t owner;
	gid_t group;
	uint64_t max_size;		/* 0: none */
	bool sync;			/* on disk before it counts as done */
};

/* What holds where there is no file. */
void fcopy_policy_default(struct fcopy_policy *p);

/*
 * Takes over the text of a file; "allow" lines replace the default ones.
 * 0, or the number of a line that is wrong, and why.
 */
int fcopy_policy_parse(struct fcopy_policy *p, const char *text, char *why,
		       size_t why_size);
/* The same for one setting: a config_take_fn, @ctx is the policy */
const char *fcopy_policy_take(void *ctx, const char *name, const char *value);
void fcopy_policy_free(struct fcopy_policy *p);

/*
 * The allowed directory that @path (absolute, no "." or "..", no double
 * slashes) is below, the longest of several; NULL if none is.
 */
const char *fcopy_policy_root(const struct fcopy_policy *p, const char *path);

#endif
