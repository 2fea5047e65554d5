/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of the VMBus server, shared by the files of this directory.
 *
 * Locking: server.lock protects everything here except what is marked
 * "worker": that belongs to the channel's worker thread while one runs, and
 * to the holder of server.lock otherwise.  Fields marked "atomic" are read
 * and written by both.  Lock order: server.lock, then a device's own lock.
 */
#ifndef HVHOST_SERVER_INT_H
#define HVHOST_SERVER_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include <lis/proto/vmbus.h>

#include "../dev/device.h"
#include "generation.h"
#include "ring.h"
#include "server.h"

#define NT_UNSUCCESSFUL		0x8000ffffu	/* what Hyper-V refuses with */
#define RING_MIN_PAGES		2
#define CHANNEL_KICK		(1ull << 32)	/* ours, in signal_fd */

struct gpadl {
	struct gpadl *next;
	uint32_t handle;
	uint32_t relid;
	uint32_t bytes;
	uint32_t byte_offset;
	uint32_t qwords;	/* announced, range header included */
	uint32_t received;
	bool created;		/* complete and answered */
	bool refused;		/* answered; bodies under way are ignored */
	bool tearing;		/* TORNDOWN is owed when refs is 0 */
	unsigned int refs;	/* users: open rings */
	uint64_t list[];	/* range header, then PFNs */
};

enum channel_state {
	CHANNEL_CLOSED,		/* offered, no ring */
	CHANNEL_OPEN,		/* a worker serves it */
	CHANNEL_CLOSING,	/* the worker finishes what is in flight */
};

struct channel_stats {	/* worker writes, anybody reads: atomic */
	_Atomic uint64_t rx_packets, tx_packets, rx_bytes, tx_bytes;
	_Atomic uint64_t guest_signals, host_interrupts, ring_full;
	_Atomic uint64_t violations;
};

struct vmbus_channel {
	struct vmbus_server *server;
	struct device *dev;
	uint32_t relid;
	uint32_t connection_id;
	uint16_t subchannel;
	bool announced;		/* the guest got the OFFER */
	bool rescinded;		/* waits for RELID_RELEASED */
	bool guest_open;	/* between OPEN and CLOSE as the guest sees it */
	bool release_pending;	/* RELID_RELEASED came while CLOSING */
	bool reopen_queued;	/* an OPEN came while CLOSING */
	struct lis_msg_open reopen;
	enum channel_state state;
	atomic_uint target_vp;	/* atomic: MODIFY_CHANNEL against the worker */
	struct gpadl *ring_gpadl;

	/* worker */
	pthread_t thread;
	void *dev_state;
	struct ring in;		/* guest to host */
	struct ring out;	/* host to guest */
	uint8_t **pages;
	uint8_t *packet;	/* private copy of the packet being served */
	int signal_fd;
	int watch_fd;
	bool drained;		/* the last receive found the ring empty */
	bool out_dead;		/* `hostile` spoilt the ring for good */

	atomic_bool stopping;
	atomic_bool stalled;
	atomic_uint mischief_any;	/* sum of the counts below */
	atomic_uint mischief[MISCHIEF_COUNT];
	atomic_uint storm;
	struct channel_stats stats;
	struct channel_stats base;	/* subtracted since `stats --reset` */
};

enum connection_state {
	CONN_NONE,
	CONN_LEAVING,		/* workers end before the answer is sent */
	CONN_CONNECTED,
};

enum leave_reason { LEAVE_UNLOAD, LEAVE_CONTACT, LEAVE_RESET };

/* One-shot misbehaviour of the bus itself, set by `hostile` */
enum bus_mischief {
	BUS_OPEN_FAIL,
	BUS_GPADL_FAIL,
	BUS_NEVER_ANSWER,
	BUS_OFFER_REVERSE,
	BUS_OFFER_DUPLICATE,
	BUS_OFFER_BAD_RELID,
	BUS_POST_BUSY,
	BUS_POST_NO_MEMORY,
	BUS_MISCHIEF_COUNT
};

struct connection {
	enum connection_state state;
	uint32_t version;
	uint32_t features;
	uint32_t message_vp;
	uint32_t port;			/* where the guest has to post */
	uint64_t interrupt_page;	/* version 1.1 only */
	bool offers_requested;
	/* state LEAVING ends in this: */
	enum leave_reason reason;
	struct lis_msg_initiate_contact contact;
	uint32_t contact_port;
};

struct vmbus_server {
	pthread_mutex_t lock;
	pthread_cond_t changed;		/* any state or event */
	const struct hv_effects *fx;
	const struct hv_generation *generation;
	uint32_t newest;
	uint32_t max_subchannels;
	FILE *trace;

