/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside hv_netvsc: a NIC, its channels, locks.
 *
 * lock              | kind     | protects                          | order
 * ------------------+----------+-----------------------------------+------
 * RTNL              | mutex    | connecting, closing, settings     | 1
 * nic->ctl.mutex    | mutex    | control requests, nic->connected, | 2
 *                   |          | ctl.page                          |
 * nic->ctl.lock     | spin bh  | who waits for which answer        | 3
 * nic->route        | spin bh  | chan->open, ->sending, nr_chan,   | 3
 *                   |          | sub_*                             |
 * queue's xmit lock | spin bh  | taking slots of a channel         | inside
 * NAPI of a channel | one at a | receiving, giving slots back,     | inside
 *                   | time     | chan->owed                        |
 *
 * Probe, remove, suspend and resume take RTNL themselves.  The bus's callbacks
 * never take RTNL nor ctl.mutex: both are held while waiting for the host.
 *
 * A channel is one queue each way.  Its slots are requests in flight; slot n
 * has a header of its own in chan->headers and, if the send buffer is large
 * enough, a send section.  Free slots are in chan->free, a ring with one
 * consumer (xmit, under the queue's lock) and one producer (NAPI).
 *
 * Whoever makes chan->open false ends the channel, see end_channel(); until
 * then chan->ch may be used, under nic->route or RCU.
 */
#ifndef NETVSC_INT_H
#define NETVSC_INT_H

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/etherdevice.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/ratelimit.h>
#include <linux/rtnetlink.h>
#include <linux/spinlock.h>
#include <linux/u64_stats_sync.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "../compat/shims/net.h"
#include "../compat/shims/net_xdp.h"
#include <lis/vmbus.h>
#include "pure.h"

#define NETVSC_MAX_CHANNELS	64u
/* Packets of a channel in flight to the host, at most and at least */
#define NETVSC_SLOTS		256u
#define NETVSC_SLOTS_MIN	16u
/* Slots behind these: NVSP messages, RNDIS requests */
#define NETVSC_SLOT_NVSP	NETVSC_SLOTS
#define NETVSC_SLOT_RNDIS	(NETVSC_SLOTS + 1)
#define NETVSC_SLOT_ALIVE	(NETVSC_SLOTS + 2)
#define NETVSC_ALL_SLOTS	(NETVSC_SLOTS + 3)
/* Requests are in the first part of ctl.page, "still alive" in the other */
#define NETVSC_ALIVE_AT		3072u
/* Room made for sections of this size; the host has the last word */
#define NETVSC_SECTION_GUESS	6144u
/* Header, linear part, fragments; hosts take 34 */
#define NETVSC_MAX_SPANS	32u
/* Longest packet of the host: descriptor, 562 ranges, a long NVSP message */
#define NETVSC_MAX_PACKET	8192u
/* Answers to the host that found no room yet */
#define NETVSC_OWED		1024u
#define NETVSC_HASH_UDP		(LIS_NDIS_HASH_UDP4 | LIS_NDIS_HASH_UDP6)
#define NETVSC_HASH_PORTS	(LIS_NDIS_HASH_TCP4 | LIS_NDIS_HASH_TCP6 | \
				 NETVSC_HASH_UDP)
/* For an answer of the host */
#define NETVSC_PATIENCE		(10 * HZ)
/* A queue that is stopped for so long is stuck; hosts pause for a while */
#define NETVSC_STUCK		(30 * HZ)

struct netvsc_nic;

