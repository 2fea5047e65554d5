// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shared memory as providers use it: the pages behind a GPADL.
 *
 * Locking: getting and putting a map take server.lock; the map itself never
 * changes.
 */
#include <stdlib.h>
#include <string.h>

#include "server_int.h"

static struct vmbus_map *map_create(struct vmbus_server *s, struct gpadl *g)
{
	uint32_t pages = g->qwords - 1;
	struct vmbus_map *map = calloc(1, sizeof(*map) +
				       pages * sizeof(map->pages[0]));

	if (!map)
		abort();
	map->gpadl = g;
	map->bytes = g->bytes;
	map->offset = g->byte_offset;
	for (uint32_t i = 0; i < pages; i++)
		map->pages[i] = s->fx->guest_memory(s->fx->ctx,
				g->list[i + 1] << LIS_HV_PAGE_SHIFT,
				LIS_HV_PAGE_SIZE);
	g->refs++;
	return map;
}

struct vmbus_map *vmbus_channel_map(struct vmbus_channel *ch, uint32_t gpadl)
{
	struct vmbus_server *s = ch->server;
	struct vmbus_map *map = NULL;
	struct gpadl *g;

	pthread_mutex_lock(&s->lock);
	g = gpadl_find(s, gpadl);
	if (g && g->relid == ch->relid && g->created && !g->tearing)
		map = map_create(s, g);
	pthread_mutex_unlock(&s->lock);
	return map;
}

void vmbus_map_put(struct vmbus_server *s, struct vmbus_map *map)
{
	pthread_mutex_lock(&s->lock);
	gpadl_put(s, map->gpadl);
	pthread_mutex_unlock(&s->lock);
	free(map);
}

/* Where byte @at is, and how many follow it in its page */
static uint8_t *place(const struct vmbus_map *map, uint32_t at, uint32_t *run)
{
	uint32_t in_page = (map->offset + at) % LIS_HV_PAGE_SIZE;

	*run = LIS_HV_PAGE_SIZE - in_page;
	return map->pages[(map->offset + at) / LIS_HV_PAGE_SIZE] + in_page;
}

void vmbus_map_read(const struct vmbus_map *map, uint32_t at, void *to,
		    uint32_t len)
{
	uint8_t *out = to;
	uint32_t run;

	for (; len; len -= run, at += run, out += run) {
		const uint8_t *from = place(map, at, &run);

		if (run > len)
			run = len;
		memcpy(out, from, run);
	}
}

void vmbus_map_write(const struct vmbus_map *map, uint32_t at,
		     const void *from, uint32_t len)
{
	const uint8_t *in = from;
	uint32_t run;

	for (; len; len -= run, at += run, in += run) {
		uint8_t *to = place(map, at, &run);

		if (run > len)
			run = len;
		memcpy(to, in, run);
	}
}
