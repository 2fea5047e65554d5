// SPDX-License-Identifier: GPL-2.0-only
/*
 * RNDIS control messages: building requests, believing answers.  Pure; the
 * answers are private copies.
 */
#include <linux/string.h>
#include "pure.h"

/* Advice to the host; hosts answer with what they do anyway */
#define MAX_TRANSFER	0x4000

static u32 start(void *to, u32 type, u32 bytes)
{
	struct lis_rndis_hdr *h = to;

	memset(to, 0, bytes);
	h->type = type;
	h->length = bytes;
	return bytes;
}

u32 netvsc_build_initialize(void *to, u32 id)
{
	struct lis_rndis_initialize *m = to;

	start(to, LIS_RNDIS_INITIALIZE, sizeof(*m));
	m->request_id = id;
	m->major = 1;
	m->max_transfer = MAX_TRANSFER;
	return sizeof(*m);
}

u32 netvsc_build_halt(void *to, u32 id)
{
	struct lis_rndis_halt *m = to;

	start(to, LIS_RNDIS_HALT, sizeof(*m));
	m->request_id = id;
	return sizeof(*m);
}

static u32 build_request(void *to, u32 type, u32 id, u32 oid, const void *info,
			 u32 bytes, u32 room)
{
	struct lis_rndis_request *m = to;

	start(to, type, sizeof(*m) + room);
	m->request_id = id;
	m->oid = oid;
	m->info_length = room;
	m->info_offset = room ? sizeof(*m) - LIS_RNDIS_BODY : 0;
	if (bytes)
		memcpy(m + 1, info, bytes);
	return sizeof(*m) + room;
}

/**
 * netvsc_build_query - a question.
 * @to: room for it
 * @id: of the request
 * @oid: what is asked
 * @info: in front of the answer's place, or NULL
 * @bytes: its bytes, at most @room
 * @room: bytes of that place
 */
u32 netvsc_build_query(void *to, u32 id, u32 oid, const void *info, u32 bytes,
		       u32 room)
{
	return build_request(to, LIS_RNDIS_QUERY, id, oid, info, bytes, room);
}

u32 netvsc_build_set(void *to, u32 id, u32 oid, const void *info, u32 bytes)
{
	return build_request(to, LIS_RNDIS_SET, id, oid, info, bytes, bytes);
}

u32 netvsc_build_keepalive_done(void *to, u32 id)
{
	struct lis_rndis_done *m = to;

	start(to, LIS_RNDIS_KEEPALIVE | LIS_RNDIS_COMPLETION, sizeof(*m));
	m->request_id = id;
	return sizeof(*m);
}

static void put_utf16(u8 *to, const char *text)
{
	for (; *text; text++) {
		*to++ = *text;
		*to++ = 0;
	}
}

/**
 * netvsc_build_mac - the parameter by which an address is changed.
 * @to: NETVSC_MAC_INFO_BYTES
 * @mac: the address
 */
u32 netvsc_build_mac(void *to, const u8 *mac)
{
	static const char digits[] = "0123456789ABCDEF";
	struct lis_rndis_config *c = to;
	char text[13];
	u32 i;

	for (i = 0; i < 6; i++) {
		text[2 * i] = digits[mac[i] >> 4];
		text[2 * i + 1] = digits[mac[i] & 15];
	}
	text[12] = '\0';
	memset(to, 0, NETVSC_MAC_INFO_BYTES);
	c->name_offset = sizeof(*c);
	c->name_length = 28;
	c->type = 2;
	c->value_offset = c->name_offset + c->name_length;
	c->value_length = 24;
	put_utf16((u8 *)to + c->name_offset, "NetworkAddress");
	put_utf16((u8 *)to + c->value_offset, text);
	return NETVSC_MAC_INFO_BYTES;
}

/**
 * netvsc_build_rss - how the host shall spread frames.
 * @to: NETVSC_RSS_INFO_BYTES
 * @table: a channel for each hash value, modulo @entries
 * @entries: at most LIS_NDIS_RSS_TABLE_ENTRIES
 * @key: LIS_NDIS_RSS_KEY_BYTES
 * @types: LIS_NDIS_HASH_* of flows whose ports count, too
 */
