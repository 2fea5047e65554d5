// SPDX-License-Identifier: GPL-2.0-only
/*
 * netvsp: the lies that `hostile` ordered, told about what is otherwise right.
 *
 * Locking: runs in the channel's worker; a lie is counted off atomically.
 */
#include <string.h>

#include "netvsp_int.h"

#define FAR_OFF		0xfffffff0u
#define NO_TYPE		0x4711

/* Is one due?  From the first on the guest may refuse what it gets. */
static bool lie(struct netvsp *v, enum mischief what)
{
	if (!vmbus_channel_mischief(v->ch, what))
		return false;
	atomic_store(&v->nic->lied, true);
	atomic_fetch_add(&v->nic->counts.lies, 1);
	return true;
}

void netvsp_lie_ranges(struct netvsp *v, struct lis_pkt_xfer_range *range,
		       uint16_t *set)
{
	if (lie(v, MISCHIEF_NET_RANGE))
		range->byte_offset = FAR_OFF;
	if (lie(v, MISCHIEF_NET_RANGE_LENGTH))
		range->byte_count = 4;
	if (lie(v, MISCHIEF_NET_SET))
		*set ^= 0xffff;
}

/* @head is that of a data message, RNDIS_HEAD_MAX bytes long. */
void netvsp_lie_head(struct netvsp *v, uint8_t *head)
{
	struct lis_rndis_packet p;

	memcpy(&p, head, sizeof(p));
	if (lie(v, MISCHIEF_NET_TYPE))
		p.hdr.type = NO_TYPE;
	if (lie(v, MISCHIEF_NET_LENGTH))
		p.hdr.length = FAR_OFF;
	if (lie(v, MISCHIEF_NET_DATA))
		p.data_offset = FAR_OFF;
	if (lie(v, MISCHIEF_NET_SHORT))
		p.data_length = 3;
	if (lie(v, MISCHIEF_NET_INFO)) {
		/* An entry without a size, which nobody gets past */
		p.ppi_offset = sizeof(p) - LIS_RNDIS_BODY;
		p.ppi_length = sizeof(struct lis_rndis_ppi);
		memset(head + sizeof(p), 0, sizeof(struct lis_rndis_ppi));
	}
	memcpy(head, &p, sizeof(p));
}

/* An answer to the guest, or an indication */
void netvsp_lie_answer(struct netvsp *v, uint8_t *message, uint32_t bytes)
{
	struct lis_rndis_query_done q;

	if (bytes < sizeof(struct lis_rndis_done))
		return;
	if (lie(v, MISCHIEF_NET_ANSWER))
		message[offsetof(struct lis_rndis_done, request_id) + 2] ^= 0xff;
	memcpy(&q, message, sizeof(struct lis_rndis_hdr));
	if (q.hdr.type != (LIS_RNDIS_QUERY | LIS_RNDIS_COMPLETION))
		return;
	memcpy(&q, message, sizeof(q));
	if (lie(v, MISCHIEF_NET_ANSWER_LENGTH))
		q.info_length = FAR_OFF;
	if (q.info_length == NET_MAC_BYTES && lie(v, MISCHIEF_NET_MAC))
		message[sizeof(q)] |= 1;
	memcpy(message, &q, sizeof(q));
}

void netvsp_lie_section(struct netvsp *v, struct lis_nvsp_section *s)
{
	if (lie(v, MISCHIEF_NET_SECTION))
		s->suballocs = FAR_OFF;
}

void netvsp_lie_send_section(struct netvsp *v, uint32_t *bytes)
{
	if (lie(v, MISCHIEF_NET_SEND_SECTION))
		*bytes = 0;
}

void netvsp_lie_table(struct netvsp *v, struct lis_nvsp_msg *m,
		      uint32_t *channel)
{
	if (lie(v, MISCHIEF_NET_TABLE))
		m->table.offset = FAR_OFF;
	if (lie(v, MISCHIEF_NET_TABLE_ENTRY))
		*channel = NO_TYPE;
}
