// SPDX-License-Identifier: GPL-2.0-only
/*
 * Validation of what the host sends: completions of requests, answers to
 * control operations, unsolicited packets.
 *
 * Pure: works on the private copy the bus made; nothing here may be used
 * before it was checked, and every length is bounded by the version that was
 * negotiated, not by what the packet says of itself.
 */
#include "pure.h"

/* Why the payload cannot be a completion at all, or NULL. */
static const char *check_frame(u16 version, const struct lis_stor_packet *pkt,
			       u32 len)
{
	if (len < storvsc_packet_bytes(version))
		return "completion is too short";
	if (pkt->operation != LIS_STOR_COMPLETE_IO)
		return "completion of the wrong kind";
	return NULL;
}

/* Success and over/underrun are the codes whose byte count is used. */
static bool counts_bytes(u8 code)
{
	return code == LIS_SRB_SUCCESS || code == LIS_SRB_DATA_OVERRUN;
}

/* Sense is used when the host says so and it looks like sense at all. */
static void find_sense(u16 version, const struct lis_stor_srb *srb,
		       struct storvsc_reply *out)
{
	u32 room = storvsc_sense_room(version);
	u32 len = srb->sense_length;
	u8 format = srb->sense[0] & 0x7f;

	if (!(srb->srb_status & LIS_SRB_F_AUTOSENSE) || !len)
		return;
	if (len > room) {
		out->odd = "sense data longer than its room";
		len = room;
	}
	if (format < 0x70 || format > 0x73) {
		out->odd = "sense data of no known format";
		return;
	}
	out->sense = srb->sense;
	out->sense_len = len;
}

const char *storvsc_check_reply(u16 version, const void *payload, u32 len,
				u32 requested, struct storvsc_reply *out)
{
	const struct lis_stor_packet *pkt = payload;
	const char *wrong = check_frame(version, pkt, len);
	const struct lis_stor_srb *srb = &pkt->srb;

	if (wrong)
		return wrong;

	out->srb_code = LIS_SRB_CODE(srb->srb_status);
	out->scsi_status = srb->scsi_status;
	out->transferred = srb->transfer_length;
	out->sense = NULL;
	out->sense_len = 0;
	out->odd = NULL;

	if (out->transferred > requested) {
		if (counts_bytes(out->srb_code))
			return "more bytes transferred than requested";
		/* A failed command moved nothing anybody may look at. */
		out->transferred = 0;
	}
	find_sense(version, srb, out);
	return NULL;
}

const char *storvsc_check_control(u16 version, const void *payload, u32 len,
				  u32 *status)
{
	const struct lis_stor_packet *pkt = payload;
	const char *wrong = check_frame(version, pkt, len);

	if (!wrong)
		*status = pkt->status;
	return wrong;
}

int storvsc_event_op(const void *payload, u32 len)
{
	const struct lis_stor_packet *pkt = payload;

	/* Only the header is looked at, whatever the version. */
	if (len < offsetof(struct lis_stor_packet, raw))
		return -1;
	if (pkt->operation > LIS_STOR_EVENT_NOTIFICATION)
		return 0;
	return pkt->operation;
}
