// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text between UTF-8, which hvctl speaks, and UTF-16, which guests do.
 * Locking: none, no state.
 */
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "ic.h"

/* What is left of @room after @bytes of @from, (size_t)-1 if they are wrong */
static size_t convert(const char *to_code, const char *from_code, char *from,
		      size_t bytes, char *to, size_t room)
{
	iconv_t cd = iconv_open(to_code, from_code);
	size_t ret;

	if (cd == (iconv_t)-1)
		abort();	/* glibc has both */
	ret = iconv(cd, &from, &bytes, &to, &room);
	iconv_close(cd);
	return ret == (size_t)-1 || bytes ? (size_t)-1 : room;
}

uint32_t ic_utf16(uint8_t *to, uint32_t bytes, const char *text)
{
	size_t left;

	if (bytes < 2)
		return 0;
	left = convert("UTF-16LE", "UTF-8", (char *)text, strlen(text),
		       (char *)to, bytes - 2);
	if (left == (size_t)-1)
		return 0;
	memset(to + bytes - 2 - left, 0, 2);
	return bytes - left;
}

char *ic_utf8(const uint8_t *from, uint32_t bytes)
{
	uint32_t used = 0;
	size_t room, left;
	char *to;

	while (used + 2 <= bytes && (from[used] || from[used + 1]))
		used += 2;
	room = used * 2;	/* a unit becomes three bytes at most */
	to = calloc(1, room + 1);
	if (!to)
		abort();
	left = convert("UTF-8", "UTF-16LE", (char *)from, used, to, room);
	if (left != (size_t)-1)
		return to;
	free(to);
	return NULL;
}
