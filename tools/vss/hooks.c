// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs that are told of freeze and thaw: see hooks.h.  They run as root:
 * only files that nobody else could have written are run.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hooks.h"
#include "tools/lib/run.h"
#include "tools/lib/say.h"

#define OUTPUT_MAX	256	/* of a hook that is shown */

/* Not what editors and packages leave behind */
static int by_name(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t len = strlen(name);

	return *name != '.' && name[len - 1] != '~' && !strchr(name, '.');
}

static bool may_run(const char *path)
{
	struct stat st;

	if (stat(path, &st) || !S_ISREG(st.st_mode) ||
	    !(st.st_mode & 0100))
		return false;
	if (st.st_uid == geteuid() && !(st.st_mode & 022))
		return true;
	say(LOG_WARNING, "hook %s is not run: others could have written it",
	    path);
	return false;
}

static int tell(struct vss_hooks *h, const char *path, const char *what)
{
	const char *const argv[] = { path, what, NULL };
	char out[OUTPUT_MAX];
	int status = run_program(argv, h->limit_ms, out, sizeof(out));

	out[strcspn(out, "\n")] = '\0';
	if (!status)
		return 0;
	if (status < 0)
		snprintf(h->error, sizeof(h->error), "hook %.80s %s: %s",
			 path, what, strerror(-status));
	else
		snprintf(h->error, sizeof(h->error),
			 "hook %.80s %s: exit status %d: %.120s", path, what,
			 status, out);
	return -1;
}

/* Takes it into the list of those that will hear of the thaw. */
static int take(struct vss_hooks *h, const char *name, bool freeze)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", h->dir, name) >=
	    (int)sizeof(path) || !may_run(path))
		return 0;
	if (h->count == VSS_HOOKS_MAX) {
		snprintf(h->error, sizeof(h->error), "more than %d hooks in %.100s",
			 VSS_HOOKS_MAX, h->dir);
		return -1;
	}
	h->told[h->count] = strdup(path);
	if (!h->told[h->count])
		return -1;
	h->count++;
	return freeze ? tell(h, path, "freeze") : 0;
}

static int take_all(struct vss_hooks *h, bool freeze)
{
	struct dirent **names;
	int n, i, err = 0;

	h->error[0] = '\0';
	n = scandir(h->dir, &names, by_name, alphasort);
	if (n < 0)
		return 0;		/* there need not be any */
	for (i = 0; i < n; i++) {
		if (!err)
			err = take(h, names[i]->d_name, freeze);
		free(names[i]);
	}
	free(names);
	return err;
}

int vss_hooks_freeze(struct vss_hooks *h)
{
	char error[sizeof(h->error)];

	if (!take_all(h, true))
		return 0;
	memcpy(error, h->error, sizeof(error));
	vss_hooks_thaw(h);
	memcpy(h->error, error, sizeof(error));
	return -ECANCELED;
}

int vss_hooks_thaw(struct vss_hooks *h)
{
	int err = 0;

	h->error[0] = '\0';
	while (h->count) {
		h->count--;
		if (tell(h, h->told[h->count], "thaw"))
			err = -ECANCELED;
		free(h->told[h->count]);
	}
	return err;
}

int vss_hooks_thaw_left(struct vss_hooks *h)
{
	take_all(h, false);
	return vss_hooks_thaw(h);
}
