/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A provider for tests: every packet that wants a completion gets its own
 * payload back; one that begins with ECHO_HOLD stays in flight until
 * echo_let_go().
 *
 * Locking: state belongs to the worker; the two flags are atomic.
 */
#ifndef HOST_ECHO_H
#define HOST_ECHO_H

#include <stdatomic.h>

#include "dev/device.h"

#define ECHO_HOLD	0x484f4c44ull
#define ECHO_POLL_MS	2
#define ECHO_BYTES	512

struct echo {
	struct vmbus_channel *ch;
	bool full;			/* the packet below waits for room */
	bool held;
	uint64_t id;
	uint32_t bytes;
	uint8_t payload[ECHO_BYTES];
};

static atomic_uint echo_held;
static atomic_uint echo_released;

static inline void echo_wait_held(unsigned int count)
{
	for (unsigned int i = 0; i < 10000 && atomic_load(&echo_held) < count;
	     i++)
		usleep(1000);
	assert_int_equal(atomic_load(&echo_held), count);
}

static inline void echo_let_go(void)
{
	atomic_store(&echo_released, 1);
}

static inline bool echo_send(struct echo *e)
{
	e->full = !vmbus_channel_send(e->ch, LIS_PKT_COMPLETION, 0, e->id,
				      e->payload, e->bytes);
	return !e->full;
}

static inline bool echo_take(struct echo *e)
{
	struct vmbus_packet p;
	uint64_t first = 0;

	do {
		if (!vmbus_channel_receive(e->ch, &p))
			return false;
	} while (!p.want_completion);
	e->id = p.transaction_id;
	e->bytes = p.payload_bytes < ECHO_BYTES ? p.payload_bytes : ECHO_BYTES;
	memcpy(e->payload, p.payload, e->bytes);
	if (e->bytes >= 8)
		memcpy(&first, e->payload, 8);
	e->held = first == ECHO_HOLD;
	if (e->held)
		atomic_fetch_add(&echo_held, 1);
	return true;
}

static inline int echo_run(void *state)
{
	struct echo *e = state;

	if (e->held) {
		if (!atomic_exchange(&echo_released, 0))
			return ECHO_POLL_MS;
		atomic_fetch_sub(&echo_held, 1);
		e->held = false;
		e->full = true;
	}
	if (e->full && !echo_send(e))
		return -1;
	while (echo_take(e)) {
		if (e->held)
			return ECHO_POLL_MS;
		if (!echo_send(e))
			break;
	}
	return -1;
}

static inline bool echo_idle(void *state)
{
	return !((struct echo *)state)->held;
}

static inline void *echo_open(struct device *dev, struct vmbus_channel *ch)
{
	struct echo *e = calloc(1, sizeof(*e));

	(void)dev;
	e->ch = ch;
	return e;
}

static inline void echo_disconnect(struct device *dev)
{
	(void)dev;
}

static inline void echo_destroy(struct device *dev)
{
	free(dev);
}

static const struct device_ops echo_ops = {
	.open = echo_open, .run = echo_run, .idle = echo_idle, .close = free,
	.disconnect = echo_disconnect, .destroy = echo_destroy,
};

static inline void echo_add(struct vmbus_server *s, const char *name,
			    uint8_t instance)
{
	struct device *dev = calloc(1, sizeof(*dev));

	dev->ops = &echo_ops;
	strcpy(dev->name, name);
	dev->class_id.b[0] = 0xec;
	dev->instance_id.b[15] = instance;
	vmbus_device_add(s, dev);
}

#endif
