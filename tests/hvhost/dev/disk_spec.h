/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the words of --disk and `hvctl disk add` ask for.
 * Locking: none, the caller's memory.
 */
#ifndef HVHOST_DISK_SPEC_H
#define HVHOST_DISK_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#define DISK_CONTROLLERS	4	/* of a Windows VM */
#define DISK_DVD_SECTOR		2048

struct disk_spec {
	char *path;			/* NULL: a drive without a medium */
	unsigned int controller, lun;
	unsigned int sectors, physical;	/* bytes */
	unsigned int granule, offset;	/* bytes that UNMAP works on */
	bool lun_given, read_only, removable, dvd, shared;
};

/* false: *@error is one line to be freed by the caller.  The caller frees
 * @d->path in both cases.
 */
bool disk_spec_parse(struct disk_spec *d, const char *spec, char **error);

/* A number with K, M, G or T behind it, or none of these */
bool disk_spec_bytes(const char *text, uint64_t *bytes);

#endif
