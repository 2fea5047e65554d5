/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where a queue finds operations that another thread has run for it.
 *
 * Locking: a lock of its own; any thread may post, the queue's takes.
 */
#ifndef HVHOST_DISK_INBOX_H
#define HVHOST_DISK_INBOX_H

#include "disk.h"

struct disk_inbox;

/* NULL: no memory, or no file descriptor */
struct disk_inbox *disk_inbox_new(void);
/* Nothing may be on its way to it. */
void disk_inbox_free(struct disk_inbox *box);
void disk_inbox_post(struct disk_inbox *box, struct disk_io *io);
/* All that was posted, in that order, linked by their next */
struct disk_io *disk_inbox_take(struct disk_inbox *box);
/* Readable when there is something */
int disk_inbox_fd(const struct disk_inbox *box);

#endif
