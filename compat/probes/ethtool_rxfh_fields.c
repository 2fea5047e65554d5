// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v6.17: hash fields by callbacks of their own, no longer by rxnfc */
#include <linux/ethtool.h>

static int fn(struct net_device *d, struct ethtool_rxfh_fields *f)
{
	return 0;
}

struct ethtool_ops probe = { .get_rxfh_fields = fn };
