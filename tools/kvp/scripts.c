// SPDX-License-Identifier: GPL-2.0-only
/*
 * The scripts of administrators and distributions: see scripts.h.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scripts.h"
#include "tools/lib/run.h"
#include "tools/lib/say.h"

bool scripts_find(const char *root, const char *name, char *path, size_t size)
{
	int len = snprintf(path, size, "%s" SCRIPTS_DIR "/%s", root, name);

	return len > 0 && (size_t)len < size && !access(path, X_OK);
}

bool scripts_ask(const char *root, const char *name, const char *argument,
		 char *out, size_t size)
{
	char path[4096];
	const char *const argv[] = { path, argument, NULL };
	int status;

	out[0] = '\0';
	if (!scripts_find(root, name, path, sizeof(path)))
		return false;
	status = run_program(argv, SCRIPTS_MS, out, size);
	if (!status)
		return true;
	say(LOG_WARNING, "%s failed (%s %d): %.200s", path,
	    status < 0 ? "error" : "exit status", status < 0 ? -status : status,
	    out);
	return false;
}
