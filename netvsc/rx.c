// SPDX-License-Identifier: GPL-2.0-only
/*
 * Receiving: one NAPI for each channel, which takes whatever the host sends
 * there: frames, completions of ours, messages.
 *
 * A frame is copied once, out of the receive buffer into an skb, and then the
 * host gets its piece of the buffer back.  Nothing here looks at the buffer
 * after that.  Answers to the host that find no room wait in chan->owed; while
 * that is full nothing more is taken, and NAPI rests until the host has made room.
 */
#include <linux/if_vlan.h>
#include "netvsc_int.h"
#include "trace.h"

/* What of a large frame is not in pages: headers, and more than those */
#define HEAD_BYTES	256u

static void malformed(struct netvsc_chan *chan, const char *what)
{
	netvsc_count(chan->nic, NETVSC_CNT_RX_MALFORMED);
	if (netvsc_log(chan->nic))
		dev_warn(&chan->nic->dev->dev, "host sent %s\n", what);
}

/* --- frames ----------------------------------------------------------------- */

static void describe(struct netvsc_chan *chan, struct sk_buff *skb,
		     const struct netvsc_frame *f)
{
	struct net_device *ndev = chan->nic->ndev;

	skb->protocol = eth_type_trans(skb, ndev);
	skb_record_rx_queue(skb, chan->index);
	if (f->has_csum && ndev->features & NETIF_F_RXCSUM &&
	    f->csum & (LIS_CSUM_RX_TCP_OK | LIS_CSUM_RX_UDP_OK))
		skb->ip_summed = CHECKSUM_UNNECESSARY;
	if (f->has_vlan)
		__vlan_hwaccel_put_tag(skb, htons(ETH_P_8021Q), f->tci);
	if (f->has_hash && ndev->features & NETIF_F_RXHASH)
		skb_set_hash(skb, f->hash, PKT_HASH_TYPE_L3);
}

static void count_frame(struct netvsc_chan *chan, const struct sk_buff *skb,
			u32 bytes)
{
	struct netvsc_stats *s = &chan->rx_stats;

	netvsc_count_rx_cpu(chan->nic, bytes);
	u64_stats_update_begin(&s->sync);
	s->packets++;
	s->bytes += bytes;
	s->multicast += skb->pkt_type == PACKET_MULTICAST;
	u64_stats_update_end(&s->sync);
}

static struct sk_buff *copy_frame(struct netvsc_chan *chan,
				  const struct netvsc_frame *f)
{
	struct sk_buff *skb = napi_alloc_skb(&chan->napi, f->bytes);

	if (likely(skb))
		skb_put_data(skb, f->data, f->bytes);
	return skb;
}

/* Too long for one piece of memory: the rest goes into pages. */
static struct sk_buff *copy_parts(const struct netvsc_parts *p)
{
	u32 bytes = p->whole.bytes, head = min(bytes, HEAD_BYTES);
	struct sk_buff *skb;
	int err;
	u32 at, i;

	skb = alloc_skb_with_frags(NET_SKB_PAD + NET_IP_ALIGN + head,
				   bytes - head, PAGE_ALLOC_COSTLY_ORDER, &err,
				   GFP_ATOMIC);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, NET_SKB_PAD + NET_IP_ALIGN);
	skb_put(skb, head);
	skb->data_len = bytes - head;
	skb->len = bytes;
	for (i = 0, at = 0; i < p->count; at += p->part[i++].bytes)
		if (skb_store_bits(skb, at, p->part[i].data, p->part[i].bytes))
			break;
	if (likely(i == p->count))
		return skb;
	kfree_skb(skb);
	return NULL;
}

static void deliver(struct netvsc_chan *chan, struct sk_buff *skb,
		    const struct netvsc_frame *f)
{
	if (unlikely(!skb)) {
		netvsc_count(chan->nic, NETVSC_CNT_RX_NO_MEMORY);
		return;
	}
	trace_netvsc_frame(chan, f);
	describe(chan, skb, f);
	count_frame(chan, skb, f->bytes);
	napi_gro_receive(&chan->napi, skb);
}

