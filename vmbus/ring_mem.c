// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pages of a channel's two rings, and their mappings: control page, data
 * pages, data pages again, so that a packet is in one piece wherever it
 * starts.  No locks: callers hold ch->lock.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "vmbus_int.h"

static void *map_ring(struct page **first, u32 count)
{
	u32 data = count - 1;
	struct page **twice;
	void *map;

	twice = kvmalloc_array(1 + 2 * data, sizeof(*twice), GFP_KERNEL);
	if (!twice)
		return NULL;
	twice[0] = first[0];
	memcpy(twice + 1, first + 1, data * sizeof(*twice));
	memcpy(twice + 1 + data, first + 1, data * sizeof(*twice));
	map = vmap(twice, 1 + 2 * data, VM_MAP, PAGE_KERNEL);
	kvfree(twice);
	return map;
}

/**
 * lis_ring_mem_unmap - it is only memory now.
 * @m: may be empty
 */
void lis_ring_mem_unmap(struct lis_ring_mem *m)
{
	vunmap(m->map[0]);
	vunmap(m->map[1]);
	m->map[0] = NULL;
	m->map[1] = NULL;
}

/**
 * lis_ring_mem_free - free it; the host knows it no more.
 * @m: may be empty
 */
void lis_ring_mem_free(struct lis_ring_mem *m)
{
	u32 i;

	lis_ring_mem_unmap(m);
	for (i = 0; m->pages && i < m->count; i++)
		if (m->pages[i])
			__free_page(m->pages[i]);
	kvfree(m->pages);
	*m = (struct lis_ring_mem){};
}

/**
 * lis_ring_mem_alloc - zeroed memory for two rings.
 * @m: empty
 * @send_bytes: guest->host ring, a multiple of PAGE_SIZE, at least two pages
 * @recv_bytes: host->guest ring, the same
 *
 * Return: 0 or -ENOMEM with @m empty.
 */
int lis_ring_mem_alloc(struct lis_ring_mem *m, u32 send_bytes, u32 recv_bytes)
{
	u32 i;

	m->send_pages = send_bytes / PAGE_SIZE;
	m->count = m->send_pages + recv_bytes / PAGE_SIZE;
	m->pages = kvcalloc(m->count, sizeof(*m->pages), GFP_KERNEL);
	if (!m->pages)
		goto err;
	for (i = 0; i < m->count; i++) {
		m->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!m->pages[i])
			goto err;
	}
	m->map[0] = map_ring(m->pages, m->send_pages);
	m->map[1] = map_ring(m->pages + m->send_pages,
			     m->count - m->send_pages);
	if (!m->map[0] || !m->map[1])
		goto err;
	return 0;
err:
	lis_ring_mem_free(m);
	return -ENOMEM;
}
