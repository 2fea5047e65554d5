// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a guest may set in its NIC: the OIDs of RNDIS SET.
 * Locking: see rndis.h.
 */
#include <stdlib.h>
#include <string.h>

#include "rndis.h"

#define CONFIG_TEXT_MAX	255
#define CONFIG_STRING	2
#define MAC_DIGITS	(2 * NET_MAC_BYTES)

static uint32_t bad(const char **error, const char *what)
{
	*error = what;
	return LIS_RNDIS_STATUS_INVALID_DATA;
}

static uint32_t set_filter(struct rndis *r, const uint8_t *info,
			   uint32_t bytes, const char **error)
{
	const uint32_t known = LIS_NDIS_FILTER_DIRECTED |
		LIS_NDIS_FILTER_MULTICAST | LIS_NDIS_FILTER_ALL_MULTICAST |
		LIS_NDIS_FILTER_BROADCAST | LIS_NDIS_FILTER_PROMISCUOUS;
	uint32_t filter;

	if (bytes != sizeof(filter))
		return bad(error, "SET packet filter: size");
	memcpy(&filter, info, sizeof(filter));
	if (filter & ~known)
		return bad(error, "SET packet filter: unknown bits");
	atomic_store(&r->filter, filter);
	return LIS_RNDIS_STATUS_SUCCESS;
}

static uint32_t set_multicast(struct rndis *r, const uint8_t *info,
			      uint32_t bytes, const char **error)
{
	if (bytes % NET_MAC_BYTES || bytes > sizeof(r->multicast))
		return bad(error, "SET multicast list: size");
	for (uint32_t at = 0; at < bytes; at += NET_MAC_BYTES)
		if (!(info[at] & 1))
			return bad(error, "SET multicast list: unicast address");
	memcpy(r->multicast, info, bytes);
	r->multicast_count = bytes / NET_MAC_BYTES;
	return LIS_RNDIS_STATUS_SUCCESS;
}

/* --- offload parameters --------------------------------------------------- */

static unsigned int switched(unsigned int offloads, uint8_t value,
			     unsigned int bit)
{
	unsigned int tx = bit, rx = bit << OFFLOAD_RX_SHIFT;

	switch (value) {
	case LIS_NDIS_PARAM_OFF:
		return offloads & ~(tx | rx);
	case LIS_NDIS_PARAM_TX:
		return (offloads | tx) & ~rx;
	case LIS_NDIS_PARAM_RX:
		return (offloads | rx) & ~tx;
	case LIS_NDIS_PARAM_BOTH:
		return offloads | tx | rx;
	}
	return offloads;
}

static unsigned int switched_lso(unsigned int offloads, uint8_t value,
				 unsigned int bit)
{
	if (value == LIS_NDIS_PARAM_ON)
		return offloads | bit;
	return value == LIS_NDIS_PARAM_OFF ? offloads & ~bit : offloads;
}

static const char *params_error(const struct rndis *r,
				const struct lis_ndis_offload_params *p,
				uint32_t bytes)
{
	const uint8_t *csum = &p->ip4_csum;

	if (p->hdr.type != LIS_NDIS_TYPE_DEFAULT || p->hdr.size > bytes ||
	    p->hdr.size < LIS_NDIS_PARAMS_BYTES_1 || !p->hdr.revision)
		return "SET offload parameters: object header";
	for (unsigned int i = 0; i < 5; i++)
		if (csum[i] > LIS_NDIS_PARAM_BOTH)
			return "SET offload parameters: checksum value";
	if (p->lso4 > LIS_NDIS_PARAM_ON || p->lso6 > LIS_NDIS_PARAM_ON)
		return "SET offload parameters: LSO value";
	if (p->rsc4 > LIS_NDIS_PARAM_ON || p->rsc6 > LIS_NDIS_PARAM_ON)
		return "SET offload parameters: RSC value";
	if (!r->rsc && (p->rsc4 == LIS_NDIS_PARAM_ON ||
			p->rsc6 == LIS_NDIS_PARAM_ON))
		return "SET offload parameters: RSC was not agreed on";
	return NULL;
}

