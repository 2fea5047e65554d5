// SPDX-License-Identifier: GPL-2.0-only
/*
 * The volatile write cache of a disk: memory as large as the disk, of which
 * only what is dirty is there, and a bit for each dirty sector.
 *
 * Locking: see disk_cache.h.
 */
#include "disk_cache.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#define SECTOR		512u
#define PAGE		4096u
#define PAGE_SECTORS	(PAGE / SECTOR)

struct disk_cache {
	pthread_mutex_t lock;
	uint8_t *data;
	uint8_t *dirty;			/* of each page a bit for each sector */
	uint64_t pages;
	bool lying;
	unsigned int seed;
};

struct range {
	uint64_t first, end;		/* sectors */
};

static void *reserve(uint64_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE |
			    MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return memory == MAP_FAILED ? NULL : memory;
}

struct disk_cache *disk_cache_new(uint64_t bytes, bool lying)
{
	struct disk_cache *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->pages = bytes / PAGE + 1;
	c->lying = lying;
	pthread_mutex_init(&c->lock, NULL);
	c->data = reserve(c->pages * PAGE);
	c->dirty = reserve(c->pages);
	if (getrandom(&c->seed, sizeof(c->seed), GRND_NONBLOCK) < 0)
		c->seed = 1;
	if (c->data && c->dirty)
		return c;
	disk_cache_free(c);
	return NULL;
}

