/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * State of one storvsp channel, shared by storvsp.c (negotiation, packets)
 * and storvsp_srb.c (SCSI requests).
 * Locking: belongs to the channel's worker.
 */
#ifndef HVHOST_STORVSP_INT_H
#define HVHOST_STORVSP_INT_H

#include "controller.h"

#define REQUESTS	256		/* in flight per channel */
#define MAX_PAGES	(SCSI_MAX_TRANSFER / LIS_HV_PAGE_SIZE + 1)

struct request {
	struct scsi_request scsi;	/* first */
	struct request *next;
	uint64_t transaction_id;
	uint64_t due;			/* ms, when delayed */
	bool want_completion;
	uint8_t packet_bytes;		/* 48 or 64, as the guest sent */
	uint8_t sense_room;
	struct lis_stor_packet packet;
	struct iovec iov[MAX_PAGES];
};

enum init_state { INIT_NONE, INIT_BEGUN, INIT_VERSION, INIT_PROPERTIES,
		  INIT_READY };

struct storvsp {
	struct controller *ctl;
	struct vmbus_channel *ch;
	struct disk_queue *queue;
	enum init_state init;		/* primary only */
	unsigned int offer_subchannels;	/* owed after this burst */
	bool kick_others;
	bool starved;			/* packets wait for a free request */
	struct request *free;
	unsigned int touched;		/* requests in use or in that list */
	struct request *unsent, **unsent_end;	/* no room in the ring */
	struct request *delayed;
	unsigned int delayed_count;
	struct request requests[REQUESTS];
};

/* Answer and, sooner or later, free @r */
void storvsp_reply(struct storvsp *v, struct request *r, uint32_t status);
void storvsp_send_waiting(struct storvsp *v);
struct request *storvsp_request_new(struct storvsp *v);
void storvsp_request_free(struct storvsp *v, struct request *r);
void storvsp_execute_srb(struct storvsp *v, struct request *r,
			 const struct vmbus_packet *p);
/* Start what is due, or @drop all of them */
void storvsp_run_delayed(struct storvsp *v, bool drop);
/* Milliseconds until the next one is due, -1 = none */
int storvsp_delay_left(const struct storvsp *v);
/* disk_queue's callback */
void storvsp_io_done(void *ctx, struct disk_io *io);

#endif
