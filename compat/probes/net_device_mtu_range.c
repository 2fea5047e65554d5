// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v4.10: the core checks the MTU, drivers did before */
#include <linux/netdevice.h>

void lis_probe(struct net_device *d);
void lis_probe(struct net_device *d)
{
	d->min_mtu = 68;
	d->max_mtu = 1500;
}
