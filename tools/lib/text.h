/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that comes from elsewhere.  Pure functions.
 */
#ifndef TOOLS_TEXT_H
#define TOOLS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Copies the text in a field of a message: it must end within the field and
 * fit @out.  Its length, or -1 (@out is then empty).
 */
int text_take(char *out, size_t out_size, const void *field, size_t field_size);

/* Is it well-formed UTF-8: shortest forms, no surrogates, at most U+10FFFF? */
bool text_utf8(const char *s);

/* Are there no control characters (below blank, DEL)? */
bool text_plain(const char *s);

/*
 * Copies @s so that it can be printed: control characters and bytes that are
 * no UTF-8 become \xNN.  Cuts at the end of @out, never within a character.
 */
void text_printable(char *out, size_t out_size, const char *s);

/* Copies what fits of @s, at most @out_size - 1 bytes of whole characters. */
void text_cut(char *out, size_t out_size, const char *s);

/* snprintf() to the end of @out; false if it did not fit (@out unchanged). */
bool text_add(char *out, size_t out_size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
