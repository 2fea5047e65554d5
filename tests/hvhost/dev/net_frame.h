/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ethernet frames as the network device looks at them: where the headers are,
 * whether checksums hold, which queue the frame belongs to.
 * Locking: none, no state.
 */
#ifndef HVHOST_NET_FRAME_H
#define HVHOST_NET_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#define NET_MAC_BYTES	6
#define NET_ETH_BYTES	14
#define NET_VLAN_BYTES	4
#define NET_TCP		6
#define NET_UDP		17

struct net_frame {
	uint8_t *data;
	uint32_t bytes;
	uint8_t version;	/* 4, 6, or 0: not IP, or cut short */
	uint8_t protocol;	/* of what follows the IP headers */
	bool fragment;		/* then there is no transport header */
	uint16_t l3;		/* offsets in the frame */
	uint16_t l4;		/* 0: no complete TCP or UDP header */
	uint16_t payload;	/* behind it */
	uint32_t l4_bytes;	/* header and payload, by the IP length */
};

/* The frame has at least an Ethernet header. */
void net_frame_parse(struct net_frame *f, uint8_t *data, uint32_t bytes);

/* Folded ones' complement sum, not inverted */
uint16_t net_sum(const void *data, uint32_t bytes, uint32_t sum);
/* Sum of the pseudo header of @f for @bytes of transport data */
uint16_t net_pseudo_sum(const struct net_frame *f, uint32_t bytes);
/* Where the transport checksum is; @f has an l4 */
uint16_t net_l4_checksum_at(const struct net_frame *f);

bool net_ip_checksum_ok(const struct net_frame *f);
bool net_l4_checksum_ok(const struct net_frame *f);
/* Compute the IPv4 header's checksum. */
void net_ip_checksum_set(struct net_frame *f);

/* @types: LIS_NDIS_HASH_*; false: none of them applies to @f. */
bool net_toeplitz(const struct net_frame *f, const uint8_t *key,
		  uint32_t types, uint32_t *hash);

static inline uint16_t net_be16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static inline void net_put_be16(uint8_t *p, uint16_t n)
{
	p[0] = n >> 8;
	p[1] = n;
}

#endif
