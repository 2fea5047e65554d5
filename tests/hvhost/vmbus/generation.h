/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each Windows release speaks, by the name of --generation.
 * Locking: none, constant data.
 */
#ifndef HVHOST_GENERATION_H
#define HVHOST_GENERATION_H

#include <stdbool.h>
#include <stdint.h>

struct hv_generation {
	const char *name;
	uint32_t vmbus;		/* newest LIS_VMBUS_V* */
	uint16_t storvsp;	/* newest LIS_STOR_V* */
	uint32_t netvsp;	/* newest LIS_NVSP_V* */
	uint64_t gpadl_bytes;	/* all GPADLs of a VM together */
};

/* NULL: no such release */
const struct hv_generation *hv_generation_find(const char *name);

/* The server speaks exactly these, up to the release's newest. */
bool vmbus_version_known(uint32_t version);

#endif
