// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the host may write: see policy.h.
 */
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"
#include "tools/lib/config.h"

/* Where people put files, not where systems keep theirs */
static const char *const usual[] = {
	"/home", "/media", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var/tmp",
};

static bool add_root(struct fcopy_policy *p, const char *dir)
{
	size_t len = strlen(dir);
	char *copy;

	while (len > 1 && dir[len - 1] == '/')
		len--;
	if (*dir != '/' || len >= PATH_MAX || p->root_count == FCOPY_ROOTS)
		return false;
	copy = strndup(dir, len);
	if (!copy)
		return false;
	if (!strcmp(copy, "/"))
		*copy = '\0';		/* everything is below "" */
	p->roots[p->root_count++] = copy;
	return true;
}

static void drop_roots(struct fcopy_policy *p)
{
	while (p->root_count)
		free(p->roots[--p->root_count]);
}

void fcopy_policy_default(struct fcopy_policy *p)
{
	size_t i;

	memset(p, 0, sizeof(*p));
	p->mode = 0644;
	p->dir_mode = 0755;
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		add_root(p, usual[i]);
}

void fcopy_policy_free(struct fcopy_policy *p)
{
	drop_roots(p);
}

static bool set_mode(mode_t *mode, const char *value)
{
	uint64_t n;

	/* no set-user-id by accident */
	if (!config_number(value, 8, 0777, &n))
		return false;
	*mode = (mode_t)n;
	return true;
}

/* The files themselves: name services may need a network that is not up. */
static bool set_owner(struct fcopy_policy *p, const char *value)
{
	struct passwd *user;
	bool found = false;
	FILE *file;
	uint64_t n;

	if (config_number(value, 10, UINT32_MAX - 1, &n)) {
		p->owner = (uid_t)n;
		return true;
	}
	file = fopen("/etc/passwd", "re");
	while (file && !found && (user = fgetpwent(file)))
		if (!strcmp(user->pw_name, value)) {
			p->owner = user->pw_uid;
			found = true;
		}
	if (file)
		fclose(file);
	return found;
}

static bool set_group(struct fcopy_policy *p, const char *value)
{
	struct group *group;
	bool found = false;
	FILE *file;
	uint64_t n;

	if (config_number(value, 10, UINT32_MAX - 1, &n)) {
		p->group = (gid_t)n;
		return true;
	}
	file = fopen("/etc/group", "re");
	while (file && !found && (group = fgetgrent(file)))
		if (!strcmp(group->gr_name, value)) {
			p->group = group->gr_gid;
			found = true;
		}
	if (file)
		fclose(file);
	return found;
}

static bool set_sync(struct fcopy_policy *p, const char *value)
{
	p->sync = !strcmp(value, "yes");
	return p->sync || !strcmp(value, "no");
}

const char *fcopy_policy_take(void *ctx, const char *name, const char *value)
{
	struct fcopy_policy *p = ctx;

	if (!strcmp(name, "allow")) {
		if (!p->own_roots)
			drop_roots(p);
		p->own_roots = true;
		if (!strcmp(value, "none"))
			return NULL;
		return add_root(p, value) ? NULL :
			"allow wants an absolute directory (64 at most) or none";
	}
	if (!strcmp(name, "mode"))
		return set_mode(&p->mode, value) ? NULL :
			"mode wants three octal digits";
	if (!strcmp(name, "directory-mode"))
		return set_mode(&p->dir_mode, value) ? NULL :
			"directory-mode wants three octal digits";
	if (!strcmp(name, "owner"))
		return set_owner(p, value) ? NULL : "there is no such user";
	if (!strcmp(name, "group"))
		return set_group(p, value) ? NULL : "there is no such group";
	if (!strcmp(name, "max-size"))
		return config_number(value, 10, INT64_MAX, &p->max_size) ? NULL :
			"max-size wants a number of bytes";
	if (!strcmp(name, "sync"))
		return set_sync(p, value) ? NULL : "sync wants yes or no";
	return "allow, mode, directory-mode, owner, group, max-size and sync are known";
}

int fcopy_policy_parse(struct fcopy_policy *p, const char *text, char *why,
		       size_t why_size)
{
	p->own_roots = false;
	return config_parse(text, fcopy_policy_take, p, why, why_size);
}

const char *fcopy_policy_root(const struct fcopy_policy *p, const char *path)
{
	const char *best = NULL;
	size_t i, len;

	for (i = 0; i < p->root_count; i++) {
		len = strlen(p->roots[i]);
		if (!strncmp(path, p->roots[i], len) &&
		    (path[len] == '/' || !path[len]) &&
		    (!best || len > strlen(best)))
			best = p->roots[i];
	}
	return best;
}
