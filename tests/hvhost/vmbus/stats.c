// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-channel statistics as JSON, of live channels and of those gone.
 * Locking: server.lock; the counters themselves are atomic.
 */
#include "server_int.h"

#define PAST_MAX 256

struct stat_name {
	const char *name;
	size_t offset;
};

#define STAT(member) { #member, offsetof(struct channel_stats, member) }

static const struct stat_name names[] = {
	STAT(rx_packets), STAT(tx_packets), STAT(rx_bytes), STAT(tx_bytes),
	STAT(guest_signals), STAT(host_interrupts), STAT(ring_full),
	STAT(violations),
};

#define STATS (sizeof(names) / sizeof(names[0]))

static _Atomic uint64_t *counter(const struct channel_stats *st, size_t i)
{
	return (_Atomic uint64_t *)((uintptr_t)st + names[i].offset);
}

static void add_int(struct json_object *o, const char *key, uint64_t v)
{
	json_object_object_add(o, key, json_object_new_int64(v));
}

struct json_object *stats_channel(const struct vmbus_channel *ch)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "device",
			       json_object_new_string(ch->dev->name));
	add_int(o, "relid", ch->relid);
	add_int(o, "subchannel", ch->subchannel);
	json_object_object_add(o, "open",
			       json_object_new_boolean(ch->guest_open));
	for (size_t i = 0; i < STATS; i++)
		add_int(o, names[i].name, atomic_load(counter(&ch->stats, i)) -
			atomic_load(counter(&ch->base, i)));
	return o;
}

void stats_retire(struct vmbus_server *s, const struct vmbus_channel *ch)
{
	struct json_object *o;

	if (!ch->announced)
		return;
	while (json_object_array_length(s->past) >= PAST_MAX)
		json_object_array_del_idx(s->past, 0, 1);
	o = stats_channel(ch);
	json_object_object_add(o, "open", json_object_new_boolean(0));
	json_object_object_add(o, "gone", json_object_new_boolean(1));
	json_object_array_add(s->past, o);
}

static void rebase(struct vmbus_channel *ch)
{
	for (size_t i = 0; i < STATS; i++)
		atomic_store(counter(&ch->base, i),
			     atomic_load(counter(&ch->stats, i)));
}

struct json_object *vmbus_server_stats(struct vmbus_server *s, bool reset)
{
	struct json_object *all = json_object_new_array();

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < json_object_array_length(s->past); i++)
		json_object_array_add(all, json_object_get(
			json_object_array_get_idx(s->past, i)));
	for (uint32_t relid = 1; relid <= LIS_RELID_MAX; relid++) {
		struct vmbus_channel *ch = s->channels[relid];

		if (!ch)
			continue;
		json_object_array_add(all, stats_channel(ch));
		if (reset)
			rebase(ch);
	}
	if (reset) {
		json_object_put(s->past);
		s->past = json_object_new_array();
	}
	pthread_mutex_unlock(&s->lock);
	return all;
}
