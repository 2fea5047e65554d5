// SPDX-License-Identifier: GPL-2.0-only
/*
 * RNDIS messages in the receive buffer.  The host may write there at any time,
 * also while we look: the head of a message and its per-packet information are
 * copied once, and only the copies are believed.  Pure.
 */
#include <linux/compiler.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include "pure.h"

/**
 * netvsc_rx_open - copy the head of a message.
 * @buf: the receive buffer
 * @bytes: its size
 * @range: where the host says a message is; a private copy
 * @m: the result
 *
 * Return: NULL, or what is wrong.
 */
const char *netvsc_rx_open(const u8 *buf, u32 bytes,
			   const struct lis_pkt_xfer_range *range,
			   struct netvsc_rx_msg *m)
{
	u32 room = range->byte_count;

	if (range->byte_offset > bytes || room > bytes - range->byte_offset)
		return "range outside the receive buffer";
	if (room < sizeof(struct lis_rndis_hdr))
		return "range too short for a message";
	m->at = buf + range->byte_offset;
	m->head_bytes = min_t(u32, room, sizeof(m->head));
	memcpy(&m->head, m->at, m->head_bytes);
	barrier();	/* what was copied is what counts */
	m->type = m->head.hdr.type;
	m->length = m->head.hdr.length;
	if (m->length < sizeof(struct lis_rndis_hdr) || m->length > room)
		return "message longer than its range";
	m->head_bytes = min(m->head_bytes, m->length);
	return NULL;
}

/* As a whole frame has such an entry, too, only the flags tell. */
static void take_part(u32 value, struct netvsc_frame *f)
{
	struct lis_ppi_packet_id id;

	memcpy(&id, &value, sizeof(id));
	if (id.version != 1 || !(id.flags & LIS_PACKET_ID_SUBALLOC))
		return;
	f->has_part = true;
	f->part_flags = id.flags;
	f->part_id = id.id;
}

/* One piece of per-packet information; NULL or what is wrong with it */
static const char *take_info(u32 type, const u8 *data, u32 len,
			     struct netvsc_frame *f)
{
	u32 value;

	switch (type) {
	case LIS_PPI_CSUM:
	case LIS_PPI_VLAN:
	case LIS_PPI_HASH:
	case LIS_PPI_PACKET_ID:
		break;
	default:
		return NULL;	/* newer hosts say more than we know */
	}
	if (len < sizeof(value))
		return "per-packet information without a value";
	memcpy(&value, data, sizeof(value));
	if (type == LIS_PPI_CSUM) {
		f->has_csum = true;
		f->csum = value;
	} else if (type == LIS_PPI_VLAN) {
		f->has_vlan = true;
		f->tci = netvsc_vlan_from_host(value);
	} else if (type == LIS_PPI_PACKET_ID) {
		take_part(value, f);
	} else {
		f->has_hash = true;
		f->hash = value;
	}
	return NULL;
}

static const char *walk_info(const u8 *copy, u32 bytes, struct netvsc_frame *f)
{
	struct lis_rndis_ppi p;
	const char *wrong;

	/* every entry is 12 bytes long at least, so this ends */
	while (bytes) {
		if (bytes < sizeof(p))
			return "rest of per-packet information";
		memcpy(&p, copy, sizeof(p));
		if (p.size < sizeof(p) || p.size > bytes)
			return "per-packet information longer than its place";
		if (p.offset < sizeof(p) || p.offset > p.size)
			return "per-packet information outside its entry";
		wrong = take_info(p.type, copy + p.offset, p.size - p.offset,
				  f);
		if (wrong)
			return wrong;
		copy += p.size;
		bytes -= p.size;
	}
	return NULL;
}

/* Does a part that counts from byte 8 lie behind the head, inside @length? */
static bool inside(u32 offset, u32 bytes, u32 length)
{
	u32 body = length - LIS_RNDIS_BODY;

	return offset >= sizeof(struct lis_rndis_packet) - LIS_RNDIS_BODY &&
	       offset <= body && bytes <= body - offset;
}

/* All but the first part of a frame have no header. */
static const char *long_enough(const struct netvsc_frame *f)
{
	bool later = f->has_part && !(f->part_flags & LIS_PACKET_ID_FIRST);

	return f->bytes < (later ? 1 : NETVSC_ETH_HEADER) ? "frame too short" :
							    NULL;
}

/**
 * netvsc_rx_frame - find the frame in a PACKET message.
 * @m: from netvsc_rx_open()
 * @longest: bytes of the longest frame allowed
 * @f: the result
 *
 * Return: NULL, or what is wrong.
 */
const char *netvsc_rx_frame(const struct netvsc_rx_msg *m, u32 longest,
			    struct netvsc_frame *f)
{
	const struct lis_rndis_packet *p = &m->head;
	u64 copy[NETVSC_PPI_MAX / sizeof(u64)];
	const char *wrong;

	memset(f, 0, sizeof(*f));
	if (m->head_bytes < sizeof(*p))
		return "frame without its header";
	if (p->oob_offset || p->oob_length || p->oob_count)
		return "frame with out-of-band data";
	if (!inside(p->data_offset, p->data_length, m->length))
		return "frame outside its message";
	if (p->data_length > longest)
		return "frame too long";
	f->data = m->at + LIS_RNDIS_BODY + p->data_offset;
	f->bytes = p->data_length;
	if (!p->ppi_length)
		return long_enough(f);
	if (p->ppi_length > sizeof(copy) ||
	    !inside(p->ppi_offset, p->ppi_length, m->length))
		return "per-packet information outside its message";
	memcpy(copy, m->at + LIS_RNDIS_BODY + p->ppi_offset, p->ppi_length);
	barrier();
	wrong = walk_info((const u8 *)copy, p->ppi_length, f);
	return wrong ?: long_enough(f);
}

/**
 * netvsc_rx_control - copy a control message.
 * @m: from netvsc_rx_open()
 * @to: NETVSC_CONTROL_MAX bytes
 *
 * Return: how many of them were filled; hosts may claim more than they say.
 */
u32 netvsc_rx_control(const struct netvsc_rx_msg *m, void *to)
{
	u32 bytes = min(m->length, NETVSC_CONTROL_MAX);

	/* the head was checked: not a second look at that */
	memcpy(to, &m->head, m->head_bytes);
	memcpy((u8 *)to + m->head_bytes, m->at + m->head_bytes,
	       bytes - m->head_bytes);
	barrier();
	return bytes;
}
