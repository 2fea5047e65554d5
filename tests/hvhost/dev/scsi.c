// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SCSI target: command table, unit attentions, data helpers.
 * Locking: see scsi.h.
 */
#include <string.h>

#include "scsi.h"
#include "scsi_ops.h"
#include "scsi_reserve.h"

/* --- answers -------------------------------------------------------------- */

enum scsi_next scsi_check(struct scsi_request *r, uint32_t sense)
{
	r->status = SCSI_CHECK_CONDITION;
	r->sense = sense;
	r->done_bytes = 0;
	return SCSI_DONE;
}

/* Between the buffer and the guest's pages; returns how much there was */
static uint32_t move_data(struct scsi_request *r, uint32_t len, bool to_guest)
{
	uint32_t done = 0;

	if (len > r->data_bytes)
		len = r->data_bytes;
	for (unsigned int i = 0; done < len && i < r->iov_count; i++) {
		uint32_t n = len - done;

		if (n > r->iov[i].iov_len)
			n = r->iov[i].iov_len;
		if (to_guest)
			memcpy(r->iov[i].iov_base, r->buffer + done, n);
		else
			memcpy(r->buffer + done, r->iov[i].iov_base, n);
		done += n;
	}
	return done;
}

enum scsi_next scsi_answer(struct scsi_request *r, uint32_t len,
			   uint32_t allocated)
{
	r->done_bytes = move_data(r, len < allocated ? len : allocated, true);
	return SCSI_DONE;
}

uint32_t scsi_fetch(struct scsi_request *r, uint32_t len)
{
	return move_data(r, len, false);
}

void scsi_sense_fill(uint8_t *to, uint32_t sense)
{
	memset(to, 0, SCSI_SENSE_BYTES);
	to[0] = 0x70;			/* current error, fixed format */
	to[2] = sense >> 16;
	to[7] = SCSI_SENSE_BYTES - 8;
	to[12] = sense >> 8;
	to[13] = sense;
}

/* --- small commands ------------------------------------------------------- */

static enum scsi_next good(struct scsi_request *r)
{
	(void)r;
	return SCSI_DONE;
}

