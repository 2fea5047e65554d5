// SPDX-License-Identifier: GPL-2.0-only
/*
 * NVSP: versions, and what the host may say on the channel itself.  Pure; the
 * messages are private copies of the bus, but every length in them is the
 * host's word.
 */
#include <linux/build_bug.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "pure.h"

static const u32 versions[] = {
	LIS_NVSP_V6_1, LIS_NVSP_V6, LIS_NVSP_V5, LIS_NVSP_V4, LIS_NVSP_V2,
	LIS_NVSP_V1, 0,
};

/* A message is read up to here, whatever follows */
#define UP_TO(member)	\
	(offsetof(struct lis_nvsp_msg, member) + \
	 sizeof(((struct lis_nvsp_msg *)0)->member))

u32 netvsc_version(u32 i)
{
	return versions[i];
}

u32 netvsc_msg_bytes(u32 version)
{
	return version >= LIS_NVSP_V6_1 ? LIS_NVSP_BYTES : LIS_NVSP_BYTES_OLD;
}

int netvsc_msg_type(const void *msg, u32 len)
{
	u32 type;

	if (len < sizeof(type))
		return -1;
	memcpy(&type, msg, sizeof(type));
	return type > 0xffff ? -1 : (int)type;
}

static const char *check(const void *msg, u32 len, u32 type, size_t need)
{
	if (netvsc_msg_type(msg, len) != (int)type)
		return "answer to another question";
	return len < need ? "short answer" : NULL;
}

const char *netvsc_check_init(const void *msg, u32 len, u32 *status)
{
	const struct lis_nvsp_msg *m = msg;
	const char *wrong = check(m, len, LIS_NVSP_INIT_COMPLETE,
				  UP_TO(init_complete));

	if (!wrong)
		*status = m->init_complete.status;
	return wrong;
}

/* Only the whole buffer is shared, so a section that leaves it is a lie; and
 * pieces too small for a frame would never receive one.  Of large ones, a host
 * may use several for one frame.
 */
static const char *check_section(const struct lis_nvsp_section *s, u32 bytes,
				 u32 frame)
{
	if (s->offset)
		return "receive section does not begin at 0";
	if (!s->suballocs ||
	    s->suballoc_bytes < sizeof(struct lis_rndis_packet) +
				min(frame, NETVSC_USUAL_FRAME))
		return "receive section too small for a frame";
	if ((u64)s->suballoc_bytes * s->suballocs > bytes ||
	    s->end_offset > bytes)
		return "receive section outside its buffer";
	return NULL;
}

const char *netvsc_check_recv_buf(const void *msg, u32 len, u32 bytes,
				  u32 frame, u32 *status)
{
	const struct lis_nvsp_msg *m = msg;
	const char *wrong = check(m, len, LIS_NVSP_SEND_RECV_BUF_COMPLETE,
				  UP_TO(recv_buf_complete.section_count));

	if (wrong)
		return wrong;
	*status = m->recv_buf_complete.status;
	if (*status != LIS_NVSP_STATUS_SUCCESS)
		return NULL;
	if (m->recv_buf_complete.section_count != 1)
		return "number of receive sections is not 1";
	if (len < UP_TO(recv_buf_complete))
		return "short answer";
	return check_section(&m->recv_buf_complete.section, bytes, frame);
}

const char *netvsc_check_send_buf(const void *msg, u32 len, u32 bytes,
				  u32 *status, u32 *section_bytes)
{
	const struct lis_nvsp_msg *m = msg;
	const char *wrong = check(m, len, LIS_NVSP_SEND_SEND_BUF_COMPLETE,
				  UP_TO(send_buf_complete));

	if (wrong)
		return wrong;
	*status = m->send_buf_complete.status;
	if (*status != LIS_NVSP_STATUS_SUCCESS)
		return NULL;
	*section_bytes = m->send_buf_complete.section_bytes;
	if (*section_bytes < NETVSC_TX_HEADER || *section_bytes > bytes)
		return "send section of an impossible size";
	return NULL;
}

const char *netvsc_check_subchannels(const void *msg, u32 len, u32 asked,
				     u32 *status, u32 *granted)
{
	const struct lis_nvsp_msg *m = msg;
	const char *wrong = check(m, len, LIS_NVSP_SUBCHANNEL,
				  UP_TO(subchannel_complete));

	if (wrong)
		return wrong;
	*status = m->subchannel_complete.status;
	if (*status != LIS_NVSP_STATUS_SUCCESS)
		return NULL;
	*granted = m->subchannel_complete.granted;
	return *granted > asked ? "more sub-channels than asked for" : NULL;
}

const char *netvsc_check_sent(const void *msg, u32 len, u32 *status)
{
	const struct lis_nvsp_msg *m = msg;
	const char *wrong = check(m, len, LIS_NVSP_RNDIS_COMPLETE,
				  UP_TO(rndis_complete));

	if (!wrong)
		*status = m->rndis_complete.status;
	return wrong;
}

/* Hosts differ in where they put the table: what counts is the packet. */
const char *netvsc_check_table(const void *msg, u32 len, u32 channels,
			       u16 *table)
{
	const struct lis_nvsp_msg *m = msg;
	u32 entry[LIS_NVSP_TABLE_ENTRIES];
	u32 i;

	if (len < UP_TO(table) || m->type != LIS_NVSP_INDIRECTION_TABLE)
		return "short table of channels";
	if (m->table.count != LIS_NVSP_TABLE_ENTRIES)
		return "table of channels of another size";
	if (m->table.offset < UP_TO(table) || m->table.offset > len ||
	    len - m->table.offset < sizeof(entry))
		return "table of channels outside its message";
	memcpy(entry, (const u8 *)msg + m->table.offset, sizeof(entry));
	for (i = 0; i < LIS_NVSP_TABLE_ENTRIES; i++)
		if (entry[i] >= channels)
			return "table with a channel that is not there";
	for (i = 0; i < LIS_NVSP_TABLE_ENTRIES; i++)
		table[i] = entry[i];
	return NULL;
}