/* What is counted for a whole NIC; stats.c has the names */
enum netvsc_counter {
	NETVSC_CNT_TX_SCATTERED,	/* sent as ranges of memory */
	NETVSC_CNT_TX_NO_MEMORY,
	NETVSC_CNT_TX_NO_SPACE,		/* the ring was full */
	NETVSC_CNT_TX_TOO_BIG,		/* too many pieces: made linear */
	NETVSC_CNT_TX_BUSY,		/* the stack has to try again */
	NETVSC_CNT_TX_SEND_FULL,	/* all slots in use */
	NETVSC_CNT_RX_COMP_BUSY,	/* answers that found no room */
	NETVSC_CNT_RX_NO_MEMORY,
	NETVSC_CNT_STOP_QUEUE,
	NETVSC_CNT_WAKE_QUEUE,
	NETVSC_CNT_TX_REFUSED,		/* the host said no to a packet */
	NETVSC_CNT_RX_MALFORMED,
	NETVSC_CNT_RX_WHILE_DOWN,
	NETVSC_CNT_ODD,			/* messages nobody waited for */
	NETVSC_CNT_LOST,		/* channels rescinded or broken */
	NETVSC_CNT_RESETS,
	NETVSC_CNT_COALESCED,		/* frames that came in parts */
	NETVSC_CNT_COUNT
};

/**
 * struct netvsc_stats - traffic of one queue in one direction.
 * @sync: one writer: xmit under the queue's lock, or NAPI
 */
struct netvsc_stats {
	u64 packets;
	u64 bytes;
	u64 multicast;
	u64 xdp_drop;
	u64 xdp_redirect;
	u64 xdp_tx;
	u64 xdp_xmit;
	struct u64_stats_sync sync;
};

/**
 * struct netvsc_cpu_stats - traffic of one CPU.
 * @tx_dropped:	any context
 * @sync:	for the rest: one writer, its CPU, with softirqs off
 */
struct netvsc_cpu_stats {
	u64 tx_dropped;
	u64 rx_packets;
	u64 rx_bytes;
	u64 tx_packets;
	u64 tx_bytes;
	struct u64_stats_sync sync;
};

/**
 * struct netvsc_tx - a packet in flight.
 * @skb:	NULL when the slot is free
 * @bytes:	as queue limits know it
 * @spans:	ranges in @span, 0 when it was copied
 * @span:	the header, then DMA mappings; the second is the linear part
 *		when @linear
 */
struct netvsc_tx {
	struct sk_buff *skb;
	u32 bytes;
	u16 spans;
	bool linear;
	struct lis_span span[NETVSC_MAX_SPANS];
};

/**
 * struct netvsc_chan - a channel and its two queues.
 * @ch:		the bus's; valid while @open, or while being closed
 * @index:	place in nic->chan[], number of the queues
 * @open:	under nic->route
 * @sending:	under nic->route; only while @open; xmit reads it under RCU
 * @closed:	whoever closed it is done
 * @section:	send section of slot 0
 * @sections:	slots below this have one
 * @first_section: the host's number of it
 * @undo_bytes:	told to the queue limits, but not sent after all
 * @owed:	transaction ids to be answered, a ring
 * @parts:	of the frame that is being put together
 * @xdp_flush:	frames were redirected in this round of NAPI
 */
struct netvsc_chan {
	struct netvsc_nic *nic;
	struct lis_channel *ch;
	u32 index;
	bool open;
	bool sending;
	struct completion closed;
	struct napi_struct napi;

	/* transmit */
	struct netvsc_tx *tx ____cacheline_aligned_in_smp;
	u8 *headers;
	dma_addr_t headers_dma;
	u8 *section;
	u32 sections;
	u32 first_section;
	u32 section_bytes;
	u32 free_head;
	struct netvsc_stats tx_stats;

	/* both sides */
	u32 free_tail ____cacheline_aligned_in_smp;
	u16 free[NETVSC_SLOTS];
	atomic_t undo_bytes;
	atomic_t undo_packets;

	/* receive */
	u32 owed_head ____cacheline_aligned_in_smp;
	u32 owed_tail;
	u64 *owed;
	struct netvsc_parts *parts;
	bool xdp_flush;
	struct netvsc_stats rx_stats;

	LIS_XDP_MEMBER(struct xdp_rxq_info, xdp_rxq);
};

