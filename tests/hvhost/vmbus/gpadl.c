// SPDX-License-Identifier: GPL-2.0-only
/*
 * GPADLs: guest memory that the guest shares by handle.  A list arrives in
 * one header and any number of body messages; it is complete when all its
 * announced qwords are here.
 *
 * Locking: every function runs with server.lock held.
 */
#include <stdlib.h>
#include <string.h>

#include "server_int.h"

#define PFNS(g) ((g)->qwords - 1)

struct gpadl *gpadl_find(struct vmbus_server *s, uint32_t handle)
{
	struct gpadl *g = s->gpadls;

	while (g && g->handle != handle)
		g = g->next;
	return g;
}

void gpadl_send_created(struct vmbus_server *s, uint32_t relid,
			uint32_t handle, uint32_t status)
{
	struct lis_msg_gpadl_created m = {
		.hdr.type = LIS_MSG_GPADL_CREATED,
		.relid = relid,
		.gpadl = handle,
		.status = status,
	};

	server_post(s, &m, sizeof(m));
}

static void gpadl_unlink(struct vmbus_server *s, struct gpadl *g)
{
	struct gpadl **at = &s->gpadls;

	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	if (!g->refused)
		s->gpadl_bytes -= (uint64_t)PFNS(g) * LIS_HV_PAGE_SIZE;
	free(g);
}

static void gpadl_fail(struct vmbus_server *s, struct gpadl *g)
{
	uint32_t relid = g->relid, handle = g->handle;

	gpadl_unlink(s, g);
	gpadl_send_created(s, relid, handle, NT_UNSUCCESSFUL);
}

/* The first qword describes the range that all others list. */
static const char *range_error(struct gpadl *g)
{
	struct lis_gpa_range range;
	uint64_t end;

	memcpy(&range, g->list, sizeof(range));
	if (!range.byte_count)
		return "range byte count 0";
	if (range.byte_offset >= LIS_HV_PAGE_SIZE)
		return "range byte offset over 4095";
	end = (uint64_t)range.byte_offset + range.byte_count;
	if ((end + LIS_HV_PAGE_SIZE - 1) / LIS_HV_PAGE_SIZE != PFNS(g))
		return "range byte count does not match the number of pages";
	g->bytes = range.byte_count;
	g->byte_offset = range.byte_offset;
	return NULL;
}

static bool pages_are_ram(struct vmbus_server *s, const struct gpadl *g)
{
	for (uint32_t i = 1; i < g->qwords; i++) {
		uint64_t pfn = g->list[i];

		if (pfn < UINT64_MAX >> LIS_HV_PAGE_SHIFT &&
		    s->fx->guest_memory(s->fx->ctx, pfn << LIS_HV_PAGE_SHIFT,
					LIS_HV_PAGE_SIZE))
			continue;
		server_violation(s, "bus GPADL %#x: page %u: pfn %#llx is not RAM",
				 g->handle, i - 1, (unsigned long long)pfn);
		return false;
	}
	return true;
}

static void gpadl_complete(struct vmbus_server *s, struct gpadl *g)
{
	if (!pages_are_ram(s, g)) {
		gpadl_fail(s, g);
		return;
	}
	if (server_mischief(s, BUS_GPADL_FAIL)) {
		gpadl_fail(s, g);
		return;
	}
	g->created = true;
	gpadl_send_created(s, g->relid, g->handle, 0);
}

/* Take a message's qwords; answers when the list is complete or bad. */
static void gpadl_append(struct vmbus_server *s, struct gpadl *g,
			 const void *data, size_t bytes)
{
	const char *error = NULL;
	size_t n = bytes / 8;

	if (bytes % 8)
		error = "data is not a multiple of 8 bytes";
	else if (!n)
		error = "message without data";
	else if (n > g->qwords - g->received)
		error = "more data than announced";
	if (g->refused) {
		g->received += n;
		if (g->received >= g->qwords)
			gpadl_unlink(s, g);
		return;
	}
	if (!error) {
		memcpy(g->list + g->received, data, bytes);
		if (!g->received)
			error = range_error(g);
		g->received += n;
	}
	if (error) {
		server_violation(s, "bus GPADL %#x: %s", g->handle, error);
		gpadl_fail(s, g);
	} else if (g->received == g->qwords) {
		gpadl_complete(s, g);
	}
}

static const char *header_error(struct vmbus_server *s,
				const struct lis_msg_gpadl_header *m)
{
	if (!m->gpadl)
		return "handle 0";
	if (gpadl_find(s, m->gpadl))
		return "handle is in use";
	if (m->range_count != 1)
		return "range count is not 1";
	if (m->range_bytes % 8 || m->range_bytes < 16)
		return "range buffer length";
	return NULL;
}

