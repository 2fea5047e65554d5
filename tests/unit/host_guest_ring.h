/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's side of a channel's rings, for tests of hvhost: written anew,
 * byte by byte, so that it shares no mistake with the host's.
 *
 * Locking: one test thread; guest.lock for what effects change.
 */
#ifndef HOST_GUEST_RING_H
#define HOST_GUEST_RING_H

#include "host_guest.h"

static inline void signal_host(struct guest *g, const struct guest_channel *c)
{
	pthread_mutex_lock(&g->lock);
	if (g->signal_fd[c->connection] >= 0)
		eventfd_write(g->signal_fd[c->connection], 1);
	pthread_mutex_unlock(&g->lock);
}

static inline void ring_store(uint8_t *data, uint32_t size, uint32_t *at,
			      const void *from, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		data[*at] = ((const uint8_t *)from)[i];
		*at = (*at + 1) % size;
	}
}

static inline uint32_t ring_room(struct guest_channel *c)
{
	uint32_t read = __atomic_load_n(&c->out->read_index, __ATOMIC_ACQUIRE);
	uint32_t write = c->out->write_index;

	return (write >= read ? c->out_size - write + read : read - write) - 8;
}

/* Put raw packet bytes (descriptor included) and their trailer. */
static inline bool ring_write(struct guest_channel *c, const void *packet,
			      uint32_t bytes)
{
	struct lis_pkt_trailer t = { .start = c->out->write_index };
	uint32_t at = c->out->write_index;

	if (ring_room(c) < bytes + 8)
		return false;
	ring_store(c->out_data, c->out_size, &at, packet, bytes);
	ring_store(c->out_data, c->out_size, &at, &t, 8);
	__atomic_store_n(&c->out->write_index, at, __ATOMIC_RELEASE);
	return true;
}

struct packet {
	struct lis_pkt_desc desc;
	uint8_t body[16384];
	uint32_t body_bytes;
};

/* Take one packet; false: nothing there */
static inline bool ring_take(struct guest_channel *c, struct packet *p)
{
	uint32_t read = c->in->read_index, bytes;
	uint8_t *to = (uint8_t *)&p->desc;

	if (__atomic_load_n(&c->in->write_index, __ATOMIC_ACQUIRE) == read)
		return false;
	for (unsigned int i = 0; i < sizeof(p->desc); i++)
		to[i] = c->in_data[(read + i) % c->in_size];
	bytes = p->desc.length8 * 8;
	assert_true(bytes >= 16 && bytes <= 16 + sizeof(p->body));
	p->body_bytes = bytes - 16;
	for (unsigned int i = 0; i < p->body_bytes; i++)
		p->body[i] = c->in_data[(read + 16 + i) % c->in_size];
	__atomic_store_n(&c->in->read_index, (read + bytes + 8) % c->in_size,
			 __ATOMIC_RELEASE);
	return true;
}

/* Wait for interrupts of the channel until a packet is there. */
static inline bool ring_wait(struct guest *g, struct guest_channel *c,
			     struct packet *p, unsigned int seconds)
{
	struct timespec t = deadline();

	t.tv_sec += (int)seconds - PATIENCE;
	for (;;) {
		unsigned int seen;
		int late = 0;

		pthread_mutex_lock(&g->lock);
		seen = g->events[c->relid];
		pthread_mutex_unlock(&g->lock);
		if (ring_take(c, p))
			return true;
		pthread_mutex_lock(&g->lock);
		while (seen == g->events[c->relid] && !late)
			late = pthread_cond_timedwait(&g->changed, &g->lock,
						      &t);
		pthread_mutex_unlock(&g->lock);
		if (late)
			return ring_take(c, p);
	}
}

/* The packet may be seen before its interrupt: wait for that, too. */
static inline void expect_interrupt_on(struct guest *g, uint32_t relid,
				       uint32_t vp)
{
	struct timespec t = deadline();

	pthread_mutex_lock(&g->lock);
	while ((!g->events[relid] || g->event_vp[relid] != vp) &&
	       !pthread_cond_timedwait(&g->changed, &g->lock, &t))
		;
	pthread_mutex_unlock(&g->lock);
	assert_true(g->events[relid]);
	assert_int_equal(g->event_vp[relid], vp);
}

/* Send an in-band packet that wants a completion. */
static inline void send_inband(struct guest *g, struct guest_channel *c,
			       uint64_t id, const void *payload, uint32_t len)
{
	struct packet p = { .desc = {
		.type = LIS_PKT_INBAND, .offset8 = 2, .length8 = 2 + len / 8,
		.flags = LIS_PKT_WANT_COMPLETION, .transaction_id = id } };

	memcpy(p.body, payload, len);
	assert_true(ring_write(c, &p, 16 + len));
	signal_host(g, c);
}

/* Send a GPA-direct packet of one range of whole memory at @gpa. */
static inline void send_gpa_direct(struct guest *g, struct guest_channel *c,
				   uint64_t id, uint64_t gpa, uint32_t bytes,
				   const void *payload, uint32_t len)
{
	uint64_t buffer[600];
	struct lis_pkt_gpa_direct *d = (void *)buffer;
	uint32_t offset = gpa % PAGE, pfns = (offset + bytes + PAGE - 1) / PAGE;
	struct lis_gpa_range range = { bytes, offset };
	uint32_t head = sizeof(*d) + 8 + 8 * pfns;

	memset(buffer, 0, sizeof(buffer));
	d->desc.type = LIS_PKT_GPA_DIRECT;
	d->desc.offset8 = head / 8;
	d->desc.length8 = (head + len) / 8;
	d->desc.flags = LIS_PKT_WANT_COMPLETION;
	d->desc.transaction_id = id;
	d->range_count = 1;
	memcpy(d + 1, &range, 8);
	for (uint32_t i = 0; i < pfns; i++)
		buffer[4 + i] = gpa / PAGE + i;
	memcpy((uint8_t *)buffer + head, payload, len);
	assert_true(ring_write(c, buffer, head + len));
	signal_host(g, c);
}

#endif
