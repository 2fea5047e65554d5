/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks in memory, copied without a system call: files in tmpfs that have no
 * holes are mapped.
 *
 * Locking: a mapping never changes after disk_map_open().
 */
#ifndef HVHOST_DISK_MAP_H
#define HVHOST_DISK_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "disk.h"

struct disk_map {
	uint8_t *memory;	/* NULL = not mapped */
	uint64_t bytes;
};

void disk_map_open(struct disk_map *m, int fd, bool read_only);
void disk_map_close(struct disk_map *m);

/* READ or WRITE; false: not within the mapping.  Else @io->result is set. */
bool disk_map_copy(const struct disk_map *m, struct disk_io *io);

#endif