/* List a new handle; its qwords come with this and later messages. */
static struct gpadl *gpadl_add(struct vmbus_server *s,
			       const struct lis_msg_gpadl_header *m,
			       bool refused)
{
	struct gpadl *g = calloc(1, sizeof(*g) +
				 (refused ? 0 : m->range_bytes));

	if (!g)
		abort();
	g->handle = m->gpadl;
	g->relid = m->relid;
	g->qwords = m->range_bytes / 8;
	g->refused = refused;
	g->next = s->gpadls;
	s->gpadls = g;
	if (!refused)
		s->gpadl_bytes += (uint64_t)PFNS(g) * LIS_HV_PAGE_SIZE;
	return g;
}

void gpadl_header(struct vmbus_server *s, const void *msg, size_t len)
{
	const struct lis_msg_gpadl_header *m = msg;
	struct vmbus_channel *ch = server_channel(s, "GPADL_HEADER", m->relid);
	struct gpadl *g = gpadl_find(s, m->gpadl);
	uint64_t bytes = ((uint64_t)m->range_bytes / 8 - 1) * LIS_HV_PAGE_SIZE;
	const char *error;
	bool refuse;

	if (g && g->refused)
		gpadl_unlink(s, g);
	error = header_error(s, m);
	if (ch && error)
		server_violation(s, "bus GPADL_HEADER %#x: %s", m->gpadl,
				 error);
	if (!ch || error) {
		gpadl_send_created(s, m->relid, m->gpadl, NT_UNSUCCESSFUL);
		return;
	}
	/* No violations: guests find the limit by trying, and a rescind may
	 * cross their message.
	 */
	refuse = ch->rescinded ||
		 s->gpadl_bytes + bytes > s->generation->gpadl_bytes;
	if (refuse)
		gpadl_send_created(s, m->relid, m->gpadl, NT_UNSUCCESSFUL);
	g = gpadl_add(s, m, refuse);
	gpadl_append(s, g, m + 1, len - sizeof(*m));
}

void gpadl_body(struct vmbus_server *s, const void *msg, size_t len)
{
	const struct lis_msg_gpadl_body *m = msg;
	struct gpadl *g = gpadl_find(s, m->gpadl);

	/* No relid in here, so nobody to answer to */
	if (!g || g->created) {
		server_violation(s, "bus GPADL_BODY: handle %#x is not being built",
				 m->gpadl);
		return;
	}
	gpadl_append(s, g, m + 1, len - sizeof(*m));
}

static void send_torndown(struct vmbus_server *s, uint32_t handle)
{
	struct lis_msg_gpadl_torndown m = {
		.hdr.type = LIS_MSG_GPADL_TORNDOWN,
		.gpadl = handle,
	};

	server_post(s, &m, sizeof(m));
}

static void gpadl_finish(struct vmbus_server *s, struct gpadl *g)
{
	uint32_t handle = g->handle;
	bool orphan = !g->relid;

	gpadl_unlink(s, g);
	if (!orphan)
		send_torndown(s, handle);
}

void gpadl_teardown(struct vmbus_server *s,
		    const struct lis_msg_gpadl_teardown *m)
{
	struct vmbus_channel *ch = server_channel(s, "GPADL_TEARDOWN",
						  m->relid);
	struct gpadl *g = gpadl_find(s, m->gpadl);

	if (!ch)
		return;
	if (!g || g->relid != m->relid || !g->created || g->tearing) {
		/* Hyper-V does not answer these */
		server_violation(s, "%s relid %u GPADL_TEARDOWN: handle %#x is not its own",
				 ch->dev->name, m->relid, m->gpadl);
		return;
	}
	if (ch->guest_open && ch->ring_gpadl == g && !ch->rescinded)
		server_violation(s, "%s relid %u GPADL_TEARDOWN: handle %#x is the ring of the open channel",
				 ch->dev->name, m->relid, m->gpadl);
	g->tearing = true;
	if (!g->refs)
		gpadl_finish(s, g);
}

void gpadl_put(struct vmbus_server *s, struct gpadl *g)
{
	if (!--g->refs && g->tearing)
		gpadl_finish(s, g);
}

unsigned int gpadl_drop_channel(struct vmbus_server *s, uint32_t relid)
{
	struct gpadl *g, *next;
	unsigned int n = 0;

	for (g = s->gpadls; g; g = next) {
		next = g->next;
		if (g->relid != relid)
			continue;
		if (g->refused) {
			gpadl_unlink(s, g);
			continue;
		}
		n++;
		g->relid = 0;
		g->tearing = true;
		if (!g->refs)
			gpadl_finish(s, g);
	}
	return n;
}

void gpadl_drop_all(struct vmbus_server *s)
{
	while (s->gpadls)
		gpadl_unlink(s, s->gpadls);
}
