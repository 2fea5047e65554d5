/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pools of key/value pairs, each a file of fixed records that other
 * programs read and append to as well: 512 bytes of key, 2048 of value, both
 * padded with zeros.  A file is locked (fcntl, whole) while it is touched,
 * and replaced rather than overwritten, so that at any moment it is whole.
 */
#ifndef KVP_POOL_H
#define KVP_POOL_H

#include <stdbool.h>
#include <stddef.h>

#define KVP_KEY_MAX	512	/* bytes, with the NUL */
#define KVP_VALUE_MAX	2048
#define KVP_RECORDS_MAX	65536	/* in a pool: 160 MiB */
#define KVP_DIR		"/var/lib/hyperv"

struct kvp_record {
	char key[KVP_KEY_MAX];
	char value[KVP_VALUE_MAX];
};

/* A copy of a pool's content, in the order of the file */
struct kvp_list {
	struct kvp_record *records;	/* keys and values end in NUL */
	size_t count;
};

/* The file of pool @number; false if the name does not fit. */
bool kvp_pool_path(char *out, size_t size, const char *root, int number);

/* Makes the directory and the file unless they are there.  0 or -errno. */
int kvp_pool_create(const char *path);

/*
 * Reads all of it; 0 or -errno, and then the list is empty.  A file that is
 * not there is an empty pool.  kvp_list_free() either way.
 */
int kvp_pool_read(const char *path, struct kvp_list *list);
void kvp_list_free(struct kvp_list *list);

/* The value of @key into @value; 0, -ENOENT or another -errno. */
int kvp_pool_get(const char *path, const char *key, char *value);

/*
 * Sets and adds, or deletes: 0; -ENOENT if there is nothing to delete,
 * -EINVAL if key or value is empty or too long, -ENOSPC ...
 */
int kvp_pool_set(const char *path, const char *key, const char *value);
int kvp_pool_delete(const char *path, const char *key);

#endif
