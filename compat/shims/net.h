/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Functions that network drivers need and that got another form, for kernels
 * that lack the newest.  Included after the kernel's headers.
 */
#ifndef LIS_COMPAT_SHIMS_NET_H
#define LIS_COMPAT_SHIMS_NET_H

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/vmalloc.h>

/* 6.1: the usual weight is not said any more. */
static inline void lis_compat_napi_add(struct net_device *ndev,
				       struct napi_struct *napi,
				       int (*poll)(struct napi_struct *, int))
{
#ifdef HAVE_NETIF_NAPI_ADD_WEIGHTLESS
	netif_napi_add(ndev, napi, poll);
#else
	netif_napi_add(ndev, napi, poll, NAPI_POLL_WEIGHT);
#endif
}

/* 4.10; drivers check it themselves all the same */
static inline void lis_compat_mtu_range(struct net_device *ndev,
					unsigned int min, unsigned int max)
{
#ifdef HAVE_NET_DEVICE_MTU_RANGE
	ndev->min_mtu = min;
	ndev->max_mtu = max;
#endif
}

/* el7 has a place for those who do not know its own */
#ifdef HAVE_NDO_CHANGE_MTU
#define LIS_NDO_SET_CHANGE_MTU(fn)	.ndo_change_mtu = fn,
#else
#define LIS_NDO_SET_CHANGE_MTU(fn)	.ndo_change_mtu_rh74 = fn,
#endif

/* 5.6 says which queue is stuck: LIS_NDO_TX_TIMEOUT(fn) after fn(ndev, queue) */
#ifdef HAVE_NDO_TX_TIMEOUT_QUEUE
#define LIS_NDO_TX_TIMEOUT(fn)		struct lis_##fn##_as_it_is
#define LIS_NDO_SET_TX_TIMEOUT(fn)	.ndo_tx_timeout = fn,
#else
static inline unsigned int lis_compat_stopped_queue(struct net_device *ndev)
{
	unsigned int i;

	for (i = 0; i < ndev->real_num_tx_queues; i++)
		if (netif_xmit_stopped(netdev_get_tx_queue(ndev, i)))
			return i;
	return 0;
}

#define LIS_NDO_TX_TIMEOUT(fn)						\
static void fn##_of_one(struct net_device *ndev)			\
{									\
	fn(ndev, lis_compat_stopped_queue(ndev));			\
}									\
struct lis_##fn##_wrapped
#define LIS_NDO_SET_TX_TIMEOUT(fn)	.ndo_tx_timeout = fn##_of_one,
#endif

/* 5.2; before, it was said with the packet */
#ifdef HAVE_NETDEV_XMIT_MORE
#define lis_compat_xmit_more(skb)	netdev_xmit_more()
#else
#define lis_compat_xmit_more(skb)	((skb)->xmit_more)
#endif

/* 4.13 */
#ifndef __GFP_RETRY_MAYFAIL
#define __GFP_RETRY_MAYFAIL	__GFP_REPEAT
#endif

/* 5.8 */
#ifndef HAVE_VMALLOC_WITHOUT_PROT
#define __vmalloc(bytes, gfp)	__vmalloc(bytes, gfp, PAGE_KERNEL)
#endif

/* 5.19 */
#ifndef HAVE_NETIF_SET_TSO_MAX_SIZE
#define netif_set_tso_max_size(ndev, bytes)	\
	netif_set_gso_max_size(ndev, min_t(u32, bytes, GSO_MAX_SIZE))
#endif

/* 5.15, and in stable kernels */
#ifndef HAVE_ETH_HW_ADDR_SET
#define eth_hw_addr_set(ndev, addr)	\
	ether_addr_copy((ndev)->dev_addr, addr)
#endif

#endif
