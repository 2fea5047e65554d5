// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.11: a queue of XDP is registered with its NAPI */
#include <net/xdp.h>

int lis_probe(struct xdp_rxq_info *rxq, struct net_device *ndev);
int lis_probe(struct xdp_rxq_info *rxq, struct net_device *ndev)
{
	return xdp_rxq_info_reg(rxq, ndev, 0, 0);
}
