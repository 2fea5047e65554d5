// SPDX-License-Identifier: GPL-2.0-only
/*
 * Offers, rescinds and channel ids.  An id is given lowest-first and is
 * reused only after the guest released it.
 *
 * Locking: the offer_ functions run with server.lock held, the vmbus_device_
 * functions take it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server_int.h"

#define SIGNAL_CONNECTION(relid) (0x2000u | (relid))

void offer_fill(const struct vmbus_channel *ch, struct lis_msg_offer *m)
{
	const struct device *dev = ch->dev;

	memset(m, 0, sizeof(*m));
	m->hdr.type = LIS_MSG_OFFER_CHANNEL;
	m->class_id = dev->class_id;
	m->instance_id = dev->instance_id;
	m->flags = dev->offer_flags;
	m->mmio_megabytes = dev->mmio_megabytes;
	memcpy(m->user, dev->user, sizeof(m->user));
	m->subchannel_index = ch->subchannel;
	m->relid = ch->relid;
	m->monitor_id = 0xff;
	m->dedicated_interrupt = 1;
	m->connection_id = ch->connection_id;
}

void offer_announce(struct vmbus_server *s, struct vmbus_channel *ch)
{
	struct lis_msg_offer m;

	offer_fill(ch, &m);
	ch->announced = true;
	if (server_mischief(s, BUS_OFFER_BAD_RELID)) {
		m.relid = LIS_RELID_MAX + 1;
		server_post(s, &m, sizeof(m));
		m.relid = ch->relid;
	}
	server_post(s, &m, sizeof(m));
	if (server_mischief(s, BUS_OFFER_DUPLICATE))
		server_post(s, &m, sizeof(m));
}

static struct vmbus_channel *channel_create(struct vmbus_server *s,
					    struct device *dev, uint16_t index)
{
	struct vmbus_channel *ch;
	uint32_t relid = 1;

	while (relid <= LIS_RELID_MAX && s->channels[relid])
		relid++;
	if (relid > LIS_RELID_MAX)
		return NULL;
	ch = calloc(1, sizeof(*ch));
	if (!ch)
		return NULL;
	ch->server = s;
	ch->dev = dev;
	ch->relid = relid;
	ch->connection_id = SIGNAL_CONNECTION(relid);
	ch->subchannel = index;
	ch->signal_fd = ch->watch_fd = -1;
	s->channels[relid] = ch;
	return ch;
}

bool offer_primary(struct vmbus_server *s, struct device *dev)
{
	if (dev->primary || dev->withheld)
		return true;
	dev->primary = channel_create(s, dev, 0);
	return dev->primary;
}

/* Order in which a fresh connection gets its offers */
static void announce_all(struct vmbus_server *s)
{
	bool reverse = server_mischief(s, BUS_OFFER_REVERSE);

	for (uint32_t i = 1; i <= LIS_RELID_MAX; i++) {
		uint32_t relid = reverse ? LIS_RELID_MAX + 1 - i : i;
		struct vmbus_channel *ch = s->channels[relid];

		if (ch && !ch->announced)
			offer_announce(s, ch);
	}
}

void offer_request(struct vmbus_server *s)
{
	struct lis_msg_hdr done = { .type = LIS_MSG_ALL_OFFERS_DELIVERED };
	struct device *dev;

	if (s->conn.offers_requested) {
		server_violation(s, "bus REQUEST_OFFERS: sent twice");
		return;
	}
	s->conn.offers_requested = true;
	for (dev = s->devices; dev; dev = dev->next)
		offer_primary(s, dev);
	announce_all(s);
	server_post(s, &done, sizeof(done));
}

/* Take the channel out of every list; it must have no worker. */
void offer_forget(struct vmbus_server *s, struct vmbus_channel *ch)
{
	struct device *dev = ch->dev;

	stats_retire(s, ch);
	s->channels[ch->relid] = NULL;
	if (dev->primary == ch)
		dev->primary = NULL;
	free(ch);
}

static void rescind_one(struct vmbus_server *s, struct vmbus_channel *ch)
{
	struct lis_msg_relid m = {
		.hdr.type = LIS_MSG_RESCIND_OFFER,
		.relid = ch->relid,
	};

	if (ch->rescinded)
		return;
	if (!ch->announced) {
		offer_forget(s, ch);
		return;
	}
	ch->rescinded = true;
	ch->reopen_queued = false;
	if (ch->dev->primary == ch)
		ch->dev->primary = NULL;
	server_post(s, &m, sizeof(m));
}

/* A primary takes its sub-channels along: they go first.  An open channel is
 * served until the guest closes it, since drivers wait for what they sent.
 */
