// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a NIC is and does: address, link, offloads, spreading over queues,
 * filter; asked of the host and told to it.
 *
 * Process context under nic->ctl.mutex; while connecting under RTNL, too.
 */
#include <linux/random.h>
#include "netvsc_int.h"

/* --- what the NIC is -------------------------------------------------------- */

static int query_mac(struct netvsc_nic *nic)
{
	u8 mac[ETH_ALEN] __aligned(2);
	const u8 *info;
	u32 len;
	int err;

	err = netvsc_query(nic, LIS_OID_PERMANENT_MAC, NULL, 0, ETH_ALEN,
			   &info, &len);
	if (err)
		return err;
	eth_zero_addr(mac);
	if (len >= ETH_ALEN)
		memcpy(mac, info, ETH_ALEN);
	if (is_valid_ether_addr(mac)) {
		ether_addr_copy(nic->permanent, mac);
	} else if (!nic->registered) {
		dev_warn(&nic->dev->dev, "host gives no usable address\n");
		eth_random_addr(nic->permanent);
	}
	return 0;
}

/**
 * netvsc_send_mac - have another address.
 * @nic: the NIC
 * @mac: the address
 *
 * Context: process, under ctl.mutex.
 */
int netvsc_send_mac(struct netvsc_nic *nic, const u8 *mac)
{
	u64 info[NETVSC_MAC_INFO_BYTES / sizeof(u64)];

	return netvsc_set(nic, LIS_OID_RNDIS_CONFIG, info,
			  netvsc_build_mac(info, mac));
}

/* The first time the host's, later the user's */
int netvsc_settle_mac(struct netvsc_nic *nic)
{
	u8 before[ETH_ALEN];
	int err;

	ether_addr_copy(before, nic->permanent);
	err = query_mac(nic);
	if (err)
		return err;
	if (!nic->registered) {
		eth_hw_addr_set(nic->ndev, nic->permanent);
		ether_addr_copy(nic->ndev->perm_addr, nic->permanent);
		return 0;
	}
	if (ether_addr_equal(nic->ndev->dev_addr, before) &&
	    ether_addr_equal(before, nic->permanent))
		return 0;
	if (netvsc_send_mac(nic, nic->ndev->dev_addr))
		dev_warn(&nic->dev->dev, "host does not take the address again\n");
	return 0;
}

static bool query_u32(struct netvsc_nic *nic, u32 oid, u32 *value)
{
	const u8 *info;
	u32 len;

	if (netvsc_query(nic, oid, NULL, 0, sizeof(*value), &info, &len) ||
	    len < sizeof(*value))
		return false;
	memcpy(value, info, sizeof(*value));
	return true;
}

/**
 * netvsc_query_link - ask for the state of the link and its speed.
 * @nic: the NIC
 * @up: the state
 *
 * Context: process, under ctl.mutex.
 */
int netvsc_query_link(struct netvsc_nic *nic, bool *up)
{
	u32 value;

	if (!query_u32(nic, LIS_OID_MEDIA_CONNECT, &value))
		return -EIO;
	*up = value == LIS_NDIS_CONNECTED;
	/* in units of 100 bit/s; all ones: more than it can say */
	if (query_u32(nic, LIS_OID_LINK_SPEED, &value) && value != U32_MAX)
		WRITE_ONCE(nic->link_speed, value / 10000);
	else
		WRITE_ONCE(nic->link_speed, 0);
	return 0;
}

/**
 * netvsc_send_offload - tell the host which offloads we want: all it has.
 * @nic: the NIC
 * @coalesce: frames of a stream may come put together
 *
 * Context: process, under ctl.mutex.
 */
int netvsc_send_offload(struct netvsc_nic *nic, bool coalesce)
{
	u64 info[DIV_ROUND_UP(LIS_NDIS_PARAMS_BYTES_3, sizeof(u64))];

	return netvsc_set(nic, LIS_OID_OFFLOAD_PARAMETERS, info,
			  netvsc_build_offload(info, nic->offload.can,
					       nic->version >= LIS_NVSP_V5,
					       coalesce && nic->parts));
}

