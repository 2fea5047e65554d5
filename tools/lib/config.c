// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration files: see config.h.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "file.h"

#define CONFIG_MAX	65536

static char *trim(char *s)
{
	size_t len;

	while (isspace((unsigned char)*s))
		s++;
	len = strlen(s);
	while (len && isspace((unsigned char)s[len - 1]))
		s[--len] = '\0';
	return s;
}

/* Takes one line; NULL, or what is wrong with it. */
static const char *take_line(char *line, config_take_fn take, void *ctx)
{
	char *name = trim(line), *equals;

	if (!*name || *name == '#')
		return NULL;
	equals = strchr(name, '=');
	if (!equals)
		return "a line is name = value";
	*equals = '\0';
	return take(ctx, trim(name), trim(equals + 1));
}

int config_parse(const char *text, config_take_fn take, void *ctx, char *why,
		 size_t why_size)
{
	const char *wrong = NULL;
	char line[PATH_MAX];
	int n = 0;
	size_t len;

	for (; *text && !wrong; text += len + (text[len] == '\n')) {
		len = strcspn(text, "\n");
		n++;
		if (len >= sizeof(line)) {
			wrong = "the line is too long";
			break;
		}
		memcpy(line, text, len);
		line[len] = '\0';
		wrong = take_line(line, take, ctx);
	}
	if (!wrong)
		return 0;
	snprintf(why, why_size, "%s", wrong);
	return n;
}

int config_read(const char *program, const char *root, const char *path,
		bool must, config_take_fn take, void *ctx)
{
	static char text[CONFIG_MAX];
	char full[PATH_MAX], why[128];
	ssize_t len;
	int line;

	if (!file_path(full, sizeof(full), root, path))
		return -1;
	len = file_read(full, text, sizeof(text));
	if (len == -ENOENT && !must)
		return 0;
	if (len < 0) {
		fprintf(stderr, "%s: cannot read %s: %s\n", program, full,
			strerror((int)-len));
		return -1;
	}
	line = config_parse(text, take, ctx, why, sizeof(why));
	if (!line)
		return 0;
	fprintf(stderr, "%s: %s, line %d: %s\n", program, full, line, why);
	return -1;
}

bool config_number(const char *value, int base, uint64_t max, uint64_t *out)
{
	char *end;

	if (!isdigit((unsigned char)*value))
		return false;
	errno = 0;
	*out = strtoull(value, &end, base);
	return !errno && !*end && *out <= max;
}
