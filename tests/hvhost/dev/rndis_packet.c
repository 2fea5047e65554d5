// SPDX-License-Identifier: GPL-2.0-only
/*
 * RNDIS PACKET messages, read and written.
 * Locking: none, no state.
 */
#include "rndis_packet.h"

#include <string.h>

#include "net_frame.h"

static const uint32_t info_types[INFO_COUNT] = {
	[INFO_CSUM] = LIS_PPI_CSUM,
	[INFO_LSO] = LIS_PPI_LSO,
	[INFO_VLAN] = LIS_PPI_VLAN,
	[INFO_HASH] = LIS_PPI_HASH,
	[INFO_PACKET_ID] = LIS_PPI_PACKET_ID,
};

/* Is [offset, offset + length) of the body inside the message? */
static bool inside(const struct lis_rndis_packet *p, uint32_t offset,
		   uint32_t length)
{
	uint32_t body = p->hdr.length - LIS_RNDIS_BODY;

	return offset >= sizeof(*p) - LIS_RNDIS_BODY && offset <= body &&
	       length <= body - offset;
}

static const char *take_info(struct rndis_data *d,
			     const struct lis_rndis_ppi *ppi,
			     const uint8_t *entry)
{
	for (unsigned int i = 0; i < INFO_COUNT; i++) {
		if (info_types[i] != ppi->type)
			continue;
		if (d->has & 1u << i)
			return "per-packet information twice";
		if (ppi->size - ppi->offset < sizeof(d->info[i]))
			return "per-packet information too short";
		memcpy(&d->info[i], entry + ppi->offset, sizeof(d->info[i]));
		d->has |= 1u << i;
		return NULL;
	}
	return NULL;		/* others mean nothing to us */
}

static const char *parse_infos(struct rndis_data *d, const uint8_t *at,
			       uint32_t left)
{
	while (left) {
		struct lis_rndis_ppi ppi;
		const char *error;

		if (left < sizeof(ppi))
			return "per-packet information cut short";
		memcpy(&ppi, at, sizeof(ppi));
		if (ppi.size < sizeof(ppi) || ppi.size > left || ppi.size % 4)
			return "size of per-packet information";
		if (ppi.offset < sizeof(ppi) || ppi.offset > ppi.size)
			return "offset in per-packet information";
		error = take_info(d, &ppi, at);
		if (error)
			return error;
		at += ppi.size;
		left -= ppi.size;
	}
	return NULL;
}

const char *rndis_packet_parse(struct rndis_data *d, const uint8_t *message,
			       uint32_t bytes)
{
	struct lis_rndis_packet p;

	memset(d, 0, sizeof(*d));
	if (bytes < sizeof(p))
		return "shorter than its header";
	memcpy(&p, message, sizeof(p));
	if (p.hdr.type != LIS_RNDIS_PACKET)
		return "not a data message";
	if (p.hdr.length < sizeof(p) || p.hdr.length > bytes)
		return "message length";
	if (p.oob_offset || p.oob_length || p.oob_count)
		return "out-of-band data";
	if (p.vc_handle || p.reserved)
		return "reserved field";
	if (!inside(&p, p.data_offset, p.data_length))
		return "data outside of the message";
	if (p.data_length < NET_ETH_BYTES)
		return "data shorter than an Ethernet header";
	d->message_bytes = p.hdr.length;
	d->data_at = LIS_RNDIS_BODY + p.data_offset;
	d->data_bytes = p.data_length;
	if (!p.ppi_length)
		return NULL;
	if (!inside(&p, p.ppi_offset, p.ppi_length))
		return "per-packet information outside of the message";
	if (p.ppi_offset < p.data_offset + p.data_length &&
	    p.data_offset < p.ppi_offset + p.ppi_length)
		return "per-packet information in the data";
	return parse_infos(d, message + LIS_RNDIS_BODY + p.ppi_offset,
			   p.ppi_length);
}

size_t rndis_packet_build(const struct rndis_data *d, uint8_t *head)
{
	struct lis_rndis_packet p = {
		.hdr = { LIS_RNDIS_PACKET, d->message_bytes },
		.data_offset = d->data_at - LIS_RNDIS_BODY,
		.data_length = d->data_bytes,
	};
	uint8_t *at = head + sizeof(p);

	for (unsigned int i = 0; i < INFO_COUNT; i++) {
		struct lis_rndis_ppi ppi = {
			.size = sizeof(ppi) + sizeof(d->info[i]),
			.type = info_types[i],
			.offset = sizeof(ppi),
		};

		if (!(d->has & 1u << i))
			continue;
		memcpy(at, &ppi, sizeof(ppi));
		memcpy(at + sizeof(ppi), &d->info[i], sizeof(d->info[i]));
		at += ppi.size;
	}
	p.ppi_length = at - head - sizeof(p);
	if (p.ppi_length)
		p.ppi_offset = sizeof(p) - LIS_RNDIS_BODY;
	memcpy(head, &p, sizeof(p));
	return at - head;
}
