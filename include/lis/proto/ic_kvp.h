/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Integration component "data exchange": key/value pairs and addresses of
 * adapters.  Text is UTF-16, its sizes count bytes and include the NUL.
 * Facts: shared/protocol.md 7.5.
 */
#ifndef LIS_PROTO_IC_KVP_H
#define LIS_PROTO_IC_KVP_H

#include <lis/proto/ic.h>

enum lis_kvp_op {
	LIS_KVP_GET		= 0,
	LIS_KVP_SET		= 1,
	LIS_KVP_DELETE		= 2,
	LIS_KVP_ENUMERATE	= 3,	/* past the end: LIS_IC_E_NO_MORE */
	LIS_KVP_GET_IP		= 4,	/* 4.0 on */
	LIS_KVP_SET_IP		= 5,
	LIS_KVP_OPS
};

enum lis_kvp_pool {
	LIS_KVP_EXTERNAL	= 0,	/* host to guest, kept */
	LIS_KVP_GUEST		= 1,	/* the guest's own */
	LIS_KVP_AUTO		= 2,	/* intrinsic, by index */
	LIS_KVP_AUTO_EXTERNAL	= 3,	/* about the host */
	LIS_KVP_AUTO_INTERNAL	= 4,
	LIS_KVP_POOLS
};

#define LIS_KVP_KEY_MAX		512	/* bytes */
#define LIS_KVP_VALUE_MAX	2048

enum lis_kvp_type {
	LIS_KVP_SZ		= 1,
	LIS_KVP_EXPAND_SZ	= 2,
	LIS_KVP_DWORD		= 4,
	LIS_KVP_QWORD_OLD	= 8,	/* as Linux headers have it */
	LIS_KVP_QWORD		= 11,
};

struct lis_kvp_value {
	__u32 type;		/* enum lis_kvp_type */
	__u32 key_bytes;
	__u32 value_bytes;
	__u8 key[LIS_KVP_KEY_MAX];
	__u8 value[LIS_KVP_VALUE_MAX];
};
LIS_ASSERT_SIZE(struct lis_kvp_value, 2572);

/* Bodies of messages, each from its first byte */
struct lis_kvp_head {
	__u8 op;		/* enum lis_kvp_op */
	__u8 pool;		/* enum lis_kvp_pool */
};

/* LIS_KVP_GET, LIS_KVP_SET */
struct lis_kvp_exchange {
	struct lis_kvp_head head;
	__u16 pad;
	struct lis_kvp_value data;
};
LIS_ASSERT_SIZE(struct lis_kvp_exchange, 2576);

struct lis_kvp_delete {
	struct lis_kvp_head head;
	__u16 pad;
	__u32 key_bytes;
	__u8 key[LIS_KVP_KEY_MAX];
};
LIS_ASSERT_SIZE(struct lis_kvp_delete, 520);

struct lis_kvp_enumerate {
	struct lis_kvp_head head;
	__u16 pad;
	__u32 index;
	struct lis_kvp_value data;
};
LIS_ASSERT_SIZE(struct lis_kvp_enumerate, 2580);
/* What hosts send for any of these */
#define LIS_KVP_MESSAGE_BYTES	2580

#define LIS_KVP_IP_V4		0x1
#define LIS_KVP_IP_V6		0x2

/* Version 4.0: lists are text, separated by ';' */
struct lis_kvp_ip {
	struct lis_kvp_head head;
	__u16 adapter[128];	/* {GUID} or the MAC, as the host knows it */
	__u8 family;		/* LIS_KVP_IP_* */
	__u8 dhcp;
	__u16 addresses[1024];
	__u16 subnets[1024];
	__u16 gateways[512];
	__u16 dns[1024];
};
LIS_ASSERT_SIZE(struct lis_kvp_ip, 7428);

/* Version 5.0, binary; counts say how many of each are meant */
struct lis_kvp_ip_binary {
	struct lis_kvp_head head;
	__u16 pad;
	__u32 v4_addresses, v6_addresses;
	__u32 v4_gateways, v6_gateways;
	__u32 v4_dns_servers, v6_dns_servers;
	__u16 adapter[128];
	__u8 family;
	__u8 dhcp;
	__u16 pad2;
	__u8 v4_address[64][4];
	__u8 v6_address[64][16];
	__u8 v4_subnet[64][4];
	__u32 v6_prefix[64];
	__u8 v4_gateway[5][4];
	__u8 v6_gateway[5][16];
	__u8 v4_dns[64][4];
	__u8 v6_dns[64][16];
	__u16 origin[128];
};
LIS_ASSERT_SIZE(struct lis_kvp_ip_binary, 3716);

#endif