static void take_part(struct netvsc_chan *chan, const struct netvsc_frame *f)
{
	struct netvsc_parts *p = chan->parts;
	const char *wrong = "part of a frame, which nobody asked for";
	bool complete = false;

	/* a program has just come, and must not be passed by */
	if (unlikely(rcu_access_pointer(chan->nic->xdp_prog))) {
		netvsc_count(chan->nic, NETVSC_CNT_RX_WHILE_DOWN);
		return;
	}
	if (chan->nic->parts)
		wrong = netvsc_parts_add(p, f, &complete);
	if (unlikely(wrong))
		malformed(chan, wrong);
	if (!complete)
		return;
	netvsc_count(chan->nic, NETVSC_CNT_COALESCED);
	deliver(chan, copy_parts(p), &p->whole);
}

/* All parts of a frame are in the same packet, and nothing else between. */
static void end_parts(struct netvsc_chan *chan)
{
	if (likely(!chan->parts->open))
		return;
	malformed(chan, "frame without its last part");
	chan->parts->open = false;
}

static void take_frame(struct netvsc_chan *chan, const struct netvsc_rx_msg *m)
{
	struct netvsc_nic *nic = chan->nic;
	struct netvsc_frame f;
	struct sk_buff *skb;
	const char *wrong;

	if (unlikely(!netif_running(nic->ndev) ||
		     !netif_device_present(nic->ndev))) {
		netvsc_count(nic, NETVSC_CNT_RX_WHILE_DOWN);
		return;
	}
	wrong = netvsc_rx_frame(m, nic->longest, &f);
	if (unlikely(wrong)) {
		malformed(chan, wrong);
		return;
	}
	if (f.has_part) {
		take_part(chan, &f);
		return;
	}
	end_parts(chan);
	switch (netvsc_xdp_frame(chan, &f, &skb)) {
	case NETVSC_XDP_NONE:
		skb = copy_frame(chan, &f);
		break;
	case NETVSC_XDP_PASS:
		break;
	case NETVSC_XDP_GONE:
		return;
	}
	deliver(chan, skb, &f);
}

/* False: nothing the host says of its buffer can be believed. */
static bool take_range(struct netvsc_chan *chan,
		       const struct lis_pkt_xfer_range *range)
{
	struct netvsc_nic *nic = chan->nic;
	struct netvsc_rx_msg m;
	const char *wrong;

	wrong = netvsc_rx_open(nic->recv.mem, nic->recv.bytes, range, &m);
	if (unlikely(wrong)) {
		malformed(chan, wrong);
		return false;
	}
	if (likely(m.type == LIS_RNDIS_PACKET))
		take_frame(chan, &m);
	else
		netvsc_take_control(chan, &m);
	return true;
}

/* --- answers ---------------------------------------------------------------- */

static u32 owed(const struct netvsc_chan *chan)
{
	return chan->owed_tail - chan->owed_head;
}

/* Pay what is owed, as far as there is room. */
static void pay(struct netvsc_chan *chan)
{
	const struct lis_nvsp_msg msg = {
		.type = LIS_NVSP_RNDIS_COMPLETE,
		.rndis_complete.status = LIS_NVSP_STATUS_SUCCESS,
	};
	u32 len = netvsc_msg_bytes(chan->nic->version);

	while (owed(chan)) {
		u64 id = chan->owed[chan->owed_head % NETVSC_OWED];

		if (lis_complete_more(chan->ch, id, &msg, len) == -EAGAIN) {
			netvsc_count(chan->nic, NETVSC_CNT_RX_COMP_BUSY);
			return;
		}
		chan->owed_head++;	/* or the channel is gone */
	}
}

static void owe(struct netvsc_chan *chan, const struct lis_packet *pkt)
{
	if (!pkt->want_completion)
		return;
	chan->owed[chan->owed_tail++ % NETVSC_OWED] = pkt->id;
	pay(chan);
}

/* --- packets ---------------------------------------------------------------- */

/* Returns how many messages were in it. */
static u32 take_pages(struct netvsc_chan *chan, const struct lis_packet *pkt)
{
	u32 i;

	if (unlikely(netvsc_msg_type(pkt->payload, pkt->len) !=
		     LIS_NVSP_RNDIS || pkt->set_id != LIS_NVSP_RECV_BUF_ID ||
		     !chan->nic->recv.told)) {
		malformed(chan, "transfer pages that carry no frames");
		lis_channel_break(chan->ch, "unexpected transfer pages");
		return 1;
	}
	for (i = 0; i < pkt->range_count; i++) {
		if (unlikely(!take_range(chan, &pkt->ranges[i]))) {
			lis_channel_break(chan->ch, "range outside its buffer");
			return i + 1;
		}
	}
	end_parts(chan);
	owe(chan, pkt);
	return max(i, 1u);
}

