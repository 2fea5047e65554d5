// SPDX-License-Identifier: GPL-2.0-only
/*
 * The RNDIS header in front of a frame that goes out.  Pure.
 */
#include <linux/string.h>
#include "pure.h"

/* One value of 32 bits behind its header; returns where the next one goes */
static u8 *put_info(u8 *at, u32 type, u32 value)
{
	const struct lis_rndis_ppi p = {
		.size = sizeof(p) + sizeof(value),
		.type = type,
		.offset = sizeof(p),
	};

	memcpy(at, &p, sizeof(p));
	memcpy(at + sizeof(p), &value, sizeof(value));
	return at + p.size;
}

/**
 * netvsc_build_header - write the header.
 * @to: NETVSC_TX_HEADER bytes, shared with the host: written, never read
 * @info: of the frame, which follows the header at once
 *
 * Return: bytes of the header.
 */
u32 netvsc_build_header(void *to, const struct netvsc_tx_info *info)
{
	struct lis_rndis_packet p = { .hdr.type = LIS_RNDIS_PACKET };
	u8 *start = (u8 *)to + sizeof(p);
	u8 *at = start;

	if (info->has_vlan)
		at = put_info(at, LIS_PPI_VLAN, netvsc_vlan_to_host(info->tci));
	if (info->lso)
		at = put_info(at, LIS_PPI_LSO, info->lso);
	else if (info->csum)
		at = put_info(at, LIS_PPI_CSUM, info->csum);
	p.ppi_length = at - start;
	if (p.ppi_length)
		p.ppi_offset = sizeof(p) - LIS_RNDIS_BODY;
	p.data_offset = sizeof(p) - LIS_RNDIS_BODY + p.ppi_length;
	p.data_length = info->bytes;
	p.hdr.length = sizeof(p) + p.ppi_length + info->bytes;
	memcpy(to, &p, sizeof(p));
	return sizeof(p) + p.ppi_length;
}