/**
 * struct netvsc_control - the conversation beside the data.
 * @mutex:	one request at a time
 * @connected:	the host talks to us
 * @page:	the request; shared with the host
 * @lock:	for what follows
 * @waiting:	for these: NETVSC_WAIT_*
 * @id:		of the RNDIS request being waited for
 * @error:	the wait ended without an answer
 * @answer:	what came, a private copy
 * @room:	a sender waits here for room in the ring
 * @alive_busy:	the host has not taken our last "still alive"; the primary's NAPI
 * @scratch:	a message being looked at; the primary's NAPI
 */
struct netvsc_control {
	struct mutex mutex;
	bool connected;
	u8 *page;
	dma_addr_t page_dma;

	spinlock_t lock;
	u32 waiting;
	u32 id;
	int error;
	u32 len;
	u64 answer[NETVSC_CONTROL_MAX / sizeof(u64)];
	struct completion done;
	wait_queue_head_t room;
	bool alive_busy;
	u64 scratch[NETVSC_CONTROL_MAX / sizeof(u64)];
};
#define NETVSC_WAIT_NVSP	0x1
#define NETVSC_WAIT_SENT	0x2
#define NETVSC_WAIT_RNDIS	0x4

/* Memory shared by handle; @wanted: bytes, of which @bytes were to be had */
struct netvsc_buffer {
	u8 *mem;
	u32 wanted;
	u32 bytes;
	u32 gpadl;
	bool told;
};

/**
 * struct netvsc_nic - a NIC; lives in the net_device.
 * @max_chan:	entries of @chan, fixed at probe
 * @nr_chan:	of them in use since connecting, open or lost
 * @want_chan:	how many the user wants
 * @dead:	for good
 * @lost_sub:	a sub-channel went away by itself
 * @xdp_prog:	RTNL to change
 * @cpus:	how many are shown in statistics, fixed at probe
 * @longest:	frame that is taken, settled when connecting
 * @slots:	packets of a channel in flight, as the user wants it
 * @recv_bytes:	of the receive buffer, as the user wants it, or 0
 * @pieces:	of the receive buffer, as the host has cut it
 * @piece_bytes: of each
 * @rss_types:	LIS_NDIS_HASH_* of flows told apart by ports, too
 * @parts:	the host may send frames in parts
 * @link_speed:	Mbit/s, 0 unknown; written under ctl.mutex
 * @table:	the host's advice which channel to send on, by hash; written by the
 *		primary's NAPI
 * @sub_room:	sub-channels we still take
 * @sub_opening: sub-channels being opened right now
 */
struct netvsc_nic {
	struct net_device *ndev;
	struct lis_device *dev;
	struct netvsc_chan *chan;
	u32 max_chan;
	u32 want_chan;
	bool dead;
	bool lost_sub;
	bool registered;
	u32 msg_enable;
	struct bpf_prog __rcu *xdp_prog;
	struct netvsc_cpu_stats __percpu *cpu;
	u32 cpus;

	/* RTNL */
	u32 version;
	u32 longest;
	struct netvsc_buffer recv;
	struct netvsc_buffer send;
	struct netvsc_offload offload;
	u32 slots;
	u32 recv_bytes;
	u32 pieces;
	u32 piece_bytes;
	u32 section_bytes;
	u32 rss_queues;
	u32 rss_entries;
	bool rss_by_user;
	u32 rss_table[LIS_NDIS_RSS_TABLE_ENTRIES];
	u8 rss_key[LIS_NDIS_RSS_KEY_BYTES];
	u32 rss_types;
	bool parts;
	u8 permanent[ETH_ALEN];

	u32 link_speed;
	u16 table[LIS_NVSP_TABLE_ENTRIES];

	spinlock_t route;
	u32 nr_chan;
	u32 sub_room;
	u32 sub_opening;
	wait_queue_head_t sub_wait;

	struct netvsc_control ctl;