void offer_rescind(struct vmbus_server *s, struct vmbus_channel *ch)
{
	struct device *dev = ch->dev;

	if (!ch->subchannel) {
		for (uint32_t relid = 1; relid <= LIS_RELID_MAX; relid++) {
			struct vmbus_channel *sub = s->channels[relid];

			if (sub && sub->dev == dev && sub->subchannel)
				rescind_one(s, sub);
		}
	}
	rescind_one(s, ch);
}

static bool device_has_channels(struct vmbus_server *s, struct device *dev)
{
	for (uint32_t relid = 1; relid <= LIS_RELID_MAX; relid++)
		if (s->channels[relid] && s->channels[relid]->dev == dev)
			return true;
	return false;
}

static void offer_late(struct vmbus_server *s, struct device *dev)
{
	if (s->conn.state == CONN_CONNECTED && s->conn.offers_requested &&
	    offer_primary(s, dev) && dev->primary &&
	    !dev->primary->announced)
		offer_announce(s, dev->primary);
}

void offer_again(struct vmbus_server *s, struct device *dev)
{
	if (!dev->withheld)
		return;
	dev->withheld = false;
	if (device_has_channels(s, dev))
		dev->reoffer_pending = true;
	else
		offer_late(s, dev);
}

void offer_released(struct vmbus_server *s, uint32_t relid)
{
	struct vmbus_channel *ch = server_channel(s, "RELID_RELEASED", relid);
	unsigned int left;
	struct device *dev;

	if (!ch)
		return;
	dev = ch->dev;
	if (!ch->rescinded || ch->guest_open) {
		server_violation(s, "%s relid %u RELID_RELEASED: %s", dev->name,
				 relid, ch->guest_open ?
				 "the channel is open" : "it is not rescinded");
		return;
	}
	/* No violation: the in-tree bus never tears them down after a rescind */
	left = gpadl_drop_channel(s, relid);
	if (left)
		server_trace(s, "%s relid %u RELID_RELEASED: %u GPADL left",
			     dev->name, relid, left);
	s->gpadls_left += left;
	if (ch->state != CHANNEL_CLOSED) {
		ch->release_pending = true;
		return;
	}
	offer_forget(s, ch);
	server_event(s, "released");
	if (dev->reoffer_pending && !device_has_channels(s, dev)) {
		dev->reoffer_pending = false;
		offer_late(s, dev);
	}
}

/* --- for providers -------------------------------------------------------- */

void vmbus_device_add(struct vmbus_server *s, struct device *dev)
{
	struct device **end = &s->devices;

	pthread_mutex_lock(&s->lock);
	while (*end)
		end = &(*end)->next;
	*end = dev;
	dev->next = NULL;
	dev->server = s;
	offer_late(s, dev);
	pthread_mutex_unlock(&s->lock);
}

struct device *vmbus_device_find(struct vmbus_server *s, const char *name)
{
	struct device *dev;

	pthread_mutex_lock(&s->lock);
	for (dev = s->devices; dev; dev = dev->next)
		if (!strcmp(dev->name, name))
			break;
	pthread_mutex_unlock(&s->lock);
	return dev;
}

static struct vmbus_channel *find_sub(struct vmbus_server *s,
				      struct device *dev, uint16_t index)
{
	for (uint32_t relid = 1; relid <= LIS_RELID_MAX; relid++) {
		struct vmbus_channel *ch = s->channels[relid];

		if (ch && ch->dev == dev && ch->subchannel == index &&
		    !ch->rescinded)
			return ch;
	}
	return NULL;
}

int vmbus_device_offer_subchannels(struct device *dev, unsigned int count)
{
	struct vmbus_server *s = dev->server;
	int ret = 0;

	pthread_mutex_lock(&s->lock);
	for (unsigned int i = 1; i <= count && !ret; i++) {
		struct vmbus_channel *ch;

		if (!dev->primary || find_sub(s, dev, i))
			continue;
		ch = channel_create(s, dev, i);
		if (ch)
			offer_announce(s, ch);
		else
			ret = -ENOSPC;
	}
	pthread_mutex_unlock(&s->lock);
	return ret;
}

void vmbus_device_kick(struct device *dev)
{
	struct vmbus_server *s = dev->server;

	pthread_mutex_lock(&s->lock);
	for (uint32_t relid = 1; relid <= LIS_RELID_MAX; relid++)
		if (s->channels[relid] && s->channels[relid]->dev == dev)
			channel_kick(s->channels[relid]);
	pthread_mutex_unlock(&s->lock);
}
