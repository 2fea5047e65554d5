// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the network stack asks of a NIC, but for sending: up and down, MTU,
 * address, filters, features; and the work that waits for the host on behalf
 * of those who must not.
 *
 * Under RTNL, except set_rx_mode and the work.
 */
#include "netvsc_int.h"

/* --- filters ------------------------------------------------------------------ */

/**
 * netvsc_wanted_filter - what the host shall let through.
 * @nic: the NIC
 */
u32 netvsc_wanted_filter(struct netvsc_nic *nic)
{
	struct net_device *ndev = nic->ndev;
	u32 filter = LIS_NDIS_FILTER_DIRECTED | LIS_NDIS_FILTER_BROADCAST;

	if (!netif_running(ndev))
		return 0;
	if (ndev->flags & IFF_PROMISC)
		return LIS_NDIS_FILTER_PROMISCUOUS;
	if (ndev->flags & IFF_ALLMULTI || !netdev_mc_empty(ndev))
		filter |= LIS_NDIS_FILTER_ALL_MULTICAST;
	return filter;
}

/* What is wanted is looked at under the mutex, or two could cross. */
static int update_filter(struct netvsc_nic *nic)
{
	u32 filter = 0;
	int err = 0;

	mutex_lock(&nic->ctl.mutex);
	if (nic->ctl.connected) {
		filter = netvsc_wanted_filter(nic);
		err = netvsc_send_filter(nic, filter);
	}
	mutex_unlock(&nic->ctl.mutex);
	if (err && netvsc_log(nic))
		netdev_err(nic->ndev, "host does not set filter 0x%x: %d\n",
			   filter, err);
	return err;
}

void netvsc_filter_work(struct work_struct *work)
{
	struct netvsc_nic *nic = container_of(work, struct netvsc_nic,
					      filter_work);

	update_filter(nic);
}

/* Atomic context: the host is told later. */
static void netvsc_set_rx_mode(struct net_device *ndev)
{
	struct netvsc_nic *nic = netdev_priv(ndev);

	queue_work(netvsc_wq, &nic->filter_work);
}

/* --- link ---------------------------------------------------------------------- */

/* The host has spoken of the link: what it is now counts. */
void netvsc_link_work(struct work_struct *work)
{
	struct netvsc_nic *nic = container_of(to_delayed_work(work),
					      struct netvsc_nic, link_work);
	bool up = false;
	int err = -ENODEV;

	mutex_lock(&nic->ctl.mutex);
	if (nic->ctl.connected)
		err = netvsc_query_link(nic, &up);
	if (!err && up)
		netif_carrier_on(nic->ndev);
	else if (!err)
		netif_carrier_off(nic->ndev);
	mutex_unlock(&nic->ctl.mutex);
}

/* --- up and down --------------------------------------------------------------- */

static int netvsc_open(struct net_device *ndev)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	int err;

	if (READ_ONCE(nic->dead))
		return -ENODEV;
	err = update_filter(nic);
	if (!err)
		netif_tx_start_all_queues(ndev);
	return err;
}

static int netvsc_stop(struct net_device *ndev)
{
	struct netvsc_nic *nic = netdev_priv(ndev);

	netif_tx_disable(ndev);
	if (!READ_ONCE(nic->dead))
		update_filter(nic);
	return 0;
}

/**
 * netvsc_pause - have the stack send no more, until netif_device_attach().
 * @nic: the NIC
 *
 * Context: process, under RTNL.
 */
void netvsc_pause(struct netvsc_nic *nic)
{
	netif_device_detach(nic->ndev);
	/* an xmit that was running may have started its queue again */
	netif_tx_disable(nic->ndev);
}

/**
 * netvsc_reset - part from the host and come to terms again.
 * @nic: the NIC
 *
 * Context: process, under RTNL.
 * Return: 0, or -errno, and then the NIC is not connected.
 */
int netvsc_reset(struct netvsc_nic *nic)
{
	int err;

	ASSERT_RTNL();
	netvsc_count(nic, NETVSC_CNT_RESETS);
	netvsc_pause(nic);
	netvsc_disconnect(nic);
	err = netvsc_connect(nic);
	if (!err) {
		netvsc_set_features(nic);
		netdev_update_features(nic->ndev);
		netif_device_attach(nic->ndev);
	}
	return err;
}

/* A sub-channel went away, or the stack is tired of waiting. */
void netvsc_reset_work(struct work_struct *work)
{
	struct netvsc_nic *nic = container_of(work, struct netvsc_nic,
					      reset_work);
	int err;

	rtnl_lock();
	/* not while suspended, nor in remove */
	if (nic->registered && nic->ctl.connected && !READ_ONCE(nic->dead)) {
		/* one less each time, or a host could keep us at it for ever */
		if (nic->lost_sub)
			nic->want_chan = max(min(nic->want_chan,
						 nic->nr_chan), 2u) - 1;
		nic->lost_sub = false;
		err = netvsc_reset(nic);
		if (err)
			netdev_err(nic->ndev, "lost in a reset: %d\n", err);
	}
	rtnl_unlock();
}

static void netvsc_tx_timeout(struct net_device *ndev, unsigned int queue)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	struct netvsc_chan *chan = &nic->chan[queue];

	netdev_warn(ndev, "queue %u is stuck: %u of %u slots free, CPU %d, owes %u answers\n",
		    queue, READ_ONCE(chan->free_tail) -
		    READ_ONCE(chan->free_head), nic->slots,
		    netvsc_channel_cpu(chan), READ_ONCE(chan->owed_tail) -
		    READ_ONCE(chan->owed_head));
	netvsc_log_rings(chan);
	queue_work(netvsc_wq, &nic->reset_work);
}
LIS_NDO_TX_TIMEOUT(netvsc_tx_timeout);

