// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kinds of controllers that speak storvsp: SCSI controllers, accelerated
 * IDE channels, Fibre Channel adapters; where their disks are, how many there
 * can be, what an adapter is called.
 *
 * Pure: computes from what the host said, which is distrusted.
 */
#include <linux/array_size.h>
#include "pure.h"

static const struct storvsc_limits limits[STORVSC_KINDS] = {
	[STORVSC_SCSI]	= {
		.name = "SCSI controller",
		.paths = 1, .targets = 1, .luns = 64,
		.transfer = STORVSC_MOST_TRANSFER, .subchannels = true,
	},
	/* One channel for each disk, and that is it. */
	[STORVSC_IDE]	= {
		.name = "IDE channel",
		.paths = 1, .targets = 1, .luns = 1,
		.transfer = STORVSC_MOST_TRANSFER,
	},
	/* Hosts are known to spoil longer transfers. */
	[STORVSC_FC]	= {
		.name = "Fibre Channel adapter",
		.paths = 8, .targets = 128, .luns = 255,
		.transfer = 512u << 10, .subchannels = true,
	},
};

const struct storvsc_limits *storvsc_limits(unsigned long kind)
{
	return &limits[kind < ARRAY_SIZE(limits) ? kind : STORVSC_SCSI];
}

/*
 * {0000CCCC-DDDD-8899-...}: C is the channel, D the device, each in the byte
 * order of a GUID's first groups.
 */
const char *storvsc_ide_place(const u8 *instance, struct storvsc_place *place)
{
	if (instance[6] != 0x99 || instance[7] != 0x88)
		return "IDE channel of an unknown form";
	if (instance[1] || instance[2] || instance[3] || instance[5])
		return "IDE channel or device out of range";
	place->path = instance[0];
	place->target = instance[4];
	return NULL;
}

/* All zeroes and all ones name nobody. */
static u64 a_name(const u8 *bytes)
{
	u64 name = 0;
	u32 i;

	for (i = 0; i < 8; i++)
		name = name << 8 | bytes[i];
	return name == ~0ULL ? 0 : name;
}

const char *storvsc_fc_names(const struct lis_stor_fc_wwn *wwn,
			     struct storvsc_names *names)
{
	bool first = wwn->primary_active;

	names->node = a_name(first ? wwn->primary_node : wwn->secondary_node);
	names->port = a_name(first ? wwn->primary_port : wwn->secondary_port);
	return names->node && names->port ? NULL :
	       "a Fibre Channel adapter without a name";
}