static uint32_t set_offload(struct rndis *r, const uint8_t *info,
			    uint32_t bytes, const char **error)
{
	static const unsigned int bits[] = {
		OFFLOAD_TX_IP4, OFFLOAD_TX_TCP4, OFFLOAD_TX_UDP4,
		OFFLOAD_TX_TCP6, OFFLOAD_TX_UDP6,
	};
	unsigned int on = atomic_load(&r->offloads);
	struct lis_ndis_offload_params p = { 0 };
	const uint8_t *csum = &p.ip4_csum;
	const char *wrong;

	if (bytes < LIS_NDIS_PARAMS_BYTES_1)
		return bad(error, "SET offload parameters: size");
	memcpy(&p, info, bytes < sizeof(p) ? bytes : sizeof(p));
	wrong = params_error(r, &p, bytes);
	if (wrong)
		return bad(error, wrong);
	for (unsigned int i = 0; i < 5; i++)
		on = switched(on, csum[i], bits[i]);
	on = switched_lso(on, p.lso4, OFFLOAD_LSO4);
	on = switched_lso(on, p.lso6, OFFLOAD_LSO6);
	on = switched_lso(on, p.rsc4, OFFLOAD_RSC4);
	on = switched_lso(on, p.rsc6, OFFLOAD_RSC6);
	/* A back end that does no work cannot be told to */
	if (!r->offload)
		on &= ((1 << OFFLOAD_RX_SHIFT) - 1) << OFFLOAD_RX_SHIFT;
	atomic_store(&r->offloads, on);
	return LIS_RNDIS_STATUS_SUCCESS;
}

static uint32_t set_encapsulation(const uint8_t *info, uint32_t bytes,
				  const char **error)
{
	struct lis_ndis_hdr hdr;

	if (bytes < 28)
		return bad(error, "SET encapsulation: size");
	memcpy(&hdr, info, sizeof(hdr));
	if (hdr.type != LIS_NDIS_TYPE_ENCAPSULATION)
		return bad(error, "SET encapsulation: object header");
	return LIS_RNDIS_STATUS_SUCCESS;
}

/* --- RSS ------------------------------------------------------------------ */

static bool part_inside(uint32_t offset, uint32_t size, uint32_t bytes)
{
	return offset >= sizeof(struct lis_ndis_rss_params) &&
	       offset <= bytes && size <= bytes - offset;
}

static const char *take_table(const struct rndis *r, struct rndis_rss *rss,
			      const struct lis_ndis_rss_params *p,
			      const uint8_t *info, uint32_t bytes)
{
	uint32_t entries = p->table_bytes / 4;

	if (!entries || p->table_bytes % 4 ||
	    entries > LIS_NDIS_RSS_TABLE_ENTRIES || entries & (entries - 1))
		return "SET RSS parameters: table size";
	if (!part_inside(p->table_offset, p->table_bytes, bytes))
		return "SET RSS parameters: table outside of the message";
	for (uint32_t i = 0; i < entries; i++) {
		uint32_t queue;

		memcpy(&queue, info + p->table_offset + 4 * i, sizeof(queue));
		if (queue >= r->queues)
			return "SET RSS parameters: table names a queue that there is not";
		rss->table[i] = queue;
	}
	rss->entries = entries;
	return NULL;
}

static const char *take_key(struct rndis_rss *rss,
			    const struct lis_ndis_rss_params *p,
			    const uint8_t *info, uint32_t bytes)
{
	if (p->key_bytes != LIS_NDIS_RSS_KEY_BYTES)
		return "SET RSS parameters: key size";
	if (!part_inside(p->key_offset, p->key_bytes, bytes))
		return "SET RSS parameters: key outside of the message";
	memcpy(rss->key, info + p->key_offset, p->key_bytes);
	return NULL;
}

