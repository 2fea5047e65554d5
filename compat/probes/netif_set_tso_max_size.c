// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.19: what a device can segment, apart from what is set.
 * exports: netif_set_tso_max_size
 */
#include <linux/netdevice.h>

void lis_probe(struct net_device *d);
void lis_probe(struct net_device *d)
{
	netif_set_tso_max_size(d, 65536);
}
