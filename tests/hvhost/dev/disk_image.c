// SPDX-License-Identifier: GPL-2.0-only
/*
 * Images by qemu-nbd.  Not persistent, it ends when its only client is gone,
 * which the kernel sees to even if hvhost is killed.
 *
 * Locking: see disk_image.h.
 */
#include "disk_image.h"

#include <errno.h>
#include <fcntl.h>
#include <libnbd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "disk_inbox.h"

#define SERVER		"qemu-nbd"
#define ZERO_AT_ONCE	(1ull << 30)	/* lengths have 32 bits */

struct disk_image {
	struct nbd_handle *nbd;		/* the thread's, once it runs */
	uint64_t bytes;
	pthread_t thread;
	int wake;
	unsigned int parts;		/* in flight; the thread's */
	pthread_mutex_t lock;
	struct disk_io *first, **end;	/* to be started */
	bool stop;
};

/* --- formats ---------------------------------------------------------------- */

static const struct format {
	const char *suffix, *driver, *magic;
	off_t at;			/* of the magic; negative: from the end */
} formats[] = {
	[DISK_VHD] = { ".vhd", "vpc", "conectix", -512 },
	[DISK_VHDX] = { ".vhdx", "vhdx", "vhdxfile", 0 },
	[DISK_QCOW2] = { ".qcow2", "qcow2", "QFI\xfb", 0 },
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

enum disk_format disk_image_format(const char *path)
{
	const char *suffix = strrchr(path, '.');

	for (unsigned int i = 0; suffix && i < FORMATS; i++)
		if (formats[i].suffix && !strcasecmp(suffix, formats[i].suffix))
			return i;
	return DISK_RAW;
}

/* What people get wrong is said in our words, before qemu-nbd is started. */
static bool looks_right(const char *path, const struct format *f,
			bool read_only, char **error)
{
	int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC);
	size_t len = strlen(f->magic);
	char found[8] = "";
	struct stat st;
	off_t at;

	if (fd < 0 || fstat(fd, &st)) {
		disk_refuse(error, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	at = f->at < 0 ? st.st_size + f->at : f->at;
	if (at >= 0 && pread(fd, found, len, at) == (ssize_t)len &&
	    !memcmp(found, f->magic, len)) {
		close(fd);
		return true;
	}
	close(fd);
	disk_refuse(error, "%s: not a %s image", path, f->suffix + 1);
	return false;
}

static bool on_path(const char *program)
{
	const char *path = getenv("PATH") ?: "/usr/bin:/bin";
	char file[4096];

	while (*path) {
		size_t len = strcspn(path, ":");

		snprintf(file, sizeof(file), "%.*s/%s", (int)len, path,
			 program);
		if (!access(file, X_OK))
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

/* qemu's words for the image; in these a comma is written twice. */
static char *image_options(const char *path, const struct format *f)
{
	size_t len = strlen(path), n;
	char *text = malloc(2 * len + 80), *to;

	if (!text)
		return NULL;
	n = sprintf(text, "driver=%s,file.driver=file,file.filename=",
		    f->driver);
	for (to = text + n; *path; path++) {
		if (*path == ',')
			*to++ = ',';
		*to++ = *path;
	}
	*to = 0;
	return text;
}

/* --- operations ------------------------------------------------------------- */

/* One disk_io, in as many commands as it takes */
struct job {
	struct disk_image *image;
	struct disk_io *io;
	struct disk_inbox *box;
	unsigned int parts;
	int result;
	uint8_t data[];
};

static void gather(struct job *job)
{
	uint8_t *to = job->data;

	for (unsigned int i = 0; i < job->io->iov_count; i++) {
		memcpy(to, job->io->iov[i].iov_base, job->io->iov[i].iov_len);
		to += job->io->iov[i].iov_len;
	}
}

static void scatter(struct job *job)
{
	const uint8_t *from = job->data;

	for (unsigned int i = 0; i < job->io->iov_count; i++) {
		memcpy(job->io->iov[i].iov_base, from, job->io->iov[i].iov_len);
		from += job->io->iov[i].iov_len;
	}
}

static void part_ended(struct job *job, int error)
{
	if (error && !job->result)
		job->result = error == ENOSPC ? -ENOSPC : -EIO;
	if (--job->parts)
		return;
	if (!job->result && job->io->op == DISK_READ)
		scatter(job);
	job->io->result = job->result;
	disk_inbox_post(job->box, job->io);
	free(job);
}

/* libnbd's callback: the handle may not be used in it */
static int command_ended(void *data, int *error)
{
	struct job *job = data;

	job->image->parts--;
	part_ended(job, *error);
	return 1;		/* it need not be kept */
}

static int64_t issue(struct job *job, uint64_t offset, uint64_t bytes)
{
	nbd_completion_callback done = {
		.callback = command_ended, .user_data = job };
	struct nbd_handle *nbd = job->image->nbd;

	switch (job->io->op) {
	case DISK_READ:
		return nbd_aio_pread(nbd, job->data, bytes, offset, done, 0);
	case DISK_WRITE:
		return nbd_aio_pwrite(nbd, job->data, bytes, offset, done,
				      job->io->fua ? LIBNBD_CMD_FLAG_FUA : 0);
	case DISK_FLUSH:
		return nbd_aio_flush(nbd, done, 0);
	case DISK_ZERO:
		return nbd_aio_zero(nbd, bytes, offset, done, 0);
	}
	return -1;
}

static void issue_part(struct job *job, uint64_t offset, uint64_t bytes)
{
	job->parts++;
	job->image->parts++;
	if (issue(job, offset, bytes) >= 0)
		return;
	/* The connection is gone; the callback is not called then */
	job->image->parts--;
	part_ended(job, EIO);
}

static void start_job(struct job *job)
{
	struct disk_io *io = job->io;
	uint64_t offset = io->offset, left = io->bytes;

	job->parts = 1;			/* ours, until all are issued */
	if (io->op == DISK_ZERO) {
		for (; left > ZERO_AT_ONCE; left -= ZERO_AT_ONCE) {
			issue_part(job, offset, ZERO_AT_ONCE);
			offset += ZERO_AT_ONCE;
		}
	}
	issue_part(job, offset, left);
	part_ended(job, 0);
}

static void start_io(struct disk_image *image, struct disk_io *io)
{
	bool moves = io->op == DISK_READ || io->op == DISK_WRITE;
	struct job *job = calloc(1, sizeof(*job) + (moves ? io->bytes : 0));

	if (!job) {
		io->result = -ENOMEM;
		disk_inbox_post(io->box, io);
		return;
	}
	job->image = image;
	job->io = io;
	job->box = io->box;
	if (io->op == DISK_WRITE)
		gather(job);
	start_job(job);
}

/* --- its thread ------------------------------------------------------------- */

/* Start what has come; true = go on */
static bool serve(struct disk_image *image)
{
	struct disk_io *io, *next;
	uint64_t count;
	bool stop;

	(void)!read(image->wake, &count, sizeof(count));
	pthread_mutex_lock(&image->lock);
	io = image->first;
	image->first = NULL;
	image->end = &image->first;
	stop = image->stop;
	pthread_mutex_unlock(&image->lock);
	for (; io; io = next) {
		next = io->next;
		start_io(image, io);
	}
	return !stop || image->parts;
}

static void wait_and_notify(struct disk_image *image)
{
	unsigned int way = nbd_aio_get_direction(image->nbd);
	struct pollfd fds[2] = {
		{ .fd = image->wake, .events = POLLIN },
		{ .fd = nbd_aio_get_fd(image->nbd) },	/* -1: closed */
	};

	if (way & LIBNBD_AIO_DIRECTION_READ)
		fds[1].events |= POLLIN;
	if (way & LIBNBD_AIO_DIRECTION_WRITE)
		fds[1].events |= POLLOUT;
	if (poll(fds, 2, -1) <= 0)
		return;
	/* An error or a hang-up is found by reading; one notice at a time, as
	 * the first may change what is awaited.
	 */
	if (way & LIBNBD_AIO_DIRECTION_READ &&
	    fds[1].revents & (POLLIN | POLLHUP | POLLERR))
		nbd_aio_notify_read(image->nbd);
	else if (fds[1].revents & (POLLOUT | POLLHUP | POLLERR))
		nbd_aio_notify_write(image->nbd);
}

static void *run(void *ctx)
{
	struct disk_image *image = ctx;

	while (serve(image))
		wait_and_notify(image);
	return NULL;
}

static void wake(struct disk_image *image)
{
	uint64_t one = 1;

	(void)!write(image->wake, &one, sizeof(one));
}

void disk_image_start(struct disk_image *image, struct disk_io *io,
		      struct disk_inbox *box)
{
	pthread_mutex_lock(&image->lock);
	io->box = box;
	io->next = NULL;
	*image->end = io;
	image->end = &io->next;
	pthread_mutex_unlock(&image->lock);
	wake(image);
}

/* --- life ------------------------------------------------------------------- */

/* qemu-nbd shall be ended by the signals that we have blocked for ourselves. */
static int connect_to_server(struct nbd_handle *nbd, char *options,
			     bool read_only)
{
	char **argv = (char *[]){
		SERVER, "--discard=unmap", "--image-opts", options,
		read_only ? "--read-only" : NULL, NULL,
	};
	sigset_t none, mine;
	int err;

	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, &mine);
	err = nbd_connect_systemd_socket_activation(nbd, argv);
	pthread_sigmask(SIG_SETMASK, &mine, NULL);
	return err;
}

static struct disk_image *connected(const char *path, const struct format *f,
				    bool read_only)
{
	struct disk_image *image = calloc(1, sizeof(*image));
	char *options = image_options(path, f);
	int64_t bytes = -1;

	if (image)
		image->nbd = nbd_create();
	if (options && image && image->nbd &&
	    !connect_to_server(image->nbd, options, read_only))
		bytes = nbd_get_size(image->nbd);
	free(options);
	if (bytes >= 0) {
		image->bytes = bytes;
		return image;
	}
	if (image)
		nbd_close(image->nbd);
	free(image);
	return NULL;
}

static bool start_thread(struct disk_image *image)
{
	pthread_mutex_init(&image->lock, NULL);
	image->end = &image->first;
	image->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (image->wake < 0)
		return false;
	if (!pthread_create(&image->thread, NULL, run, image))
		return true;
	close(image->wake);
	return false;
}

struct disk_image *disk_image_open(const char *path, enum disk_format format,
				   bool read_only, char **error)
{
	const struct format *f = &formats[format];
	struct disk_image *image;

	if (!on_path(SERVER))
		return disk_refuse(error, "%s: this needs %s: install the package qemu-utils",
			      path, SERVER);
	if (!looks_right(path, f, read_only, error))
		return NULL;
	image = connected(path, f, read_only);
	if (!image)
		return disk_refuse(error, "%s: %s cannot open this %s image", path,
			      SERVER, f->suffix + 1);
	if (start_thread(image))
		return image;
	nbd_close(image->nbd);
	free(image);
	return disk_refuse(error, "%s: no thread for it", path);
}

void disk_image_close(struct disk_image *image)
{
	pthread_mutex_lock(&image->lock);
	image->stop = true;
	pthread_mutex_unlock(&image->lock);
	wake(image);
	pthread_join(image->thread, NULL);
	nbd_shutdown(image->nbd, 0);
	nbd_close(image->nbd);
	close(image->wake);
	pthread_mutex_destroy(&image->lock);
	free(image);
}

uint64_t disk_image_bytes(const struct disk_image *image)
{
	return image->bytes;
}
