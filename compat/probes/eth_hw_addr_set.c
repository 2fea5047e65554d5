// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.15: addresses of devices are constant for drivers */
#include <linux/etherdevice.h>

void lis_probe(struct net_device *d, const u8 *addr);
void lis_probe(struct net_device *d, const u8 *addr)
{
	eth_hw_addr_set(d, addr);
}