static uint32_t take_attention(struct scsi_lun *lun)
{
	static const struct {
		unsigned int bit;
		uint32_t sense;
	} order[] = {
		{ UA_MEDIUM, SENSE_MEDIUM_CHANGED },
		{ UA_CAPACITY, SENSE_CAPACITY_CHANGED },
		{ UA_LUNS, SENSE_LUNS_CHANGED },
		{ UA_RESERVATION_PREEMPTED, SENSE_RESERVATION_PREEMPTED },
		{ UA_RESERVATION_RELEASED, SENSE_RESERVATION_RELEASED },
		{ UA_REGISTRATION_PREEMPTED, SENSE_REGISTRATION_PREEMPTED },
	};

	if (!atomic_load_explicit(&lun->attention, memory_order_relaxed))
		return SENSE_NONE;
	for (unsigned int i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (atomic_fetch_and(&lun->attention, ~order[i].bit) &
		    order[i].bit)
			return order[i].sense;
	return SENSE_NONE;
}

static enum scsi_next request_sense(struct scsi_request *r)
{
	if (r->cdb[1] & 1)		/* descriptor format */
		return scsi_check(r, SENSE_INVALID_FIELD);
	scsi_sense_fill(r->buffer, take_attention(r->lun));
	return scsi_answer(r, SCSI_SENSE_BYTES, r->cdb[4]);
}

static enum scsi_next service_action_in(struct scsi_request *r)
{
	if ((r->cdb[1] & 0x1f) != SA_READ_CAPACITY_16)
		return scsi_check(r, SENSE_INVALID_FIELD);
	return scsi_read_capacity_16(r);
}

/* A LUN above 255 is addressed so: flat space */
#define LUN_FLAT	0x4000

enum scsi_next scsi_report_luns(struct scsi_request *r, const uint16_t *luns,
				unsigned int count)
{
	uint32_t allocated = get_be32(r->cdb + 6);

	r->status = SCSI_GOOD;
	if (r->cdb[2] > 2 || allocated < 16)
		return scsi_check(r, SENSE_INVALID_FIELD);
	memset(r->buffer, 0, sizeof(r->buffer));
	if (r->cdb[2] == 1)		/* well-known units: none */
		count = 0;
	put_be32(r->buffer, count * 8);
	for (unsigned int i = 0; i < count; i++)
		put_be16(r->buffer + 8 + i * 8, luns[i] > 0xff ?
			 LUN_FLAT | luns[i] : luns[i]);
	return scsi_answer(r, 8 + count * 8, allocated);
}

/* --- dispatch ------------------------------------------------------------- */

/* Kinds of units that know a command */
#define FIXED		1u
#define REMOVABLE	2u		/* disks whose medium can be changed */
#define DVD		4u
#define DISKS		(FIXED | REMOVABLE)
#define DRIVES		(REMOVABLE | DVD)
#define ALL		(FIXED | REMOVABLE | DVD)

enum needs {
	NOTHING,
	CALM,			/* a unit attention is told first */
	MEDIUM,			/* and there must be a medium */
};

struct command {
	enum scsi_next (*run)(struct scsi_request *r);
	uint8_t length;
	uint8_t units;
	enum needs needs;
};

static const struct command commands[256] = {
	[OP_TEST_UNIT_READY]	  = { good, 6, ALL, MEDIUM },
	[OP_REQUEST_SENSE]	  = { request_sense, 6, ALL, NOTHING },
	[OP_READ_6]		  = { scsi_transfer, 6, DISKS, MEDIUM },
	[OP_WRITE_6]		  = { scsi_transfer, 6, DISKS, MEDIUM },
	[OP_INQUIRY]		  = { scsi_inquiry, 6, ALL, NOTHING },
	[OP_MODE_SENSE_6]	  = { scsi_mode_sense, 6, ALL, CALM },
	[OP_START_STOP_UNIT]	  = { scsi_start_stop, 6, ALL, CALM },
	[OP_PREVENT_REMOVAL]	  = { scsi_prevent_removal, 6, DRIVES, CALM },
	[OP_READ_CAPACITY_10]	  = { scsi_read_capacity_10, 10, ALL, MEDIUM },
	[OP_READ_10]		  = { scsi_transfer, 10, ALL, MEDIUM },
	[OP_WRITE_10]		  = { scsi_transfer, 10, DISKS, MEDIUM },
	[OP_VERIFY_10]		  = { scsi_verify, 10, ALL, MEDIUM },
	[OP_SYNCHRONIZE_10]	  = { scsi_synchronize, 10, ALL, MEDIUM },
	[OP_WRITE_SAME_10]	  = { scsi_write_same, 10, DISKS, MEDIUM },
	[OP_UNMAP]		  = { scsi_unmap, 10, DISKS, MEDIUM },
	[OP_READ_TOC]		  = { scsi_read_toc, 10, DVD, MEDIUM },
	[OP_GET_CONFIGURATION]	  = { scsi_configuration, 10, DVD, NOTHING },
	[OP_GET_EVENT_STATUS]	  = { scsi_event_status, 10, DVD, NOTHING },
	[OP_MODE_SENSE_10]	  = { scsi_mode_sense, 10, ALL, CALM },
	[OP_RESERVE_IN]		  = { scsi_reserve_in, 10, DISKS, NOTHING },
	[OP_RESERVE_OUT]	  = { scsi_reserve_out, 10, DISKS, CALM },
	[OP_READ_16]		  = { scsi_transfer, 16, DISKS, MEDIUM },
	[OP_WRITE_16]		  = { scsi_transfer, 16, DISKS, MEDIUM },
	[OP_VERIFY_16]		  = { scsi_verify, 16, DISKS, MEDIUM },
	[OP_SYNCHRONIZE_16]	  = { scsi_synchronize, 16, DISKS, MEDIUM },
	[OP_WRITE_SAME_16]	  = { scsi_write_same, 16, DISKS, MEDIUM },
	[OP_SERVICE_ACTION_IN_16] = { service_action_in, 16, DISKS, MEDIUM },
	[OP_READ_12]		  = { scsi_transfer, 12, ALL, MEDIUM },
	[OP_WRITE_12]		  = { scsi_transfer, 12, DISKS, MEDIUM },
};

static uint8_t unit_kind(const struct scsi_lun *lun)
{
	if (lun->dvd)
		return DVD;
	return lun->removable ? REMOVABLE : FIXED;
}

static enum scsi_access access_of(uint8_t opcode)
{
	switch (opcode) {
	case OP_READ_6:
	case OP_READ_10:
	case OP_READ_12:
	case OP_READ_16:
	case OP_VERIFY_10:
	case OP_VERIFY_16:
		return ACCESS_READ;
	case OP_WRITE_6:
	case OP_WRITE_10:
	case OP_WRITE_12:
	case OP_WRITE_16:
	case OP_WRITE_SAME_10:
	case OP_WRITE_SAME_16:
	case OP_UNMAP:
	case OP_SYNCHRONIZE_10:
	case OP_SYNCHRONIZE_16:
		return ACCESS_WRITE;
	default:
		return ACCESS_NONE;
	}
}

static uint32_t not_ready(const struct scsi_request *r)
{
	if (!r->lun->removable)
		return SENSE_NONE;
	if (atomic_load(&r->lun->tray_open))
		return SENSE_TRAY_OPEN;
	return r->disk ? SENSE_NONE : SENSE_NO_MEDIUM;
}

enum scsi_next scsi_execute(struct scsi_request *r)
{
	const struct command *c = &commands[r->cdb[0]];
	uint32_t sense = SENSE_NONE;

	r->status = SCSI_GOOD;
	r->sense = SENSE_NONE;
	r->done_bytes = 0;
	r->broken = NULL;
	if (c->run && r->cdb_length < c->length) {
		r->broken = "CDB is shorter than its command";
		return SCSI_DONE;
	}
	if (!c->run || c->needs != NOTHING)
		sense = take_attention(r->lun);
	if (!sense && !(c->run && c->units & unit_kind(r->lun)))
		sense = SENSE_INVALID_OPCODE;
	if (!sense && c->needs == MEDIUM)
		sense = not_ready(r);
	if (sense)
		return scsi_check(r, sense);
	if (!reservation_allows(r->lun->reservation, r->lun,
				access_of(r->cdb[0]))) {
		r->status = SCSI_RESERVATION_CONFLICT;
		return SCSI_DONE;
	}
	return c->run(r);
}
