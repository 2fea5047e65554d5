// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v6.3: a driver says which actions it knows */
#include <net/xdp.h>

void lis_probe(struct net_device *ndev);
void lis_probe(struct net_device *ndev)
{
	xdp_set_features_flag(ndev, NETDEV_XDP_ACT_BASIC |
			      NETDEV_XDP_ACT_REDIRECT |
			      NETDEV_XDP_ACT_NDO_XMIT);
}
