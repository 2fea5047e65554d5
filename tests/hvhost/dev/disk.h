/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file as a disk, and queues of asynchronous operations on such disks.
 *
 * Locking: a queue belongs to one thread.  A disk is shared: its size and
 * reference count are atomic, what is behind its pointers has locks of its
 * own, everything else is constant.
 */
#ifndef HVHOST_DISK_H
#define HVHOST_DISK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

struct disk_cache;
struct disk_image;
struct disk_inbox;
struct disk_map;

enum disk_format { DISK_RAW, DISK_VHD, DISK_VHDX, DISK_QCOW2 };

/* What becomes of writes when the power goes: nothing (but to the host's page
 * cache), those that were not flushed are lost, all are.
 */
enum disk_caching { DISK_CACHE_HOST, DISK_CACHE_VOLATILE, DISK_CACHE_LYING };

struct disk {
	int fd;			/* -1 for an image */
	struct disk_map *map;	/* a file in memory, mapped; or NULL */
	struct disk_image *image;	/* NULL: a raw file */
	struct disk_cache *cache;	/* NULL: DISK_CACHE_HOST */
	enum disk_format format;
	bool read_only;
	bool in_ram;		/* tmpfs: never blocks, needs no queue */
	_Atomic uint64_t bytes;
	atomic_uint refs;
	char *path;
};

/* Says why, and is NULL itself */
__attribute__((format(printf, 2, 3)))
void *disk_refuse(char **error, const char *fmt, ...);

/* NULL: *@error is one line to be freed by the caller. */
struct disk *disk_open(const char *path, enum disk_format format,
		       bool read_only, char **error);
/* Before anybody uses it; false: no memory, or not for this format */
bool disk_set_caching(struct disk *d, enum disk_caching how);
struct disk *disk_get(struct disk *d);
void disk_put(struct disk *d);
/* 0 or -errno; -EOPNOTSUPP: not this kind of disk */
int disk_resize(struct disk *d, uint64_t bytes);
/* The machine was reset or has lost its power; nothing is in flight. */
void disk_power_loss(struct disk *d);

enum disk_op { DISK_READ, DISK_WRITE, DISK_FLUSH, DISK_ZERO };

struct disk_io {
	enum disk_op op;
	bool fua;
	struct disk *disk;	/* the caller holds a reference */
	uint64_t offset;
	uint64_t bytes;
	struct iovec *iov;	/* READ, WRITE; consumed as it proceeds */
	unsigned int iov_count;
	int result;		/* 0 or -errno, when done */
	struct disk_io *next;	/* the queue's */
	struct disk_inbox *box;	/* an image's way back */
};

/* Run @io on the disk's file, here and now; sets its result. */
void disk_file_run(struct disk_io *io);

struct disk_queue;

/* @done runs in disk_queue_run(), once per submitted operation. */
struct disk_queue *disk_queue_new(unsigned int depth,
				  void (*done)(void *ctx, struct disk_io *io),
				  void *ctx);
void disk_queue_free(struct disk_queue *q);

/* At most @depth at a time.  Started by the next disk_queue_run(). */
void disk_queue_add(struct disk_queue *q, struct disk_io *io);
/* Start what was added, deliver what has finished; true = something was. */
bool disk_queue_run(struct disk_queue *q);
/* The kernel had no room: call disk_queue_run() again soon. */
bool disk_queue_stuck(const struct disk_queue *q);
unsigned int disk_queue_pending(const struct disk_queue *q);
/* Readable when something has finished; -1 if everything runs inline */
int disk_queue_fd(struct disk_queue *q);

#endif
