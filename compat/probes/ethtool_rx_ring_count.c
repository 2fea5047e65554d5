// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v6.19: the number of rings by a callback of its own */
#include <linux/ethtool.h>

static u32 fn(struct net_device *d)
{
	return 1;
}

struct ethtool_ops probe = { .get_rx_ring_count = fn };