/* --- settings ------------------------------------------------------------------ */

static int netvsc_change_mtu(struct net_device *ndev, int mtu)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	int before = ndev->mtu;
	int err;

	if (READ_ONCE(nic->dead))
		return -ENODEV;
	/* not all kernels look at that */
	if (mtu < ETH_MIN_MTU || (u32)mtu > netvsc_max_mtu(nic))
		return -EINVAL;
	if (rtnl_dereference(nic->xdp_prog) && (u32)mtu > netvsc_xdp_max_mtu())
		return -EINVAL;
	WRITE_ONCE(ndev->mtu, mtu);
	err = netvsc_reset(nic);
	if (!err)
		return 0;
	netdev_err(ndev, "host does not take MTU %d: %d\n", mtu, err);
	WRITE_ONCE(ndev->mtu, before);
	if (netvsc_reset(nic))
		netdev_err(ndev, "lost with the former MTU, too\n");
	return err;
}

static int netvsc_set_mac(struct net_device *ndev, void *p)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	const struct sockaddr *addr = p;
	int err;

	err = eth_prepare_mac_addr_change(ndev, p);
	if (err)
		return err;
	mutex_lock(&nic->ctl.mutex);
	err = nic->ctl.connected ?
	      netvsc_send_mac(nic, (const u8 *)addr->sa_data) : -ENODEV;
	mutex_unlock(&nic->ctl.mutex);
	if (!err)
		eth_commit_mac_addr_change(ndev, p);
	return err;
}

static const struct {
	u32 can;
	netdev_features_t feature;
} tx_features[] = {
	{ NETVSC_CAN_TCP4_TX, NETIF_F_IP_CSUM },
	{ NETVSC_CAN_TCP6_TX, NETIF_F_IPV6_CSUM },
	{ NETVSC_CAN_TSO4, NETIF_F_TSO },
	{ NETVSC_CAN_TSO6, NETIF_F_TSO6 },
	{ NETVSC_CAN_TCP4_RX | NETVSC_CAN_UDP4_RX | NETVSC_CAN_TCP6_RX |
	  NETVSC_CAN_UDP6_RX, NETIF_F_RXCSUM },
};

/**
 * netvsc_set_features - tell the stack what the host can do.
 * @nic: connected
 *
 * Coalesced frames come only to those who ask for them: they must not be
 * forwarded.  A packet whose checksum the host cannot do all the same, UDP for instance,
 * is sorted out by netvsc_features_check().
 */
void netvsc_set_features(struct netvsc_nic *nic)
{
	netdev_features_t f = NETIF_F_SG | NETIF_F_RXHASH;
	struct net_device *ndev = nic->ndev;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tx_features); i++)
		if (nic->offload.can & tx_features[i].can)
			f |= tx_features[i].feature;
	if (nic->parts &&
	    nic->offload.can & (NETVSC_CAN_RSC4 | NETVSC_CAN_RSC6))
		f |= NETIF_F_LRO;
	/* what a user has switched off stays so */
	if (!nic->registered)
		ndev->features = f & ~NETIF_F_LRO;
	else
		ndev->features &= f | ~ndev->hw_features;
	ndev->hw_features = f;
	ndev->features |= NETIF_F_HIGHDMA | NETIF_F_HW_VLAN_CTAG_TX |
			  NETIF_F_HW_VLAN_CTAG_RX;
	ndev->vlan_features = (f & ~NETIF_F_LRO) | NETIF_F_HIGHDMA;
	if (nic->offload.tso_bytes)
		netif_set_tso_max_size(ndev, nic->offload.tso_bytes);
}

/* A program of XDP sees whole frames only. */
static netdev_features_t netvsc_fix_features(struct net_device *ndev,
					     netdev_features_t features)
{
	struct netvsc_nic *nic = netdev_priv(ndev);

	if (rcu_access_pointer(nic->xdp_prog))
		features &= ~NETIF_F_LRO;
	return features;
}

/* All else is a matter of what we send and believe. */
static int netvsc_change_features(struct net_device *ndev,
				  netdev_features_t features)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	int err = 0;

	if (!((ndev->features ^ features) & NETIF_F_LRO))
		return 0;
	mutex_lock(&nic->ctl.mutex);
	if (nic->ctl.connected)
		err = netvsc_send_offload(nic, features & NETIF_F_LRO);
	mutex_unlock(&nic->ctl.mutex);
	return err;
}

const struct net_device_ops netvsc_netdev_ops = {
	.ndo_open		= netvsc_open,
	.ndo_stop		= netvsc_stop,
	.ndo_start_xmit		= netvsc_start_xmit,
	.ndo_features_check	= netvsc_features_check,
	.ndo_set_features	= netvsc_change_features,
	.ndo_fix_features	= netvsc_fix_features,
	LIS_NDO_SET_XDP(netvsc_bpf, netvsc_xdp_xmit)
	.ndo_set_rx_mode	= netvsc_set_rx_mode,
	.ndo_set_mac_address	= netvsc_set_mac,
	.ndo_validate_addr	= eth_validate_addr,
	.ndo_get_stats64	= netvsc_get_stats64,
	LIS_NDO_SET_CHANGE_MTU(netvsc_change_mtu)
	LIS_NDO_SET_TX_TIMEOUT(netvsc_tx_timeout)
};
