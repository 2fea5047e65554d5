/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of hv_netvsc that only compute: what the host may say in NVSP and
 * RNDIS messages, building ours, what its offload and RSS abilities mean.  No
 * locks, no kernel objects: tests/unit and tests/fuzz link the same files.
 *
 * Functions that check return NULL, or a sentence that says what is wrong.
 */
#ifndef NETVSC_PURE_H
#define NETVSC_PURE_H

#include <linux/types.h>
#include <lis/proto/netvsp.h>
#include <lis/proto/ring.h>
#include <lis/proto/rndis.h>

#define NETVSC_ETH_HEADER	14u
#define NETVSC_VLAN_TAG		4u
/* Above this, 16-bit lengths would wrap somewhere */
#define NETVSC_MAX_MTU		65521u
#define NETVSC_MAX_MTU_V1	1500u
#define NETVSC_USUAL_FRAME	1514u

/* --- nvsp.c --------------------------------------------------------------- */

/* Versions we speak, newest first; 0 after the last */
u32 netvsc_version(u32 i);
/* Bytes of a message of that version (0: none agreed on yet) */
u32 netvsc_msg_bytes(u32 version);

/* Answers; the host's status goes to @status (LIS_NVSP_STATUS_SUCCESS is
 * good), and nothing else is checked unless it is good.
 */
const char *netvsc_check_init(const void *msg, u32 len, u32 *status);
/* @bytes: of the buffer; @frame: longest frame, header and tag included */
const char *netvsc_check_recv_buf(const void *msg, u32 len, u32 bytes,
				  u32 frame, u32 *status);
const char *netvsc_check_send_buf(const void *msg, u32 len, u32 bytes,
				  u32 *status, u32 *section_bytes);
const char *netvsc_check_subchannels(const void *msg, u32 len, u32 asked,
				     u32 *status, u32 *granted);
/* A packet was taken; the status is only counted. */
const char *netvsc_check_sent(const void *msg, u32 len, u32 *status);
/* Type of any message, or -1 when it is too short for one */
int netvsc_msg_type(const void *msg, u32 len);
/* The host's table of send channels, each below @channels */
const char *netvsc_check_table(const void *msg, u32 len, u32 channels,
			       u16 *table);

/* --- receive.c: RNDIS messages in the receive buffer ----------------------- */

/**
 * struct netvsc_rx_msg - the head of a message, copied out once.
 * @type:	enum lis_rndis_type, completion bit included
 * @length:	of the message: at least a header, within its range
 * @at:		the message in the shared buffer: anything may change there
 * @head:	private copy of its first bytes, type and length made good
 * @head_bytes:	how many
 */
struct netvsc_rx_msg {
	u32 type;
	u32 length;
	const u8 *at;
	struct lis_rndis_packet head;
	u32 head_bytes;
};

/**
 * struct netvsc_frame - a frame that came in, validated.
 * @data:	in the shared buffer: to be copied once
 * @bytes:	an Ethernet header at least, the longest frame at most
 * @csum:	LIS_CSUM_RX_*
 * @tci:	as the kernel has it
 * @has_part:	it is one part of a frame that the host has put together
 * @part_flags:	LIS_PACKET_ID_*
 * @part_id:	the same in all parts
 */
struct netvsc_frame {
	const u8 *data;
	u32 bytes;
	bool has_csum;
	bool has_vlan;
	bool has_hash;
	bool has_part;
	u8 part_flags;
	u16 part_id;
	u32 csum;
	u16 tci;
	u32 hash;
};

/* More than that of per-packet information is no host's */
#define NETVSC_PPI_MAX		256u
/* The longest answer to a request */
#define NETVSC_CONTROL_MAX	2048u

const char *netvsc_rx_open(const u8 *buf, u32 bytes,
			   const struct lis_pkt_xfer_range *range,
			   struct netvsc_rx_msg *m);
const char *netvsc_rx_frame(const struct netvsc_rx_msg *m, u32 longest,
			    struct netvsc_frame *f);
/* Copy a control message, up to NETVSC_CONTROL_MAX bytes; returns how many.
 * @to: that much room, 8-byte aligned.
 */
u32 netvsc_rx_control(const struct netvsc_rx_msg *m, void *to);

/* --- coalesce.c: frames that come in parts --------------------------------- */

#define NETVSC_PARTS_MAX	562u
/* What sixteen bits can say, an Ethernet header and a tag */
#define NETVSC_WHOLE_MAX	(65535u + NETVSC_ETH_HEADER + NETVSC_VLAN_TAG)

/**
 * struct netvsc_parts - the parts of a frame so far.
 * @open:	there is a first part and no last
 * @whole:	@first describes it, with all its bytes; data in @part
 */
