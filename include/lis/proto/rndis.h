/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RNDIS messages, OIDs and NDIS objects, as they travel in the shared buffers
 * of a synthetic NIC.
 * Facts: shared/protocol.md 5.5-5.7.  Offsets in message bodies count from
 * the body's start, which is byte 8 of the message.
 */
#ifndef LIS_PROTO_RNDIS_H
#define LIS_PROTO_RNDIS_H

#include <lis/proto/types.h>

#define LIS_RNDIS_COMPLETION	0x80000000u	/* set in the type of answers */

enum lis_rndis_type {
	LIS_RNDIS_PACKET	= 1,
	LIS_RNDIS_INITIALIZE	= 2,
	LIS_RNDIS_HALT		= 3,
	LIS_RNDIS_QUERY		= 4,
	LIS_RNDIS_SET		= 5,
	LIS_RNDIS_RESET		= 6,
	LIS_RNDIS_INDICATE	= 7,
	LIS_RNDIS_KEEPALIVE	= 8,
	LIS_RNDIS_SET_EX	= 9,
};

#define LIS_RNDIS_STATUS_SUCCESS	0x00000000u
#define LIS_RNDIS_STATUS_FAILURE	0xc0000001u
#define LIS_RNDIS_STATUS_BAD_VERSION	0xc0010004u
#define LIS_RNDIS_STATUS_INVALID_DATA	0xc0010015u
#define LIS_RNDIS_STATUS_TOO_SHORT	0xc0010016u
#define LIS_RNDIS_STATUS_NOT_SUPPORTED	0xc00000bbu

/* Indications */
#define LIS_RNDIS_MEDIA_CONNECT		0x4001000bu
#define LIS_RNDIS_MEDIA_DISCONNECT	0x4001000cu
#define LIS_RNDIS_LINK_SPEED_CHANGE	0x40010013u
#define LIS_RNDIS_NETWORK_CHANGE	0x40010018u
#define LIS_RNDIS_OFFLOAD_CONFIG	0x40020006u

struct lis_rndis_hdr {
	__u32 type;		/* enum lis_rndis_type */
	__u32 length;		/* of the message, this header included */
};

#define LIS_RNDIS_BODY	8	/* where offsets count from */

struct lis_rndis_packet {
	struct lis_rndis_hdr hdr;
	__u32 data_offset;
	__u32 data_length;
	__u32 oob_offset;	/* out-of-band data: never */
	__u32 oob_length;
	__u32 oob_count;
	__u32 ppi_offset;
	__u32 ppi_length;
	__u32 vc_handle;
	__u32 reserved;
};
LIS_ASSERT_SIZE(struct lis_rndis_packet, 44);

struct lis_rndis_initialize {
	struct lis_rndis_hdr hdr;
	__u32 request_id;
	__u32 major;		/* 1 */
	__u32 minor;		/* 0 */
	__u32 max_transfer;
};
LIS_ASSERT_SIZE(struct lis_rndis_initialize, 24);

struct lis_rndis_initialize_done {
	struct lis_rndis_hdr hdr;
	__u32 request_id;
	__u32 status;
	__u32 major;
	__u32 minor;
	__u32 device_flags;	/* 1: connectionless */
	__u32 medium;		/* 0: 802.3 */
	__u32 max_packets;	/* in one message to the host */
	__u32 max_transfer;
	__u32 alignment_shift;
	__u32 af_list_offset;
	__u32 af_list_length;
};
LIS_ASSERT_SIZE(struct lis_rndis_initialize_done, 52);

struct lis_rndis_halt {
	struct lis_rndis_hdr hdr;
	__u32 request_id;
};

/* QUERY, SET and SET_EX */
struct lis_rndis_request {
	struct lis_rndis_hdr hdr;
	__u32 request_id;
	__u32 oid;
	__u32 info_length;
	__u32 info_offset;
	__u32 vc_handle;
};
LIS_ASSERT_SIZE(struct lis_rndis_request, 28);

struct lis_rndis_query_done {
	struct lis_rndis_hdr hdr;
	__u32 request_id;
	__u32 status;
	__u32 info_length;
	__u32 info_offset;
};
LIS_ASSERT_SIZE(struct lis_rndis_query_done, 24);

