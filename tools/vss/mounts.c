// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mount table, taken apart.  Pure.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mounts.h"

/* The table writes blanks, tabs, newlines and backslashes as \ooo. */
static char *unescaped(const char *word)
{
	char *copy = strdup(word), *to = copy;
	const char *from;
	unsigned int code;

	if (!copy)
		return NULL;
	for (from = copy; *from; to++) {
		if (*from == '\\' && strlen(from) >= 4 &&
		    strspn(from + 1, "01234567") >= 3 &&
		    sscanf(from + 1, "%3o", &code) == 1 && code && code < 256) {
			*to = (char)code;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return copy;
}

/* Is @option one of the comma-separated @options? */
static bool has_option(const char *options, const char *option)
{
	size_t len = strlen(option);
	const char *at;

	for (at = options; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, option, len) && (!at[len] || at[len] == ','))
			return true;
	}
	return false;
}

/*
 * id parent major:minor root point options [tags...] - type source options
 */
static int parse_line(struct vss_mount *m, char *line)
{
	char *words[6], *after[3], *word, *save = NULL;
	int i;

	memset(m, 0, sizeof(*m));
	m->fd = -1;
	for (i = 0; i < 6; i++) {
		words[i] = strtok_r(i ? NULL : line, " ", &save);
		if (!words[i])
			return -EINVAL;
	}
	do {
		word = strtok_r(NULL, " ", &save);
	} while (word && strcmp(word, "-"));
	for (i = 0; i < 3; i++) {
		after[i] = word ? strtok_r(NULL, " ", &save) : NULL;
		if (!after[i])
			return -EINVAL;
	}
	m->id = (unsigned int)strtoul(words[0], &word, 10);
	if (*word || sscanf(words[2], "%u:%u", &m->major, &m->minor) != 2)
		return -EINVAL;
	m->read_only = has_option(after[2], "ro");
	m->point = unescaped(words[4]);
	m->type = unescaped(after[0]);
	m->source = unescaped(after[1]);
	return m->point && m->type && m->source ? 0 : -ENOMEM;
}

static void free_mount(struct vss_mount *m)
{
	free(m->point);
	free(m->type);
	free(m->source);
}

void vss_mounts_free(struct vss_mounts *m)
{
	while (m->count)
		free_mount(&m->list[--m->count]);
	free(m->list);
	m->list = NULL;
}

static int add_line(struct vss_mounts *m, char *line)
{
	struct vss_mount *more;
	int err;

	if (m->count == VSS_MOUNTS_MAX)
		return -E2BIG;
	more = realloc(m->list, (m->count + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	m->list = more;
	err = parse_line(&more[m->count], line);
	if (err)
		free_mount(&more[m->count]);
	else
		m->count++;
	return err;
}

int vss_mounts_parse(struct vss_mounts *m, const char *text)
{
	char *copy = strdup(text), *line, *save = NULL;
	int err = copy ? 0 : -ENOMEM;

	memset(m, 0, sizeof(*m));
	for (line = copy ? strtok_r(copy, "\n", &save) : NULL; line && !err;
	     line = strtok_r(NULL, "\n", &save))
		err = add_line(m, line);
	free(copy);
	return err;
}
