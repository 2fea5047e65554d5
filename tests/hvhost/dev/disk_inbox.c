// SPDX-License-Identifier: GPL-2.0-only
/*
 * Operations on their way back from another thread.
 * Locking: see disk_inbox.h.
 */
#include "disk_inbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct disk_inbox {
	pthread_mutex_t lock;
	struct disk_io *first, **end;
	int fd;
};

struct disk_inbox *disk_inbox_new(void)
{
	struct disk_inbox *box = calloc(1, sizeof(*box));

	if (!box)
		return NULL;
	box->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (box->fd < 0) {
		free(box);
		return NULL;
	}
	pthread_mutex_init(&box->lock, NULL);
	box->end = &box->first;
	return box;
}

void disk_inbox_free(struct disk_inbox *box)
{
	/* Whoever posted last may still be about to let go of the lock */
	pthread_mutex_lock(&box->lock);
	pthread_mutex_unlock(&box->lock);
	pthread_mutex_destroy(&box->lock);
	close(box->fd);
	free(box);
}

void disk_inbox_post(struct disk_inbox *box, struct disk_io *io)
{
	uint64_t one = 1;

	pthread_mutex_lock(&box->lock);
	io->next = NULL;
	*box->end = io;
	box->end = &io->next;
	/* Fails only when it is readable already */
	(void)!write(box->fd, &one, sizeof(one));
	pthread_mutex_unlock(&box->lock);
}

struct disk_io *disk_inbox_take(struct disk_inbox *box)
{
	struct disk_io *all;
	uint64_t count;

	pthread_mutex_lock(&box->lock);
	all = box->first;
	box->first = NULL;
	box->end = &box->first;
	(void)!read(box->fd, &count, sizeof(count));
	pthread_mutex_unlock(&box->lock);
	return all;
}

int disk_inbox_fd(const struct disk_inbox *box)
{
	return box->fd;
}
