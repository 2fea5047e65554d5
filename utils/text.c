// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text: the host's is UTF-16, a daemon's UTF-8, and neither can be relied on to
 * be well formed or to end.
 *
 * Pure, and free of nls, which a kernel may lack.
 */
#include <linux/string.h>
#include "pure.h"

#define NO_CHARACTER	0xfffd

static bool is_surrogate(u32 c)
{
	return c >= 0xd800 && c <= 0xdfff;
}

static u32 unit_at(const u8 *from, u32 i)
{
	return from[2 * i] | (u32)from[2 * i + 1] << 8;
}

/* One character from @i on, which is moved behind it. */
static u32 next_utf16(const u8 *from, u32 units, u32 *i)
{
	u32 c = unit_at(from, (*i)++), low;

	if (!is_surrogate(c))
		return c;
	if (c >= 0xdc00 || *i >= units)
		return NO_CHARACTER;
	low = unit_at(from, *i);
	if (low < 0xdc00 || !is_surrogate(low))
		return NO_CHARACTER;
	(*i)++;
	return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

/* 1 to 4 bytes; how many */
static u32 write_utf8(u32 c, u8 *out)
{
	u32 n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const u8 lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	u32 i;

	for (i = n - 1; i; i--) {
		out[i] = 0x80 | (c & 0x3f);
		c >>= 6;
	}
	out[0] = lead[n] | c;
	return n;
}

u32 utils_to_utf8(const void *utf16, u32 units, u8 *out, u32 room)
{
	u32 i = 0, used = 0, n;
	u8 bytes[4];

	while (i < units) {
		u32 c = next_utf16(utf16, units, &i);

		if (!c)
			break;
		n = write_utf8(c, bytes);
		if (used + n >= room)
			return 0;
		memcpy(out + used, bytes, n);
		used += n;
	}
	if (used >= room)
		return 0;
	out[used] = 0;
	return used + 1;
}

/* How many bytes follow this first one; ~0 when it is none */
static u32 utf8_more(u8 first)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xc2 && first < 0xe0)
		return 1;
	if (first >= 0xe0 && first < 0xf0)
		return 2;
	if (first >= 0xf0 && first < 0xf5)
		return 3;
	return ~0u;
}

static u32 next_utf8(const u8 *from, u32 max, u32 *i)
{
	static const u32 least[] = { 0, 0x80, 0x800, 0x10000 };
	u32 more = utf8_more(from[*i]), k;
	u32 c = from[(*i)++];

	if (!more)
		return c;
	if (more > 3 || more > max - *i)
		return NO_CHARACTER;
	c &= 0x3f >> more;
	for (k = 0; k < more; k++) {
		if ((from[*i + k] & 0xc0) != 0x80)
			return NO_CHARACTER;
		c = c << 6 | (from[*i + k] & 0x3f);
	}
	if (c < least[more] || c > 0x10ffff || is_surrogate(c))
		return NO_CHARACTER;
	*i += more;
	return c;
}

static void put_unit(u8 *out, u32 c)
{
	out[0] = c;
	out[1] = c >> 8;
}

u32 utils_to_utf16(const u8 *utf8, u32 max, void *out, u32 room)
{
	u32 i = 0, used = 0;
	u8 *to = out;

	while (i < max && utf8[i]) {
		u32 c = next_utf8(utf8, max, &i);
		u32 n = c < 0x10000 ? 2 : 4;

		if (used + n + 2 > room)
			break;
		if (n == 4) {
			put_unit(to + used, 0xd800 + ((c - 0x10000) >> 10));
			put_unit(to + used + 2, 0xdc00 + (c & 0x3ff));
		} else {
			put_unit(to + used, c);
		}
		used += n;
	}
	put_unit(to + used, 0);
	return used + 2;
}

static bool is_alnum(u8 c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* Daemons hand this on to scripts: nothing that a shell would act upon but the
 * ';' between addresses, on which they rely.
 */
bool utils_is_address_text(const u8 *text)
{
	for (; *text; text++)
		if (!is_alnum(*text) && !strchr(".:;%/_-{} ", *text))
			return false;
	return true;
}