	struct work_struct filter_work;
	struct delayed_work link_work;
	struct work_struct reset_work;
	struct work_struct cpus_work;

	struct ratelimit_state log_limit;
	atomic_t count[NETVSC_CNT_COUNT];
	struct dentry *debugfs;
};

static inline void netvsc_count(struct netvsc_nic *nic, enum netvsc_counter c)
{
	atomic_inc(&nic->count[c]);
}

static inline void netvsc_count_dropped(struct netvsc_nic *nic)
{
	this_cpu_inc(nic->cpu->tx_dropped);
}

static inline void netvsc_count_rx_cpu(struct netvsc_nic *nic, u32 bytes)
{
	struct netvsc_cpu_stats *s = this_cpu_ptr(nic->cpu);

	u64_stats_update_begin(&s->sync);
	s->rx_packets++;
	s->rx_bytes += bytes;
	u64_stats_update_end(&s->sync);
}

static inline void netvsc_count_tx_cpu(struct netvsc_nic *nic, u32 packets,
				       u32 bytes)
{
	struct netvsc_cpu_stats *s = this_cpu_ptr(nic->cpu);

	u64_stats_update_begin(&s->sync);
	s->tx_packets += packets;
	s->tx_bytes += bytes;
	u64_stats_update_end(&s->sync);
}

static inline bool netvsc_log(struct netvsc_nic *nic)
{
	return __ratelimit(&nic->log_limit);
}

static inline u32 netvsc_max_mtu(const struct netvsc_nic *nic)
{
	return nic->version >= LIS_NVSP_V2 ? NETVSC_MAX_MTU : NETVSC_MAX_MTU_V1;
}

/* main.c */
extern unsigned int ring_size;
extern struct workqueue_struct *netvsc_wq;

/* netdev.c */
extern const struct net_device_ops netvsc_netdev_ops;
void netvsc_set_features(struct netvsc_nic *nic);
u32 netvsc_wanted_filter(struct netvsc_nic *nic);
void netvsc_filter_work(struct work_struct *work);
void netvsc_link_work(struct work_struct *work);
void netvsc_reset_work(struct work_struct *work);
void netvsc_cpus_work(struct work_struct *work);
int netvsc_reset(struct netvsc_nic *nic);
void netvsc_pause(struct netvsc_nic *nic);

/* talk.c */
int netvsc_nvsp_send(struct netvsc_nic *nic, const struct lis_nvsp_msg *msg);
int netvsc_nvsp_ask(struct netvsc_nic *nic, const struct lis_nvsp_msg *msg,
		    struct lis_nvsp_msg *answer, u32 *len);
int netvsc_query(struct netvsc_nic *nic, u32 oid, const void *info, u32 bytes,
		 u32 room, const u8 **answer, u32 *len);
int netvsc_set(struct netvsc_nic *nic, u32 oid, const void *info, u32 bytes);
int netvsc_initialize(struct netvsc_nic *nic);
void netvsc_halt(struct netvsc_nic *nic);
void netvsc_talk_abort(struct netvsc_nic *nic, int why);
void netvsc_nvsp_answer(struct netvsc_nic *nic, const struct lis_packet *pkt);
void netvsc_rndis_sent(struct netvsc_nic *nic);
void netvsc_alive_sent(struct netvsc_nic *nic);
void netvsc_take_control(struct netvsc_chan *chan,
			 const struct netvsc_rx_msg *m);

/* connect.c */
int netvsc_connect(struct netvsc_nic *nic);
void netvsc_disconnect(struct netvsc_nic *nic);
void netvsc_free_buffers(struct netvsc_nic *nic);
u32 netvsc_recv_max(const struct netvsc_nic *nic);
int netvsc_set_rings(struct netvsc_nic *nic, u32 pieces, u32 slots);

