/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How a service provider (the host side of one device) plugs into the VMBus
 * server, and what the server gives it.
 *
 * Threads: each open channel has a worker thread; open() runs in the thread
 * that handles OPEN_CHANNEL, with the server locked; run(), idle() and
 * close() run in the worker, unlocked; disconnect() and power_loss() run with
 * the server locked and no worker alive.  Lock order: server, then the device's own.
 * A provider that calls vmbus_device_*() must not hold its own lock.
 */
#ifndef HVHOST_DEVICE_H
#define HVHOST_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>
#include <lis/proto/ring.h>
#include <lis/proto/vmbus.h>

struct vmbus_server;
struct vmbus_channel;
struct device;

struct device_ops {
	/* A channel was opened; NULL refuses it (OPEN_RESULT with failure). */
	void *(*open)(struct device *dev, struct vmbus_channel *ch);
	/* Do all that can be done now: drain the ring, reap completions.
	 * Returns the milliseconds after which it wants to run again even if
	 * nothing happens, -1 for never.  Also called while the channel is
	 * stopping: then nothing is received and what is sent is dropped.
	 */
	int (*run)(void *state);
	/* Nothing in flight that could touch guest memory */
	bool (*idle)(void *state);
	void (*close)(void *state);
	/* The guest is gone (unload, new contact, reset) */
	void (*disconnect)(struct device *dev);
	/* The machine was reset or has lost its power (may be NULL) */
	void (*power_loss)(struct device *dev);
	void (*destroy)(struct device *dev);
};

struct device {
	const struct device_ops *ops;
	struct vmbus_server *server;
	char name[16];			/* "scsi0" */
	struct lis_guid class_id;
	struct lis_guid instance_id;
	uint16_t offer_flags;		/* LIS_OFFER_* */
	uint16_t mmio_megabytes;
	uint8_t user[120];
	/* the server's: */
	struct device *next;
	struct vmbus_channel *primary;	/* NULL = not offered now */
	bool withheld;			/* rescinded until `bus reoffer` */
	bool reoffer_pending;		/* waits for the old relid's release */
	unsigned int subchannels;	/* offered beside the primary */
};

/* Register @dev, which stays until the server is freed; offer it if there is
 * a connection.
 */
void vmbus_device_add(struct vmbus_server *s, struct device *dev);

/* Offer sub-channels 1..@count of @dev (those that do not exist yet). */
int vmbus_device_offer_subchannels(struct device *dev, unsigned int count);

/* Make the workers of its open channels run. */
void vmbus_device_kick(struct device *dev);

/* What the server was told to be */
struct hv_generation;
const struct hv_generation *vmbus_server_generation(struct vmbus_server *s);
unsigned int vmbus_server_subchannels(struct vmbus_server *s);
/* The guest's reference counter, 100 ns each */
uint64_t vmbus_server_reference_time(struct vmbus_server *s);

/* First device with that name, NULL if none */
struct device *vmbus_device_find(struct vmbus_server *s, const char *name);

/* --- what a worker may do with its channel ------------------------------- */

struct device *vmbus_channel_device(const struct vmbus_channel *ch);
unsigned int vmbus_channel_index(const struct vmbus_channel *ch);
bool vmbus_channel_stopping(struct vmbus_channel *ch);

/* The worker also sleeps on this fd (a completion queue); -1 = none, which
 * is cheaper: say so while nothing is in flight.
 */
void vmbus_channel_watch(struct vmbus_channel *ch, int fd);

/* One guest packet, copied out of the ring; pointers are valid until the
 * next receive on that channel.
 */
struct vmbus_packet {
	uint16_t type;			/* INBAND, GPA_DIRECT or COMPLETION */
	bool want_completion;
	uint64_t transaction_id;
	const void *payload;
	uint32_t payload_bytes;		/* rounded up to 8 by the ring */
	uint32_t range_count;		/* GPA_DIRECT: >= 1 */
	/* First (usually only) range; pfns are not aligned: use memcpy */
	uint32_t range_bytes;
	uint32_t range_offset;
	const uint8_t *pfns;
	uint32_t pfn_count;
	/* All of them, checked: { lis_gpa_range, u64 pfn[] }... */
	const uint8_t *ranges;
};

/* false: ring empty, or broken, or the channel is stopping.  Packets that
 * break the ring protocol are reported and never returned.
 */
bool vmbus_channel_receive(struct vmbus_channel *ch, struct vmbus_packet *p);

/* false: no room (the host then asked the guest for a signal: try again in
 * the next run()).
 */
bool vmbus_channel_send(struct vmbus_channel *ch, uint16_t type,
			uint16_t flags, uint64_t transaction_id,
			const void *payload, size_t len);

/* The same, of a packet of type TRANSFER_PAGES that wants a completion: its
 * @payload is about @count ranges of the buffer @set.
 */
bool vmbus_channel_send_pages(struct vmbus_channel *ch, uint16_t set,
			      uint64_t transaction_id,
			      const struct lis_pkt_xfer_range *ranges,
			      unsigned int count, const void *payload,
			      size_t len);

/* The longest payload that the ring could ever take */
uint32_t vmbus_channel_longest(const struct vmbus_channel *ch);

/* End of a burst: hand back ring space, signal the guest once if due. */
void vmbus_channel_flush(struct vmbus_channel *ch);

/* Host address of guest memory, NULL if it is not RAM */
void *vmbus_channel_memory(struct vmbus_channel *ch, uint64_t gpa, size_t len);

