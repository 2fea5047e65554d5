// SPDX-License-Identifier: GPL-2.0-only
/*
 * XDP: a program that sees a frame before there is an skb.
 *
 * A frame is copied out of the receive buffer into a page, with room in front,
 * instead of into an skb; what the program leaves of it becomes an skb around
 * that page, goes to another device, or goes back out as any other packet: by
 * start_xmit, under the lock of its queue.
 *
 * The program runs in the channel's NAPI under RCU; RTNL changes it.  While
 * there is one, no frames come in parts and the MTU is limited.  Where the kernel
 * has no XDP this file is left out.
 */
#include <linux/if_vlan.h>
#include "netvsc_int.h"

#define ROOM	(PAGE_SIZE - XDP_PACKET_HEADROOM - \
		 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))

/**
 * netvsc_xdp_max_mtu - the largest MTU with a program.
 */
u32 netvsc_xdp_max_mtu(void)
{
	return ROOM - NETVSC_ETH_HEADER - NETVSC_VLAN_TAG;
}

/* --- queues ------------------------------------------------------------------ */

int netvsc_xdp_init_channel(struct netvsc_chan *chan)
{
	int err;

	err = lis_compat_xdp_rxq_reg(&chan->xdp_rxq, chan->nic->ndev,
				     chan->index);
	if (err)
		return err;
	err = xdp_rxq_info_reg_mem_model(&chan->xdp_rxq, MEM_TYPE_PAGE_SHARED,
					 NULL);
	if (err)
		xdp_rxq_info_unreg(&chan->xdp_rxq);
	return err;
}

void netvsc_xdp_free_channel(struct netvsc_chan *chan)
{
	if (xdp_rxq_info_is_reg(&chan->xdp_rxq))
		xdp_rxq_info_unreg(&chan->xdp_rxq);
}

/* --- out ---------------------------------------------------------------------- */

/* The skb is gone in any case.  True: it is on its way.  Queue limits do not
 * hold XDP back: it has nowhere to wait.
 */
static bool send(struct netvsc_chan *chan, struct sk_buff *skb)
{
	struct net_device *ndev = chan->nic->ndev;
	struct netdev_queue *txq = netdev_get_tx_queue(ndev, chan->index);
	bool sent = false;

	skb->dev = ndev;
	skb_set_queue_mapping(skb, chan->index);
	__netif_tx_lock(txq, smp_processor_id());
	if (!netif_xmit_frozen_or_drv_stopped(txq))
		sent = netdev_start_xmit(skb, ndev, txq, false) ==
		       NETDEV_TX_OK;
	__netif_tx_unlock(txq);
	if (!sent) {
		netvsc_count_dropped(chan->nic);
		kfree_skb(skb);
	}
	return sent;
}

static void count_sent(struct netvsc_chan *chan, u32 frames)
{
	struct netdev_queue *txq = netdev_get_tx_queue(chan->nic->ndev,
						       chan->index);
	struct netvsc_stats *s = &chan->tx_stats;

	__netif_tx_lock(txq, smp_processor_id());
	u64_stats_update_begin(&s->sync);
	s->xdp_xmit += frames;
	u64_stats_update_end(&s->sync);
	__netif_tx_unlock(txq);
}

/**
 * netvsc_xdp_xmit - another device's program sends frames through us.
 * @ndev: the NIC
 * @n: how many
 * @frames: copied and given back, all of them: what does not get out is dropped
 * @flags: XDP_XMIT_*; each frame is announced at once
 *
 * Context: softirq.
 * Return: how many were consumed, or -errno and then none.
 */
int netvsc_xdp_xmit(struct net_device *ndev, int n, struct xdp_frame **frames,
		    u32 flags)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	struct netvsc_chan *chan;
	u32 sent = 0;
	int i;

	if (flags & ~XDP_XMIT_FLAGS_MASK)
		return -EINVAL;
	if (!netif_running(ndev) || !netif_carrier_ok(ndev) ||
	    !netif_device_present(ndev))
		return -ENETDOWN;
	chan = &nic->chan[smp_processor_id() % ndev->real_num_tx_queues];
	for (i = 0; i < n; i++) {
		struct xdp_frame *f = frames[i];
		struct sk_buff *skb = netdev_alloc_skb(ndev, f->len);

		if (skb) {
			skb_put_data(skb, f->data, f->len);
			sent += send(chan, skb);
		} else {
			netvsc_count(nic, NETVSC_CNT_TX_NO_MEMORY);
		}
		xdp_return_frame(f);
	}
	count_sent(chan, sent);
	return n;
}

/* --- in ------------------------------------------------------------------------ */

/* The page is gone in any case. */
static struct sk_buff *wrap(struct page *page, const struct xdp_buff *xdp)
{
	struct sk_buff *skb = build_skb(page_address(page), PAGE_SIZE);

	if (unlikely(!skb)) {
		put_page(page);
		return NULL;
	}
	skb_reserve(skb, xdp->data - xdp->data_hard_start);
	__skb_put(skb, xdp->data_end - xdp->data);
	return skb;
}

