/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A disk's own write cache, which forgets when the power goes: what was
 * written stays in memory until a flush, or FUA, brings it into the file.
 * Without it a test that pulls the plug proves little, as the host's page
 * cache outlives hvhost.
 *
 * Locking: a lock of its own, held for the whole of an operation.
 */
#ifndef HVHOST_DISK_CACHE_H
#define HVHOST_DISK_CACHE_H

#include "disk.h"

struct disk_cache;

/* For a file of @bytes; @lying: says that it has flushed and does not.  NULL:
 * no memory.
 */
struct disk_cache *disk_cache_new(uint64_t bytes, bool lying);
/* Loses what it holds. */
void disk_cache_free(struct disk_cache *c);

/* Runs @io to its end and sets its result. */
void disk_cache_run(struct disk_cache *c, struct disk_io *io);

/* Of each 4096 bytes that were written and not flushed either nothing or all
 * has reached the file, by chance; of a liar's nothing.
 */
void disk_cache_power_loss(struct disk_cache *c, int fd);

/* An orderly end; 0 or -errno */
int disk_cache_write_back(struct disk_cache *c, int fd);

#endif
