// SPDX-License-Identifier: GPL-2.0-only
/*
 * What ethtool asks of a NIC.  Under RTNL.
 */
#include <linux/ethtool.h>
#include "netvsc_int.h"
#include "../compat/shims/net_ethtool.h"

static void netvsc_get_drvinfo(struct net_device *ndev,
			       struct ethtool_drvinfo *info)
{
	strscpy(info->driver, "hv_netvsc", sizeof(info->driver));
	strscpy(info->version, LIS_VERSION, sizeof(info->version));
	strscpy(info->fw_version, "N/A", sizeof(info->fw_version));
}

/* Tests of users look for these two names in the module. */
static u32 netvsc_get_msglevel(struct net_device *ndev)
{
	return ((struct netvsc_nic *)netdev_priv(ndev))->msg_enable;
}

static void netvsc_set_msglevel(struct net_device *ndev, u32 level)
{
	((struct netvsc_nic *)netdev_priv(ndev))->msg_enable = level;
}

static int netvsc_get_link_ksettings(struct net_device *ndev,
				     struct ethtool_link_ksettings *cmd)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	u32 speed = READ_ONCE(nic->link_speed);

	cmd->base.speed = speed ?: SPEED_UNKNOWN;
	cmd->base.duplex = DUPLEX_FULL;
	cmd->base.port = PORT_OTHER;
	cmd->base.autoneg = AUTONEG_DISABLE;
	return 0;
}

/* --- statistics ------------------------------------------------------------------ */

static int netvsc_get_sset_count(struct net_device *ndev, int set)
{
	if (set != ETH_SS_STATS)
		return -EOPNOTSUPP;
	return netvsc_stats_count(netdev_priv(ndev));
}

static void netvsc_get_strings(struct net_device *ndev, u32 set, u8 *data)
{
	if (set == ETH_SS_STATS)
		netvsc_stats_strings(netdev_priv(ndev), data);
}

static void netvsc_get_ethtool_stats(struct net_device *ndev,
				     struct ethtool_stats *stats, u64 *data)
{
	netvsc_stats_values(netdev_priv(ndev), data);
}

/* --- queues ---------------------------------------------------------------------- */

static void netvsc_get_channels(struct net_device *ndev,
				struct ethtool_channels *c)
{
	struct netvsc_nic *nic = netdev_priv(ndev);

	c->max_combined = min(nic->max_chan, nic->rss_queues);
	c->combined_count = nic->nr_chan;
}

static int netvsc_set_channels(struct net_device *ndev,
			       struct ethtool_channels *c)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	u32 before = nic->want_chan;
	int err;

	if (!c->combined_count || c->rx_count || c->tx_count || c->other_count)
		return -EINVAL;
	if (c->combined_count > min(nic->max_chan, nic->rss_queues))
		return -EINVAL;
	if (READ_ONCE(nic->dead))
		return -ENODEV;
	nic->want_chan = c->combined_count;
	nic->rss_by_user = false;
	err = netvsc_reset(nic);
	if (err) {
		nic->want_chan = before;
		if (netvsc_reset(nic))
			netdev_err(ndev, "lost while changing channels\n");
	}
	return err;
}

static void get_rings(struct net_device *ndev, struct ethtool_ringparam *r)
{
	struct netvsc_nic *nic = netdev_priv(ndev);

	if (nic->piece_bytes)
		r->rx_max_pending = netvsc_recv_max(nic) / nic->piece_bytes;
	r->rx_pending = nic->pieces;
	r->tx_max_pending = NETVSC_SLOTS;
	r->tx_pending = nic->slots;
}

static int set_rings(struct net_device *ndev, struct ethtool_ringparam *r)
{
	return netvsc_set_rings(netdev_priv(ndev), r->rx_pending,
				r->tx_pending);
}
LIS_ETHTOOL_RINGPARAM(get_rings, set_rings);

static u32 netvsc_get_rxfh_key_size(struct net_device *ndev)
{
	return LIS_NDIS_RSS_KEY_BYTES;
}

static u32 netvsc_get_rxfh_indir_size(struct net_device *ndev)
{
	return ((struct netvsc_nic *)netdev_priv(ndev))->rss_entries;
}

static void get_rss(struct net_device *ndev, u32 *table, u8 *key)
{
	struct netvsc_nic *nic = netdev_priv(ndev);

	if (table)
		memcpy(table, nic->rss_table,
		       nic->rss_entries * sizeof(*table));
	if (key)
		memcpy(key, nic->rss_key, sizeof(nic->rss_key));
}

