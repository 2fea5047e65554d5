// SPDX-License-Identifier: GPL-2.0-only
/* el7 gave the callback another name and place */
#include <linux/netdevice.h>

static int change(struct net_device *d, int mtu)
{
	return d->mtu == mtu;
}

void lis_probe(struct net_device_ops *ops);
void lis_probe(struct net_device_ops *ops)
{
	ops->ndo_change_mtu = change;
}
