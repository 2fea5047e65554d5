// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pools of key/value pairs: see pool.h.  Locks: an fcntl lock on the
 * whole file, for reading or writing; never two at a time.  Who has waited
 * for the lock on a file looks whether it still goes by that name.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool.h"
#include "tools/lib/file.h"

_Static_assert(sizeof(struct kvp_record) == 2560, "the format of the files");

/* Against a file that is replaced faster than it can be locked */
#define LOCK_TRIES	1000

bool kvp_pool_path(char *out, size_t size, const char *root, int number)
{
	int len = snprintf(out, size, "%s" KVP_DIR "/.kvp_pool_%d",
			   root ? root : "", number);

	return len >= 0 && (size_t)len < size;
}

int kvp_pool_create(const char *path)
{
	char dir[PATH_MAX];
	char *slash;
	int fd, err;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (slash && slash != dir) {
		*slash = '\0';
		err = file_make_dirs(dir, 0755);
		if (err)
			return err;
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	err = fchmod(fd, 0644) ? -errno : 0;	/* whatever the umask */
	close(fd);
	return err;
}

/* Is what was opened still what the name stands for? */
static bool current(int fd, const char *path)
{
	struct stat ours, named;

	return !fstat(fd, &ours) && !stat(path, &named) &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

/* Opens and locks; a descriptor or -errno. */
static int lock_pool(const char *path, bool writing)
{
	struct flock lock = {
		.l_type = writing ? F_WRLCK : F_RDLCK,
		.l_whence = SEEK_SET,
	};
	int fd, i, err;

	for (i = 0; i < LOCK_TRIES; i++) {
		fd = open(path, (writing ? O_RDWR : O_RDONLY) | O_CLOEXEC |
			  O_NOFOLLOW | O_NOCTTY);
		if (fd < 0)
			return -errno;
		while ((err = fcntl(fd, F_SETLKW, &lock)) && errno == EINTR)
			;
		if (err) {
			err = -errno;
			close(fd);
			return err;
		}
		if (current(fd, path))
			return fd;
		close(fd);
	}
	return -EAGAIN;
}

static int read_records(int fd, struct kvp_list *list)
{
	size_t size, done = 0, i;
	struct stat st;
	ssize_t got;

	memset(list, 0, sizeof(*list));
	if (fstat(fd, &st))
		return -errno;
	/* A record that was not finished does not count. */
	size = (size_t)st.st_size / sizeof(*list->records);
	if (size > KVP_RECORDS_MAX)
		return -EFBIG;
	list->count = size;
	size *= sizeof(*list->records);
	list->records = malloc(size + sizeof(*list->records));
	if (!list->records)
		return -ENOMEM;
	while (done < size) {
		got = pread(fd, (char *)list->records + done, size - done,
			    (off_t)done);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (!got)
			break;
		done += (size_t)got;
	}
	list->count = done / sizeof(*list->records);
	for (i = 0; i < list->count; i++) {
		list->records[i].key[KVP_KEY_MAX - 1] = '\0';
		list->records[i].value[KVP_VALUE_MAX - 1] = '\0';
	}
	return 0;
}

void kvp_list_free(struct kvp_list *list)
{
	free(list->records);
	memset(list, 0, sizeof(*list));
}

int kvp_pool_read(const char *path, struct kvp_list *list)
{
	int fd, err;

	memset(list, 0, sizeof(*list));
	fd = lock_pool(path, false);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	err = read_records(fd, list);
	if (err)
		kvp_list_free(list);
	close(fd);
	return err;
}

static struct kvp_record *find(const struct kvp_list *list, const char *key)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		if (!strcmp(list->records[i].key, key))
			return &list->records[i];
	return NULL;
}

int kvp_pool_get(const char *path, const char *key, char *value)
{
	struct kvp_record *record;
	struct kvp_list list;
	int err = kvp_pool_read(path, &list);

	value[0] = '\0';
	if (err)
		return err;
	record = find(&list, key);
	if (record)
		memcpy(value, record->value, KVP_VALUE_MAX);
	kvp_list_free(&list);
	return record ? 0 : -ENOENT;
}

/* At the end, where a record that was not finished may stand. */
static int append(int fd, size_t count, const struct kvp_record *record)
{
	off_t at = (off_t)(count * sizeof(*record));
	ssize_t done;

	if (count >= KVP_RECORDS_MAX)
		return -ENOSPC;
	done = pwrite(fd, record, sizeof(*record), at);
	if (done == (ssize_t)sizeof(*record))
		return 0;
	done = done < 0 ? -errno : -ENOSPC;
	/* what remains of it would be no record anyway */
	return ftruncate(fd, at) ? -errno : (int)done;
}

static int change(const char *path, struct kvp_list *list)
{
	return file_replace(path, list->records,
			    list->count * sizeof(*list->records), 0644);
}

int kvp_pool_set(const char *path, const char *key, const char *value)
{
	struct kvp_record record = { 0 }, *old;
	struct kvp_list list;
	int fd, err;

	if (!*key || strlen(key) >= KVP_KEY_MAX ||
	    strlen(value) >= KVP_VALUE_MAX)
		return -EINVAL;
	strcpy(record.key, key);
	strcpy(record.value, value);

	err = kvp_pool_create(path);
	if (err)
		return err;
	fd = lock_pool(path, true);
	if (fd < 0)
		return fd;
	err = read_records(fd, &list);
	if (!err) {
		old = find(&list, key);
		if (!old) {
			err = append(fd, list.count, &record);
		} else if (memcmp(old->value, record.value, KVP_VALUE_MAX)) {
			*old = record;
			err = change(path, &list);
		}
	}
	kvp_list_free(&list);
	close(fd);
	return err;
}

int kvp_pool_delete(const char *path, const char *key)
{
	struct kvp_record *at;
	struct kvp_list list;
	size_t after;
	int fd, err;

	fd = lock_pool(path, true);
	if (fd < 0)
		return fd;
	err = read_records(fd, &list);
	if (!err) {
		at = find(&list, key);
		if (!at) {
			err = -ENOENT;
		} else {
			after = (size_t)(list.records + list.count - at) - 1;
			memmove(at, at + 1, after * sizeof(*at));
			list.count--;
			err = change(path, &list);
		}
	}
	kvp_list_free(&list);
	close(fd);
	return err;
}