static void put_rss(struct netvsc_nic *nic, const u32 *table, const u8 *key)
{
	if (table) {
		memcpy(nic->rss_table, table,
		       nic->rss_entries * sizeof(*table));
		nic->rss_by_user = true;
	}
	if (key)
		memcpy(nic->rss_key, key, sizeof(nic->rss_key));
}

static int set_rss(struct net_device *ndev, const u32 *table, const u8 *key)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	u32 old_table[LIS_NDIS_RSS_TABLE_ENTRIES];
	u8 old_key[LIS_NDIS_RSS_KEY_BYTES];
	bool by_user = nic->rss_by_user;
	u32 i;
	int err = 0;

	get_rss(ndev, old_table, old_key);
	for (i = 0; table && i < nic->rss_entries; i++)
		if (table[i] >= nic->nr_chan)
			return -EINVAL;
	mutex_lock(&nic->ctl.mutex);
	put_rss(nic, table, key);
	if (!nic->ctl.connected)
		err = -ENODEV;
	else if (nic->nr_chan > 1)
		err = netvsc_send_rss(nic);
	if (err) {
		put_rss(nic, old_table, old_key);
		nic->rss_by_user = by_user;
	}
	mutex_unlock(&nic->ctl.mutex);
	return err;
}
LIS_ETHTOOL_RXFH(get_rss, set_rss);

/* --- hash fields ----------------------------------------------------------------- */

#define ADDRESSES	(RXH_IP_SRC | RXH_IP_DST)
#define PORTS		(RXH_L4_B_0_1 | RXH_L4_B_2_3)

/* The host's bit for flows that can be told apart by ports; 0: no ports */
static int flow_bit(u32 flow_type, u32 *bit)
{
	switch (flow_type) {
	case TCP_V4_FLOW:
		*bit = LIS_NDIS_HASH_TCP4;
		return 0;
	case TCP_V6_FLOW:
		*bit = LIS_NDIS_HASH_TCP6;
		return 0;
	case UDP_V4_FLOW:
		*bit = LIS_NDIS_HASH_UDP4;
		return 0;
	case UDP_V6_FLOW:
		*bit = LIS_NDIS_HASH_UDP6;
		return 0;
	case IPV4_FLOW:
	case IPV6_FLOW:
		*bit = 0;
		return 0;
	default:
		return -EINVAL;
	}
}

static int get_fields(struct net_device *ndev, u32 flow_type, u64 *fields)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	u32 bit;
	int err = flow_bit(flow_type, &bit);

	if (!err)
		*fields = ADDRESSES | (nic->rss_types & bit ? PORTS : 0);
	return err;
}

static int set_fields(struct net_device *ndev, u32 flow_type, u64 fields)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	u32 before = nic->rss_types;
	u32 bit;
	int err = flow_bit(flow_type, &bit);

	if (err)
		return err;
	if (fields != ADDRESSES && (!bit || fields != (ADDRESSES | PORTS)))
		return -EINVAL;
	mutex_lock(&nic->ctl.mutex);
	nic->rss_types = fields & PORTS ? before | bit : before & ~bit;
	if (!nic->ctl.connected)
		err = -ENODEV;
	else if (nic->nr_chan > 1)
		err = netvsc_send_rss(nic);
	if (err)
		nic->rss_types = before;
	mutex_unlock(&nic->ctl.mutex);
	return err;
}
LIS_ETHTOOL_FIELDS(get_fields, set_fields);

/* How many channels a table can name: ethtool asks before it shows one. */
static u32 netvsc_get_rings(struct net_device *ndev)
{
	return ((struct netvsc_nic *)netdev_priv(ndev))->nr_chan;
}
LIS_ETHTOOL_RXNFC(netvsc_get_rings, get_fields);

const struct ethtool_ops netvsc_ethtool_ops = {
	.get_drvinfo		= netvsc_get_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_ts_info		= ethtool_op_get_ts_info,
	.get_msglevel		= netvsc_get_msglevel,
	.set_msglevel		= netvsc_set_msglevel,
	.get_link_ksettings	= netvsc_get_link_ksettings,
	.get_sset_count		= netvsc_get_sset_count,
	.get_strings		= netvsc_get_strings,
	.get_ethtool_stats	= netvsc_get_ethtool_stats,
	.get_channels		= netvsc_get_channels,
	.set_channels		= netvsc_set_channels,
	.get_rxfh_key_size	= netvsc_get_rxfh_key_size,
	.get_rxfh_indir_size	= netvsc_get_rxfh_indir_size,
	LIS_ETHTOOL_SET_RXFH(get_rss, set_rss)
	LIS_ETHTOOL_SET_FIELDS(get_fields, set_fields)
	LIS_ETHTOOL_SET_RXNFC(netvsc_get_rings)
	LIS_ETHTOOL_SET_RINGPARAM(get_rings, set_rings)
};
