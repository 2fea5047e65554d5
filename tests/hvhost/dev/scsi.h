/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A SCSI target of disks and DVD drives: requests in, status and sense out.
 * It knows nothing of VMBus; storvsp.c wraps it.
 *
 * Locking: the list of LUNs is the controller's (its lock), and so is what is
 * in a drive, scsi_lun.disk; a request belongs to one worker and has a
 * reference to its medium of its own.  Fields of a LUN marked atomic are
 * shared, the others constant.
 */
#ifndef HVHOST_SCSI_H
#define HVHOST_SCSI_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <lis/proto/storvsp.h>

#include "disk.h"

#define SCSI_LUNS		64
#define SCSI_BUFFER_BYTES	2304		/* REPORT LUNS has most to say */
#define SCSI_MAX_TRANSFER	(1u << 20)
#define SCSI_UNMAP_RANGES	60	/* descriptors that fit SCSI_BUFFER */

enum scsi_status {
	SCSI_GOOD = 0x00,
	SCSI_CHECK_CONDITION = 0x02,
	SCSI_RESERVATION_CONFLICT = 0x18,
};

/* Sense key, additional code and qualifier in one word */
#define SENSE(key, asc, ascq) (((key) << 16) | ((asc) << 8) | (ascq))
#define SENSE_NONE		SENSE(0x0, 0x00, 0x00)
#define SENSE_READ_ERROR	SENSE(0x3, 0x11, 0x00)
#define SENSE_WRITE_ERROR	SENSE(0x3, 0x0c, 0x00)
#define SENSE_NO_MEDIUM		SENSE(0x2, 0x3a, 0x01)	/* tray closed */
#define SENSE_TRAY_OPEN		SENSE(0x2, 0x3a, 0x02)
#define SENSE_INVALID_OPCODE	SENSE(0x5, 0x20, 0x00)
#define SENSE_LBA_RANGE		SENSE(0x5, 0x21, 0x00)
#define SENSE_INVALID_FIELD	SENSE(0x5, 0x24, 0x00)
#define SENSE_PARAMETER_LENGTH	SENSE(0x5, 0x1a, 0x00)
#define SENSE_INVALID_PARAMETER	SENSE(0x5, 0x26, 0x00)
#define SENSE_INVALID_RELEASE	SENSE(0x5, 0x26, 0x04)
#define SENSE_NO_REGISTRATION_ROOM SENSE(0x5, 0x55, 0x04)
#define SENSE_SAVING_PARAMETERS	SENSE(0x5, 0x39, 0x00)
#define SENSE_REMOVAL_PREVENTED	SENSE(0x5, 0x53, 0x02)
#define SENSE_WRITE_PROTECTED	SENSE(0x7, 0x27, 0x00)
#define SENSE_NO_SPACE		SENSE(0x7, 0x27, 0x07)
#define SENSE_MEDIUM_CHANGED	SENSE(0x6, 0x28, 0x00)
#define SENSE_PARAMETERS_CHANGED SENSE(0x6, 0x2a, 0x01)
#define SENSE_RESERVATION_PREEMPTED SENSE(0x6, 0x2a, 0x03)
#define SENSE_RESERVATION_RELEASED SENSE(0x6, 0x2a, 0x04)
#define SENSE_REGISTRATION_PREEMPTED SENSE(0x6, 0x2a, 0x05)
#define SENSE_CAPACITY_CHANGED	SENSE(0x6, 0x2a, 0x09)
#define SENSE_LUNS_CHANGED	SENSE(0x6, 0x3f, 0x0e)

/* Pending unit attentions of a LUN, bits of scsi_lun.attention */
enum scsi_attention {
	UA_CAPACITY = 1, UA_LUNS = 2, UA_MEDIUM = 4,
	UA_RESERVATION_PREEMPTED = 8, UA_RESERVATION_RELEASED = 16,
	UA_REGISTRATION_PREEMPTED = 32,
};

/* An answer that was ordered, in one word; @sense 0: none; @to: the opcode that
 * gets it, or one of those below
 */
#define ANSWER_TRANSFERS	0x100u	/* reads and writes */
#define ANSWER_ALL		0x101u
#define SCSI_ANSWER(srb, status, sense, to) \
	((uint64_t)(to) << 40 | (uint64_t)(srb) << 32 | \
	 (uint64_t)(status) << 24 | (sense))
#define SCSI_ANSWER_TO(answer)		((unsigned int)((answer) >> 40))
#define SCSI_ANSWER_SRB(answer)		((uint8_t)((answer) >> 32))
#define SCSI_ANSWER_STATUS(answer)	((uint8_t)((answer) >> 24))
#define SCSI_ANSWER_SENSE(answer)	((uint32_t)((answer) & 0xffffff))

