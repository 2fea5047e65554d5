// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kinds of controllers that speak storvsp: SCSI controllers and
 * accelerated IDE channels; where their disks are and how many there can be.
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
