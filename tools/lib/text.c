// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text that comes from elsewhere.  Pure functions.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

int text_take(char *out, size_t out_size, const void *field, size_t field_size)
{
	size_t len = strnlen(field, field_size);

	if (len == field_size || len >= out_size) {
		out[0] = '\0';
		return -1;
	}
	memcpy(out, field, len + 1);
	return (int)len;
}

/* Bytes of the well-formed character that @s begins with; 0 if it is none. */
static size_t character(const unsigned char *s)
{
	/* the smallest code point that may take that many bytes */
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t code;
	size_t len, i;

	if (s[0] < 0x80)
		return 1;
	if ((s[0] & 0xe0) == 0xc0)
		len = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		len = 3;
	else if ((s[0] & 0xf8) == 0xf0)
		len = 4;
	else
		return 0;
	code = s[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return len;
}

bool text_utf8(const char *s)
{
	size_t len;

	for (; *s; s += len) {
		len = character((const unsigned char *)s);
		if (!len)
			return false;
	}
	return true;
}

static bool control(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

bool text_plain(const char *s)
{
	for (; *s; s++)
		if (control(*s))
			return false;
	return true;
}

void text_printable(char *out, size_t out_size, const char *s)
{
	static const char digits[] = "0123456789abcdef";
	size_t used = 0, len;

	while (*s) {
		len = character((const unsigned char *)s);
		if (len && !control(*s)) {
			if (used + len >= out_size)
				break;
			memcpy(out + used, s, len);
			used += len;
			s += len;
			continue;
		}
		if (used + 4 >= out_size)
			break;
		out[used++] = '\\';
		out[used++] = 'x';
		out[used++] = digits[(unsigned char)*s >> 4];
		out[used++] = digits[*s & 0xf];
		s++;
	}
	out[used] = '\0';
}

void text_cut(char *out, size_t out_size, const char *s)
{
	size_t len = strlen(s);

	if (len >= out_size) {
		len = out_size - 1;
		while (len && ((unsigned char)s[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(out, s, len);
	out[len] = '\0';
}

bool text_add(char *out, size_t out_size, const char *format, ...)
{
	size_t used = strlen(out);
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(out + used, out_size - used, format, args);
	va_end(args);
	if (len >= 0 && (size_t)len < out_size - used)
		return true;
	out[used] = '\0';
	return false;
}