static uint32_t set_rss(struct rndis *r, const uint8_t *info, uint32_t bytes,
			const char **error)
{
	struct rndis_rss rss = r->hash;
	struct lis_ndis_rss_params p;
	const char *wrong = NULL;

	if (!r->rss)
		return LIS_RNDIS_STATUS_NOT_SUPPORTED;
	if (bytes < sizeof(p))
		return bad(error, "SET RSS parameters: size");
	memcpy(&p, info, sizeof(p));
	if (p.hdr.type != LIS_NDIS_TYPE_RSS_PARAMETERS || !p.hdr.revision)
		return bad(error, "SET RSS parameters: object header");
	if (!(p.flags & LIS_NDIS_RSS_SAME_HASH))
		rss.types = p.hash;
	rss.on = !(p.flags & LIS_NDIS_RSS_DISABLE) &&
		 rss.types & LIS_NDIS_HASH_TOEPLITZ;
	if (rss.on && !(p.flags & LIS_NDIS_RSS_SAME_TABLE))
		wrong = take_table(r, &rss, &p, info, bytes);
	if (rss.on && !wrong && !(p.flags & LIS_NDIS_RSS_SAME_KEY))
		wrong = take_key(&rss, &p, info, bytes);
	if (!wrong && rss.on && !rss.entries)
		wrong = "SET RSS parameters: no table to keep";
	if (wrong)
		return bad(error, wrong);
	r->hash = rss;
	return LIS_RNDIS_STATUS_SUCCESS;
}

/* --- named parameters ----------------------------------------------------- */

/* UTF-16 that has to be plain ASCII; false: it is not, or is too long. */
static bool take_text(char *to, const uint8_t *info, uint32_t bytes,
		      uint32_t offset, uint32_t length)
{
	uint32_t n = length / 2;

	if (offset < sizeof(struct lis_rndis_config) || offset > bytes ||
	    length > bytes - offset || length % 2 || n > CONFIG_TEXT_MAX)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		if (info[offset + 2 * i + 1] || info[offset + 2 * i] > 126)
			return false;
		to[i] = info[offset + 2 * i];
	}
	to[n] = 0;
	return true;
}

static bool parse_mac(const char *text, uint8_t *mac)
{
	if (strlen(text) != MAC_DIGITS ||
	    strspn(text, "0123456789abcdefABCDEF") != MAC_DIGITS)
		return false;
	for (unsigned int i = 0; i < NET_MAC_BYTES; i++) {
		const char digits[] = { text[2 * i], text[2 * i + 1], 0 };

		mac[i] = strtoul(digits, NULL, 16);
	}
	return !(mac[0] & 1);
}

static uint32_t set_config(struct rndis *r, const uint8_t *info,
			   uint32_t bytes, const char **error)
{
	char name[CONFIG_TEXT_MAX + 1], value[CONFIG_TEXT_MAX + 1];
	struct lis_rndis_config c;
	uint8_t mac[NET_MAC_BYTES];

	if (bytes < sizeof(c))
		return bad(error, "SET parameter: size");
	memcpy(&c, info, sizeof(c));
	if (!take_text(name, info, bytes, c.name_offset, c.name_length))
		return bad(error, "SET parameter: name");
	if (strcmp(name, "NetworkAddress"))
		return LIS_RNDIS_STATUS_NOT_SUPPORTED;
	if (c.type != CONFIG_STRING ||
	    !take_text(value, info, bytes, c.value_offset, c.value_length) ||
	    !parse_mac(value, mac))
		return bad(error, "SET parameter NetworkAddress: value");
	memcpy(r->mac, mac, sizeof(mac));
	return LIS_RNDIS_STATUS_SUCCESS;
}

uint32_t rndis_set(struct rndis *r, uint32_t oid, const uint8_t *info,
		   uint32_t bytes, const char **error)
{
	switch (oid) {
	case LIS_OID_PACKET_FILTER:
		return set_filter(r, info, bytes, error);
	case LIS_OID_MULTICAST_LIST:
		return set_multicast(r, info, bytes, error);
	case LIS_OID_OFFLOAD_PARAMETERS:
		return set_offload(r, info, bytes, error);
	case LIS_OID_ENCAPSULATION:
		return set_encapsulation(info, bytes, error);
	case LIS_OID_RSS_PARAMETERS:
		return set_rss(r, info, bytes, error);
	case LIS_OID_RNDIS_CONFIG:
		return set_config(r, info, bytes, error);
	}
	return LIS_RNDIS_STATUS_NOT_SUPPORTED;
}
