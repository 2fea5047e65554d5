// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sending.  A frame takes a slot of its queue's channel.  A short one is copied
 * into the slot's send section, behind its RNDIS header; a longer one goes as
 * ranges of memory behind a header of the slot's own.  The skb is kept until
 * the host has completed the packet.
 *
 * start_xmit runs under the queue's lock, completions in the channel's NAPI.
 *
 * When there is room again
 * ------------------------
 * Slots: xmit stops the queue when it has taken the last one, then looks once
 * more; NAPI puts slots back, then looks whether the queue is stopped.  Both
 * have a full barrier in between, so one of them sees the other.
 * Ring: the bus promises a call of NAPI after an -EAGAIN.  So xmit stops the
 * queue and tries again: an -EAGAIN of that second try is followed by a call
 * that finds the queue stopped.
 *
 * Queue limits (BQL) must hear of a packet before it can complete, and the host
 * may complete it while it is being sent.  They are told before, and what was
 * not sent after all is handed to NAPI, which alone reports completions.
 */
#include <linux/dma-mapping.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip6_checksum.h>
#include "netvsc_int.h"
#include "trace.h"

static struct netdev_queue *txq_of(const struct netvsc_chan *chan)
{
	return netdev_get_tx_queue(chan->nic->ndev, chan->index);
}

/* --- slots ------------------------------------------------------------------ */

static u32 free_slots(const struct netvsc_chan *chan)
{
	/* pairs with put_slot(): the number before the index */
	return smp_load_acquire(&chan->free_tail) - READ_ONCE(chan->free_head);
}

static void put_slot(struct netvsc_chan *chan, u16 slot)
{
	u32 tail = chan->free_tail;

	chan->free[tail % NETVSC_SLOTS] = slot;
	/* pairs with free_slots(): the number before the index */
	smp_store_release(&chan->free_tail, tail + 1);
}

static void stop(struct netvsc_chan *chan)
{
	netif_tx_stop_queue(txq_of(chan));
	netvsc_count(chan->nic, NETVSC_CNT_STOP_QUEUE);
	smp_mb();	/* pairs with netvsc_tx_finish() */
}

/* --- offloads ---------------------------------------------------------------- */

/* What the host shall do about the checksum of a packet, or 0: it cannot */
static u32 csum_of(const struct netvsc_nic *nic, struct sk_buff *skb)
{
	u32 at = skb_checksum_start_offset(skb);
	u32 can = nic->offload.can;
	bool v6 = false;
	u32 header;
	u8 proto;

	switch (vlan_get_protocol(skb)) {
	case htons(ETH_P_IP):
		proto = ip_hdr(skb)->protocol;
		header = ip_hdrlen(skb);
		break;
	case htons(ETH_P_IPV6):
		proto = ipv6_hdr(skb)->nexthdr;
		header = sizeof(struct ipv6hdr);
		v6 = true;
		break;
	default:
		return 0;
	}
	/* not what is inside a tunnel, nor behind extension headers */
	if (at != skb_network_offset(skb) + header ||
	    at > LIS_CSUM_TX_HDR_MASK)
		return 0;
	at = at << LIS_CSUM_TX_HDR_SHIFT |
	     (v6 ? LIS_CSUM_TX_IP6 : LIS_CSUM_TX_IP4);
	if (proto == IPPROTO_TCP &&
	    skb->csum_offset == offsetof(struct tcphdr, check) &&
	    can & (v6 ? NETVSC_CAN_TCP6_TX : NETVSC_CAN_TCP4_TX))
		return at | LIS_CSUM_TX_TCP;
	if (proto == IPPROTO_UDP &&
	    skb->csum_offset == offsetof(struct udphdr, check) &&
	    can & (v6 ? NETVSC_CAN_UDP6_TX : NETVSC_CAN_UDP4_TX))
		return at | LIS_CSUM_TX_UDP;
	return 0;
}

/**
 * netvsc_features_check - what of the offloads a packet may use.
 * @skb: the packet
 * @ndev: the NIC
 * @features: what is switched on
 */
netdev_features_t netvsc_features_check(struct sk_buff *skb,
					struct net_device *ndev,
					netdev_features_t features)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL &&
	    !csum_of(netdev_priv(ndev), skb))
		features &= ~(NETIF_F_CSUM_MASK | NETIF_F_GSO_MASK);
	return vlan_features_check(skb, features);
}

/* The host fills in lengths and checksums of each segment, and wants them zero
 * and without the length.
 */