struct scsi_lun {
	struct disk *disk;		/* NULL: no medium */
	uint8_t target, number;
	uint32_t sector, physical;	/* bytes */
	uint32_t unmap_granule, unmap_offset;	/* bytes; 0: nothing special */
	bool removable;			/* the medium; always for @dvd */
	bool dvd, read_only;
	uint8_t serial[16];		/* hex, also the tail of the NAA id */
	struct scsi_reservation *reservation;
	bool old;			/* SPC-2 only, no provisioning */
	atomic_uint refs;
	atomic_uint attention;
	atomic_bool tray_open, locked;	/* by the guest */
	atomic_uint media_event;	/* for GET EVENT STATUS NOTIFICATION */
	atomic_uint fail_every;		/* medium error every n-th transfer */
	atomic_uint fail_count;
	atomic_uint delay_ms;
	atomic_uint delay_left;		/* requests that are held that long */
	atomic_uint answer_left;	/* requests that are not run but ... */
	atomic_ulong answer;		/* ... answered so: SCSI_ANSWER() */
	/* What `hvctl disk list` counts */
	atomic_ulong reads, writes, fua_writes, flushes, zeroes;
};

struct scsi_request {
	/* in */
	struct scsi_lun *lun;		/* holds a reference */
	struct disk *disk;		/* its medium when it came, or NULL */
	uint8_t cdb[LIS_STOR_CDB_MAX];
	uint8_t cdb_length;
	bool data_in, data_out;
	uint32_t data_bytes;		/* in iov */
	struct iovec *iov;
	unsigned int iov_count;
	/* out */
	uint8_t status;			/* enum scsi_status */
	uint32_t done_bytes;
	uint32_t sense;			/* SENSE(), valid with CHECK */
	const char *broken;		/* what made it no SCSI request at all */
	/* for the executor */
	struct disk_io io;
	uint32_t unmap_next, unmap_count;
	uint8_t buffer[SCSI_BUFFER_BYTES];
};

/* What scsi_execute() left to do: nothing, or run request->io. */
enum scsi_next { SCSI_DONE, SCSI_START_IO };

enum scsi_next scsi_execute(struct scsi_request *r);
/* request->io has ended; SCSI_START_IO: there is another one to run. */
enum scsi_next scsi_io_done(struct scsi_request *r);

/* @luns: LUN numbers in ascending order */
enum scsi_next scsi_report_luns(struct scsi_request *r, const uint16_t *luns,
				unsigned int count);
/* INQUIRY of a LUN that is not there */
enum scsi_next scsi_inquiry_absent(struct scsi_request *r);
/* The host put another medium (or none) into the drive. */
void scsi_medium_changed(struct scsi_lun *lun);
/* The guest that locked it is gone. */
void scsi_unlock(struct scsi_lun *lun);
/* Fixed format sense, 18 bytes */
void scsi_sense_fill(uint8_t *to, uint32_t sense);
#define SCSI_SENSE_BYTES 18

/* --- between the scsi*.c files --------------------------------------------- */

enum scsi_next scsi_check(struct scsi_request *r, uint32_t sense);
/* Answer with @len bytes of r->buffer, at most @allocated */
enum scsi_next scsi_answer(struct scsi_request *r, uint32_t len,
			   uint32_t allocated);
/* Copy up to @len bytes of the guest's data into r->buffer */
uint32_t scsi_fetch(struct scsi_request *r, uint32_t len);

enum scsi_next scsi_inquiry(struct scsi_request *r);
enum scsi_next scsi_mode_sense(struct scsi_request *r);
enum scsi_next scsi_read_capacity_10(struct scsi_request *r);
enum scsi_next scsi_read_capacity_16(struct scsi_request *r);
enum scsi_next scsi_transfer(struct scsi_request *r);
enum scsi_next scsi_synchronize(struct scsi_request *r);
enum scsi_next scsi_unmap(struct scsi_request *r);
enum scsi_next scsi_unmap_step(struct scsi_request *r);
enum scsi_next scsi_write_same(struct scsi_request *r);
enum scsi_next scsi_verify(struct scsi_request *r);

enum scsi_next scsi_start_stop(struct scsi_request *r);
enum scsi_next scsi_prevent_removal(struct scsi_request *r);
enum scsi_next scsi_event_status(struct scsi_request *r);
enum scsi_next scsi_read_toc(struct scsi_request *r);
enum scsi_next scsi_configuration(struct scsi_request *r);
enum scsi_next scsi_reserve_in(struct scsi_request *r);
enum scsi_next scsi_reserve_out(struct scsi_request *r);
uint32_t scsi_capabilities_page(uint8_t *b, bool changeable);

/* Blocks of the medium, 0 without one */
static inline uint64_t scsi_blocks(const struct scsi_request *r)
{
	return r->disk ? atomic_load(&r->disk->bytes) / r->lun->sector : 0;
}

static inline uint16_t get_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get_be32(const uint8_t *p)
{
	return (uint32_t)get_be16(p) << 16 | get_be16(p + 2);
}

static inline uint64_t get_be64(const uint8_t *p)
{
	return (uint64_t)get_be32(p) << 32 | get_be32(p + 4);
}

static inline void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static inline void put_be32(uint8_t *p, uint32_t v)
{
	put_be16(p, v >> 16);
	put_be16(p + 2, v);
}

static inline void put_be64(uint8_t *p, uint64_t v)
{
	put_be32(p, v >> 32);
	put_be32(p + 4, v);
}

#endif
