/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel file: a bzImage, or the ELF vmlinux that a bzImage unpacks to and
 * that boots without spending the guest's time on unpacking.
 */
#ifndef HVHOST_IMAGE_H
#define HVHOST_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include <asm/bootparam.h>

#include "core/memory.h"

struct image {
	int fd;
	struct setup_header hdr;	/* made up for a vmlinux */
	uint64_t start, end;		/* memory it needs, unpacked */
	uint64_t entry;			/* of the 64-bit boot protocol, or: */
	bool bits32;			/* of the 32-bit one */
	uint64_t payload;		/* bzImage: file offset of its body */
	uint64_t size;			/* of the file */
};

/* NULL, or why it cannot be booted.  After NULL: image_close(). */
const char *image_open(struct image *k, const char *path);
void image_close(struct image *k);

/* Copy it to its place; 0 or -1 with errno */
int image_load(const struct image *k, const struct memory *mem);

/* pread() of all of it; 0 or -1 with errno */
int image_read(int fd, uint64_t from, void *to, uint64_t len);

#endif