static int prepare_segments(struct sk_buff *skb, struct netvsc_tx_info *info)
{
	u32 at = skb_transport_offset(skb);

	if (skb_cow_head(skb, 0))
		return -ENOMEM;
	info->lso = LIS_LSO_V2 | at << LIS_LSO_HDR_SHIFT |
		    (skb_shinfo(skb)->gso_size & LIS_LSO_MSS_MASK);
	if (skb_shinfo(skb)->gso_type & SKB_GSO_TCPV6) {
		struct ipv6hdr *ip6 = ipv6_hdr(skb);

		info->lso |= LIS_LSO_IP6;
		ip6->payload_len = 0;
		tcp_hdr(skb)->check = ~csum_ipv6_magic(&ip6->saddr, &ip6->daddr,
						       0, IPPROTO_TCP, 0);
	} else {
		struct iphdr *ip = ip_hdr(skb);

		ip->tot_len = 0;
		ip->check = 0;
		tcp_hdr(skb)->check = ~csum_tcpudp_magic(ip->saddr, ip->daddr,
							 0, IPPROTO_TCP, 0);
	}
	return 0;
}

static int prepare_offload(const struct netvsc_nic *nic, struct sk_buff *skb,
			   struct netvsc_tx_info *info)
{
	if (skb_vlan_tag_present(skb)) {
		info->has_vlan = true;
		info->tci = skb_vlan_tag_get(skb);
	}
	if (skb_is_gso(skb))
		return prepare_segments(skb, info);
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		return 0;
	info->csum = csum_of(nic, skb);
	return info->csum ? 0 : skb_checksum_help(skb);
}

/* --- memory ------------------------------------------------------------------ */

static void unmap(struct netvsc_chan *chan, struct netvsc_tx *t)
{
	struct device *dev = &chan->nic->dev->dev;
	u32 i = 1;

	if (t->spans > 1 && t->linear) {
		dma_unmap_single(dev, t->span[1].addr, t->span[1].bytes,
				 DMA_TO_DEVICE);
		i++;
	}
	for (; i < t->spans; i++)
		dma_unmap_page(dev, t->span[i].addr, t->span[i].bytes,
			       DMA_TO_DEVICE);
	t->spans = 0;
}

static int add_span(struct netvsc_chan *chan, struct netvsc_tx *t,
		    dma_addr_t addr, u32 bytes)
{
	if (dma_mapping_error(&chan->nic->dev->dev, addr))
		return -ENOMEM;
	t->span[t->spans].addr = addr;
	t->span[t->spans++].bytes = bytes;
	return 0;
}

static int map_parts(struct netvsc_chan *chan, struct netvsc_tx *t,
		     struct sk_buff *skb)
{
	struct device *dev = &chan->nic->dev->dev;
	u32 linear = skb_headlen(skb);
	int err = 0;
	u32 i;

	t->linear = false;
	if (linear) {
		err = add_span(chan, t, dma_map_single(dev, skb->data, linear,
						       DMA_TO_DEVICE), linear);
		t->linear = !err;
	}
	for (i = 0; !err && i < skb_shinfo(skb)->nr_frags; i++) {
		const skb_frag_t *frag = &skb_shinfo(skb)->frags[i];
		u32 bytes = skb_frag_size(frag);

		if (bytes)
			err = add_span(chan, t,
				       skb_frag_dma_map(dev, frag, 0, bytes,
							DMA_TO_DEVICE), bytes);
	}
	if (err)
		unmap(chan, t);
	return err;
}

static int use_ranges(struct netvsc_chan *chan, u32 slot, struct sk_buff *skb,
		      const struct netvsc_tx_info *info)
{
	struct netvsc_tx *t = &chan->tx[slot];
	u32 at = slot * NETVSC_TX_HEADER;

	if (skb_shinfo(skb)->nr_frags + 2 > NETVSC_MAX_SPANS) {
		netvsc_count(chan->nic, NETVSC_CNT_TX_TOO_BIG);
		if (skb_linearize(skb))
			return -ENOMEM;
	}
	t->span[0].addr = chan->headers_dma + at;
	t->span[0].bytes = netvsc_build_header(chan->headers + at, info);
	t->spans = 1;
	netvsc_count(chan->nic, NETVSC_CNT_TX_SCATTERED);
	return map_parts(chan, t, skb);
}

static int use_section(struct netvsc_chan *chan, u32 slot, struct sk_buff *skb,
		       const struct netvsc_tx_info *info,
		       struct lis_nvsp_msg *msg)
{
	u8 *to = chan->section + slot * chan->section_bytes;
	u32 header = netvsc_build_header(to, info);

	if (skb_copy_bits(skb, 0, to + header, skb->len))
		return -EINVAL;
	chan->tx[slot].spans = 0;
	msg->rndis.section_index = chan->first_section + slot;
	msg->rndis.section_bytes = header + skb->len;
	return 0;
}

