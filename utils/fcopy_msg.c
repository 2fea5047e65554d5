// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of files from the host: one at a time, its pieces inside what was
 * announced, its name and path free of ways out.
 *
 * Pure: computes from a private copy of what the host sent.
 */
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include "pure.h"

static bool has_dotdot(const char *path)
{
	const char *at = path;

	while ((at = strstr(at, "..")) != NULL) {
		bool begins = at == path || at[-1] == '/';

		if (begins && (!at[2] || at[2] == '/'))
			return true;
		at++;
	}
	return false;
}

static const char *check_name(const char *name)
{
	if (!name[0] || strchr(name, '/') || !strcmp(name, ".") ||
	    !strcmp(name, ".."))
		return "file name that is none";
	return NULL;
}

static const char *check_path(const char *path)
{
	if (path[0] != '/')
		return "path that does not begin at the root";
	return has_dotdot(path) ? "path that leads back" : NULL;
}

static const char *begin(struct utils_fcopy *c, const u8 *body, u8 *out)
{
	struct lis_fcopy_start *s = (struct lis_fcopy_start *)out;
	const char *wrong;

	/* the fixed parts are the same for the daemon */
	memcpy(out, body, sizeof(*s));
	memset(s->name, 0, sizeof(s->name));
	memset(s->path, 0, sizeof(s->path));
	if (!utils_to_utf8(body + offsetof(struct lis_fcopy_start, name),
			   LIS_FCOPY_PATH_MAX, (u8 *)s->name,
			   sizeof(s->name)) ||
	    !utils_to_utf8(body + offsetof(struct lis_fcopy_start, path),
			   LIS_FCOPY_PATH_MAX, (u8 *)s->path, sizeof(s->path)))
		return "name that is too long";
	wrong = check_name((char *)s->name);
	if (!wrong)
		wrong = check_path((char *)s->path);
	if (!wrong) {
		c->open = true;
		c->bytes = s->bytes;
	}
	return wrong;
}

static const char *a_part(const struct utils_fcopy *c, const u8 *body, u32 have,
			  u8 *out, u32 *len)
{
	struct lis_fcopy_write *w = (struct lis_fcopy_write *)out;
	u32 fixed = offsetof(struct lis_fcopy_write, data);

	if (have < fixed)
		return "piece of a file that is too short";
	memcpy(w, body, fixed);
	if (w->bytes > sizeof(w->data) || w->bytes > have - fixed)
		return "piece of a file longer than its message";
	if (w->offset > c->bytes || w->bytes > c->bytes - w->offset)
		return "piece of a file behind the file's end";
	memcpy(w->data, body + fixed, w->bytes);
	*len = fixed + w->bytes;
	return NULL;
}

const char *utils_fcopy_request(struct utils_fcopy *c,
				const struct utils_frame *f, u8 *out, u32 *len,
				u32 *status)
{
	u32 have = f->head.bytes, op;

	*status = LIS_IC_E_INVALID;
	if (have < sizeof(struct lis_fcopy_head))
		return "request that is too short";
	memcpy(&op, f->body, sizeof(op));
	if (op >= LIS_FCOPY_OPS) {
		*status = LIS_IC_E_NOT_SUPPORTED;
		return "unknown operation";
	}
	if (op == LIS_FCOPY_START) {
		*len = sizeof(struct lis_fcopy_start);
		if (have < *len)
			return "start of a copy that is too short";
		c->open = false;
		return begin(c, f->body, out);
	}
	*status = LIS_IC_E_FAIL;
	if (!c->open)
		return "piece of a copy that was not begun";
	*status = LIS_IC_E_INVALID;
	if (op == LIS_FCOPY_WRITE)
		return a_part(c, f->body, have, out, len);
	*len = sizeof(struct lis_fcopy_head);
	memcpy(out, f->body, *len);
	return NULL;
}

void utils_fcopy_answer(struct utils_fcopy *c, u32 op, u32 status)
{
	/* After a failed piece the host may still say that it gives up. */
	if (op == LIS_FCOPY_COMPLETE || op == LIS_FCOPY_CANCEL ||
	    (op == LIS_FCOPY_START && status))
		c->open = false;
}
