// SPDX-License-Identifier: GPL-2.0-only
/*
 * Words of hvctl's verbs about services: options in any place among them.
 * Locking: none, the caller's.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ic.h"

#define WORDS	(sizeof(((struct ic_args *)0)->argv) / sizeof(const char *))

void ic_args_init(struct ic_args *a, const char *verb, int argc,
		  const char *const *argv, char *error)
{
	*a = (struct ic_args){ .verb = verb, .error = error };
	for (int i = 0; i < argc && a->argc < (int)WORDS; i++)
		a->argv[a->argc++] = argv[i] ?: "";
}

static void drop(struct ic_args *a, int at, int count)
{
	a->argc -= count;
	memmove(&a->argv[at], &a->argv[at + count],
		(a->argc - at) * sizeof(a->argv[0]));
}

static int find(const struct ic_args *a, const char *name)
{
	for (int i = 0; i < a->argc; i++)
		if (!strcmp(a->argv[i], name))
			return i;
	return -1;
}

bool ic_wrong(struct ic_args *a, const char *fmt, ...)
{
	char text[IC_TEXT / 2];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	snprintf(a->error, IC_TEXT, "%s: %s", a->verb, text);
	a->bad = true;
	return false;
}

bool ic_flag(struct ic_args *a, const char *name)
{
	int at = find(a, name);

	if (at >= 0)
		drop(a, at, 1);
	return at >= 0;
}

const char *ic_value(struct ic_args *a, const char *name)
{
	int at = find(a, name);
	const char *value;

	if (at < 0)
		return NULL;
	if (at + 1 == a->argc) {
		ic_wrong(a, "%s: a value is missing", name);
		return NULL;
	}
	value = a->argv[at + 1];
	drop(a, at, 2);
	return value;
}

long long ic_number(struct ic_args *a, const char *name, long long min,
		    long long max, long long missing)
{
	const char *text = ic_value(a, name);
	long long n;
	char *end;

	if (!text)
		return missing;
	errno = 0;
	n = strtoll(text, &end, 0);
	if (errno || !*text || *end || n < min || n > max) {
		ic_wrong(a, "%s %s: want a number from %lld to %lld", name,
			 text, min, max);
		return missing;
	}
	return n;
}

bool ic_words(struct ic_args *a, int min, int max, const char *usage)
{
	if (a->bad)
		return false;
	for (int i = 0; i < a->argc; i++)
		if (!strncmp(a->argv[i], "--", 2) && a->argv[i][2])
			return ic_wrong(a, "%s: no such option; expected %s",
					a->argv[i], usage);
	if (a->argc < min || a->argc > max)
		return ic_wrong(a, "expected %s", *usage ? usage : "no more");
	return true;
}

const char *ic_status_name(uint32_t status)
{
	switch (status) {
	case LIS_IC_S_OK:
		return "done";
	case LIS_IC_E_FAIL:
		return "failed";
	case LIS_IC_E_NOT_SUPPORTED:
		return "not supported";
	case LIS_IC_E_EXISTS:
		return "it exists";
	case LIS_IC_E_INVALID:
		return "invalid argument";
	case LIS_IC_E_DISK_FULL:
		return "disk full";
	case LIS_IC_E_NO_MORE:
		return "no more items";
	case LIS_IC_E_NOT_CONNECTED:
		return "not connected";
	case LIS_IC_E_BUSY:
		return "busy or aborted";
	case LIS_IC_E_NOT_FOUND:
		return "not found";
	default:
		return "unknown status";
	}
}

bool ic_status_ok(struct ic_args *a, uint32_t status)
{
	return status == LIS_IC_S_OK ||
	       ic_wrong(a, "the guest answers %#010x (%s)", status,
			ic_status_name(status));
}
