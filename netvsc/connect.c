// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coming to terms with the host: version, buffers, RNDIS, and, by settle.c, what
 * the NIC is and can do; and parting again.
 *
 * Process context under RTNL (or before anybody knows the NIC), one at a time;
 * the conversation itself under nic->ctl.mutex.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>
#include "netvsc_int.h"

#define RECV_BYTES	SZ_16M
#define RECV_BYTES_V2	(15 * SZ_1M)
#define SEND_BYTES_MAX	(15 * SZ_1M)
#define BYTES_MIN	SZ_1M
#define SEND_BUF_ID	0

static struct device *dev_of(struct netvsc_nic *nic)
{
	return &nic->dev->dev;
}

/* --- NVSP ------------------------------------------------------------------ */

static int nope(struct netvsc_nic *nic, const char *what, const char *wrong,
		u32 status)
{
	if (wrong) {
		dev_err(dev_of(nic), "%s: host sent %s\n", what, wrong);
		return -EPROTO;
	}
	if (status == LIS_NVSP_STATUS_SUCCESS)
		return 0;
	dev_err(dev_of(nic), "%s: host says status %u\n", what, status);
	return -EIO;
}

static int negotiate(struct netvsc_nic *nic)
{
	struct lis_nvsp_msg answer;
	u32 i, len, status, v;

	nic->version = 0;
	for (i = 0; (v = netvsc_version(i)); i++) {
		const struct lis_nvsp_msg msg = {
			.type = LIS_NVSP_INIT,
			.init.version_min = v,
			.init.version_max = v,
		};
		const char *wrong;
		int err = netvsc_nvsp_ask(nic, &msg, &answer, &len);

		if (err)
			return err;
		wrong = netvsc_check_init(&answer, len, &status);
		if (wrong)
			return nope(nic, "version", wrong, 0);
		if (status == LIS_NVSP_STATUS_SUCCESS) {
			nic->version = v;
			nic->parts = v >= LIS_NVSP_V6_1;
			return 0;
		}
	}
	dev_err(dev_of(nic), "host knows no protocol version of ours\n");
	return -EIO;
}

/* Before the buffers: the host cuts these by the longest frame. */
static int announce(struct netvsc_nic *nic)
{
	/* others on the wire may not know that our MTU is less than usual */
	u32 frame = max_t(u32, nic->ndev->mtu, ETH_DATA_LEN) +
		    NETVSC_ETH_HEADER;
	const struct lis_nvsp_msg config = {
		.type = LIS_NVSP_SEND_NDIS_CONFIG,
		.ndis_config.mtu = frame,
		.ndis_config.capabilities = LIS_NVSP_CAP_VLAN |
			(nic->parts ? LIS_NVSP_CAP_RSC : 0),
	};
	const struct lis_nvsp_msg ndis = {
		.type = LIS_NVSP_SEND_NDIS_VERSION,
		.ndis_version.major = 6,
		.ndis_version.minor = nic->version >= LIS_NVSP_V5 ? 30 : 1,
	};
	int err = 0;

	nic->longest = frame + NETVSC_VLAN_TAG;
	if (nic->version >= LIS_NVSP_V2)
		err = netvsc_nvsp_send(nic, &config);
	return err ?: netvsc_nvsp_send(nic, &ndis);
}

/* --- buffers --------------------------------------------------------------- */

