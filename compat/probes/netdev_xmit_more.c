// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.2; a bit in the packet before */
#include <linux/netdevice.h>

bool lis_probe(void);
bool lis_probe(void)
{
	return netdev_xmit_more();
}
