// SPDX-License-Identifier: GPL-2.0-only
/*
 * Building the request block of a SCSI command.
 *
 * Pure: callers own all memory, there are no locks.  Every byte that goes to
 * the host is written here, so nothing of the guest's memory leaks by way of
 * padding.
 */
#include <linux/string.h>
#include "pure.h"

u32 storvsc_packet_bytes(u16 version)
{
	return version >= LIS_STOR_V5_1 ? LIS_STOR_PACKET_BYTES :
					  LIS_STOR_PACKET_BYTES_OLD;
}

u32 storvsc_sense_room(u16 version)
{
	return version >= LIS_STOR_V5_1 ? LIS_STOR_SENSE_MAX :
					  LIS_STOR_SENSE_MAX_OLD;
}

static u32 srb_flags(u8 direction)
{
	u32 flags = LIS_SRB_FLAG_NO_SYNC_TRANSFER | LIS_SRB_FLAG_QUEUE_ACTION;

	if (direction == LIS_STOR_DIR_IN)
		flags |= LIS_SRB_FLAG_DATA_IN;
	else if (direction == LIS_STOR_DIR_OUT)
		flags |= LIS_SRB_FLAG_DATA_OUT;
	return flags;
}

static bool request_ok(const struct storvsc_request *rq)
{
	if (!rq->cdb_length || rq->cdb_length > LIS_STOR_CDB_MAX)
		return false;
	if (rq->direction > LIS_STOR_DIR_NONE)
		return false;
	return (rq->direction == LIS_STOR_DIR_NONE) == (rq->bytes == 0);
}

u32 storvsc_build_srb(u16 version, const struct storvsc_request *rq,
		      struct lis_stor_packet *pkt)
{
	struct lis_stor_srb *srb = &pkt->srb;
	bool extended = version >= LIS_STOR_V5_1;

	if (!request_ok(rq))
		return 0;

	memset(pkt, 0, sizeof(*pkt));
	pkt->operation = LIS_STOR_EXECUTE_SRB;
	pkt->flags = LIS_STOR_FLAG_WANT_COMPLETION;
	srb->length = extended ? sizeof(*srb) : LIS_STOR_SRB_BYTES_OLD;
	srb->path = rq->path;
	srb->target = rq->target;
	srb->lun = rq->lun;
	srb->cdb_length = rq->cdb_length;
	srb->sense_length = storvsc_sense_room(version);
	srb->direction = rq->direction;
	srb->transfer_length = rq->bytes;
	memcpy(srb->cdb, rq->cdb, rq->cdb_length);
	if (extended) {
		srb->queue_action = LIS_STOR_TAG_SIMPLE;
		srb->srb_flags = srb_flags(rq->direction);
		srb->timeout = rq->timeout;
	}
	return storvsc_packet_bytes(version);
}