	struct connection conn;
	struct vmbus_channel *channels[LIS_RELID_MAX + 1];
	struct gpadl *gpadls;
	uint64_t gpadl_bytes;
	unsigned int gpadls_left;	/* by channels that were released */
	struct device *devices;
	unsigned int workers;		/* alive */
	pthread_t dead[LIS_RELID_MAX];	/* ended, to be joined */
	unsigned int dead_count;
	unsigned int bus_mischief[BUS_MISCHIEF_COUNT];
	struct event *events;
	struct json_object *past;	/* statistics of channels gone */
};

/* --- server.c ------------------------------------------------------------- */
void server_post(struct vmbus_server *s, const void *msg, size_t len);
void server_violation(struct vmbus_server *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void server_event(struct vmbus_server *s, const char *name);
void server_trace_line(struct vmbus_server *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
#define server_trace(s, ...)						\
	do {								\
		if ((s)->trace)						\
			server_trace_line(s, __VA_ARGS__);		\
	} while (0)
/* One of an ordered kind of misbehaviour is due, and is counted. */
bool server_mischief(struct vmbus_server *s, enum bus_mischief what);
/* NULL after reporting that @what named an unknown relid */
struct vmbus_channel *server_channel(struct vmbus_server *s, const char *what,
				     uint32_t relid);

/* --- stats.c -------------------------------------------------------------- */
struct json_object *stats_channel(const struct vmbus_channel *ch);
void stats_retire(struct vmbus_server *s, const struct vmbus_channel *ch);

static inline void stat_add(_Atomic uint64_t *counter, uint64_t n)
{
	/* One writer at a time: no need for a locked instruction */
	atomic_store_explicit(counter,
			      atomic_load_explicit(counter,
						   memory_order_relaxed) + n,
			      memory_order_relaxed);
}

/* --- connection.c --------------------------------------------------------- */
void conn_initiate(struct vmbus_server *s, uint32_t vp, uint32_t port,
		   const struct lis_msg_initiate_contact *m);
void conn_unload(struct vmbus_server *s);
void conn_leave(struct vmbus_server *s, enum leave_reason reason);
/* Called whenever a worker has ended */
void conn_progress(struct vmbus_server *s);

/* --- offer.c -------------------------------------------------------------- */
void offer_request(struct vmbus_server *s);
bool offer_primary(struct vmbus_server *s, struct device *dev);
void offer_rescind(struct vmbus_server *s, struct vmbus_channel *ch);
/* End `withheld`: offer again, as soon as the old channels are released */
void offer_again(struct vmbus_server *s, struct device *dev);
void offer_released(struct vmbus_server *s, uint32_t relid);
void offer_forget(struct vmbus_server *s, struct vmbus_channel *ch);
void offer_announce(struct vmbus_server *s, struct vmbus_channel *ch);
void offer_fill(const struct vmbus_channel *ch, struct lis_msg_offer *m);

/* --- gpadl.c -------------------------------------------------------------- */
void gpadl_header(struct vmbus_server *s, const void *msg, size_t len);
void gpadl_body(struct vmbus_server *s, const void *msg, size_t len);
void gpadl_teardown(struct vmbus_server *s,
		    const struct lis_msg_gpadl_teardown *m);
struct gpadl *gpadl_find(struct vmbus_server *s, uint32_t handle);
void gpadl_put(struct vmbus_server *s, struct gpadl *g);
unsigned int gpadl_drop_channel(struct vmbus_server *s, uint32_t relid);
void gpadl_drop_all(struct vmbus_server *s);
void gpadl_send_created(struct vmbus_server *s, uint32_t relid,
			uint32_t handle, uint32_t status);

/* --- channel.c ------------------------------------------------------------ */
void channel_open(struct vmbus_server *s, const struct lis_msg_open *m);
void channel_close(struct vmbus_server *s, uint32_t relid);
void channel_modify(struct vmbus_server *s,
		    const struct lis_msg_modify_channel *m);
/* Let the worker end; channel_ended() follows in its thread. */
void channel_stop(struct vmbus_channel *ch);
void channel_ended(struct vmbus_channel *ch);
void channel_kick(struct vmbus_channel *ch);
void channel_interrupt(struct vmbus_channel *ch);

/* --- worker.c ------------------------------------------------------------- */
int worker_start(struct vmbus_channel *ch);
void worker_reap(struct vmbus_server *s);

/* --- hostile.c ------------------------------------------------------------ */
bool hostile_apply(struct vmbus_server *s, int argc, const char *const *argv,
		   char *error, size_t error_size);

/* --- events.c ------------------------------------------------------------- */
bool event_wait(struct vmbus_server *s, const char *name, unsigned int ms);
void event_free(struct vmbus_server *s);

#endif
