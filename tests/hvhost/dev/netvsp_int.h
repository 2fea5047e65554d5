/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of one netvsp channel, shared by netvsp.c (life, packets),
 * netvsp_init.c (negotiation), netvsp_tx.c (from the guest) and netvsp_rx.c
 * (to the guest).
 * Locking: belongs to the channel's worker, except the lists: nic.lock.
 */
#ifndef HVHOST_NETVSP_INT_H
#define HVHOST_NETVSP_INT_H

#include "nic.h"

#define NETVSP_GATHER_MAX	(128 * 1024)	/* one packet's RNDIS messages */

enum netvsp_state {
	NETVSP_NEW,		/* nothing agreed on */
	NETVSP_VERSION,
	NETVSP_NDIS,		/* the guest told its NDIS version */
	NETVSP_RECV,		/* and has a receive buffer */
	NETVSP_READY,		/* and one for sending */
	NETVSP_REVOKED,		/* one of them is gone: only CLOSE helps */
};

/* A packet that found no room in the ring */
struct netvsp_owed {
	struct netvsp_owed *next;
	uint64_t transaction_id;
	uint16_t type;
	uint32_t bytes;
	uint8_t payload[LIS_NVSP_BYTES + 4 * LIS_NVSP_TABLE_ENTRIES];
};

struct netvsp {
	struct nic *nic;
	struct vmbus_channel *ch;
	unsigned int index;		/* 0: the primary */
	enum netvsp_state state;	/* primary only */
	unsigned int offer_subchannels;	/* owed after this burst */
	bool table_owed;
	bool kick_others;
	bool announced;			/* a sub-channel: it told the primary */
	struct netvsp_owed *owed, **owed_end;
	uint8_t *gather;
	uint8_t *frame;			/* one received, behind room for a tag */
	/* filled sub-allocations that wait for their packet */
	struct nic_list data, control;
	int ready_fd;			/* sub-channels: rung for the list */
};

/* netvsp.c */
/* Send now, or as soon as there is room */
void netvsp_post(struct netvsp *v, uint16_t type, uint64_t transaction_id,
		 const void *payload, uint32_t bytes);
/* Complete @p with this message. */
void netvsp_complete(struct netvsp *v, const struct vmbus_packet *p,
		     const struct lis_nvsp_msg *m);
uint32_t netvsp_message_bytes(const struct netvsp *v);

/* netvsp_init.c: everything but RNDIS messages */
void netvsp_message(struct netvsp *v, const struct vmbus_packet *p,
		    const struct lis_nvsp_msg *m);

/* netvsp_lies.c: spoil what is given, if that was ordered */
void netvsp_lie_ranges(struct netvsp *v, struct lis_pkt_xfer_range *range,
		       uint16_t *set);
void netvsp_lie_head(struct netvsp *v, uint8_t *head);
void netvsp_lie_answer(struct netvsp *v, uint8_t *message, uint32_t bytes);
void netvsp_lie_section(struct netvsp *v, struct lis_nvsp_section *s);
void netvsp_lie_send_section(struct netvsp *v, uint32_t *bytes);
void netvsp_lie_table(struct netvsp *v, struct lis_nvsp_msg *m,
		      uint32_t *channel);

/* netvsp_tx.c */
void netvsp_rndis(struct netvsp *v, const struct vmbus_packet *p,
		  const struct lis_nvsp_rndis *m);

/* netvsp_rx.c */
/* false: no sub-allocation is left for it */
bool netvsp_send_control(struct netvsp *v, const void *message,
			 uint32_t bytes);
void netvsp_indicate(struct netvsp *v, uint32_t status);
/* Take frames from the back end; true: that is worth waiting for more. */
bool netvsp_receive(struct netvsp *v);
/* Send what waits in this channel's lists. */
void netvsp_deliver(struct netvsp *v);

#endif
