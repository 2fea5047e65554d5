// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading Ethernet, IP, TCP and UDP headers; checksums; the Toeplitz hash.
 * Locking: none, no state.
 */
#include "net_frame.h"

#include <string.h>

#include <lis/proto/rndis.h>

#define ETH_IP4		0x0800
#define ETH_IP6		0x86dd
#define ETH_VLAN	0x8100
#define IP4_BYTES	20
#define IP6_BYTES	40
#define TCP_BYTES	20
#define UDP_BYTES	8
#define IP6_EXT_MAX	8	/* extension headers followed */

/* IPv6 next headers that have others behind them */
#define EXT_HOP_BY_HOP	0
#define EXT_ROUTING	43
#define EXT_FRAGMENT	44
#define EXT_OPTIONS	60

static bool holds(const struct net_frame *f, uint32_t at, uint32_t bytes)
{
	return at <= f->bytes && bytes <= f->bytes - at;
}

static void find_l4(struct net_frame *f, uint32_t at, uint32_t bytes)
{
	uint32_t header;

	if (f->fragment || !holds(f, at, UDP_BYTES))
		return;
	if (f->protocol == NET_UDP) {
		header = UDP_BYTES;
	} else if (f->protocol == NET_TCP && holds(f, at, TCP_BYTES)) {
		header = (f->data[at + 12] >> 4) * 4;
		if (header < TCP_BYTES || !holds(f, at, header))
			return;
	} else {
		return;
	}
	f->l4 = at;
	f->payload = at + header;
	f->l4_bytes = bytes;
}

static void parse_ip4(struct net_frame *f)
{
	const uint8_t *ip = f->data + f->l3;
	uint32_t header, total;

	if (!holds(f, f->l3, IP4_BYTES) || ip[0] >> 4 != 4)
		return;
	header = (ip[0] & 0xf) * 4;
	if (header < IP4_BYTES || !holds(f, f->l3, header))
		return;
	f->version = 4;
	f->protocol = ip[9];
	f->fragment = net_be16(ip + 6) & 0x3fff;
	total = net_be16(ip + 2);
	find_l4(f, f->l3 + header, total > header ? total - header : 0);
}

static void parse_ip6(struct net_frame *f)
{
	const uint8_t *ip = f->data + f->l3;
	uint32_t at = f->l3 + IP6_BYTES, end;

	if (!holds(f, f->l3, IP6_BYTES) || ip[0] >> 4 != 6)
		return;
	f->version = 6;
	f->protocol = ip[6];
	end = at + net_be16(ip + 4);
	for (unsigned int i = 0; i < IP6_EXT_MAX; i++) {
		uint8_t kind = f->protocol;

		if (kind != EXT_HOP_BY_HOP && kind != EXT_ROUTING &&
		    kind != EXT_FRAGMENT && kind != EXT_OPTIONS)
			break;
		if (!holds(f, at, 8))
			return;
		f->protocol = f->data[at];
		if (kind == EXT_FRAGMENT) {
			f->fragment = true;
			at += 8;
		} else {
			at += (f->data[at + 1] + 1u) * 8;
		}
	}
	find_l4(f, at, end > at ? end - at : 0);
}

void net_frame_parse(struct net_frame *f, uint8_t *data, uint32_t bytes)
{
	uint16_t type;

	memset(f, 0, sizeof(*f));
	f->data = data;
	f->bytes = bytes;
	f->l3 = NET_ETH_BYTES;
	type = net_be16(data + 12);
	if (type == ETH_VLAN && holds(f, 16, 2)) {
		type = net_be16(data + 16);
		f->l3 += NET_VLAN_BYTES;
	}
	if (type == ETH_IP4)
		parse_ip4(f);
	else if (type == ETH_IP6)
		parse_ip6(f);
}

/* --- checksums ------------------------------------------------------------ */

uint16_t net_sum(const void *data, uint32_t bytes, uint32_t sum)
{
	const uint8_t *p = data;
	uint64_t wide = sum;

	for (; bytes > 1; bytes -= 2, p += 2)
		wide += net_be16(p);
	if (bytes)
		wide += *p << 8;
	while (wide >> 16)
		wide = (wide & 0xffff) + (wide >> 16);
	return wide;
}

uint16_t net_pseudo_sum(const struct net_frame *f, uint32_t bytes)
{
	const uint8_t *ip = f->data + f->l3;
	uint32_t sum = f->protocol + (bytes >> 16) + (bytes & 0xffff);

	return f->version == 4 ? net_sum(ip + 12, 8, sum) :
				 net_sum(ip + 8, 32, sum);
}

uint16_t net_l4_checksum_at(const struct net_frame *f)
{
	return f->l4 + (f->protocol == NET_TCP ? 16 : 6);
}

static uint32_t ip4_header_bytes(const struct net_frame *f)
{
	return (f->data[f->l3] & 0xf) * 4;
}

bool net_ip_checksum_ok(const struct net_frame *f)
{
	return f->version != 4 ||
	       net_sum(f->data + f->l3, ip4_header_bytes(f), 0) == 0xffff;
}

void net_ip_checksum_set(struct net_frame *f)
{
	uint8_t *sum = f->data + f->l3 + 10;

	net_put_be16(sum, 0);
	net_put_be16(sum, ~net_sum(f->data + f->l3, ip4_header_bytes(f), 0));
}

bool net_l4_checksum_ok(const struct net_frame *f)
{
	uint32_t least = f->payload - f->l4;

	if (f->l4_bytes < least || !holds(f, f->l4, f->l4_bytes))
		return false;
	if (f->protocol == NET_UDP && f->version == 4 &&
	    !net_be16(f->data + net_l4_checksum_at(f)))
		return true;	/* the sender made none */
	return net_sum(f->data + f->l4, f->l4_bytes,
		       net_pseudo_sum(f, f->l4_bytes)) == 0xffff;
}

/* --- hash ----------------------------------------------------------------- */

/* Each input bit that is set adds the 32 bits of the key that begin there. */
static uint32_t toeplitz(const uint8_t *key, const uint8_t *in, uint32_t bytes)
{
	uint32_t window = (uint32_t)key[0] << 24 | key[1] << 16 | key[2] << 8 |
			  key[3];
	uint32_t hash = 0;

	for (uint32_t i = 0; i < bytes; i++)
		for (int bit = 7; bit >= 0; bit--) {
			if (in[i] >> bit & 1)
				hash ^= window;
			window = window << 1 | (key[i + 4] >> bit & 1);
		}
	return hash;
}

static bool with_ports(const struct net_frame *f, uint32_t types)
{
	bool four = f->version == 4;

	if (!f->l4)
		return false;
	if (f->protocol == NET_TCP)
		return types & (four ? LIS_NDIS_HASH_TCP4 : LIS_NDIS_HASH_TCP6);
	return types & (four ? LIS_NDIS_HASH_UDP4 : LIS_NDIS_HASH_UDP6);
}

bool net_toeplitz(const struct net_frame *f, const uint8_t *key,
		  uint32_t types, uint32_t *hash)
{
	uint32_t bytes = f->version == 4 ? 8 : 32;
	uint8_t in[36];

	if (!f->version)
		return false;
	memcpy(in, f->data + f->l3 + (f->version == 4 ? 12 : 8), bytes);
	if (with_ports(f, types)) {
		memcpy(in + bytes, f->data + f->l4, 4);
		bytes += 4;
	} else if (!(types & (f->version == 4 ? LIS_NDIS_HASH_IP4 :
						LIS_NDIS_HASH_IP6))) {
		return false;
	}
	*hash = toeplitz(key, in, bytes);
	return true;
}
