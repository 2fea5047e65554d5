// SPDX-License-Identifier: GPL-2.0-only
/*
 * NICs: created from --nic, their links changed by `hvctl nic`.
 * Locking: see nic.h.
 */
#include "nic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../vmbus/generation.h"
#include "../vmbus/server.h"
#include "nic_spec.h"

struct nic *nic_find(struct vmbus_server *s, unsigned int number)
{
	struct device *dev;
	char name[16];

	snprintf(name, sizeof(name), "nic%u", number);
	dev = vmbus_device_find(s, name);
	return (struct nic *)dev;
}

void nic_link(struct nic *nic, bool up)
{
	if (atomic_exchange(&nic->link_up, up) == up)
		return;
	atomic_store(&nic->link_changed, true);
	vmbus_device_kick(&nic->dev);
}

static void describe(struct nic *nic)
{
	static const struct lis_guid class_id =
		LIS_GUID(0xf8615163, 0xdf3e, 0x46c5, 0x91, 0x3f, 0xf2, 0xd2,
			 0xf9, 0x65, 0xed, 0x0e);
	struct lis_guid instance =
		LIS_GUID(0x4c495300, 0x4e49, 0x4300, 0x80, 0x00, 0x6f, 0x70,
			 0x65, 0x6e, 0x6c, 0x00);

	instance.b[15] = nic->number;
	nic->dev.class_id = class_id;
	nic->dev.instance_id = instance;
	nic->dev.offer_flags = LIS_OFFER_ENUMERATE;
	nic->dev.ops = &netvsp_ops;
	snprintf(nic->dev.name, sizeof(nic->dev.name), "nic%u", nic->number);
}

static void fill_rndis(struct nic *nic, const struct nic_spec *n)
{
	/* Microsoft's prefix, as Hyper-V gives them out */
	uint8_t mac[NET_MAC_BYTES] = { 0x00, 0x15, 0x5d, 0x4c, 0x53, 0x00 };
	struct rndis *r = &nic->rndis;

	mac[NET_MAC_BYTES - 1] = nic->number;
	memcpy(r->permanent_mac, n->mac_given ? n->mac : mac, NET_MAC_BYTES);
	memcpy(r->mac, r->permanent_mac, NET_MAC_BYTES);
	r->offload = nic->backend->offload;
	r->link_up = &nic->link_up;
	r->counts = &nic->counts;
}

static struct nic *nic_create(struct vmbus_server *s, const struct nic_spec *n,
			      unsigned int number, struct net_backend *backend)
{
	uint32_t newest = vmbus_server_generation(s)->netvsp;
	struct nic *nic = calloc(1, sizeof(*nic));

	if (!nic)
		abort();
	nic->number = number;
	nic->backend = backend;
	nic->newest = n->nvsp && n->nvsp < newest ? n->nvsp : newest;
	nic->max_queues = n->queues;
	atomic_init(&nic->link_up, !n->link_down);
	pthread_mutex_init(&nic->lock, NULL);
	nic_list_init(&nic->free);
	nic_list_init(&nic->free_control);
	describe(nic);
	fill_rndis(nic, n);
	return nic;
}

static bool wrong(char **error, const char *spec, const char *what)
{
	if (asprintf(error, "nic %s: %s", spec, what) < 0)
		*error = NULL;
	return false;
}

bool vmbus_server_add_nic(struct vmbus_server *s, const char *spec,
			  char **error)
{
	struct net_backend *backend;
	unsigned int number = 0;
	struct nic_spec n;
	char text[128];

	*error = NULL;
	if (!nic_spec_parse(&n, spec, error))
		return false;
	while (number < NICS_MAX && nic_find(s, number))
		number++;
	if (number == NICS_MAX)
		return wrong(error, spec, "too many NICs");
	backend = net_backend_open(n.backend, text, sizeof(text));
	if (!backend)
		return wrong(error, spec, text);
	vmbus_device_add(s, &nic_create(s, &n, number, backend)->dev);
	return true;
}
