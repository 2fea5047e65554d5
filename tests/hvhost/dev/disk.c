// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disk backend: raw files through io_uring, straight between the file and
 * the guest's memory.  A burst of requests costs one system call.  Files in
 * tmpfs are read and written inline, mapped ones without any system call:
 * nothing there waits, and io_uring would cost twice as much.  Disks with a
 * volatile cache are run inline, too, images by a thread of their own.
 *
 * Locking: see disk.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/falloc.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "disk.h"
#include "disk_cache.h"
#include "disk_image.h"
#include "disk_inbox.h"
#include "disk_map.h"

#define ZERO_CHUNK	65536

struct disk_queue {
	unsigned int depth;
	struct io_uring uring;		/* set up when first needed */
	bool have_uring, no_uring;
	unsigned int pending;
	unsigned int unsubmitted;
	struct disk_inbox *inbox;	/* made for the first image */
	int both;			/* uring and inbox in one, or -1 */
	struct disk_io *finished, **finished_end;
	void (*done)(void *ctx, struct disk_io *io);
	void *ctx;
};

/* --- disks ---------------------------------------------------------------- */

void *disk_refuse(char **error, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (vasprintf(error, fmt, args) < 0)
		*error = NULL;
	va_end(args);
	return NULL;
}

static struct disk *open_file(const char *path, bool read_only, char **error)
{
	int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	struct statfs fs;
	struct stat st;
	struct disk *d;