/* Answer to SET and KEEPALIVE */
struct lis_rndis_done {
	struct lis_rndis_hdr hdr;
	__u32 request_id;
	__u32 status;
};
LIS_ASSERT_SIZE(struct lis_rndis_done, 16);

struct lis_rndis_keepalive {
	struct lis_rndis_hdr hdr;
	__u32 request_id;
};

struct lis_rndis_indicate {
	struct lis_rndis_hdr hdr;
	__u32 status;
	__u32 length;
	__u32 offset;		/* 12, or 0 without a buffer */
};
LIS_ASSERT_SIZE(struct lis_rndis_indicate, 20);

/* --- OIDs ----------------------------------------------------------------- */

#define LIS_OID_SUPPORTED_LIST		0x00010101u
#define LIS_OID_HARDWARE_STATUS		0x00010102u
#define LIS_OID_MEDIA_SUPPORTED		0x00010103u
#define LIS_OID_MEDIA_IN_USE		0x00010104u
#define LIS_OID_MAX_FRAME_SIZE		0x00010106u
#define LIS_OID_LINK_SPEED		0x00010107u	/* 100 bit/s */
#define LIS_OID_VENDOR_ID		0x0001010cu
#define LIS_OID_VENDOR_DESCRIPTION	0x0001010du
#define LIS_OID_PACKET_FILTER		0x0001010eu
#define LIS_OID_MAX_TOTAL_SIZE		0x00010111u
#define LIS_OID_MEDIA_CONNECT		0x00010114u
#define LIS_OID_XMIT_OK			0x00020101u
#define LIS_OID_RCV_OK			0x00020102u
#define LIS_OID_XMIT_ERROR		0x00020103u
#define LIS_OID_RCV_ERROR		0x00020104u
#define LIS_OID_RCV_NO_BUFFER		0x00020105u
#define LIS_OID_RSS_CAPABILITIES	0x00010203u
#define LIS_OID_RSS_PARAMETERS		0x00010204u
#define LIS_OID_MAX_LINK_SPEED		0x00010206u
#define LIS_OID_LINK_STATE		0x00010207u
#define LIS_OID_RNDIS_CONFIG		0x0001021bu
#define LIS_OID_PERMANENT_MAC		0x01010101u
#define LIS_OID_CURRENT_MAC		0x01010102u
#define LIS_OID_MULTICAST_LIST		0x01010103u
#define LIS_OID_MULTICAST_MAX		0x01010104u
#define LIS_OID_ENCAPSULATION		0x0101010au
#define LIS_OID_OFFLOAD_CONFIG		0xfc01020bu	/* what is on */
#define LIS_OID_OFFLOAD_PARAMETERS	0xfc01020cu
#define LIS_OID_OFFLOAD_CAPABILITIES	0xfc01020du	/* what could be */

#define LIS_NDIS_FILTER_DIRECTED	0x01
#define LIS_NDIS_FILTER_MULTICAST	0x02
#define LIS_NDIS_FILTER_ALL_MULTICAST	0x04
#define LIS_NDIS_FILTER_BROADCAST	0x08
#define LIS_NDIS_FILTER_PROMISCUOUS	0x20

#define LIS_NDIS_CONNECTED		0
#define LIS_NDIS_DISCONNECTED		1

/* --- NDIS objects --------------------------------------------------------- */

struct lis_ndis_hdr {
	__u8 type;		/* LIS_NDIS_TYPE_* */
	__u8 revision;
	__u16 size;
};

#define LIS_NDIS_TYPE_DEFAULT		0x80
#define LIS_NDIS_TYPE_OFFLOAD		0xa7
#define LIS_NDIS_TYPE_ENCAPSULATION	0xa8
#define LIS_NDIS_TYPE_RSS_CAPABILITIES	0x88
#define LIS_NDIS_TYPE_RSS_PARAMETERS	0x89

#define LIS_NDIS_ENCAP_8023		2

