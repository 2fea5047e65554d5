// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands that touch blocks: capacity, read, write, flush, unmap.
 * Locking: see scsi.h.
 */
#include <errno.h>
#include <string.h>

#include "scsi.h"
#include "scsi_ops.h"

/* --- capacity ------------------------------------------------------------- */

enum scsi_next scsi_read_capacity_10(struct scsi_request *r)
{
	uint64_t last = scsi_blocks(r) - 1;

	put_be32(r->buffer, last > UINT32_MAX ? UINT32_MAX : last);
	put_be32(r->buffer + 4, r->lun->sector);
	return scsi_answer(r, 8, 8);
}

enum scsi_next scsi_read_capacity_16(struct scsi_request *r)
{
	uint8_t *b = r->buffer;

	memset(b, 0, 32);
	put_be64(b, scsi_blocks(r) - 1);
	put_be32(b + 8, r->lun->sector);
	/* physical blocks: a power of two of blocks */
	b[13] = __builtin_ctz(r->lun->physical / r->lun->sector);
	if (!r->lun->old)
		b[14] = 0x80 | 0x40;		/* thin, unmapped reads zero */
	return scsi_answer(r, 32, get_be32(r->cdb + 10));
}

/* --- block ranges --------------------------------------------------------- */

struct extent {
	uint64_t lba;
	uint64_t blocks;
};

/* Where a command's block address and count are depends on its group. */
static struct extent cdb_extent(const struct scsi_request *r)
{
	const uint8_t *cdb = r->cdb;
	struct extent e;

	switch (cdb[0] >> 5) {
	case 0:
		e.lba = get_be32(cdb) & 0x1fffff;
		e.blocks = cdb[4] ? cdb[4] : 256;
		break;
	case 5:
		e.lba = get_be32(cdb + 2);
		e.blocks = get_be32(cdb + 6);
		break;
	case 4:
		e.lba = get_be64(cdb + 2);
		e.blocks = get_be32(cdb + 10);
		break;
	default:
		e.lba = get_be32(cdb + 2);
		e.blocks = get_be16(cdb + 7);
	}
	return e;
}

static bool extent_fits(const struct scsi_request *r, const struct extent *e)
{
	uint64_t blocks = scsi_blocks(r);

	return e->lba <= blocks && e->blocks <= blocks - e->lba;
}

static void io_extent(struct scsi_request *r, enum disk_op op,
		      const struct extent *e)
{
	r->io.op = op;
	r->io.fua = false;
	r->io.disk = r->disk;
	r->io.offset = e->lba * r->lun->sector;
	r->io.bytes = e->blocks * r->lun->sector;
	r->io.iov = NULL;
	r->io.iov_count = 0;
}

