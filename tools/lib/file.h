/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whole small files: reading with a limit, replacing at once.
 */
#ifndef TOOLS_FILE_H
#define TOOLS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Joins, for a path below the --root of a test; false if it does not fit.
 */
bool file_path(char *out, size_t size, const char *root, const char *path);

/*
 * Reads a file whole and ends it with a NUL.  Its length; -errno, -EFBIG if
 * it is longer than @size - 1.
 */
ssize_t file_read(const char *path, char *out, size_t size);

/* The first line only, without its newline. */
ssize_t file_line(const char *path, char *out, size_t size);

/*
 * Puts @data in the place of @path, so that at any moment either the old or
 * the new content is there.  0 or -errno.
 */
int file_replace(const char *path, const void *data, size_t len, mode_t mode);

/* Writes all of it; 0 or -errno. */
int file_write_all(int fd, const void *data, size_t len);

/* Makes a directory, its parents too; 0 or -errno. */
int file_make_dirs(const char *path, mode_t mode);

#endif
