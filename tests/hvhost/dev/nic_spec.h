/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The text of --nic and `hvctl nic add`, taken apart.
 * Locking: none, no state.
 */
#ifndef HVHOST_NIC_SPEC_H
#define HVHOST_NIC_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "net_frame.h"

struct nic_spec {
	char backend[40];
	bool mac_given;
	uint8_t mac[NET_MAC_BYTES];
	bool link_down;
	unsigned int queues;
	uint32_t nvsp;			/* 0: the newest of the generation */
};

/* false: *@error is one line that names the part, to be freed. */
bool nic_spec_parse(struct nic_spec *n, const char *spec, char **error);

#endif