/* settle.c */
int netvsc_settle_mac(struct netvsc_nic *nic);
int netvsc_settle_offload(struct netvsc_nic *nic);
void netvsc_settle_queues(struct netvsc_nic *nic);
int netvsc_query_link(struct netvsc_nic *nic, bool *up);
int netvsc_send_rss(struct netvsc_nic *nic);
int netvsc_send_offload(struct netvsc_nic *nic, bool coalesce);
int netvsc_send_filter(struct netvsc_nic *nic, u32 filter);
int netvsc_send_mac(struct netvsc_nic *nic, const u8 *mac);

/* queues.c */
int netvsc_alloc_channels(struct netvsc_nic *nic);
void netvsc_free_channels(struct netvsc_nic *nic);
int netvsc_open_primary(struct netvsc_nic *nic);
void netvsc_add_subchannels(struct netvsc_nic *nic, u32 wanted);
void netvsc_close_all(struct netvsc_nic *nic);
void netvsc_start_queues(struct netvsc_nic *nic);
int netvsc_channel_cpu(struct netvsc_chan *chan);
void netvsc_log_rings(struct netvsc_chan *chan);
void netvsc_settle_cpus(struct netvsc_nic *nic);
int netvsc_ask_subchannels(struct netvsc_nic *nic, u32 count, u32 *granted);

/* tx.c */
netdev_tx_t netvsc_start_xmit(struct sk_buff *skb, struct net_device *ndev);
netdev_features_t netvsc_features_check(struct sk_buff *skb,
					struct net_device *ndev,
					netdev_features_t features);
void netvsc_tx_done(struct netvsc_chan *chan, const struct lis_packet *pkt,
		    int budget, u32 *bytes);
void netvsc_tx_finish(struct netvsc_chan *chan, u32 packets, u32 bytes);
void netvsc_tx_drop_all(struct netvsc_chan *chan);
void netvsc_tx_start(struct netvsc_chan *chan);

/* rx.c */
extern const struct lis_channel_ops netvsc_channel_ops;
int netvsc_poll(struct napi_struct *napi, int budget);

/* xdp.c */
enum netvsc_verdict {
	NETVSC_XDP_NONE,
	NETVSC_XDP_PASS,
	NETVSC_XDP_GONE,
};

LIS_XDP_FUNC(u32, netvsc_xdp_max_mtu, (void), return NETVSC_MAX_MTU);
LIS_XDP_FUNC(int, netvsc_xdp_init_channel, (struct netvsc_chan *chan), return 0);
LIS_XDP_FUNC(void, netvsc_xdp_free_channel, (struct netvsc_chan *chan), return);
LIS_XDP_FUNC(enum netvsc_verdict, netvsc_xdp_frame,
	     (struct netvsc_chan *chan, const struct netvsc_frame *f,
	      struct sk_buff **skb), return NETVSC_XDP_NONE);
LIS_XDP_FUNC(void, netvsc_xdp_flush, (struct netvsc_chan *chan), return);
int netvsc_xdp_xmit(struct net_device *ndev, int n, struct xdp_frame **frames,
		    u32 flags);
int netvsc_bpf(struct net_device *ndev, struct netdev_bpf *cmd);

/* stats.c */
void netvsc_get_stats64(struct net_device *ndev, struct rtnl_link_stats64 *s);
int netvsc_stats_count(struct netvsc_nic *nic);
void netvsc_stats_strings(struct netvsc_nic *nic, u8 *data);
void netvsc_stats_values(struct netvsc_nic *nic, u64 *data);
void netvsc_show(struct netvsc_nic *nic);
void netvsc_show_no_more(struct netvsc_nic *nic);

/* ethtool.c */
extern const struct ethtool_ops netvsc_ethtool_ops;

/* queues.c, called by the bus */
void netvsc_subchannel(struct lis_channel *primary, struct lis_channel *sub,
		       void *ctx);
void netvsc_gone(struct lis_channel *ch, void *ctx, int why);
void netvsc_moved(struct lis_channel *ch, void *ctx);

#endif