static int alloc_buffer(struct netvsc_buffer *b, u32 bytes)
{
	if (b->mem && b->wanted == bytes)
		return 0;
	vfree(b->mem);
	b->wanted = bytes;
	/* less than wanted is better than nothing */
	for (; bytes >= BYTES_MIN; bytes = PAGE_ALIGN(bytes / 2)) {
		b->mem = __vmalloc(bytes, GFP_KERNEL | __GFP_ZERO |
				   __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
		b->bytes = bytes;
		if (b->mem)
			return 0;
	}
	return -ENOMEM;
}

static int share_buffer(struct netvsc_nic *nic, struct netvsc_buffer *b)
{
	int err = lis_gpadl_create(nic->dev->channel, b->mem, b->bytes,
				   &b->gpadl);

	if (err == -ETIMEDOUT) {
		b->mem = NULL;		/* the host's, maybe: leaked */
		b->gpadl = 0;
	}
	return err;
}

static void unshare_buffer(struct netvsc_nic *nic, struct netvsc_buffer *b)
{
	b->told = false;
	if (!b->gpadl)
		return;
	if (lis_gpadl_teardown(nic->dev->channel, b->gpadl))
		b->mem = NULL;		/* leaked: the host may still write */
	b->gpadl = 0;
}

void netvsc_free_buffers(struct netvsc_nic *nic)
{
	vfree(nic->recv.mem);
	vfree(nic->send.mem);
	nic->recv.mem = NULL;
	nic->send.mem = NULL;
}

/* The longest receive buffer that the host takes */
u32 netvsc_recv_max(const struct netvsc_nic *nic)
{
	return nic->version <= LIS_NVSP_V2 ? RECV_BYTES_V2 : RECV_BYTES;
}

static void learn_section(struct netvsc_nic *nic,
			  const struct lis_nvsp_section *s)
{
	nic->pieces = s->suballocs;
	nic->piece_bytes = s->suballoc_bytes;
}

static int offer_recv(struct netvsc_nic *nic)
{
	struct lis_nvsp_msg msg = {
		.type = LIS_NVSP_SEND_RECV_BUF,
		.send_buf.id = LIS_NVSP_RECV_BUF_ID,
	};
	u32 bytes = min(nic->recv_bytes ?: RECV_BYTES, netvsc_recv_max(nic));
	struct lis_nvsp_msg answer;
	const char *wrong;
	u32 len, status = 0;
	int err;

	err = alloc_buffer(&nic->recv, bytes);
	if (!err)
		err = share_buffer(nic, &nic->recv);
	if (err)
		return err;
	msg.send_buf.gpadl = nic->recv.gpadl;
	nic->recv.told = true;
	err = netvsc_nvsp_ask(nic, &msg, &answer, &len);
	if (err)
		return err;
	wrong = netvsc_check_recv_buf(&answer, len, nic->recv.bytes,
				      nic->longest - NETVSC_VLAN_TAG, &status);
	if (!wrong && status == LIS_NVSP_STATUS_SUCCESS)
		learn_section(nic, &answer.recv_buf_complete.section);
	return nope(nic, "receive buffer", wrong, status);
}

static int offer_send(struct netvsc_nic *nic)
{
	struct lis_nvsp_msg msg = {
		.type = LIS_NVSP_SEND_SEND_BUF,
		.send_buf.id = SEND_BUF_ID,
	};
	u32 bytes = nic->max_chan * NETVSC_SLOTS * NETVSC_SECTION_GUESS;
	struct lis_nvsp_msg answer;
	const char *wrong;
	u32 len, status = 0;
	int err;

	err = alloc_buffer(&nic->send, min_t(u32, bytes, SEND_BYTES_MAX));
	if (!err)
		err = share_buffer(nic, &nic->send);
	if (err)
		return err;
	msg.send_buf.gpadl = nic->send.gpadl;
	nic->send.told = true;
	err = netvsc_nvsp_ask(nic, &msg, &answer, &len);
	if (err)
		return err;
	wrong = netvsc_check_send_buf(&answer, len, nic->send.bytes, &status,
				      &nic->section_bytes);
	return nope(nic, "send buffer", wrong, status);
}

/* --- queues ----------------------------------------------------------------- */

int netvsc_ask_subchannels(struct netvsc_nic *nic, u32 count, u32 *granted)
{
	const struct lis_nvsp_msg msg = {
		.type = LIS_NVSP_SUBCHANNEL,
		.subchannel.operation = LIS_NVSP_SUBCHANNEL_ALLOCATE,
		.subchannel.count = count,
	};
	struct lis_nvsp_msg answer;
	const char *wrong;
	u32 len, status = 0;
	int err = netvsc_nvsp_ask(nic, &msg, &answer, &len);

	if (err)
		return err;
	wrong = netvsc_check_subchannels(&answer, len, count, &status,
					 granted);
	return nope(nic, "sub-channels", wrong, status);
}

/* --- all of it --------------------------------------------------------------- */

static int say_hello(struct netvsc_nic *nic)
{
	bool up = false;
	int err;

	err = negotiate(nic);
	if (!err)
		err = announce(nic);
	if (!err)
		err = offer_recv(nic);
	if (!err)
		err = offer_send(nic);
	if (!err)
		err = netvsc_initialize(nic);
	if (!err)
		err = netvsc_settle_mac(nic);
	if (!err)
		err = netvsc_settle_offload(nic);
	if (err)
		return err;
	netvsc_settle_queues(nic);
	err = netvsc_query_link(nic, &up);
	if (err)
		return err;
	nic->ctl.connected = true;
	if (up)
		netif_carrier_on(nic->ndev);
	else
		netif_carrier_off(nic->ndev);
	return 0;
}

static void tell_queues(struct netvsc_nic *nic)
{
	netif_set_real_num_tx_queues(nic->ndev, nic->nr_chan);
	netif_set_real_num_rx_queues(nic->ndev, nic->nr_chan);
	netvsc_settle_cpus(nic);
}

/**
 * netvsc_connect - open the channels and come to terms.
 * @nic: not connected
 *
 * Return: 0, or -errno, and then everything is closed again.
 */
int netvsc_connect(struct netvsc_nic *nic)
{
	int err;

	if (READ_ONCE(nic->dead))
		return -ENODEV;
	nic->section_bytes = 0;
	err = netvsc_open_primary(nic);
	if (err)
		return err;
	mutex_lock(&nic->ctl.mutex);
	err = say_hello(nic);
	if (!err && netif_running(nic->ndev))
		err = netvsc_send_filter(nic, netvsc_wanted_filter(nic));
	mutex_unlock(&nic->ctl.mutex);
	if (err) {
		netvsc_disconnect(nic);
		return err;
	}
	tell_queues(nic);
	netvsc_start_queues(nic);
	return 0;
}

/* As far as the host goes along: what it does not hear, closing tells it. */
static void say_goodbye(struct netvsc_nic *nic)
{
	struct lis_nvsp_msg msg = { .type = LIS_NVSP_REVOKE_RECV_BUF };

	if (READ_ONCE(nic->dead))
		return;
	if (nic->ctl.connected) {
		if (netvsc_send_filter(nic, 0) == -ETIMEDOUT)
			return;
		netvsc_halt(nic);
	}
	if (nic->recv.told) {
		msg.revoke_buf.id = LIS_NVSP_RECV_BUF_ID;
		netvsc_nvsp_send(nic, &msg);
	}
	if (nic->send.told) {
		msg.type = LIS_NVSP_REVOKE_SEND_BUF;
		msg.revoke_buf.id = SEND_BUF_ID;
		netvsc_nvsp_send(nic, &msg);
	}
}

/**
 * netvsc_disconnect - part; nothing is sent or received after this.
 * @nic: the NIC, connected or not quite
 */
void netvsc_disconnect(struct netvsc_nic *nic)
{
	mutex_lock(&nic->ctl.mutex);
	say_goodbye(nic);
	nic->ctl.connected = false;
	mutex_unlock(&nic->ctl.mutex);
	netif_carrier_off(nic->ndev);
	netvsc_close_all(nic);
	/* closed first: the oldest hosts want that */
	unshare_buffer(nic, &nic->recv);
	unshare_buffer(nic, &nic->send);
}

/**
 * netvsc_set_rings - have other buffers.
 * @nic: connected
 * @pieces: of the receive buffer, at least
 * @slots: packets of a channel in flight
 *
 * Context: process, under RTNL.
 * Return: 0, or -errno, and then the NIC is connected as before, or not at all.
 */
int netvsc_set_rings(struct netvsc_nic *nic, u32 pieces, u32 slots)
{
	u32 bytes_before = nic->recv_bytes;
	u32 slots_before = nic->slots;
	u64 bytes = PAGE_ALIGN((u64)pieces * nic->piece_bytes);
	int err;

	if (READ_ONCE(nic->dead))
		return -ENODEV;
	nic->slots = clamp(slots, NETVSC_SLOTS_MIN, NETVSC_SLOTS);
	if (pieces != nic->pieces)
		nic->recv_bytes = clamp_t(u64, bytes, BYTES_MIN, RECV_BYTES);
	if (nic->slots == slots_before && nic->recv_bytes == bytes_before)
		return 0;
	err = netvsc_reset(nic);
	if (!err)
		return 0;
	nic->slots = slots_before;
	nic->recv_bytes = bytes_before;
	if (netvsc_reset(nic))
		netdev_err(nic->ndev, "lost while changing buffers\n");
	return err;
}
