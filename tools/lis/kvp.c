// SPDX-License-Identifier: GPL-2.0-only
/*
 * lis kvp: pairs that this guest and its host have for each other.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "lis.h"
#include "tools/kvp/facts.h"
#include "tools/kvp/pool.h"
#include "tools/lib/text.h"

#define POOLS	5
#define NO_POOL	(-1)

static const char *const pool_names[POOLS] = {
	"external", "guest", "auto", "auto-external", "auto-internal",
};

enum { EXTERNAL, GUEST, AUTO, AUTO_EXTERNAL };

static int pool_number(const char *name)
{
	int i;

	for (i = 0; i < POOLS; i++)
		if (!strcmp(name, pool_names[i]) ||
		    (name[0] == '0' + i && !name[1]))
			return i;
	return NO_POOL;
}

static int complain(const char *what, const char *about, int err)
{
	char shown[128];

	text_printable(shown, sizeof(shown), about);
	fprintf(stderr, "lis: %s '%s': %s\n", what, shown,
		err == -ENOENT ? "there is no such key" :
		err == -EINVAL ? "keys have 1 to 511 bytes, values at most 2047" :
		strerror(-err));
	return 1;
}

/* What the daemon makes up is in no file. */
static int read_pool(const char *root, int pool, struct kvp_list *list)
{
	static struct kvp_facts facts;
	char path[PATH_MAX];

	if (!kvp_pool_path(path, sizeof(path), root, pool))
		return -ENAMETOOLONG;
	if (pool == AUTO) {
		kvp_facts_read(&facts, root, "3.1");
		list->records = facts.pair;
		list->count = KVP_FACTS;
		return 0;
	}
	return kvp_pool_read(path, list);
}

static void done_with(int pool, struct kvp_list *list)
{
	if (pool != AUTO)
		kvp_list_free(list);
}

/* 0: printed; -ENOENT */
static int get_from(const char *root, int pool, const char *key, FILE *out)
{
	struct kvp_list list;
	int err = read_pool(root, pool, &list);
	size_t i;

	if (err)
		return err;
	err = -ENOENT;
	for (i = 0; i < list.count && err; i++)
		if (!strcmp(list.records[i].key, key)) {
			fprintf(out, "%s\n", list.records[i].value);
			err = 0;
		}
	done_with(pool, &list);
	return err;
}

static int get(const char *root, int pool, const char *key, FILE *out)
{
	/* what the host says, then what we say ourselves */
	static const int order[] = { EXTERNAL, AUTO_EXTERNAL, GUEST };
	int err = -ENOENT;
	size_t i;

	if (pool != NO_POOL)
		err = get_from(root, pool, key, out);
	for (i = 0; pool == NO_POOL && err == -ENOENT &&
	     i < sizeof(order) / sizeof(order[0]); i++)
		err = get_from(root, order[i], key, out);
	return err ? complain("get", key, err) : 0;
}

static int list_one(const char *root, int pool, bool named, FILE *out)
{
	char key[KVP_KEY_MAX * 4], value[KVP_VALUE_MAX * 4];
	struct kvp_list list;
	int err = read_pool(root, pool, &list);
	size_t i;

	if (err)
		return complain("list", pool_names[pool], err);
	for (i = 0; i < list.count; i++) {
		/* one pair a line, whatever is in it */
		text_printable(key, sizeof(key), list.records[i].key);
		text_printable(value, sizeof(value), list.records[i].value);
		fprintf(out, "%s%s%s\t%s\n", named ? pool_names[pool] : "",
			named ? "\t" : "", key, value);
	}
	done_with(pool, &list);
	return 0;
}

static int list_pools(const char *root, int pool, FILE *out)
{
	int i, status = 0;

	if (pool != NO_POOL)
		return list_one(root, pool, false, out);
	for (i = 0; i < POOLS; i++)
		status |= list_one(root, i, true, out);
	return status;
}

static int change(const char *root, int pool, const char *key,
		  const char *value)
{
	char path[PATH_MAX];
	int err;

	if (pool == NO_POOL)
		pool = GUEST;
	if (pool == AUTO) {
		fputs("lis: the pairs of this pool are made by the daemon\n",
		      stderr);
		return 1;
	}
	if (!kvp_pool_path(path, sizeof(path), root, pool))
		return 1;
	if (!text_utf8(key) || (value && !text_utf8(value)))
		err = -EILSEQ;
	else
		err = value ? kvp_pool_set(path, key, value) :
			      kvp_pool_delete(path, key);
	return err ? complain(value ? "set" : "delete", key, err) : 0;
}

static int bad_usage(const char *why)
{
	fprintf(stderr, "lis: %s\nTry lis --help.\n", why);
	return 2;
}

int lis_kvp(const char *root, int argc, char **argv, FILE *out)
{
	static const struct option options[] = {
		{ "pool", required_argument, NULL, 'p' },
		{ NULL, 0, NULL, 0 },
	};
	const char *verb = argv[0];
	int opt, pool = NO_POOL, n;

	optind = 1;
	while ((opt = getopt_long(argc, argv, "p:", options, NULL)) != -1) {
		if (opt != 'p')
			return bad_usage("kvp: that option is not known");
		pool = pool_number(optarg);
		if (pool == NO_POOL)
			return bad_usage("a pool is external, guest, auto, auto-external, auto-internal or 0 to 4");
	}
	n = argc - optind;
	argv += optind;
	if (!strcmp(verb, "get") && n == 1)
		return get(root, pool, argv[0], out);
	if (!strcmp(verb, "list") && n == 0)
		return list_pools(root, pool, out);
	if (!strcmp(verb, "set") && n == 2)
		return change(root, pool, argv[0], argv[1]);
	if (!strcmp(verb, "delete") && n == 1)
		return change(root, pool, argv[0], NULL);
	return bad_usage("kvp get KEY | set KEY VALUE | list | delete KEY");
}