/* The host's advice where to send; only for show so far, the stack chooses the
 * queue of the CPU that sends.
 */
static void take_table(struct netvsc_nic *nic, const struct lis_packet *pkt)
{
	/* it may come while channels are being opened */
	const char *wrong = netvsc_check_table(pkt->payload, pkt->len,
					       nic->max_chan, nic->table);

	if (wrong)
		malformed(&nic->chan[0], wrong);
}

static void take_message(struct netvsc_chan *chan, const struct lis_packet *pkt)
{
	int type = netvsc_msg_type(pkt->payload, pkt->len);

	trace_netvsc_control(chan->nic, type, 0);
	switch (type) {
	case LIS_NVSP_INDIRECTION_TABLE:
		if (!chan->index)
			take_table(chan->nic, pkt);
		break;
	case LIS_NVSP_VF_ASSOCIATION:	/* no virtual functions yet */
	case LIS_NVSP_UPLINK_STATE:
		break;
	default:
		netvsc_count(chan->nic, NETVSC_CNT_ODD);
	}
	owe(chan, pkt);
}

struct work_done {
	u32 taken;
	u32 tx_packets;
	u32 tx_bytes;
};

static void take_completion(struct netvsc_chan *chan,
			    const struct lis_packet *pkt, int budget,
			    struct work_done *w)
{
	w->taken++;
	switch (pkt->slot) {
	case NETVSC_SLOT_NVSP:
		netvsc_nvsp_answer(chan->nic, pkt);
		break;
	case NETVSC_SLOT_RNDIS:
		netvsc_rndis_sent(chan->nic);
		break;
	case NETVSC_SLOT_ALIVE:
		netvsc_alive_sent(chan->nic);
		break;
	default:
		w->tx_packets++;
		netvsc_tx_done(chan, pkt, budget, &w->tx_bytes);
	}
}

static unsigned int netvsc_receive(struct lis_channel *ch, void *ctx,
				   unsigned int budget)
{
	struct netvsc_chan *chan = ctx;
	const struct lis_packet *pkt;
	struct work_done w = {};

	pay(chan);
	while (w.taken < budget && owed(chan) < NETVSC_OWED &&
	       (pkt = lis_packet_next(ch))) {
		if (pkt->type == LIS_PKT_COMPLETION) {
			take_completion(chan, pkt, budget, &w);
		} else if (pkt->type == LIS_PKT_TRANSFER_PAGES) {
			w.taken += take_pages(chan, pkt);
		} else {
			w.taken++;
			take_message(chan, pkt);
		}
	}
	netvsc_xdp_flush(chan);
	lis_channel_kick(ch);
	netvsc_tx_finish(chan, w.tx_packets, w.tx_bytes);
	/* behind the barrier of netvsc_tx_finish() */
	if (!chan->index && waitqueue_active(&chan->nic->ctl.room))
		wake_up_all(&chan->nic->ctl.room);
	return min(w.taken, budget);
}

/* While too much is owed, more packets are no reason to go on: only room for
 * what is owed is.  True: go on at once.
 */
static bool end_polling(struct netvsc_chan *chan)
{
	if (unlikely(owed(chan) >= NETVSC_OWED))
		return lis_channel_poll_wait(chan->ch);
	return lis_channel_poll_end(chan->ch);
}

/**
 * netvsc_poll - NAPI's callback.
 * @napi: of a channel
 * @budget: packets to take at most; 0 from netpoll, which wants no frames:
 *	they share a ring with completions
 *
 * Return: packets taken.
 */
int netvsc_poll(struct napi_struct *napi, int budget)
{
	struct netvsc_chan *chan = container_of(napi, struct netvsc_chan, napi);
	int taken;

	if (budget <= 0)
		return 0;
	taken = lis_channel_poll(chan->ch, budget);
	if (taken >= budget)
		return budget;
	if (napi_complete_done(napi, taken) && end_polling(chan))
		napi_schedule(napi);
	return taken;
}

static void netvsc_wake(struct lis_channel *ch, void *ctx)
{
	struct netvsc_chan *chan = ctx;

	napi_schedule(&chan->napi);
}

const struct lis_channel_ops netvsc_channel_ops = {
	.receive	= netvsc_receive,
	.wake		= netvsc_wake,
	.subchannel	= netvsc_subchannel,
	.moved		= netvsc_moved,
	.gone		= netvsc_gone,
};