void disk_cache_free(struct disk_cache *c)
{
	if (c->data)
		munmap(c->data, c->pages * PAGE);
	if (c->dirty)
		munmap(c->dirty, c->pages);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* --- which sectors are dirty ----------------------------------------------- */

static bool is_dirty(const struct disk_cache *c, uint64_t sector)
{
	return c->dirty[sector / PAGE_SECTORS] >> sector % PAGE_SECTORS & 1;
}

static void set_dirty(struct disk_cache *c, struct range r, bool on)
{
	for (uint64_t s = r.first; s < r.end; s++) {
		uint8_t bit = 1u << s % PAGE_SECTORS;

		if (on)
			c->dirty[s / PAGE_SECTORS] |= bit;
		else
			c->dirty[s / PAGE_SECTORS] &= ~bit;
	}
}

/* The first run of dirty sectors within @in; false: there is none. */
static bool find_dirty(const struct disk_cache *c, struct range in,
		       struct range *run)
{
	uint64_t s = in.first;

	while (s < in.end && !is_dirty(c, s)) {
		if (c->dirty[s / PAGE_SECTORS])
			s++;
		else
			s = (s / PAGE_SECTORS + 1) * PAGE_SECTORS;
	}
	if (s >= in.end)
		return false;
	run->first = s;
	while (s < in.end && is_dirty(c, s))
		s++;
	run->end = s;
	return true;
}

/* Clean, and without memory where whole pages are */
static void forget(struct disk_cache *c, struct range r)
{
	uint64_t page = r.first / PAGE_SECTORS;
	uint64_t end = (r.end + PAGE_SECTORS - 1) / PAGE_SECTORS;

	set_dirty(c, r, false);
	while (page < end && c->dirty[page])
		page++;
	while (end > page && c->dirty[end - 1])
		end--;
	if (page < end)
		madvise(c->data + page * PAGE, (end - page) * PAGE,
			MADV_DONTNEED);
}

static struct range everything(const struct disk_cache *c)
{
	return (struct range){ 0, c->pages * PAGE_SECTORS };
}

static struct range range_of(const struct disk_io *io)
{
	return (struct range){
		io->offset / SECTOR, (io->offset + io->bytes) / SECTOR };
}

/* --- the file --------------------------------------------------------------- */

/* One operation on the file, with one piece of memory */
static int on_file(int fd, enum disk_op op, uint64_t offset, void *memory,
		   uint64_t bytes)
{
	struct iovec iov = { memory, bytes };
	struct disk file = { .fd = fd };
	struct disk_io io = {
		.op = op, .disk = &file, .offset = offset, .bytes = bytes,
		.iov = &iov, .iov_count = 1,
	};

	disk_file_run(&io);
	return io.result;
}

/* What is dirty within @in goes into the file; no promise that it is safe. */
static int write_out(struct disk_cache *c, int fd, struct range in)
{
	struct range run;
	int err;

	while (find_dirty(c, in, &run)) {
		err = on_file(fd, DISK_WRITE, run.first * SECTOR,
			      c->data + run.first * SECTOR,
			      (run.end - run.first) * SECTOR);
		if (err)
			return err;
		forget(c, run);
		in.first = run.end;
	}
	return 0;
}

static int make_safe(struct disk_cache *c, int fd, struct range in)
{
	int err;

	if (c->lying)
		return 0;
	err = write_out(c, fd, in);
	return err ? err : on_file(fd, DISK_FLUSH, 0, NULL, 0);
}

/* --- operations ------------------------------------------------------------- */

static int cached_read(struct disk_cache *c, struct disk_io *io)
{
	uint8_t *buffer = malloc(io->bytes), *from = buffer;
	struct range rest = range_of(io), run;
	int err;

	if (!buffer)
		return -ENOMEM;
	err = on_file(io->disk->fd, DISK_READ, io->offset, buffer, io->bytes);
	while (!err && find_dirty(c, rest, &run)) {
		memcpy(buffer + (run.first * SECTOR - io->offset),
		       c->data + run.first * SECTOR,
		       (run.end - run.first) * SECTOR);
		rest.first = run.end;
	}
	for (unsigned int i = 0; !err && i < io->iov_count; i++) {
		memcpy(io->iov[i].iov_base, from, io->iov[i].iov_len);
		from += io->iov[i].iov_len;
	}
	free(buffer);
	return err;
}

static int cached_write(struct disk_cache *c, struct disk_io *io)
{
	uint8_t *to = c->data + io->offset;

	for (unsigned int i = 0; i < io->iov_count; i++) {
		memcpy(to, io->iov[i].iov_base, io->iov[i].iov_len);
		to += io->iov[i].iov_len;
	}
	set_dirty(c, range_of(io), true);
	return io->fua ? make_safe(c, io->disk->fd, range_of(io)) : 0;
}

/* At once in the file: a disk may always write sooner than it must. */
static int cached_zero(struct disk_cache *c, struct disk_io *io)
{
	if (!c->lying) {
		forget(c, range_of(io));
		return on_file(io->disk->fd, DISK_ZERO, io->offset, NULL,
			       io->bytes);
	}
	memset(c->data + io->offset, 0, io->bytes);
	set_dirty(c, range_of(io), true);
	return 0;
}

void disk_cache_run(struct disk_cache *c, struct disk_io *io)
{
	pthread_mutex_lock(&c->lock);
	switch (io->op) {
	case DISK_READ:
		io->result = cached_read(c, io);
		break;
	case DISK_WRITE:
		io->result = cached_write(c, io);
		break;
	case DISK_FLUSH:
		io->result = make_safe(c, io->disk->fd, everything(c));
		break;
	case DISK_ZERO:
		io->result = cached_zero(c, io);
		break;
	}
	pthread_mutex_unlock(&c->lock);
}

/* --- its end ---------------------------------------------------------------- */

void disk_cache_power_loss(struct disk_cache *c, int fd)
{
	struct range run, rest = everything(c);

	pthread_mutex_lock(&c->lock);
	while (find_dirty(c, rest, &run)) {
		struct range page = { run.first, run.first };

		page.end = (run.first / PAGE_SECTORS + 1) * PAGE_SECTORS;
		/* A write that fails is one more that did not make it */
		if (!c->lying && rand_r(&c->seed) & 1 << 8)
			write_out(c, fd, page);
		forget(c, page);
		rest.first = page.end;
	}
	pthread_mutex_unlock(&c->lock);
}

int disk_cache_write_back(struct disk_cache *c, int fd)
{
	int err;

	pthread_mutex_lock(&c->lock);
	err = make_safe(c, fd, everything(c));
	pthread_mutex_unlock(&c->lock);
	return err;
}