u32 netvsc_build_rss(void *to, const u32 *table, u32 entries, const u8 *key,
		     u32 types)
{
	struct lis_ndis_rss_params *p = to;
	u32 bytes = sizeof(*p) + entries * sizeof(*table) +
		    LIS_NDIS_RSS_KEY_BYTES;

	memset(p, 0, sizeof(*p));
	p->hdr.type = LIS_NDIS_TYPE_RSS_PARAMETERS;
	p->hdr.revision = 2;
	p->hdr.size = sizeof(*p);
	p->hash = LIS_NDIS_HASH_TOEPLITZ | LIS_NDIS_HASH_IP4 |
		  LIS_NDIS_HASH_IP6 | types;
	p->table_bytes = entries * sizeof(*table);
	p->table_offset = sizeof(*p);
	p->key_bytes = LIS_NDIS_RSS_KEY_BYTES;
	p->key_offset = p->table_offset + p->table_bytes;
	memcpy((u8 *)to + p->table_offset, table, p->table_bytes);
	memcpy((u8 *)to + p->key_offset, key, LIS_NDIS_RSS_KEY_BYTES);
	return bytes;
}

/* --- answers --------------------------------------------------------------- */

u32 netvsc_answer_id(const void *msg, u32 len)
{
	const struct lis_rndis_done *m = msg;

	if (len < sizeof(*m))
		return 0;
	switch (m->hdr.type) {
	case LIS_RNDIS_INITIALIZE | LIS_RNDIS_COMPLETION:
	case LIS_RNDIS_QUERY | LIS_RNDIS_COMPLETION:
	case LIS_RNDIS_SET | LIS_RNDIS_COMPLETION:
		return m->request_id;
	default:
		return 0;
	}
}

/* Header, request id and status are there when netvsc_answer_id() said so. */
static const char *check_answer(const void *msg, u32 len, u32 request,
				u32 *status)
{
	const struct lis_rndis_done *m = msg;

	if (len < sizeof(*m))
		return "short answer to a request";
	if (m->hdr.type != (request | LIS_RNDIS_COMPLETION))
		return "answer to another kind of request";
	*status = m->status;
	return NULL;
}

const char *netvsc_check_initialize(const void *msg, u32 len, u32 *status,
				    u32 *alignment_shift)
{
	const struct lis_rndis_initialize_done *m = msg;
	const char *wrong = check_answer(msg, len, LIS_RNDIS_INITIALIZE,
					 status);

	if (wrong || *status)
		return wrong;
	if (len < sizeof(*m))
		return "short answer to the first request";
	if (m->medium)
		return "medium that is not Ethernet";
	if (m->alignment_shift > 12)
		return "impossible alignment";
	*alignment_shift = m->alignment_shift;
	return NULL;
}

const char *netvsc_check_query(const void *msg, u32 len, u32 *status,
			       const u8 **info, u32 *info_len)
{
	const struct lis_rndis_query_done *m = msg;
	const char *wrong = check_answer(msg, len, LIS_RNDIS_QUERY, status);
	u32 body = len - LIS_RNDIS_BODY;

	if (wrong || *status)
		return wrong;
	if (len < sizeof(*m))
		return "short answer to a query";
	if (!m->info_length) {
		*info = (const u8 *)(m + 1);
		*info_len = 0;
		return NULL;
	}
	if (m->info_offset < sizeof(*m) - LIS_RNDIS_BODY ||
	    m->info_offset > body || m->info_length > body - m->info_offset)
		return "information outside its answer";
	*info = (const u8 *)msg + LIS_RNDIS_BODY + m->info_offset;
	*info_len = m->info_length;
	return NULL;
}

const char *netvsc_check_set(const void *msg, u32 len, u32 *status)
{
	return check_answer(msg, len, LIS_RNDIS_SET, status);
}

const char *netvsc_check_indicate(const void *msg, u32 len, u32 *status)
{
	const struct lis_rndis_indicate *m = msg;
	u32 body = len - LIS_RNDIS_BODY;

	if (len < sizeof(*m))
		return "short indication";
	if (m->length && (m->offset < sizeof(*m) - LIS_RNDIS_BODY ||
			  m->offset > body || m->length > body - m->offset))
		return "indication's buffer outside its message";
	*status = m->status;
	return NULL;
}