static void count(atomic_ulong *counter)
{
	atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* Fault injection: every n-th transfer of the disk fails. */
static bool must_fail(struct scsi_lun *lun)
{
	unsigned int every = atomic_load_explicit(&lun->fail_every,
						  memory_order_relaxed);

	return every && !((atomic_fetch_add(&lun->fail_count, 1) + 1) % every);
}

/* --- read and write ------------------------------------------------------- */

#define CDB_FUA		0x08

/* The data may be longer than the command needs: use the front of it. */
static void trim_iov(struct scsi_request *r, uint64_t bytes)
{
	unsigned int i = 0;

	while (i < r->iov_count && bytes) {
		if (r->iov[i].iov_len > bytes)
			r->iov[i].iov_len = bytes;
		bytes -= r->iov[i].iov_len;
		i++;
	}
	r->iov_count = i;
}

enum scsi_next scsi_transfer(struct scsi_request *r)
{
	struct extent e = cdb_extent(r);
	bool write = IS_WRITE(r->cdb[0]);

	if (write && r->lun->read_only)
		return scsi_check(r, SENSE_WRITE_PROTECTED);
	if (!extent_fits(r, &e))
		return scsi_check(r, SENSE_LBA_RANGE);
	if (!e.blocks)
		return SCSI_DONE;
	if (e.blocks * r->lun->sector > r->data_bytes) {
		r->broken = "the CDB moves more than the data buffer holds";
		return SCSI_DONE;
	}
	if (write ? !r->data_out : !r->data_in) {
		r->broken = "the direction does not suit the CDB";
		return SCSI_DONE;
	}
	if (must_fail(r->lun))
		return scsi_check(r, write ? SENSE_WRITE_ERROR :
				  SENSE_READ_ERROR);
	io_extent(r, write ? DISK_WRITE : DISK_READ, &e);
	r->done_bytes = r->io.bytes;
	if (r->io.bytes < r->data_bytes)
		trim_iov(r, r->io.bytes);
	r->io.iov = r->iov;
	r->io.iov_count = r->iov_count;
	r->io.fua = write && r->cdb[0] != OP_WRITE_6 && (r->cdb[1] & CDB_FUA);
	count(write ? &r->lun->writes : &r->lun->reads);
	if (r->io.fua)
		count(&r->lun->fua_writes);
	return SCSI_START_IO;
}

enum scsi_next scsi_synchronize(struct scsi_request *r)
{
	struct extent e = cdb_extent(r);

	if (!extent_fits(r, &e))
		return scsi_check(r, SENSE_LBA_RANGE);
	if (r->lun->read_only)
		return SCSI_DONE;
	io_extent(r, DISK_FLUSH, &e);
	count(&r->lun->flushes);
	return SCSI_START_IO;
}

enum scsi_next scsi_verify(struct scsi_request *r)
{
	struct extent e = cdb_extent(r);

	if (r->cdb[1] & 0x06)		/* comparing with data: not done */
		return scsi_check(r, SENSE_INVALID_FIELD);
	if (!extent_fits(r, &e))
		return scsi_check(r, SENSE_LBA_RANGE);
	return SCSI_DONE;
}

/* --- unmap and zero ------------------------------------------------------- */

static bool data_is_zero(struct scsi_request *r, uint32_t sector)
{
	uint32_t done = 0;

	for (unsigned int i = 0; i < r->iov_count && done < sector; i++) {
		const uint8_t *p = r->iov[i].iov_base;
		size_t n = r->iov[i].iov_len;

		for (size_t k = 0; k < n && done < sector; k++, done++)
			if (p[k])
				return false;
	}
	return done == sector;
}

enum scsi_next scsi_write_same(struct scsi_request *r)
{
	bool no_data = r->cdb[0] == OP_WRITE_SAME_16 && (r->cdb[1] & 0x01);
	struct extent e = cdb_extent(r);

	if (r->lun->old)
		return scsi_check(r, SENSE_INVALID_OPCODE);
	if (r->lun->read_only)
		return scsi_check(r, SENSE_WRITE_PROTECTED);
	if (!extent_fits(r, &e))
		return scsi_check(r, SENSE_LBA_RANGE);
	/* Only zeroes can be written the same; 0 blocks = to the end */
	if (!no_data && !data_is_zero(r, r->lun->sector))
		return scsi_check(r, SENSE_INVALID_FIELD);
	if (!e.blocks)
		e.blocks = scsi_blocks(r) - e.lba;
	if (must_fail(r->lun))
		return scsi_check(r, SENSE_WRITE_ERROR);
	io_extent(r, DISK_ZERO, &e);
	if (!no_data)
		r->done_bytes = r->lun->sector;
	count(&r->lun->zeroes);
	return r->io.bytes ? SCSI_START_IO : SCSI_DONE;
}

#define UNMAP_HEADER		8
#define UNMAP_DESCRIPTOR	16

enum scsi_next scsi_unmap(struct scsi_request *r)
{
	uint32_t length = get_be16(r->cdb + 7), got, list;

	if (r->lun->old)
		return scsi_check(r, SENSE_INVALID_OPCODE);
	if (r->lun->read_only)
		return scsi_check(r, SENSE_WRITE_PROTECTED);
	if (!length)
		return SCSI_DONE;
	if (length < UNMAP_HEADER)
		return scsi_check(r, SENSE_PARAMETER_LENGTH);
	if (length > SCSI_BUFFER_BYTES)
		return scsi_check(r, SENSE_INVALID_PARAMETER);
	got = scsi_fetch(r, length);
	if (got < length) {
		r->broken = "the CDB moves more than the data buffer holds";
		return SCSI_DONE;
	}
	list = get_be16(r->buffer + 2);
	if (list > length - UNMAP_HEADER)
		list = length - UNMAP_HEADER;
	r->done_bytes = length;
	r->unmap_next = 0;
	r->unmap_count = list / UNMAP_DESCRIPTOR;
	if (r->unmap_count > SCSI_UNMAP_RANGES)
		return scsi_check(r, SENSE_INVALID_PARAMETER);
	if (must_fail(r->lun))
		return scsi_check(r, SENSE_WRITE_ERROR);
	return scsi_unmap_step(r);
}

/* A disk that gives back only whole granules leaves the rest as it is. */
static void whole_granules(const struct scsi_lun *lun, struct extent *e)
{
	uint64_t granule = lun->unmap_granule / lun->sector;
	uint64_t first = lun->unmap_offset / lun->sector, end, skip;

	if (granule <= 1)
		return;
	end = e->lba + e->blocks;
	if (e->lba > first) {
		skip = (e->lba - first) % granule;
		first = skip ? e->lba + granule - skip : e->lba;
	}
	if (end < first + granule) {
		e->blocks = 0;
		return;
	}
	e->lba = first;
	e->blocks = (end - first) / granule * granule;
}

/* One descriptor after the other; their copy in the buffer is private. */
enum scsi_next scsi_unmap_step(struct scsi_request *r)
{
	while (r->unmap_next < r->unmap_count) {
		const uint8_t *d = r->buffer + UNMAP_HEADER +
				   r->unmap_next++ * UNMAP_DESCRIPTOR;
		struct extent e = {
			.lba = get_be64(d),
			.blocks = get_be32(d + 8),
		};

		if (!extent_fits(r, &e))
			return scsi_check(r, SENSE_LBA_RANGE);
		whole_granules(r->lun, &e);
		if (!e.blocks)
			continue;
		io_extent(r, DISK_ZERO, &e);
		count(&r->lun->zeroes);
		return SCSI_START_IO;
	}
	return SCSI_DONE;
}

enum scsi_next scsi_io_done(struct scsi_request *r)
{
	if (r->io.result) {
		uint32_t sense = SENSE_WRITE_ERROR;

		if (r->io.op == DISK_READ)
			sense = SENSE_READ_ERROR;
		else if (r->io.result == -ENOSPC)
			sense = SENSE_NO_SPACE;
		return scsi_check(r, sense);
	}
	if (r->cdb[0] == OP_UNMAP)
		return scsi_unmap_step(r);
	return SCSI_DONE;
}
