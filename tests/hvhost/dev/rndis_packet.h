/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RNDIS data messages: what a guest's message says, checked; and the head of
 * one for the guest.
 * Locking: none, no state.
 */
#ifndef HVHOST_RNDIS_PACKET_H
#define HVHOST_RNDIS_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lis/proto/rndis.h>

enum rndis_info {
	INFO_CSUM, INFO_LSO, INFO_VLAN, INFO_HASH,
	INFO_PACKET_ID,			/* a struct lis_ppi_packet_id */
	INFO_COUNT
};

/* One data message; offsets from its start */
struct rndis_data {
	uint32_t message_bytes;
	uint32_t data_at;
	uint32_t data_bytes;
	unsigned int has;		/* bits 1 << enum rndis_info */
	uint32_t info[INFO_COUNT];
};

/* NULL, or what is wrong; @bytes are there, from the message's start. */
const char *rndis_packet_parse(struct rndis_data *d, const uint8_t *message,
			       uint32_t bytes);

/* Write a head with d->info and data_bytes, so that data begins at data_at,
 * and message_bytes as they are set.  Returns the head's length.
 */
#define RNDIS_HEAD_MAX	(sizeof(struct lis_rndis_packet) + INFO_COUNT * 16)
size_t rndis_packet_build(const struct rndis_data *d, uint8_t *head);

#endif