static int prepare(struct netvsc_chan *chan, u32 slot, struct sk_buff *skb,
		   struct lis_nvsp_msg *msg)
{
	struct netvsc_tx_info info = {};
	int err = prepare_offload(chan->nic, skb, &info);

	if (err)
		return err;
	info.bytes = skb->len;
	if (slot < chan->sections &&
	    skb->len + NETVSC_TX_HEADER <= chan->section_bytes)
		return use_section(chan, slot, skb, &info, msg);
	return use_ranges(chan, slot, skb, &info);
}

/* --- out ---------------------------------------------------------------------- */

static int put_packet(struct netvsc_chan *chan, u32 slot,
		      const struct lis_nvsp_msg *msg, u32 flags)
{
	struct netvsc_tx *t = &chan->tx[slot];
	u32 len = netvsc_msg_bytes(chan->nic->version);

	if (t->spans)
		return lis_send_spans(chan->ch, msg, len, t->span, t->spans,
				      slot, flags);
	return lis_send(chan->ch, msg, len, slot, flags);
}

/* Not sent after all; the queue limits hear of it in NAPI, which the bus calls
 * after an -EAGAIN.  Other errors are the end of the channel.
 */
static void undo(struct netvsc_chan *chan, u32 slot)
{
	struct netvsc_tx *t = &chan->tx[slot];

	unmap(chan, t);
	t->skb = NULL;
	atomic_add(t->bytes, &chan->undo_bytes);
	atomic_inc(&chan->undo_packets);
	/* still there: of all slots, ours alone cannot have been put back */
	WRITE_ONCE(chan->free_head, chan->free_head - 1);
}

static int submit(struct netvsc_chan *chan, u32 slot, struct sk_buff *skb,
		  const struct lis_nvsp_msg *msg, bool more)
{
	struct netdev_queue *txq = txq_of(chan);
	struct netvsc_tx *t = &chan->tx[slot];
	int err;

	t->skb = skb;
	t->bytes = skb->len;
	WRITE_ONCE(chan->free_head, chan->free_head + 1);
	if (!free_slots(chan)) {
		netvsc_count(chan->nic, NETVSC_CNT_TX_SEND_FULL);
		stop(chan);
		if (free_slots(chan))
			netif_tx_start_queue(txq);
	}
	netdev_tx_sent_queue(txq, skb->len);
	more = more && !netif_xmit_stopped(txq);
	/* not later: once it is in the ring, @skb may be gone */
	skb_tx_timestamp(skb);
	trace_netvsc_xmit(chan, slot, t, more);
	err = put_packet(chan, slot, msg, more ? LIS_SEND_MORE : 0);
	if (unlikely(err == -EAGAIN)) {
		netvsc_count(chan->nic, NETVSC_CNT_TX_NO_SPACE);
		stop(chan);
		err = put_packet(chan, slot, msg, 0);
		if (!err && free_slots(chan))
			netif_tx_start_queue(txq);
	}
	if (unlikely(err))
		undo(chan, slot);
	return err;
}

static void count_sent(struct netvsc_chan *chan, u32 packets, u32 bytes)
{
	struct netvsc_stats *s = &chan->tx_stats;

	netvsc_count_tx_cpu(chan->nic, packets, bytes);
	u64_stats_update_begin(&s->sync);
	s->packets += packets;
	s->bytes += bytes;
	u64_stats_update_end(&s->sync);
}

static netdev_tx_t drop(struct netvsc_chan *chan, struct sk_buff *skb)
{
	dev_kfree_skb_any(skb);
	netvsc_count_dropped(chan->nic);
	/* whatever the burst has put off */
	if (READ_ONCE(chan->sending))
		lis_channel_kick(chan->ch);
	return NETDEV_TX_OK;
}

/* What was queued before the MTU shrank may be too long now. */
static bool length_ok(const struct net_device *ndev, const struct sk_buff *skb)
{
	return skb->len >= NETVSC_ETH_HEADER &&
	       (skb_is_gso(skb) || skb->len <= READ_ONCE(ndev->mtu) +
		NETVSC_ETH_HEADER + NETVSC_VLAN_TAG);
}

/**
 * netvsc_start_xmit - the stack has a packet.
 * @skb: the packet
 * @ndev: the NIC
 */
