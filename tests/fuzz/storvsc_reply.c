// SPDX-License-Identifier: GPL-2.0-only
/* srcs: storvsc/reply.c storvsc/srb.c storvsc/error.c */
/*
 * Any bytes as a completion: what is accepted must obey the bounds that the
 * I/O path relies on, and only a complete success may come out as one.
 */
#include <stdlib.h>
#include <string.h>

#include "storvsc/pure.h"

static const u16 versions[] = { 0, LIS_STOR_V2_0, LIS_STOR_V4_2, LIS_STOR_V5_1,
				LIS_STOR_V6_0, LIS_STOR_V6_2 };

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void check_reply(u16 version, const u8 *payload, u32 len, u32 requested)
{
	struct storvsc_reply r;
	struct storvsc_verdict v;

	if (storvsc_check_reply(version, payload, len, requested, &r))
		return;
	require(len >= storvsc_packet_bytes(version));
	require(r.transferred <= requested);
	require(r.sense_len <= storvsc_sense_room(version));
	require(!r.sense == !r.sense_len);
	if (r.sense)
		require(r.sense + r.sense_len <= payload + len);

	v = storvsc_judge(&r, requested);
	require(!v.use_sense || r.sense);
	if (v.outcome == STORVSC_OK && v.scsi_status == 0)
		require(r.transferred == requested &&
			(r.srb_code == LIS_SRB_SUCCESS ||
			 r.srb_code == LIS_SRB_DATA_OVERRUN));
	require(storvsc_srb_name(r.srb_code) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	u32 requested, status, len;
	u16 version;
	u8 *copy;

	if (size < 5 || size > 300)
		return 0;
	version = versions[data[0] % (sizeof(versions) / sizeof(*versions))];
	memcpy(&requested, data + 1, sizeof(requested));
	len = size - 5;
	/* Its own allocation: the bus's copy ends where the packet ends, and
	 * a read beyond it must be seen.
	 */
	copy = malloc(len ? len : 1);
	memcpy(copy, data + 5, len);
	check_reply(version, copy, len, requested);
	(void)storvsc_check_control(version, copy, len, &status);
	require(storvsc_event_op(copy, len) <= LIS_STOR_EVENT_NOTIFICATION);
	free(copy);
	return 0;
}
