/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disk images in formats of others: qemu-nbd reads and writes the file,
 * libnbd talks to it through a private socket.  It ends when hvhost does,
 * however that ends; when it ends first, all operations fail.
 *
 * Locking: each image has a thread of its own that alone uses the connection;
 * a lock protects the list of what it is to do.
 */
#ifndef HVHOST_DISK_IMAGE_H
#define HVHOST_DISK_IMAGE_H

#include "disk.h"

struct disk_image;
struct disk_inbox;

/* By the name's end: .vhd, .vhdx, .qcow2; anything else is raw. */
enum disk_format disk_image_format(const char *path);

/* NULL: *@error is one line to be freed by the caller. */
struct disk_image *disk_image_open(const char *path, enum disk_format format,
				   bool read_only, char **error);
/* Nothing may be in flight; waits until qemu-nbd has closed the file. */
void disk_image_close(struct disk_image *image);
uint64_t disk_image_bytes(const struct disk_image *image);
/* @io comes back through @box. */
void disk_image_start(struct disk_image *image, struct disk_io *io,
		      struct disk_inbox *box);

#endif