netdev_tx_t netvsc_start_xmit(struct sk_buff *skb, struct net_device *ndev)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	struct netvsc_chan *chan = &nic->chan[skb_get_queue_mapping(skb)];
	struct lis_nvsp_msg msg = {
		.type = LIS_NVSP_RNDIS,
		.rndis.section_index = LIS_NVSP_NO_SECTION,
	};
	u32 packets = max_t(u32, skb_shinfo(skb)->gso_segs, 1);
	u32 bytes = skb->len;
	bool more = lis_compat_xmit_more(skb);
	u32 slot;
	int err;

	/* pairs with start_queue() */
	if (unlikely(!smp_load_acquire(&chan->sending) ||
		     !length_ok(ndev, skb)))
		return drop(chan, skb);
	if (unlikely(!free_slots(chan))) {	/* woken too early */
		stop(chan);
		if (free_slots(chan))
			netif_tx_start_queue(txq_of(chan));
		netvsc_count(nic, NETVSC_CNT_TX_BUSY);
		return NETDEV_TX_BUSY;
	}
	slot = chan->free[chan->free_head % NETVSC_SLOTS];
	err = prepare(chan, slot, skb, &msg);
	if (unlikely(err)) {
		netvsc_count(nic, NETVSC_CNT_TX_NO_MEMORY);
		return drop(chan, skb);
	}
	err = submit(chan, slot, skb, &msg, more);
	if (likely(!err)) {
		count_sent(chan, packets, bytes);
		return NETDEV_TX_OK;
	}
	if (err != -EAGAIN)
		return drop(chan, skb);
	netvsc_count(nic, NETVSC_CNT_TX_BUSY);
	return NETDEV_TX_BUSY;
}

/* --- completion: NAPI ---------------------------------------------------------- */

/**
 * netvsc_tx_done - the host is done with a packet.
 * @chan: the channel
 * @pkt: its completion; the bus reports a slot once
 * @budget: NAPI's
 * @bytes: those of the packet are added
 */
void netvsc_tx_done(struct netvsc_chan *chan, const struct lis_packet *pkt,
		    int budget, u32 *bytes)
{
	struct netvsc_tx *t = &chan->tx[pkt->slot];
	struct sk_buff *skb = t->skb;
	u32 status = 0;

	if (netvsc_check_sent(pkt->payload, pkt->len, &status) ||
	    status != LIS_NVSP_STATUS_SUCCESS)
		netvsc_count(chan->nic, NETVSC_CNT_TX_REFUSED);
	trace_netvsc_done(chan, pkt->slot, status);
	*bytes += t->bytes;
	unmap(chan, t);
	t->skb = NULL;
	put_slot(chan, pkt->slot);
	napi_consume_skb(skb, budget);
}

/**
 * netvsc_tx_finish - a round of completions is over.
 * @chan: the channel
 * @packets: completed
 * @bytes: completed
 */
void netvsc_tx_finish(struct netvsc_chan *chan, u32 packets, u32 bytes)
{
	struct netdev_queue *txq = txq_of(chan);

	if (unlikely(atomic_read(&chan->undo_packets))) {
		packets += atomic_xchg(&chan->undo_packets, 0);
		bytes += atomic_xchg(&chan->undo_bytes, 0);
	}
	if (packets)
		netdev_tx_completed_queue(txq, packets, bytes);
	smp_mb();	/* pairs with stop() */
	if (unlikely(netif_tx_queue_stopped(txq)) &&
	    free_slots(chan) >= chan->nic->slots / 4 && READ_ONCE(chan->sending) &&
	    netif_running(chan->nic->ndev) &&
	    netif_device_present(chan->nic->ndev)) {
		netif_tx_wake_queue(txq);
		netvsc_count(chan->nic, NETVSC_CNT_WAKE_QUEUE);
	}
}

/* --- life of a channel ------------------------------------------------------------ */

/**
 * netvsc_tx_start - all slots are free.
 * @chan: not open yet
 */
void netvsc_tx_start(struct netvsc_chan *chan)
{
	u32 i;

	for (i = 0; i < chan->nic->slots; i++)
		chan->free[i] = i;
	chan->free_head = 0;
	chan->free_tail = i;
	chan->sections = 0;
	atomic_set(&chan->undo_bytes, 0);
	atomic_set(&chan->undo_packets, 0);
	netdev_tx_reset_queue(txq_of(chan));
}

/**
 * netvsc_tx_drop_all - nothing in flight will complete.
 * @chan: closed
 */
void netvsc_tx_drop_all(struct netvsc_chan *chan)
{
	u32 i;

	for (i = 0; i < NETVSC_SLOTS; i++) {
		struct netvsc_tx *t = &chan->tx[i];

		if (!t->skb)
			continue;
		unmap(chan, t);
		dev_kfree_skb_any(t->skb);
		t->skb = NULL;
		netvsc_count_dropped(chan->nic);
	}
}
