/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of hv_storvsc that only compute: where disks are, building a
 * request block, judging a reply, spreading CPUs over channels, deciding when
 * the host must be signalled.  No locks, no kernel objects: tests/unit and
 * tests/fuzz link the same files.
 */
#ifndef STORVSC_PURE_H
#define STORVSC_PURE_H

#include <linux/types.h>
#include <lis/proto/storvsp.h>

/* --- kind.c --------------------------------------------------------------- */

/* What a host offers; driver_data of the ids */
enum storvsc_kind {
	STORVSC_SCSI,
	STORVSC_IDE,
	STORVSC_FC,
	STORVSC_KINDS
};

#define STORVSC_MOST_TRANSFER	(8u << 20)

/**
 * struct storvsc_limits - what a kind of controller can have at most.
 * @name:	for people
 * @paths:	SCSI channels, in the midlayer's words
 * @targets:	of each path
 * @luns:	of each target
 * @transfer:	bytes of a request, if the host does not say less
 * @subchannels: worth asking for
 */
struct storvsc_limits {
	const char *name;
	u32 paths;
	u32 targets;
	u32 luns;
	u32 transfer;
	bool subchannels;
};

/* Where the first target is, in the host's words */
struct storvsc_place {
	u8 path;
	u8 target;
};

/* Those of SCSI for a @kind that does not exist (an id from user space). */
const struct storvsc_limits *storvsc_limits(unsigned long kind);
/* From an instance GUID as it is on the wire; NULL or what is wrong with it. */
const char *storvsc_ide_place(const u8 *instance, struct storvsc_place *place);

/* World wide names of a Fibre Channel adapter */
struct storvsc_names {
	u64 node;
	u64 port;
};

/* Those that are in use now.  NULL, or a complaint: names are shown and used
 * for nothing, so that bad ones (0 then) do no harm.
 */
const char *storvsc_fc_names(const struct lis_stor_fc_wwn *wwn,
			     struct storvsc_names *names);

/* --- srb.c ---------------------------------------------------------------- */

/**
 * struct storvsc_request - a SCSI command in terms the host understands.
 * @cdb_length: at most LIS_STOR_CDB_MAX
 * @direction:	enum lis_stor_direction; NONE exactly when @bytes is 0
 * @timeout:	seconds, advice to the host
 */
struct storvsc_request {
	const u8 *cdb;
	u8 cdb_length;
	u8 path;
	u8 target;
	u8 lun;
	u8 direction;
	u32 bytes;
	u32 timeout;
};

/* Packet bytes on the wire, sense room, for a negotiated version (0 = none). */
u32 storvsc_packet_bytes(u16 version);
u32 storvsc_sense_room(u16 version);
/* Fills @pkt (every byte of it); returns the bytes to send, 0 = bad request. */
u32 storvsc_build_srb(u16 version, const struct storvsc_request *rq,
		      struct lis_stor_packet *pkt);

/* --- reply.c -------------------------------------------------------------- */

/**
 * struct storvsc_reply - what the host said of one request, validated.
 * @transferred: at most what was asked for
 * @sense:	points into the reply; NULL unless the host said it is valid
 * @sense_len:	1..20 when @sense is set
 * @odd:	something to complain about that does no harm, or NULL
 */
struct storvsc_reply {
	u8 srb_code;
	u8 scsi_status;
	u32 transferred;
	const u8 *sense;
	u32 sense_len;
	const char *odd;
};

/* NULL when the reply can be believed, else what is wrong with it. */
const char *storvsc_check_reply(u16 version, const void *payload, u32 len,
				u32 requested, struct storvsc_reply *out);
/* The same for the answer to a control operation; 0 or the host's NTSTATUS
 * goes to @status.
 */
const char *storvsc_check_control(u16 version, const void *payload, u32 len,
				  u32 *status);
/* Operation of an unsolicited packet, or -1 when it is too short for one. */
int storvsc_event_op(const void *payload, u32 len);

/* --- error.c -------------------------------------------------------------- */

enum storvsc_outcome {
	STORVSC_OK,		/* SCSI status (and sense) tell the rest */
	STORVSC_RETRY,		/* host-side trouble: retries are counted */
	STORVSC_BUSY,		/* try later */
	STORVSC_RESET,		/* lost in a reset: start again */
	STORVSC_LINK,		/* path is down for now */
	STORVSC_GONE,		/* there is no such device (any more) */
	STORVSC_REJECTED,	/* the host will never do this: no retry */
	STORVSC_OUTCOMES
};

/* What else a reply asks for */
#define STORVSC_SEE_DEVICE	0x1	/* capacity or identity changed */
#define STORVSC_SEE_BUS		0x2	/* devices came or went */
#define STORVSC_LOG		0x4	/* worth a line in the log */

struct storvsc_verdict {
	enum storvsc_outcome outcome;
	u8 scsi_status;		/* for STORVSC_OK */
	bool use_sense;
	u32 actions;
};

/* @underflow: fewer bytes than this with a good status is a failure. */
struct storvsc_verdict storvsc_judge(const struct storvsc_reply *r,
				     u32 underflow);
const char *storvsc_srb_name(u8 srb_code);

/* --- time-outs (inline, no state) ----------------------------------------- */

/* Longest that a command may be waited for, whatever is asked for */
#define STORVSC_WAIT_MAX	3600u

/* One of a command's time-outs ran out @waited seconds after it was sent: wait
 * on for another one?  Not when @limit seconds are over, or nearly so.
 */
static inline bool storvsc_wait_on(u32 waited, u32 limit)
{
	if (limit > STORVSC_WAIT_MAX)
		limit = STORVSC_WAIT_MAX;
	return waited < limit && limit - waited > 1;
}

/* --- queues: spreading and signalling (inline, no state) ------------------- */

/* The channel whose CPU is the nearest one at or below @cpu, going round at
 * zero: neighbours share a channel, and every channel's own CPU uses it.
 */
static inline u32 storvsc_channel_of_cpu(u32 cpu, const u32 *chan_cpu, u32 n)
{
	u32 best = 0, highest = 0, i;
	bool found = false;

	for (i = 0; i < n; i++) {
		if (chan_cpu[i] > chan_cpu[highest])
			highest = i;
		if (chan_cpu[i] > cpu)
			continue;
		if (!found || chan_cpu[i] > chan_cpu[best])
			best = i;
		found = true;
	}
	return found ? best : highest;
}

/* At most one request in five of a LUN, and never more than this, waits for
 * its signal.
 */
#define STORVSC_DEFER_SHARE	5
#define STORVSC_DEFER_MAX	16

/* May a request stay unannounced?  @quiet: unannounced ones with this one;
 * @busy: requests of its LUN in flight here with this one.  See io.c.
 */
static inline bool storvsc_may_defer(u32 quiet, u32 busy)
{
	return quiet <= STORVSC_DEFER_MAX && quiet * STORVSC_DEFER_SHARE <= busy;
}

#endif
