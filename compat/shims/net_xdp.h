/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XDP: programs that see frames before there is an skb, where the kernel has it
 * as drivers know it today (5.8).  What a driver has for it is in a file of its
 * own, which its Kbuild leaves out otherwise (offers.sh); the header says
 *
 *   LIS_XDP_MEMBER(type, name)   a member of a structure, or none
 *   LIS_XDP_FUNC(type, name, arguments, body)
 *                                a function of that file, or one of this body
 */
#ifndef LIS_COMPAT_SHIMS_NET_XDP_H
#define LIS_COMPAT_SHIMS_NET_XDP_H

#include <linux/netdevice.h>

#ifdef HAVE_XDP_FRAME_SZ
#include <linux/bpf.h>
#include <linux/bpf_trace.h>
#include <linux/filter.h>
#include <net/xdp.h>

#define LIS_XDP_MEMBER(type, name)	type name
#define LIS_XDP_FUNC(type, name, arguments, body)	\
	type name arguments
#define LIS_NDO_SET_XDP(setup, send)	\
	.ndo_bpf = setup, .ndo_xdp_xmit = send,

/* 5.12 */
static inline void lis_compat_xdp_buff(struct xdp_buff *xdp, void *memory,
				       u32 room, u32 headroom, u32 bytes,
				       struct xdp_rxq_info *rxq)
{
#ifdef HAVE_XDP_INIT_BUFF
	xdp_init_buff(xdp, room, rxq);
	xdp_prepare_buff(xdp, memory, headroom, bytes, false);
#else
	xdp->frame_sz = room;
	xdp->rxq = rxq;
	xdp->data_hard_start = memory;
	xdp->data = memory + headroom;
	xdp->data_end = xdp->data + bytes;
	xdp_set_data_meta_invalid(xdp);
#endif
}

/* 5.11 */
#ifdef HAVE_XDP_RXQ_NAPI_ID
#define lis_compat_xdp_rxq_reg(rxq, ndev, queue)	\
	xdp_rxq_info_reg(rxq, ndev, queue, 0)
#else
#define lis_compat_xdp_rxq_reg(rxq, ndev, queue)	\
	xdp_rxq_info_reg(rxq, ndev, queue)
#endif

/* 5.17 */
#ifdef HAVE_XDP_WARN_ACTION_DEV
#define lis_compat_xdp_warn(ndev, prog, act)	\
	bpf_warn_invalid_xdp_action(ndev, prog, act)
#else
#define lis_compat_xdp_warn(ndev, prog, act)	\
	bpf_warn_invalid_xdp_action(act)
#endif

/* 6.3 */
static inline void lis_compat_xdp_features(struct net_device *ndev)
{
#ifdef HAVE_XDP_FEATURES_FLAG
	xdp_set_features_flag(ndev, NETDEV_XDP_ACT_BASIC |
			      NETDEV_XDP_ACT_REDIRECT |
			      NETDEV_XDP_ACT_NDO_XMIT);
#endif
}

#else
#include <linux/filter.h>	/* accessors of RCU want to know the type whole */

struct netdev_bpf;
struct xdp_frame;

#define LIS_XDP_MEMBER(type, name)
#define LIS_XDP_FUNC(type, name, arguments, body)	\
	static inline type name arguments { body; }
#define LIS_NDO_SET_XDP(setup, send)
static inline void lis_compat_xdp_features(struct net_device *ndev) { }
#endif

#endif