/* Hosts that know of no offloads have none. */
int netvsc_settle_offload(struct netvsc_nic *nic)
{
	bool v5 = nic->version >= LIS_NVSP_V5;
	struct lis_ndis_hdr ask = {
		.type = LIS_NDIS_TYPE_OFFLOAD,
		.revision = v5 ? 3 : 1,
		.size = v5 ? LIS_NDIS_OFFLOAD_BYTES_3 :
			     LIS_NDIS_OFFLOAD_BYTES_1,
	};
	const char *wrong;
	const u8 *caps;
	u32 len;
	int err;

	memset(&nic->offload, 0, sizeof(nic->offload));
	err = netvsc_query(nic, LIS_OID_OFFLOAD_CAPABILITIES, &ask,
			   sizeof(ask), ask.size, &caps, &len);
	if (err)
		return err == -EOPNOTSUPP || err == -EIO ? 0 : err;
	wrong = netvsc_check_offload(caps, len, &nic->offload);
	if (wrong) {
		dev_warn(&nic->dev->dev, "host sent %s\n", wrong);
		return 0;
	}
	err = netvsc_send_offload(nic, nic->ndev->features & NETIF_F_LRO);
	if (err == -EIO || err == -EOPNOTSUPP) {
		dev_warn(&nic->dev->dev, "host refuses offloads\n");
		memset(&nic->offload, 0, sizeof(nic->offload));
		err = 0;
	}
	return err;
}

static void query_rss(struct netvsc_nic *nic)
{
	const struct lis_ndis_hdr ask = {
		.type = LIS_NDIS_TYPE_RSS_CAPABILITIES,
		.revision = 2,
		.size = LIS_NDIS_RSS_CAPS_BYTES,
	};
	const u8 *info;
	u32 len;

	nic->rss_queues = 1;
	nic->rss_entries = 0;
	if (nic->version < LIS_NVSP_V5 ||
	    netvsc_query(nic, LIS_OID_RSS_CAPABILITIES, &ask, sizeof(ask),
			 sizeof(struct lis_ndis_rss_caps), &info, &len))
		return;
	if (netvsc_check_rss_caps(info, len, &nic->rss_queues,
				  &nic->rss_entries))
		nic->rss_queues = 1;
}

/**
 * netvsc_send_rss - tell the host how to spread frames over the channels.
 * @nic: the NIC
 *
 * Context: process, under ctl.mutex.
 */
int netvsc_send_rss(struct netvsc_nic *nic)
{
	u64 info[DIV_ROUND_UP(NETVSC_RSS_INFO_BYTES, sizeof(u64))];

	return netvsc_set(nic, LIS_OID_RSS_PARAMETERS, info,
			  netvsc_build_rss(info, nic->rss_table,
					   nic->rss_entries, nic->rss_key,
					   nic->rss_types));
}

static void default_table(struct netvsc_nic *nic)
{
	bool fits = nic->rss_by_user;
	u32 i;

	for (i = 0; fits && i < nic->rss_entries; i++)
		fits = nic->rss_table[i] < nic->nr_chan;
	if (fits)
		return;
	nic->rss_by_user = false;
	for (i = 0; i < nic->rss_entries; i++)
		nic->rss_table[i] = i % nic->nr_chan;
}

/* Older hosts know nothing of the ports of UDP. */
static void settle_hash(struct netvsc_nic *nic)
{
	int err = netvsc_send_rss(nic);

	if (err && nic->rss_types & NETVSC_HASH_UDP) {
		nic->rss_types &= ~NETVSC_HASH_UDP;
		err = netvsc_send_rss(nic);
	}
	if (err)
		dev_warn(&nic->dev->dev, "host does not spread frames\n");
}

/* More queues are speed only: whatever goes wrong, there is one. */
void netvsc_settle_queues(struct netvsc_nic *nic)
{
	u32 n;

	query_rss(nic);
	n = min3(nic->want_chan, nic->rss_queues, nic->max_chan);
	if (nic->rss_entries)
		netvsc_add_subchannels(nic, n - 1);
	default_table(nic);
	if (nic->nr_chan > 1)
		settle_hash(nic);
}

/**
 * netvsc_send_filter - tell the host which frames to let through.
 * @nic: the NIC
 * @filter: LIS_NDIS_FILTER_*, 0 for none
 *
 * Context: process, under ctl.mutex.
 */
int netvsc_send_filter(struct netvsc_nic *nic, u32 filter)
{
	return netvsc_set(nic, LIS_OID_PACKET_FILTER, &filter, sizeof(filter));
}