static u32 run(struct netvsc_chan *chan, struct bpf_prog *prog,
	       struct page *page, const struct netvsc_frame *f,
	       struct xdp_buff *xdp)
{
	struct net_device *ndev = chan->nic->ndev;
	u8 *memory = page_address(page);
	u32 act;

	memcpy(memory + XDP_PACKET_HEADROOM, f->data, f->bytes);
	lis_compat_xdp_buff(xdp, memory, PAGE_SIZE, XDP_PACKET_HEADROOM,
			    f->bytes, &chan->xdp_rxq);
	act = bpf_prog_run_xdp(prog, xdp);
	switch (act) {
	case XDP_PASS:
	case XDP_TX:
	case XDP_DROP:
		return act;
	case XDP_REDIRECT:
		if (!xdp_do_redirect(ndev, xdp, prog)) {
			chan->xdp_flush = true;
			return act;
		}
		break;
	case XDP_ABORTED:
		break;
	default:
		lis_compat_xdp_warn(ndev, prog, act);
	}
	trace_xdp_exception(ndev, prog, act);
	return XDP_DROP;
}

static void count(struct netvsc_chan *chan, u32 act)
{
	struct netvsc_stats *s = &chan->rx_stats;

	u64_stats_update_begin(&s->sync);
	s->xdp_drop += act == XDP_DROP;
	s->xdp_redirect += act == XDP_REDIRECT;
	s->xdp_tx += act == XDP_TX;
	u64_stats_update_end(&s->sync);
}

static bool judge(struct netvsc_chan *chan, struct bpf_prog *prog,
		  const struct netvsc_frame *f, struct sk_buff **skb)
{
	struct page *page = NULL;
	struct xdp_buff xdp;
	u32 act = XDP_DROP;

	*skb = NULL;
	if (likely(f->bytes <= ROOM))
		page = dev_alloc_page();
	if (unlikely(!page)) {
		netvsc_count(chan->nic, NETVSC_CNT_RX_NO_MEMORY);
		return false;
	}
	act = run(chan, prog, page, f, &xdp);
	count(chan, act);
	if (act == XDP_PASS) {
		*skb = wrap(page, &xdp);
		return true;
	}
	if (act == XDP_TX) {
		struct sk_buff *out = wrap(page, &xdp);

		/* the program never saw it */
		if (out && f->has_vlan)
			__vlan_hwaccel_put_tag(out, htons(ETH_P_8021Q), f->tci);
		if (out)
			send(chan, out);
	} else if (act == XDP_DROP) {
		put_page(page);
	}
	return false;
}

/**
 * netvsc_xdp_frame - ask the program, if there is one, what becomes of a frame.
 * @chan: where it came in
 * @f: the frame
 * @skb: the frame, if it is passed on and there was memory
 *
 * Context: the channel's NAPI.
 * Return: NETVSC_XDP_NONE: there is no program; _PASS: @skb is it; _GONE.
 */
enum netvsc_verdict netvsc_xdp_frame(struct netvsc_chan *chan,
				     const struct netvsc_frame *f,
				     struct sk_buff **skb)
{
	enum netvsc_verdict verdict = NETVSC_XDP_NONE;
	struct bpf_prog *prog;

	rcu_read_lock();
	prog = rcu_dereference(chan->nic->xdp_prog);
	if (prog)
		verdict = judge(chan, prog, f, skb) ? NETVSC_XDP_PASS :
						      NETVSC_XDP_GONE;
	rcu_read_unlock();
	return verdict;
}

/* What was redirected goes out when NAPI has taken its share. */
void netvsc_xdp_flush(struct netvsc_chan *chan)
{
	if (!chan->xdp_flush)
		return;
	chan->xdp_flush = false;
	xdp_do_flush();
}

/* --- settings -------------------------------------------------------------------- */

static int set_program(struct netvsc_nic *nic, struct bpf_prog *prog,
		       struct netlink_ext_ack *extack)
{
	struct bpf_prog *old = rtnl_dereference(nic->xdp_prog);

	if (prog && nic->ndev->mtu > netvsc_xdp_max_mtu()) {
		NL_SET_ERR_MSG_MOD(extack, "the MTU is too large for XDP");
		return -EOPNOTSUPP;
	}
	rcu_assign_pointer(nic->xdp_prog, prog);
	if (old)
		bpf_prog_put(old);
	/* no frames in parts any more, or again */
	netdev_update_features(nic->ndev);
	return 0;
}

/**
 * netvsc_bpf - a program comes or goes.
 * @ndev: the NIC
 * @cmd: what to do
 *
 * Context: under RTNL.
 */
int netvsc_bpf(struct net_device *ndev, struct netdev_bpf *cmd)
{
	if (cmd->command != XDP_SETUP_PROG)
		return -EINVAL;
	return set_program(netdev_priv(ndev), cmd->prog, cmd->extack);
}
