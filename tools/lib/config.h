/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Configuration files: lines "name = value"; # begins a comment.
 */
#ifndef TOOLS_CONFIG_H
#define TOOLS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes a setting; NULL, or what is wrong with it. */
typedef const char *(*config_take_fn)(void *ctx, const char *name,
				      const char *value);

/*
 * Takes a text apart.  0, or the number of the first line that is wrong, with
 * an explanation in @why.
 */
int config_parse(const char *text, config_take_fn take, void *ctx, char *why,
		 size_t why_size);

/*
 * Reads the file @path below @root.  0; or -1, and one sentence is on standard
 * error, after the name of the @program.  That it is not there is an error
 * only if it @must be.
 */
int config_read(const char *program, const char *root, const char *path,
		bool must, config_take_fn take, void *ctx);

/* A number without anything around it, at most @max */
bool config_number(const char *value, int base, uint64_t max, uint64_t *out);

#endif
