/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the words of --disk and `hvctl disk add` ask for.
 * Locking: none, the caller's memory.
 */
#ifndef HVHOST_DISK_SPEC_H
#define HVHOST_DISK_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "disk.h"

#define DISK_CONTROLLERS	4	/* of each kind, of a Windows VM */
#define DISK_BUSES		3
#define DISK_TARGETS		4	/* of a Fibre Channel adapter */
#define DISK_LUNS		255	/* of a target: the address has a byte */
#define DISK_DVD_SECTOR		2048

/* What a disk is behind: a SCSI controller, an accelerated IDE channel, of which
 * each has one disk, or a Fibre Channel adapter, which alone has targets.
 */
enum disk_bus { DISK_SCSI, DISK_IDE, DISK_FC };

/* Where a disk is: "scsi1:5" is LUN 5 of the second SCSI controller, "fc0:3:7"
 * LUN 7 of the fourth target of the first Fibre Channel adapter.
 */
struct disk_place {
	enum disk_bus bus;
	unsigned int controller, target, lun;
};

struct disk_spec {
	char *path;			/* NULL: a drive without a medium */
	struct disk_place place;
	unsigned int sectors, physical;	/* bytes */
	unsigned int granule, offset;	/* bytes that UNMAP works on */
	bool lun_given, read_only, removable, dvd, shared, format_given;
	enum disk_format format;
	enum disk_caching caching;
};

/* false: *@error is one line to be freed by the caller.  The caller frees
 * @d->path in both cases.
 */
bool disk_spec_parse(struct disk_spec *d, const char *spec, char **error);

/* "scsi", "ide", "fc" */
const char *disk_bus_name(enum disk_bus bus);
/* "BUS" and a number (a number alone: SCSI), ":", "TARGET:" for FC, a LUN */
bool disk_place_parse(struct disk_place *place, const char *text);

/* A number with K, M, G or T behind it, or none of these */
bool disk_spec_bytes(const char *text, uint64_t *bytes);

#endif