/* Two bits for each ability, 1 = supported; v6 has no IP checksum. */
#define LIS_NDIS_CSUM_IP_OPTIONS	(1u << 0)
#define LIS_NDIS_CSUM_TCP_OPTIONS	(1u << 2)
#define LIS_NDIS_CSUM_TCP		(1u << 4)
#define LIS_NDIS_CSUM_UDP		(1u << 6)
#define LIS_NDIS_CSUM_IP		(1u << 8)

struct lis_ndis_csum {
	__u32 encapsulation;
	__u32 flags;		/* LIS_NDIS_CSUM_* */
};

struct lis_ndis_lso2 {
	__u32 encapsulation;
	__u32 max_bytes;
	__u32 min_segments;
};

struct lis_ndis_offload {
	struct lis_ndis_hdr hdr;
	struct lis_ndis_csum tx4;
	struct lis_ndis_csum rx4;
	struct lis_ndis_csum tx6;
	struct lis_ndis_csum rx6;
	__u8 lso1[16];
	__u8 ipsec1[28];
	struct lis_ndis_lso2 lso4;
	struct lis_ndis_lso2 lso6;
	__u32 lso6_flags;	/* bit 0: extension headers, 2: TCP options */
	__u32 flags;
	__u8 ipsec2[32];
	__u8 rsc4;
	__u8 rsc6;
	__u8 padding[2];
	__u8 gre[8];
};
LIS_ASSERT_SIZE(struct lis_ndis_offload, 156);
#define LIS_NDIS_OFFLOAD_BYTES_1	112	/* revision 1 */
#define LIS_NDIS_OFFLOAD_BYTES_3	156
#define LIS_NDIS_LSO6_EXT		(1u << 0)
#define LIS_NDIS_LSO6_TCP_OPTIONS	(1u << 2)

/* Checksums: 0 as it was, 1 off, 2 send, 3 receive, 4 both */
#define LIS_NDIS_PARAM_KEEP		0
#define LIS_NDIS_PARAM_OFF		1
#define LIS_NDIS_PARAM_TX		2
#define LIS_NDIS_PARAM_RX		3
#define LIS_NDIS_PARAM_BOTH		4
/* LSO, RSC: 0 as it was, 1 off, 2 on */
#define LIS_NDIS_PARAM_ON		2

struct lis_ndis_offload_params {
	struct lis_ndis_hdr hdr;
	__u8 ip4_csum;
	__u8 tcp4_csum;
	__u8 udp4_csum;
	__u8 tcp6_csum;
	__u8 udp6_csum;
	__u8 lso1;
	__u8 ipsec1;
	__u8 lso4;
	__u8 lso6;
	__u8 tcp_connection4;
	__u8 tcp_connection6;
	__u8 padding;
	__u32 flags;
	/* revision 3 */
	__u8 ipsec2;
	__u8 ipsec2_4;
	__u8 rsc4;
	__u8 rsc6;
	__u8 encapsulation;
	__u8 encapsulation_types;
	__u8 padding2[2];
};
LIS_ASSERT_SIZE(struct lis_ndis_offload_params, 28);
#define LIS_NDIS_PARAMS_BYTES_1		20
#define LIS_NDIS_PARAMS_BYTES_3		28

struct lis_ndis_rss_caps {
	struct lis_ndis_hdr hdr;
	__u32 flags;
	__u32 messages;
	__u32 queues;
	__u16 table_entries;
	__u16 padding;		/* not counted in hdr.size: 18 */
};
LIS_ASSERT_SIZE(struct lis_ndis_rss_caps, 20);
#define LIS_NDIS_RSS_CAPS_BYTES		18
#define LIS_NDIS_RSS_CAP_TCP4		0x100
#define LIS_NDIS_RSS_CAP_TCP6		0x200
#define LIS_NDIS_RSS_CAP_TCP6_EXT	0x400
#define LIS_NDIS_RSS_CAP_UDP4		0x800

#define LIS_NDIS_RSS_TABLE_ENTRIES	128
#define LIS_NDIS_RSS_KEY_BYTES		40

#define LIS_NDIS_RSS_SAME_CPU		0x01
#define LIS_NDIS_RSS_SAME_HASH		0x02
#define LIS_NDIS_RSS_SAME_TABLE		0x04
#define LIS_NDIS_RSS_SAME_KEY		0x08
#define LIS_NDIS_RSS_DISABLE		0x10

