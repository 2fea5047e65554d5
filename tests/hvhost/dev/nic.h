/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A synthetic NIC: a VMBus device between a guest and a back end.
 *
 * Threads: each open channel has a worker.  The primary's negotiates, talks
 * RNDIS and takes all frames from the back end; those of other queues wait in
 * the lists of their channels.
 *
 * Locking: lock protects the receive buffer's sub-allocations, the channels'
 * lists and the pointers to both buffers.  It nests inside nothing, and whoever
 * holds it must not call vmbus_device_*() or vmbus_*map*().
 */
#ifndef HVHOST_NIC_H
#define HVHOST_NIC_H

#include <pthread.h>

#include <lis/proto/netvsp.h>

#include "device.h"
#include "net_backend.h"
#include "rndis.h"

#define NICS_MAX		8
#define NIC_QUEUES_MAX		64
#define NIC_CONTROL_SUBALLOCS	16	/* kept for control messages */
#define NIC_NO_SUBALLOC		0xffffffffu

struct netvsp;

/* Guest memory in use; the last one to let go gives it back */
struct nic_buffer {
	struct vmbus_map *map;
	unsigned int users;		/* nic.lock */
	uint32_t id;
	uint32_t section_bytes;		/* or bytes of a sub-allocation */
	uint32_t sections;
};

struct nic_suballoc {
	uint32_t next;			/* of the same packet, or free */
	uint32_t bytes;			/* of the message in it */
	uint32_t offset;		/* where it begins */
	int8_t owner;			/* channel it was sent on, -1: none */
	uint8_t parts;			/* first of a frame: in how many it is */
};

struct nic_list {
	uint32_t first, last, count;
};

struct nic {
	struct device dev;		/* first: the ops cast */
	unsigned int number;
	uint32_t newest;		/* LIS_NVSP_V* */
	unsigned int max_queues;
	struct net_backend *backend;
	atomic_bool link_up;
	atomic_bool link_changed;	/* an indication is owed */
	struct rndis_counts counts;

	/* The conversation on the primary; its worker writes */
	_Atomic uint32_t version;	/* agreed on, 0 = none */
	_Atomic unsigned int granted;	/* sub-channels */
	atomic_bool starved;		/* frames wait for room */
	atomic_bool lied;		/* to this guest: it may refuse things */
	uint16_t packet_id;		/* of the last coalesced frame */
	struct rndis rndis;

	pthread_mutex_t lock;
	struct nic_buffer *recv;
	struct nic_buffer *send;
	struct nic_suballoc *suballocs;
	struct nic_list free, free_control;
	struct netvsp *channels[NIC_QUEUES_MAX];
};

extern const struct device_ops netvsp_ops;

struct nic *nic_find(struct vmbus_server *s, unsigned int number);
void nic_link(struct nic *nic, bool up);

/* hvctl nic ...; false: one line in @error */
bool nic_control(struct vmbus_server *s, int argc, const char *const *argv,
		 struct json_object *reply, char *error, size_t error_size);

/* --- nic_buffer.c: shared memory, and the receive buffer's parts ----------- */

/* NULL: no such GPADL of this channel */
struct nic_buffer *nic_buffer_create(struct vmbus_channel *ch, uint32_t gpadl,
				     uint32_t id);
/* Take a reference to nic->send or nic->recv; may be NULL. */
struct nic_buffer *nic_buffer_get(struct nic *nic, struct nic_buffer **which);
void nic_buffer_put(struct nic *nic, struct nic_buffer *b);
/* Forget it; frees it when nobody uses it any more. */
void nic_buffer_drop(struct nic *nic, struct nic_buffer **which);

/* Make @b, cut into sub-allocations, the receive buffer. */
void nic_recv_install(struct nic *nic, struct nic_buffer *b);
/* NIC_NO_SUBALLOC: all are in use */
uint32_t nic_suballoc_take(struct nic *nic, bool control);
/* Are there that many for data? */
bool nic_suballoc_room(struct nic *nic, uint32_t count);
/* Give back a chain that was never sent. */
void nic_suballoc_free(struct nic *nic, uint32_t first);
/* The guest completed the packet of which @id is the first; false: there is
 * no such packet of @channel.  True of any when the buffer is gone: a sub-channel
 * may still have answers when the primary has revoked it.
 */
bool nic_suballoc_completed(struct nic *nic, uint64_t id, unsigned int channel);

/* Lists of filled sub-allocations; with the lock held */
void nic_list_init(struct nic_list *l);
void nic_list_add(struct nic *nic, struct nic_list *l, uint32_t n);
uint32_t nic_list_take(struct nic *nic, struct nic_list *l);
/* Put @more, which is not empty, at the end of @l. */
void nic_list_join(struct nic *nic, struct nic_list *l,
		   const struct nic_list *more);

#endif
