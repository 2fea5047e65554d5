/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's frame made ready for the back end: what it leaves to the NIC is
 * checked, and said in a virtio header.
 * Locking: none; reads what is atomic of the RNDIS device.
 */
#ifndef HVHOST_NET_SEND_H
#define HVHOST_NET_SEND_H

#include "net_backend.h"
#include "rndis.h"
#include "rndis_packet.h"

#define NET_HEADROOM	NET_VLAN_BYTES	/* writable bytes before a frame */

struct net_send {
	struct virtio_net_hdr h;
	uint8_t *frame;			/* may begin in the headroom */
	uint32_t bytes;
};

/* @d->data_bytes bytes are at @frame, a private copy.  NULL, or what is wrong
 * with them.
 */
const char *net_send_prepare(struct net_send *out, const struct rndis *r,
			     const struct rndis_data *d, uint8_t *frame);

#endif