	if (fd < 0 || fstat(fd, &st)) {
		disk_refuse(error, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	d = S_ISREG(st.st_mode) ? calloc(1, sizeof(*d)) : NULL;
	if (!d) {
		close(fd);
		return disk_refuse(error, "%s: not a regular file", path);
	}
	d->fd = fd;
	d->in_ram = !fstatfs(fd, &fs) && (fs.f_type == TMPFS_MAGIC ||
					  fs.f_type == RAMFS_MAGIC);
	d->map = d->in_ram ? calloc(1, sizeof(*d->map)) : NULL;
	if (d->map)
		disk_map_open(d->map, fd, read_only);
	atomic_init(&d->bytes, st.st_size);
	return d;
}

static struct disk *open_image(const char *path, enum disk_format format,
			       bool read_only, char **error)
{
	struct disk_image *image = disk_image_open(path, format, read_only,
						   error);
	struct disk *d = image ? calloc(1, sizeof(*d)) : NULL;

	if (!d) {
		if (image)
			disk_image_close(image);
		return image ? disk_refuse(error, "%s: out of memory", path) :
			       NULL;
	}
	d->fd = -1;
	d->image = image;
	atomic_init(&d->bytes, disk_image_bytes(image));
	return d;
}

struct disk *disk_open(const char *path, enum disk_format format,
		       bool read_only, char **error)
{
	struct disk *d = format == DISK_RAW ?
			 open_file(path, read_only, error) :
			 open_image(path, format, read_only, error);

	if (!d)
		return NULL;
	d->read_only = read_only;
	d->format = format;
	d->path = strdup(path);
	atomic_init(&d->refs, 1);
	return d;
}

bool disk_set_caching(struct disk *d, enum disk_caching how)
{
	if (how == DISK_CACHE_HOST)
		return true;
	if (d->image)
		return false;
	d->cache = disk_cache_new(atomic_load(&d->bytes),
				  how == DISK_CACHE_LYING);
	return d->cache;
}

struct disk *disk_get(struct disk *d)
{
	atomic_fetch_add_explicit(&d->refs, 1, memory_order_relaxed);
	return d;
}

void disk_put(struct disk *d)
{
	if (atomic_fetch_sub(&d->refs, 1) != 1)
		return;
	if (d->cache) {
		disk_cache_write_back(d->cache, d->fd);
		disk_cache_free(d->cache);
	}
	if (d->image)
		disk_image_close(d->image);
	if (d->map)
		disk_map_close(d->map);
	if (d->fd >= 0)
		close(d->fd);
	free(d->map);
	free(d->path);
	free(d);
}

int disk_resize(struct disk *d, uint64_t bytes)
{
	/* qemu-nbd offers no way; a cache has the size it was made with */
	if (d->image || d->cache)
		return -EOPNOTSUPP;
	if (ftruncate(d->fd, bytes))
		return -errno;
	atomic_store(&d->bytes, bytes);
	return 0;
}

void disk_power_loss(struct disk *d)
{
	if (d->cache)
		disk_cache_power_loss(d->cache, d->fd);
}

/* --- one operation -------------------------------------------------------- */

/* Memory with zeroes for hosts whose files cannot punch holes (9p) */
static const uint8_t zeroes[ZERO_CHUNK];

/* Account @n bytes that were moved; true = some are left. */
static bool io_advance(struct disk_io *io, uint64_t n)
{
	io->offset += n;
	io->bytes -= n;
	while (n && io->iov_count) {
		uint64_t take = n < io->iov->iov_len ? n : io->iov->iov_len;

		io->iov->iov_base = (char *)io->iov->iov_base + take;
		io->iov->iov_len -= take;
		n -= take;
		if (!io->iov->iov_len) {
			io->iov++;
			io->iov_count--;
		}
	}
	return io->bytes;
}

static int zero_by_writing(struct disk_io *io)
{
	while (io->bytes) {
		size_t n = io->bytes < ZERO_CHUNK ? io->bytes : ZERO_CHUNK;
		ssize_t ret = pwrite(io->disk->fd, zeroes, n, io->offset);

		if (ret <= 0)
			return ret ? -errno : -EIO;
		io->offset += ret;
		io->bytes -= ret;
	}
	return 0;
}

static ssize_t io_once(struct disk_io *io)
{
	int fd = io->disk->fd;

	switch (io->op) {
	case DISK_READ:
		return preadv(fd, io->iov, io->iov_count, io->offset);
	case DISK_WRITE:
		return pwritev2(fd, io->iov, io->iov_count, io->offset,
				io->fua ? RWF_DSYNC : 0);
	case DISK_FLUSH:
		return fdatasync(fd);
	case DISK_ZERO:
		return fallocate(fd, FALLOC_FL_PUNCH_HOLE |
				 FALLOC_FL_KEEP_SIZE, io->offset, io->bytes);
	}
	return -1;
}

/* What an operation's system call returned; true = it is over. */
static bool io_step(struct disk_io *io, ssize_t ret)
{
	if (ret == -EINTR || ret == -EAGAIN)
		return false;
	if (ret < 0) {
		io->result = ret;
		if (io->op == DISK_ZERO && ret == -EOPNOTSUPP)
			io->result = zero_by_writing(io);
		return true;
	}
	io->result = 0;
	if (io->op == DISK_FLUSH || io->op == DISK_ZERO)
		return true;
	if (!ret && io->bytes) {
		io->result = -EIO;	/* the file is shorter than the disk */
		return true;
	}
	return !io_advance(io, ret);
}

static void finish(struct disk_queue *q, struct disk_io *io)
{
	io->next = NULL;
	*q->finished_end = io;
	q->finished_end = &io->next;
}

/* What needs no system call; memory has nothing to flush to. */
static bool run_in_memory(struct disk_io *io)
{
	if (!io->disk->map)
		return false;
	if (io->op == DISK_FLUSH) {
		io->result = 0;
		return true;
	}
	return io->op != DISK_ZERO && disk_map_copy(io->disk->map, io);
}

void disk_file_run(struct disk_io *io)
{
	ssize_t ret;

	do {
		ret = io_once(io);
		if (ret < 0)
			ret = -errno;
	} while (!io_step(io, ret));
}

static void run_inline(struct disk_queue *q, struct disk_io *io)
{
	if (io->disk->cache)
		disk_cache_run(io->disk->cache, io);
	else if (!run_in_memory(io))
		disk_file_run(io);
	finish(q, io);
}

/* --- queues --------------------------------------------------------------- */

static void prepare(struct io_uring_sqe *sqe, struct disk_io *io)
{
	int fd = io->disk->fd;

	switch (io->op) {
	case DISK_READ:
		io_uring_prep_readv(sqe, fd, io->iov, io->iov_count,
				    io->offset);
		break;
	case DISK_WRITE:
		io_uring_prep_writev2(sqe, fd, io->iov, io->iov_count,
				      io->offset, io->fua ? RWF_DSYNC : 0);
		break;
	case DISK_FLUSH:
		io_uring_prep_fsync(sqe, fd, IORING_FSYNC_DATASYNC);
		break;
	case DISK_ZERO:
		io_uring_prep_fallocate(sqe, fd, FALLOC_FL_PUNCH_HOLE |
					FALLOC_FL_KEEP_SIZE, io->offset,
					io->bytes);
		break;
	}
	io_uring_sqe_set_data(sqe, io);
}

/* Without io_uring everything runs inline: slower, not wrong. */
static bool need_uring(struct disk_queue *q)
{
	if (!q->have_uring && !q->no_uring) {
		q->have_uring = !io_uring_queue_init(q->depth, &q->uring, 0);
		q->no_uring = !q->have_uring;
	}
	return q->have_uring;
}

static void start_elsewhere(struct disk_queue *q, struct disk_io *io)
{
	if (!q->inbox)
		q->inbox = disk_inbox_new();
	if (q->inbox) {
		disk_image_start(io->disk->image, io, q->inbox);
		return;
	}
	io->result = -ENOMEM;
	finish(q, io);
}

static void start(struct disk_queue *q, struct disk_io *io)
{
	struct io_uring_sqe *sqe;

	if (io->disk->image) {
		start_elsewhere(q, io);
		return;
	}
	if (io->disk->in_ram || io->disk->cache || !need_uring(q)) {
		run_inline(q, io);
		return;
	}
	sqe = io_uring_get_sqe(&q->uring);
	if (!sqe) {
		/* The submission ring is smaller than the depth */
		io_uring_submit(&q->uring);
		sqe = io_uring_get_sqe(&q->uring);
	}
	if (!sqe) {
		run_inline(q, io);
		return;
	}
	prepare(sqe, io);
	q->unsubmitted++;
}

void disk_queue_add(struct disk_queue *q, struct disk_io *io)
{
	q->pending++;
	start(q, io);
}

static void reap(struct disk_queue *q)
{
	struct io_uring_cqe *cqe;

	while (!io_uring_peek_cqe(&q->uring, &cqe)) {
		struct disk_io *io = io_uring_cqe_get_data(cqe);
		int ret = cqe->res;

		io_uring_cqe_seen(&q->uring, cqe);
		if (io_step(io, ret))
			finish(q, io);
		else
			start(q, io);
	}
}

static void take_inbox(struct disk_queue *q)
{
	struct disk_io *io, *next;

	for (io = disk_inbox_take(q->inbox); io; io = next) {
		next = io->next;
		finish(q, io);
	}
}

static bool deliver(struct disk_queue *q)
{
	bool any = q->finished;

	while (q->finished) {
		struct disk_io *io = q->finished;

		q->finished = io->next;
		if (!q->finished)
			q->finished_end = &q->finished;
		q->pending--;
		q->done(q->ctx, io);
	}
	return any;
}

static void submit(struct disk_queue *q)
{
	if (!q->unsubmitted)
		return;
	/* An error leaves them queued: the next run tries again */
	if (io_uring_submit(&q->uring) > 0)
		q->unsubmitted = io_uring_sq_ready(&q->uring);
}

bool disk_queue_run(struct disk_queue *q)
{
	bool any;

	if (q->inbox)
		take_inbox(q);
	if (!q->have_uring)
		return deliver(q);
	submit(q);
	reap(q);
	any = deliver(q);
	/* What went on half-way, or was added by those that ended */
	submit(q);
	return any;
}

bool disk_queue_stuck(const struct disk_queue *q)
{
	return q->unsubmitted;
}

unsigned int disk_queue_pending(const struct disk_queue *q)
{
	return q->pending;
}

static int watch_both(struct disk_queue *q)
{
	struct epoll_event ev = { .events = EPOLLIN };

	if (q->both >= 0)
		return q->both;
	q->both = epoll_create1(EPOLL_CLOEXEC);
	epoll_ctl(q->both, EPOLL_CTL_ADD, q->uring.ring_fd, &ev);
	epoll_ctl(q->both, EPOLL_CTL_ADD, disk_inbox_fd(q->inbox), &ev);
	return q->both;
}

int disk_queue_fd(struct disk_queue *q)
{
	if (q->inbox)
		return q->have_uring ? watch_both(q) : disk_inbox_fd(q->inbox);
	return q->have_uring ? q->uring.ring_fd : -1;
}

struct disk_queue *disk_queue_new(unsigned int depth,
				  void (*done)(void *ctx, struct disk_io *io),
				  void *ctx)
{
	struct disk_queue *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->finished_end = &q->finished;
	q->done = done;
	q->ctx = ctx;
	q->depth = depth;
	q->both = -1;
	return q;
}

void disk_queue_free(struct disk_queue *q)
{
	if (q->have_uring)
		io_uring_queue_exit(&q->uring);
	if (q->inbox)
		disk_inbox_free(q->inbox);
	if (q->both >= 0)
		close(q->both);
	free(q);
}
