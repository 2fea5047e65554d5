/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RSS table and key by ethtool: one structure from 6.8 on, three pointers
 * before.  LIS_ETHTOOL_RXFH(get, set) makes the callbacks out of
 *	void get(struct net_device *, u32 *table, u8 *key)
 *	int set(struct net_device *, const u32 *table, const u8 *key)
 * where either pointer may be NULL; the hash function is always Toeplitz's.
 */
#ifndef LIS_COMPAT_SHIMS_NET_ETHTOOL_H
#define LIS_COMPAT_SHIMS_NET_ETHTOOL_H

#include <linux/ethtool.h>

static inline bool lis_compat_hash_ok(u8 hfunc)
{
	return hfunc == ETH_RSS_HASH_NO_CHANGE || hfunc == ETH_RSS_HASH_TOP;
}

#ifdef HAVE_ETHTOOL_RXFH_PARAM
#define LIS_ETHTOOL_RXFH(get, set)					\
static int get##_rxfh(struct net_device *ndev,				\
		      struct ethtool_rxfh_param *p)			\
{									\
	p->hfunc = ETH_RSS_HASH_TOP;					\
	get(ndev, p->indir, p->key);					\
	return 0;							\
}									\
static int set##_rxfh(struct net_device *ndev,				\
		      struct ethtool_rxfh_param *p,			\
		      struct netlink_ext_ack *extack)			\
{									\
	if (!lis_compat_hash_ok(p->hfunc))				\
		return -EOPNOTSUPP;					\
	return set(ndev, p->indir, p->key);				\
}									\
struct lis_##get##_wrapped
#else
#define LIS_ETHTOOL_RXFH(get, set)					\
static int get##_rxfh(struct net_device *ndev, u32 *indir, u8 *key,	\
		      u8 *hfunc)					\
{									\
	if (hfunc)							\
		*hfunc = ETH_RSS_HASH_TOP;				\
	get(ndev, indir, key);						\
	return 0;							\
}									\
static int set##_rxfh(struct net_device *ndev, const u32 *indir,	\
		      const u8 *key, const u8 hfunc)			\
{									\
	if (!lis_compat_hash_ok(hfunc))					\
		return -EOPNOTSUPP;					\
	return set(ndev, indir, key);					\
}									\
struct lis_##get##_wrapped
#endif

#define LIS_ETHTOOL_SET_RXFH(get, set)					\
	.get_rxfh = get##_rxfh, .set_rxfh = set##_rxfh,

/*
 * Ring sizes: 5.17 has two more arguments.  Callbacks out of
 *	void get(struct net_device *, struct ethtool_ringparam *)
 *	int set(struct net_device *, struct ethtool_ringparam *)
 */
#ifdef HAVE_ETHTOOL_KERNEL_RINGPARAM
#define LIS_ETHTOOL_RINGS	struct net_device *ndev,		\
				struct ethtool_ringparam *r,		\
				struct kernel_ethtool_ringparam *unused, \
				struct netlink_ext_ack *extack
#else
#define LIS_ETHTOOL_RINGS	struct net_device *ndev,		\
				struct ethtool_ringparam *r
#endif
#define LIS_ETHTOOL_RINGPARAM(get, set)					\
static void get##_ringparam(LIS_ETHTOOL_RINGS)				\
{									\
	get(ndev, r);							\
}									\
static int set##_ringparam(LIS_ETHTOOL_RINGS)				\
{									\
	return set(ndev, r);						\
}									\
struct lis_##get##_ringparam_wrapped
#define LIS_ETHTOOL_SET_RINGPARAM(get, set)				\
	.get_ringparam = get##_ringparam, .set_ringparam = set##_ringparam,

/*
 * How many rings a table can name, and which fields of a flow are hashed.
 * Callbacks out of
 *	u32 rings(struct net_device *)
 *	int get(struct net_device *, u32 flow_type, u64 *fields)
 *	int set(struct net_device *, u32 flow_type, u64 fields)
 */
#ifdef HAVE_ETHTOOL_RXFH_FIELDS
#define LIS_ETHTOOL_FIELDS(get, set)					\
static int get##_fields(struct net_device *ndev,			\
			struct ethtool_rxfh_fields *f)			\
{									\
	u64 fields = 0;							\
	int err = get(ndev, f->flow_type, &fields);			\
									\
	f->data = fields;						\
	return err;							\
}									\
static int set##_fields(struct net_device *ndev,			\
			const struct ethtool_rxfh_fields *f,		\
			struct netlink_ext_ack *extack)			\
{									\
	return set(ndev, f->flow_type, f->data);			\
}									\
struct lis_##get##_fields_wrapped
#define LIS_ETHTOOL_SET_FIELDS(get, set)				\
	.get_rxfh_fields = get##_fields, .set_rxfh_fields = set##_fields,
#else
#define LIS_ETHTOOL_FIELDS(get, set)					\
static int set##_rxnfc(struct net_device *ndev,				\
		       struct ethtool_rxnfc *c)				\
{									\
	return c->cmd == ETHTOOL_SRXFH ?				\
	       set(ndev, c->flow_type, c->data) : -EOPNOTSUPP;		\
}									\
struct lis_##get##_fields_wrapped
#define LIS_ETHTOOL_SET_FIELDS(get, set)				\
	.set_rxnfc = set##_rxnfc,
#endif

#ifdef HAVE_ETHTOOL_RX_RING_COUNT
#define LIS_ETHTOOL_RXNFC(rings, get)	struct lis_##rings##_as_it_is
#define LIS_ETHTOOL_SET_RXNFC(rings)	.get_rx_ring_count = rings,
#else
#ifdef HAVE_ETHTOOL_RXFH_FIELDS
#define lis_compat_get_fields(get, ndev, c)	(-EOPNOTSUPP)
#else
#define lis_compat_get_fields(get, ndev, c)				\
	((c)->cmd == ETHTOOL_GRXFH ?					\
	 get(ndev, (c)->flow_type, &(c)->data) : -EOPNOTSUPP)
#endif
#define LIS_ETHTOOL_RXNFC(rings, get)					\
static int rings##_rxnfc(struct net_device *ndev,			\
			 struct ethtool_rxnfc *c, u32 *rules)		\
{									\
	if (c->cmd != ETHTOOL_GRXRINGS)					\
		return lis_compat_get_fields(get, ndev, c);		\
	c->data = rings(ndev);						\
	return 0;							\
}									\
struct lis_##rings##_wrapped
#define LIS_ETHTOOL_SET_RXNFC(rings)	.get_rxnfc = rings##_rxnfc,
#endif

#endif
