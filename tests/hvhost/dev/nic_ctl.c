// SPDX-License-Identifier: GPL-2.0-only
/*
 * `hvctl nic ...`
 * Locking: see nic.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../vmbus/server.h"
#include "nic.h"

static void add_count(struct json_object *o, const char *key, uint64_t n)
{
	json_object_object_add(o, key, json_object_new_int64(n));
}

static void add_mac(struct json_object *o, const char *key, const uint8_t *mac)
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	json_object_object_add(o, key, json_object_new_string(text));
}

static struct json_object *describe(struct nic *nic)
{
	struct json_object *o = json_object_new_object();
	struct rndis_counts *c = &nic->counts;
	char version[16];

	add_count(o, "nic", nic->number);
	json_object_object_add(o, "backend",
			       json_object_new_string(nic->backend->text));
	add_mac(o, "permanent_mac", nic->rndis.permanent_mac);
	add_mac(o, "mac", nic->rndis.mac);
	json_object_object_add(o, "link", json_object_new_string(
			       atomic_load(&nic->link_up) ? "up" : "down"));
	snprintf(version, sizeof(version), "%#x", nic->version);
	json_object_object_add(o, "nvsp", json_object_new_string(version));
	add_count(o, "frame_bytes", nic->rndis.frame_bytes);
	add_count(o, "filter", nic->rndis.filter);
	add_count(o, "offloads", nic->rndis.offloads);
	add_count(o, "queues", 1 + nic->granted);
	json_object_object_add(o, "rss",
			       json_object_new_boolean(nic->rndis.hash.on));
	add_count(o, "hash", nic->rndis.hash.types);
	add_count(o, "tx_frames", c->tx_frames);
	add_count(o, "tx_bytes", c->tx_bytes);
	add_count(o, "tx_errors", c->tx_errors);
	add_count(o, "tx_dropped", c->tx_dropped);
	add_count(o, "tx_checksums", c->tx_checksums);
	add_count(o, "tx_large", c->tx_large);
	add_count(o, "tx_tagged", c->tx_tagged);
	add_count(o, "rx_frames", c->rx_frames);
	add_count(o, "rx_bytes", c->rx_bytes);
	add_count(o, "rx_dropped", c->rx_dropped);
	add_count(o, "rx_no_buffer", c->rx_no_buffer);
	add_count(o, "rx_checksums", c->rx_checksums);
	add_count(o, "rx_coalesced", c->rx_coalesced);
	add_count(o, "lies", c->lies);
	return o;
}

static void list_nics(struct vmbus_server *s, struct json_object *reply)
{
	struct json_object *list = json_object_new_array();

	for (unsigned int i = 0; i < NICS_MAX; i++) {
		struct nic *nic = nic_find(s, i);

		if (nic)
			json_object_array_add(list, describe(nic));
	}
	json_object_object_add(reply, "nics", list);
}

static struct nic *by_name(struct vmbus_server *s, const char *name)
{
	char *end;
	unsigned long n;

	if (!strncmp(name, "nic", 3))
		name += 3;
	n = strtoul(name, &end, 10);
	return *name && !*end && n < NICS_MAX ? nic_find(s, n) : NULL;
}

bool nic_control(struct vmbus_server *s, int argc, const char *const *argv,
		 struct json_object *reply, char *error, size_t error_size)
{
	const char *verb = argc ? argv[0] : "";
	char *text = NULL;
	struct nic *nic;

	if (!strcmp(verb, "list") && argc == 1) {
		list_nics(s, reply);
		return true;
	}
	if (!strcmp(verb, "add") && argc == 2) {
		if (vmbus_server_add_nic(s, argv[1], &text))
			return true;
		snprintf(error, error_size, "%s", text ?: "out of memory");
		free(text);
		return false;
	}
	if (strcmp(verb, "link") || argc != 3 ||
	    (strcmp(argv[2], "up") && strcmp(argv[2], "down"))) {
		snprintf(error, error_size, "nic: expected list, add BACKEND[,...] or link NIC up|down");
		return false;
	}
	nic = by_name(s, argv[1]);
	if (!nic) {
		snprintf(error, error_size, "nic link: no such NIC: %s",
			 argv[1]);
		return false;
	}
	nic_link(nic, !strcmp(argv[2], "up"));
	return true;
}
