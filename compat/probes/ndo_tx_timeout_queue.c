// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.6: the callback is told which queue is stuck */
#include <linux/netdevice.h>

static void timeout(struct net_device *d, unsigned int queue)
{
	netdev_get_tx_queue(d, queue);
}

void lis_probe(struct net_device_ops *ops);
void lis_probe(struct net_device_ops *ops)
{
	ops->ndo_tx_timeout = timeout;
}
