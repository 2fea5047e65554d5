/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The RNDIS device behind a NIC's control channel: messages in, answers out,
 * and the settings that result.
 *
 * Locking: belongs to the primary's worker, except what is atomic.
 */
#ifndef HVHOST_RNDIS_H
#define HVHOST_RNDIS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lis/proto/rndis.h>

#include "net_frame.h"

#define RNDIS_ANSWER_MAX	1024
#define RNDIS_MULTICAST_MAX	64
#define RNDIS_LINK_SPEED	100000000u	/* 10 Gbit/s, in 100 bit/s */
#define RNDIS_LSO_MAX		62780		/* bytes of one frame to be cut */

/* What is left to the NIC, bits of rndis.offloads */
enum rndis_offload {
	OFFLOAD_TX_IP4 = 1 << 0,
	OFFLOAD_TX_TCP4 = 1 << 1,
	OFFLOAD_TX_UDP4 = 1 << 2,
	OFFLOAD_TX_TCP6 = 1 << 3,
	OFFLOAD_TX_UDP6 = 1 << 4,
	OFFLOAD_RX_SHIFT = 5,		/* the same five for receiving */
	OFFLOAD_LSO4 = 1 << 10,
	OFFLOAD_LSO6 = 1 << 11,
	OFFLOAD_RSC4 = 1 << 12,		/* frames coalesced for the guest */
	OFFLOAD_RSC6 = 1 << 13,
};

struct rndis_rss {
	bool on;
	uint32_t types;			/* LIS_NDIS_HASH_* */
	unsigned int entries;
	uint16_t table[LIS_NDIS_RSS_TABLE_ENTRIES];	/* queues */
	uint8_t key[LIS_NDIS_RSS_KEY_BYTES];
};

struct rndis_counts {		/* of a NIC, since hvhost started */
	_Atomic uint64_t tx_frames, tx_bytes, tx_errors, tx_dropped;
	_Atomic uint64_t tx_checksums, tx_large, tx_tagged;
	_Atomic uint64_t rx_frames, rx_bytes, rx_dropped, rx_no_buffer;
	_Atomic uint64_t rx_checksums, rx_coalesced;
	_Atomic uint64_t lies;
};

struct rndis {
	/* given */
	uint8_t permanent_mac[NET_MAC_BYTES];
	bool offload;			/* the back end does the work */
	unsigned int queues;		/* for this conversation */
	bool rss;			/* its version has it */
	bool large_objects;		/* and objects of NDIS 6.30 */
	bool rsc;			/* agreed on for this conversation */
	uint32_t frame_bytes;		/* largest, Ethernet header included */
	const atomic_bool *link_up;
	const struct rndis_counts *counts;
	/* set by the guest */
	atomic_bool initialized;
	uint8_t mac[NET_MAC_BYTES];
	_Atomic uint32_t filter;	/* LIS_NDIS_FILTER_* */
	unsigned int multicast_count;
	uint8_t multicast[RNDIS_MULTICAST_MAX][NET_MAC_BYTES];
	_Atomic unsigned int offloads;	/* enum rndis_offload */
	struct rndis_rss hash;
};

/* Back to what a fresh conversation begins with; only the MAC stays: guests
 * that change their MTU do not set it again.
 */
void rndis_reset(struct rndis *r);

/* Take one control message.  Returns the length of the answer, 0: there is
 * none.  *@error: NULL, or how the guest broke the protocol.
 */
size_t rndis_control(struct rndis *r, const uint8_t *message, uint32_t bytes,
		     uint8_t answer[RNDIS_ANSWER_MAX], const char **error);

/* Does the guest want a frame with this destination? */
bool rndis_wants(const struct rndis *r, const uint8_t *mac);

/* rndis_query.c; returns the status, *@bytes of information */
uint32_t rndis_query(struct rndis *r, uint32_t oid, uint8_t *info,
		     uint32_t *bytes);
/* rndis_set.c; *@error as above */
uint32_t rndis_set(struct rndis *r, uint32_t oid, const uint8_t *info,
		   uint32_t bytes, const char **error);

#endif