/* Memory that the guest shares by a GPADL of this channel: its pages in host
 * memory, which stay shared until the map is put.
 */
struct vmbus_map {
	struct gpadl *gpadl;
	uint32_t bytes;
	uint32_t offset;		/* of the first byte in the first page */
	uint8_t *pages[];
};

/* NULL: the channel has no such GPADL.  Like _put not with a lock held. */
struct vmbus_map *vmbus_channel_map(struct vmbus_channel *ch, uint32_t gpadl);
void vmbus_map_put(struct vmbus_server *s, struct vmbus_map *map);
/* The caller has checked that the map is that long. */
void vmbus_map_read(const struct vmbus_map *map, uint32_t at, void *to,
		    uint32_t len);
void vmbus_map_write(const struct vmbus_map *map, uint32_t at,
		     const void *from, uint32_t len);

/* The guest broke a protocol on this channel; names device and relid. */
void vmbus_channel_violation(struct vmbus_channel *ch, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Misbehaviour that `hostile` ordered and a provider has to perform */
enum mischief {
	MISCHIEF_BAD_LENGTH,		/* packet length beyond the ring data */
	MISCHIEF_BAD_OFFSET,		/* payload offset beyond the length */
	MISCHIEF_BAD_TYPE,
	MISCHIEF_INDEX_CORRUPT,		/* write index past the ring */
	MISCHIEF_DUPLICATE_COMPLETION,
	MISCHIEF_UNKNOWN_ID,
	MISCHIEF_TRUNCATED_PACKET,	/* payload shorter than the message */
	MISCHIEF_DROP_COMPLETION,
	MISCHIEF_WRONG_VP,		/* interrupt some other VP */
	MISCHIEF_TRANSFER_TOO_LONG,	/* from here: the provider's */
	MISCHIEF_BAD_SENSE_LENGTH,
	MISCHIEF_TOO_MANY_LUNS,
	MISCHIEF_FC_REFUSED,		/* the question for names */
	MISCHIEF_FC_NO_NAMES,
	MISCHIEF_FC_SHORT,
	MISCHIEF_NET_RANGE,		/* outside of the receive buffer */
	MISCHIEF_NET_RANGE_LENGTH,	/* too short for a message */
	MISCHIEF_NET_SET,		/* of another buffer */
	MISCHIEF_NET_TYPE,		/* of an RNDIS message */
	MISCHIEF_NET_LENGTH,		/* beyond its range */
	MISCHIEF_NET_DATA,		/* a frame outside of its message */
	MISCHIEF_NET_SHORT,		/* a frame without an Ethernet header */
	MISCHIEF_NET_INFO,		/* per-packet information without a size */
	MISCHIEF_NET_ANSWER,		/* to a question that nobody asked */
	MISCHIEF_NET_ANSWER_LENGTH,	/* information beyond its message */
	MISCHIEF_NET_MAC,		/* a multicast address */
	MISCHIEF_NET_SECTION,		/* more parts than the buffer has */
	MISCHIEF_NET_SEND_SECTION,	/* sections without a size */
	MISCHIEF_NET_TABLE,		/* outside of its message */
	MISCHIEF_NET_TABLE_ENTRY,	/* a channel that there is not */
	MISCHIEF_IC_SHORT,		/* ends in the header */
	MISCHIEF_IC_PIPE_LENGTH,	/* beyond the packet */
	MISCHIEF_IC_PIPE_TYPE,
	MISCHIEF_IC_SIZE,		/* of the body, beyond the packet */
	MISCHIEF_IC_SIZE_ZERO,
	MISCHIEF_IC_TYPE,		/* of the message */
	MISCHIEF_IC_CUT,		/* half of a body, as all lengths say */
	MISCHIEF_IC_LONG,		/* as the ring takes, as they say */
	MISCHIEF_IC_VERSION,		/* not agreed on */
	MISCHIEF_IC_FLAGS,		/* none */
	MISCHIEF_IC_RESPONSE,		/* an answer to the guest */
	MISCHIEF_IC_REPEAT,		/* the same twice */
	MISCHIEF_IC_OP,			/* an operation that there is not */
	MISCHIEF_IC_POOL,
	MISCHIEF_IC_INDEX,
	MISCHIEF_IC_KEY_SIZE,
	MISCHIEF_IC_VALUE_SIZE,
	MISCHIEF_IC_VALUE_TYPE,
	MISCHIEF_IC_TEXT,		/* without an end */
	MISCHIEF_IC_SIZE_INSIDE,	/* of a piece of a file; number of LUNs */
	MISCHIEF_IC_OFFSET,		/* in a file */
	MISCHIEF_IC_TIME,		/* the end of time */
	MISCHIEF_IC_TIME_ZERO,		/* its beginning */
	MISCHIEF_IC_COUNTS,		/* of versions, beyond the packet */
	MISCHIEF_IC_COUNTS_ZERO,
	MISCHIEF_IC_NO_VERSION,		/* that anybody knows */
	MISCHIEF_IC_BURST,		/* a request more, answered or not */
	MISCHIEF_COUNT
};

/* true when the next operation of that kind is to be spoilt (and counts it) */
bool vmbus_channel_mischief(struct vmbus_channel *ch, enum mischief what);
/* The same, and does not count it */
bool vmbus_channel_mischief_due(struct vmbus_channel *ch, enum mischief what);

#endif
