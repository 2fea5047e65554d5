/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A directory of its own for each test of the daemons: set up and taken away
 * by cmocka, with helpers that make and look at files in it.
 */
#ifndef TESTS_TOOL_SCRATCH_H
#define TESTS_TOOL_SCRATCH_H

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tools/lib/file.h"

static char scratch[64];

static inline int scratch_begin(void **state)
{
	(void)state;
	strcpy(scratch, "/tmp/lis-tool.XXXXXX");
	return mkdtemp(scratch) ? 0 : -1;
}

static inline int scratch_end(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", scratch);
	return system(command);
}

/* The path of a file below the directory; the last four stay valid. */
static inline const char *below(const char *path)
{
	static char full[4][PATH_MAX];
	static unsigned int turn;

	turn = (turn + 1) % 4;
	snprintf(full[turn], sizeof(full[turn]), "%s%s", scratch, path);
	return full[turn];
}

static inline void put_file(const char *path, const char *text)
{
	char dir[PATH_MAX];

	snprintf(dir, sizeof(dir), "%s%s", scratch, path);
	*strrchr(dir, '/') = '\0';
	assert_int_equal(file_make_dirs(dir, 0755), 0);
	assert_int_equal(file_replace(below(path), text, strlen(text), 0644),
			 0);
}

/* The content of a file, "" where there is none; valid until the next one. */
static inline const char *get_file(const char *path)
{
	static char text[65536];

	file_read(below(path), text, sizeof(text));
	return text;
}

#endif
