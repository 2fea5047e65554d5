// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two buffers that a guest shares with its NIC, and who owns which part
 * of the receive buffer.
 * Locking: see nic.h; every function takes the lock unless it says otherwise.
 */
#include <stdlib.h>

#include "netvsp_int.h"

/* --- buffers -------------------------------------------------------------- */

struct nic_buffer *nic_buffer_create(struct vmbus_channel *ch, uint32_t gpadl,
				     uint32_t id)
{
	struct vmbus_map *map = vmbus_channel_map(ch, gpadl);
	struct nic_buffer *b;

	if (!map)
		return NULL;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->map = map;
	b->id = id;
	b->users = 1;
	return b;
}

struct nic_buffer *nic_buffer_get(struct nic *nic, struct nic_buffer **which)
{
	struct nic_buffer *b;

	pthread_mutex_lock(&nic->lock);
	b = *which;
	if (b)
		b->users++;
	pthread_mutex_unlock(&nic->lock);
	return b;
}

void nic_buffer_put(struct nic *nic, struct nic_buffer *b)
{
	bool last;

	if (!b)
		return;
	pthread_mutex_lock(&nic->lock);
	last = !--b->users;
	pthread_mutex_unlock(&nic->lock);
	if (!last)
		return;
	vmbus_map_put(nic->dev.server, b->map);
	free(b);
}

/* With the lock held: what waits to be sent goes with the buffer it is in. */
static void forget_waiting(struct nic *nic)
{
	for (unsigned int i = 0; i < NIC_QUEUES_MAX; i++)
		if (nic->channels[i]) {
			nic_list_init(&nic->channels[i]->data);
			nic_list_init(&nic->channels[i]->control);
		}
}

void nic_buffer_drop(struct nic *nic, struct nic_buffer **which)
{
	struct nic_buffer *b;

	pthread_mutex_lock(&nic->lock);
	b = *which;
	*which = NULL;
	if (which == &nic->recv) {
		free(nic->suballocs);
		nic->suballocs = NULL;
		nic_list_init(&nic->free);
		nic_list_init(&nic->free_control);
		forget_waiting(nic);
	}
	pthread_mutex_unlock(&nic->lock);
	nic_buffer_put(nic, b);
}

/* --- lists ---------------------------------------------------------------- */

void nic_list_init(struct nic_list *l)
{
	*l = (struct nic_list){ NIC_NO_SUBALLOC, NIC_NO_SUBALLOC, 0 };
}

void nic_list_add(struct nic *nic, struct nic_list *l, uint32_t n)
{
	nic->suballocs[n].next = NIC_NO_SUBALLOC;
	if (l->first == NIC_NO_SUBALLOC)
		l->first = n;
	else
		nic->suballocs[l->last].next = n;
	l->last = n;
	l->count++;
}

void nic_list_join(struct nic *nic, struct nic_list *l,
		   const struct nic_list *more)
{
	if (l->first == NIC_NO_SUBALLOC)
		l->first = more->first;
	else
		nic->suballocs[l->last].next = more->first;
	l->last = more->last;
	l->count += more->count;
}

uint32_t nic_list_take(struct nic *nic, struct nic_list *l)
{
	uint32_t n = l->first;

	if (n == NIC_NO_SUBALLOC)
		return n;
	l->first = nic->suballocs[n].next;
	nic->suballocs[n].next = NIC_NO_SUBALLOC;
	l->count--;
	return n;
}

/* --- sub-allocations ------------------------------------------------------ */

/* With the lock held */
static void give_back(struct nic *nic, uint32_t n)
{
	nic->suballocs[n].owner = -1;
	nic_list_add(nic, n < NIC_CONTROL_SUBALLOCS ? &nic->free_control :
						      &nic->free, n);
}

void nic_recv_install(struct nic *nic, struct nic_buffer *b)
{
	pthread_mutex_lock(&nic->lock);
	nic->suballocs = calloc(b->sections, sizeof(*nic->suballocs));
	if (!nic->suballocs)
		abort();
	nic_list_init(&nic->free);
	nic_list_init(&nic->free_control);
	for (uint32_t i = 0; i < b->sections; i++)
		give_back(nic, i);
	nic->recv = b;
	pthread_mutex_unlock(&nic->lock);
}

uint32_t nic_suballoc_take(struct nic *nic, bool control)
{
	uint32_t n = NIC_NO_SUBALLOC;

	pthread_mutex_lock(&nic->lock);
	if (nic->suballocs)
		n = nic_list_take(nic, control ? &nic->free_control :
						 &nic->free);
	pthread_mutex_unlock(&nic->lock);
	return n;
}

bool nic_suballoc_room(struct nic *nic, uint32_t count)
{
	bool room;

	pthread_mutex_lock(&nic->lock);
	room = nic->suballocs && nic->free.count >= count;
	pthread_mutex_unlock(&nic->lock);
	return room;
}

/* With the lock held */
static void free_chain(struct nic *nic, uint32_t n)
{
	while (n != NIC_NO_SUBALLOC) {
		uint32_t next = nic->suballocs[n].next;

		give_back(nic, n);
		n = next;
	}
}

void nic_suballoc_free(struct nic *nic, uint32_t first)
{
	pthread_mutex_lock(&nic->lock);
	if (nic->suballocs)
		free_chain(nic, first);
	pthread_mutex_unlock(&nic->lock);
}

bool nic_suballoc_completed(struct nic *nic, uint64_t id, unsigned int channel)
{
	bool right;

	pthread_mutex_lock(&nic->lock);
	right = !nic->suballocs || (id < nic->recv->sections &&
		nic->suballocs[id].owner == (int)channel);
	if (right && nic->suballocs)
		free_chain(nic, id);
	pthread_mutex_unlock(&nic->lock);
	return right;
}
