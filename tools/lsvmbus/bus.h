/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What sysfs says of the VMBus: its devices and their channels.
 * Plain memory, no locks; one caller.
 */
#ifndef LSVMBUS_BUS_H
#define LSVMBUS_BUS_H

#include <stddef.h>
#include <stdio.h>

#define BUS_GUID_TEXT	40	/* {36 characters}, and the ending zero */

struct bus_channel {
	unsigned int relid;
	unsigned int cpu;
};

struct bus_device {
	unsigned int id;		/* relid of the primary channel */
	char class_id[BUS_GUID_TEXT];	/* in braces */
	char device_id[BUS_GUID_TEXT];	/* in braces */
	char *path;			/* as users know it, below /sys/bus */
	struct bus_channel *channels;
	size_t channel_count;
};

struct bus {
	struct bus_device *devices;	/* by id */
	size_t count;
};

/* Reads the bus below @sysfs, usually "/sys".  0, or -errno with one line of
 * explanation in @why.  bus_free() either way.
 */
int bus_read(struct bus *bus, const char *sysfs, char *why, size_t why_size);
void bus_free(struct bus *bus);

/* The name of a class, given as "{guid}"; never NULL. */
const char *class_name(const char *class_id);

/* Prints the bus; @verbose 0, 1 (classes, channels) or more (ids, paths). */
void bus_print(const struct bus *bus, int verbose, FILE *out);

#endif