struct netvsc_parts {
	bool open;
	u32 count;
	struct netvsc_frame whole;
	struct {
		const u8 *data;
		u32 bytes;
	} part[NETVSC_PARTS_MAX];
};

/* @complete: the frame is all there, and the next part begins another */
const char *netvsc_parts_add(struct netvsc_parts *p,
			     const struct netvsc_frame *f, bool *complete);

/* --- control.c: requests and answers --------------------------------------- */

/* Build into @to, zeroed before as far as needed; return the bytes. */
u32 netvsc_build_initialize(void *to, u32 id);
u32 netvsc_build_halt(void *to, u32 id);
u32 netvsc_build_query(void *to, u32 id, u32 oid, const void *info, u32 bytes,
		       u32 room);
u32 netvsc_build_set(void *to, u32 id, u32 oid, const void *info, u32 bytes);
u32 netvsc_build_keepalive_done(void *to, u32 id);
/* Buffers of requests */
#define NETVSC_MAC_INFO_BYTES	(20 + 28 + 24)
u32 netvsc_build_mac(void *to, const u8 *mac);
#define NETVSC_RSS_INFO_BYTES	\
	(40 + 4 * LIS_NDIS_RSS_TABLE_ENTRIES + LIS_NDIS_RSS_KEY_BYTES)
/* @types: LIS_NDIS_HASH_* of the flows to be told apart by more than addresses */
u32 netvsc_build_rss(void *to, const u32 *table, u32 entries, const u8 *key,
		     u32 types);

/* Request id of an answer (a private copy), or 0 when it is none of ours */
u32 netvsc_answer_id(const void *msg, u32 len);
const char *netvsc_check_initialize(const void *msg, u32 len, u32 *status,
				    u32 *alignment_shift);
/* Where the information is: @info within @msg */
const char *netvsc_check_query(const void *msg, u32 len, u32 *status,
			       const u8 **info, u32 *info_len);
const char *netvsc_check_set(const void *msg, u32 len, u32 *status);
const char *netvsc_check_indicate(const void *msg, u32 len, u32 *status);

/* --- offload.c ------------------------------------------------------------ */

/* What the host can do for us */
#define NETVSC_CAN_TCP4_TX	0x0001
#define NETVSC_CAN_TCP6_TX	0x0002
#define NETVSC_CAN_UDP4_TX	0x0004
#define NETVSC_CAN_UDP6_TX	0x0008
#define NETVSC_CAN_TCP4_RX	0x0010
#define NETVSC_CAN_TCP6_RX	0x0020
#define NETVSC_CAN_UDP4_RX	0x0040
#define NETVSC_CAN_UDP6_RX	0x0080
#define NETVSC_CAN_IP4_RX	0x0100
#define NETVSC_CAN_TSO4		0x0200
#define NETVSC_CAN_TSO6		0x0400
#define NETVSC_CAN_RSC4		0x0800
#define NETVSC_CAN_RSC6		0x1000

/**
 * struct netvsc_offload - the host's offload abilities.
 * @can:	NETVSC_CAN_*
 * @tso_bytes:	the longest packet to be segmented, frame header excluded
 */
struct netvsc_offload {
	u32 can;
	u32 tso_bytes;
};

#define NETVSC_TSO_MIN		4096u
#define NETVSC_TSO_MAX		62780u

const char *netvsc_check_offload(const u8 *info, u32 len,
				 struct netvsc_offload *o);
/* Switch on exactly @can, coalescing only with @coalesce; @v5: the longer form */
u32 netvsc_build_offload(void *to, u32 can, bool v5, bool coalesce);
const char *netvsc_check_rss_caps(const u8 *info, u32 len, u32 *queues,
				  u32 *entries);

/* --- transmit.c ------------------------------------------------------------- */

/**
 * struct netvsc_tx_info - what goes in front of a frame.
 * @bytes:	of the frame
 * @csum:	LIS_CSUM_TX_* with the transport header's offset, or 0
 * @lso:	LIS_LSO_* or 0; not together with @csum
 */
struct netvsc_tx_info {
	u32 bytes;
	u32 csum;
	u32 lso;
	bool has_vlan;
	u16 tci;
};

/* Room for the longest header */
#define NETVSC_TX_HEADER	128u
u32 netvsc_build_header(void *to, const struct netvsc_tx_info *info);

/* Tags: the kernel's 16 bits and the host's 32 */
static inline u32 netvsc_vlan_to_host(u16 tci)
{
	return (tci >> 13) | (tci >> 12 & 1) << 3 | (u32)(tci & 0xfff) << 4;
}

static inline u16 netvsc_vlan_from_host(u32 vlan)
{
	return (vlan & 7) << 13 | (vlan >> 3 & 1) << 12 | (vlan >> 4 & 0xfff);
}

#endif
