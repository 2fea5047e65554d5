// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v6.1: netif_napi_add() without a weight */
#include <linux/netdevice.h>

void lis_probe(struct net_device *d, struct napi_struct *n,
	       int (*poll)(struct napi_struct *, int));
void lis_probe(struct net_device *d, struct napi_struct *n,
	       int (*poll)(struct napi_struct *, int))
{
	netif_napi_add(d, n, poll);
}
