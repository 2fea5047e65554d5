// SPDX-License-Identifier: GPL-2.0-only
/*
 * The table of Windows releases and their protocol versions.
 * Locking: none, constant data.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <lis/proto/netvsp.h>
#include <lis/proto/storvsp.h>
#include <lis/proto/vmbus.h>

#include "generation.h"
#include "server.h"

#define MIB(n) ((uint64_t)(n) << 20)

/* WS2008 R2's version; no later guest asks for it */
#define VMBUS_V1_1 LIS_VMBUS_VERSION(1, 1)

static const struct hv_generation generations[] = {
	{ "ws2008r2", VMBUS_V1_1, LIS_STOR_V4_2, LIS_NVSP_V2, MIB(384) },
	{ "ws2012", LIS_VMBUS_V2_4, LIS_STOR_V5_1, LIS_NVSP_V4, MIB(384) },
	{ "ws2012r2", LIS_VMBUS_V3_0, LIS_STOR_V6_0, LIS_NVSP_V5, MIB(384) },
	{ "ws2016", LIS_VMBUS_V4_0, LIS_STOR_V6_2, LIS_NVSP_V6, MIB(384) },
	{ "ws2019", LIS_VMBUS_V5_2, LIS_STOR_V6_2, LIS_NVSP_V6_1, MIB(1280) },
	{ "ws2022", LIS_VMBUS_V5_3, LIS_STOR_V6_2, LIS_NVSP_V6_1, MIB(1280) },
	{ "ws2025", LIS_VMBUS_V6_0, LIS_STOR_V6_2, LIS_NVSP_V6_1, MIB(1280) },
};

#define GENERATIONS (sizeof(generations) / sizeof(generations[0]))

static const uint32_t versions[] = {
	VMBUS_V1_1, LIS_VMBUS_V2_4, LIS_VMBUS_V3_0, LIS_VMBUS_V4_0,
	LIS_VMBUS_V4_1, LIS_VMBUS_V5_0, LIS_VMBUS_V5_1, LIS_VMBUS_V5_2,
	LIS_VMBUS_V5_3, LIS_VMBUS_V6_0,
};

const struct hv_generation *hv_generation_find(const char *name)
{
	for (size_t i = 0; i < GENERATIONS; i++)
		if (!strcmp(generations[i].name, name))
			return &generations[i];
	return NULL;
}

const char *const *vmbus_generation_names(void)
{
	static const char *names[GENERATIONS + 1];

	for (size_t i = 0; i < GENERATIONS; i++)
		names[i] = generations[i].name;
	return names;
}

bool vmbus_version_known(uint32_t version)
{
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i] == version)
			return true;
	return false;
}

bool vmbus_parse_version(const char *text, uint32_t *version)
{
	unsigned int major, minor;
	char end;

	if (sscanf(text, "%u.%u%c", &major, &minor, &end) != 2 ||
	    major > 0xffff || minor > 0xffff)
		return false;
	*version = LIS_VMBUS_VERSION(major, minor);
	return vmbus_version_known(*version);
}