/* lis_ndis_rss_params.hash: function (1, Toeplitz) and types */
#define LIS_NDIS_HASH_TOEPLITZ		0x00000001u
#define LIS_NDIS_HASH_IP4		0x00000100u
#define LIS_NDIS_HASH_TCP4		0x00000200u
#define LIS_NDIS_HASH_IP6		0x00000400u
#define LIS_NDIS_HASH_TCP6		0x00001000u
#define LIS_NDIS_HASH_UDP4		0x00004000u
#define LIS_NDIS_HASH_UDP6		0x00008000u

struct lis_ndis_rss_params {
	struct lis_ndis_hdr hdr;
	__u16 flags;		/* LIS_NDIS_RSS_* */
	__u16 base_cpu;
	__u32 hash;		/* LIS_NDIS_HASH_* */
	__u16 table_bytes;
	__u16 padding;
	__u32 table_offset;	/* from the start of this object */
	__u16 key_bytes;
	__u16 padding2;
	__u32 key_offset;
	__u32 masks_offset;
	__u32 masks_count;
	__u32 mask_bytes;
};
LIS_ASSERT_SIZE(struct lis_ndis_rss_params, 40);

/* --- RNDIS_CONFIG: one parameter by its name, in UTF-16 ------------------- */

struct lis_rndis_config {
	__u32 name_offset;	/* from the start of this structure */
	__u32 name_length;
	__u32 type;		/* 0 integer, 2 string */
	__u32 value_offset;
	__u32 value_length;
};
LIS_ASSERT_SIZE(struct lis_rndis_config, 20);

/* --- per-packet information ----------------------------------------------- */

struct lis_rndis_ppi {
	__u32 size;		/* this header included */
	__u32 type;		/* LIS_PPI_* */
	__u32 offset;		/* of the data, from here: 12 */
};
LIS_ASSERT_SIZE(struct lis_rndis_ppi, 12);

#define LIS_PPI_INTERNAL	0x80000000u	/* in the type */
#define LIS_PPI_CSUM		0
#define LIS_PPI_IPSEC		1
#define LIS_PPI_LSO		2
#define LIS_PPI_VLAN		6
#define LIS_PPI_HASH		9
#define LIS_PPI_PACKET_ID	(LIS_PPI_INTERNAL | 1)

/* Sent */
#define LIS_CSUM_TX_IP4		(1u << 0)
#define LIS_CSUM_TX_IP6		(1u << 1)
#define LIS_CSUM_TX_TCP		(1u << 2)
#define LIS_CSUM_TX_UDP		(1u << 3)
#define LIS_CSUM_TX_IP_HDR	(1u << 4)
#define LIS_CSUM_TX_HDR_SHIFT	16
#define LIS_CSUM_TX_HDR_MASK	0x3ffu
/* Received */
#define LIS_CSUM_RX_TCP_BAD	(1u << 0)
#define LIS_CSUM_RX_UDP_BAD	(1u << 1)
#define LIS_CSUM_RX_IP_BAD	(1u << 2)
#define LIS_CSUM_RX_TCP_OK	(1u << 3)
#define LIS_CSUM_RX_UDP_OK	(1u << 4)
#define LIS_CSUM_RX_IP_OK	(1u << 5)

#define LIS_LSO_MSS_MASK	0xfffffu
#define LIS_LSO_HDR_SHIFT	20
#define LIS_LSO_HDR_MASK	0x3ffu
#define LIS_LSO_V2		(1u << 30)
#define LIS_LSO_IP6		(1u << 31)

#define LIS_VLAN_PRIORITY_MASK	0x7u
#define LIS_VLAN_DEI		(1u << 3)
#define LIS_VLAN_ID_SHIFT	4
#define LIS_VLAN_ID_MASK	0xfffu

struct lis_ppi_packet_id {
	__u8 version;		/* 1 */
	__u8 flags;		/* LIS_PACKET_ID_* */
	__u16 id;
};
#define LIS_PACKET_ID_SUBALLOC	0x1
#define LIS_PACKET_ID_FIRST	0x2
#define LIS_PACKET_ID_LAST	0x4

#endif
