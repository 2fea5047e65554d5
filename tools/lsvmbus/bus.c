// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads the VMBus out of sysfs and prints it.  Devices may vanish while they
 * are read: one that does is left out, which is what a later call would say.
 * No dependency beyond the C library, so that it can be linked statically and
 * run in an initramfs.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"

/* Longer than any attribute we read; a mapping of 2048 channels fits. */
#define ATTRIBUTE_MAX	65536

/* Reads an attribute whole, without the newline at its end; NULL if it can't. */
static char *read_attribute(const char *dir, const char *name)
{
	char path[4096];
	char *text;
	size_t len;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return NULL;
	f = fopen(path, "r");
	if (!f)
		return NULL;
	text = malloc(ATTRIBUTE_MAX);
	if (text) {
		len = fread(text, 1, ATTRIBUTE_MAX - 1, f);
		while (len && isspace((unsigned char)text[len - 1]))
			len--;
		text[len] = '\0';
	}
	fclose(f);
	return text;
}

/* Takes over a GUID attribute, in braces whatever the kernel printed. */
static int read_guid(const char *dir, const char *name, char *guid)
{
	char *text = read_attribute(dir, name);
	const char *start = text;
	int ok;

	if (!text)
		return -1;
	if (*start == '{')
		start++;
	ok = strlen(start) >= 36;
	if (ok)
		snprintf(guid, BUS_GUID_TEXT, "{%.36s}", start);
	free(text);
	return ok ? 0 : -1;
}

static int by_relid(const void *a, const void *b)
{
	const struct bus_channel *x = a, *y = b;

	return (x->relid > y->relid) - (x->relid < y->relid);
}

static int by_id(const void *a, const void *b)
{
	const struct bus_device *x = a, *y = b;

	if (x->id != y->id)
		return x->id > y->id ? 1 : -1;
	return strcmp(x->device_id, y->device_id);
}

/* channel_vp_mapping has a line "relid:cpu" for every channel of the device. */
static int read_channels(struct bus_device *dev, const char *dir)
{
	char *text = read_attribute(dir, "channel_vp_mapping");
	char *line, *save = NULL;
	struct bus_channel ch, *more;

	if (!text)
		return 0;	/* no channel open, or an old kernel */
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "%u:%u", &ch.relid, &ch.cpu) != 2)
			continue;
		more = realloc(dev->channels,
			       (dev->channel_count + 1) * sizeof(*more));
		if (!more) {
			free(text);
			return -ENOMEM;
		}
		dev->channels = more;
		more[dev->channel_count++] = ch;
	}
	free(text);
	if (dev->channel_count)
		qsort(dev->channels, dev->channel_count, sizeof(ch), by_relid);
	return 0;
}

static void free_device(struct bus_device *dev)
{
	free(dev->path);
	free(dev->channels);
}

/* 1: read; 0: the device is gone, or is none; -errno */
static int read_device(struct bus_device *dev, const char *devices,
		       const char *name)
{
	char dir[4096];
	char *id;
	int err;

	memset(dev, 0, sizeof(*dev));
	if (snprintf(dir, sizeof(dir), "%s/%s", devices, name) >=
	    (int)sizeof(dir))
		return -ENAMETOOLONG;
	id = read_attribute(dir, "id");
	if (!id)
		return 0;
	dev->id = (unsigned int)strtoul(id, NULL, 10);
	free(id);
	if (read_guid(dir, "class_id", dev->class_id) ||
	    read_guid(dir, "device_id", dev->device_id))
		return 0;
	dev->path = strdup(dir);
	err = dev->path ? read_channels(dev, dir) : -ENOMEM;
	if (err) {
		free_device(dev);
		return err;
	}
	return 1;
}

static int add_device(struct bus *bus, const char *devices, const char *name)
{
	struct bus_device dev, *more;
	int ret = read_device(&dev, devices, name);

	if (ret <= 0)
		return ret;
	more = realloc(bus->devices, (bus->count + 1) * sizeof(*more));
	if (!more) {
		free_device(&dev);
		return -ENOMEM;
	}
	bus->devices = more;
	more[bus->count++] = dev;
	return 0;
}

int bus_read(struct bus *bus, const char *sysfs, char *why, size_t why_size)
{
	char devices[2048];
	struct dirent *entry;
	int err = 0;
	DIR *dir;

	memset(bus, 0, sizeof(*bus));
	snprintf(devices, sizeof(devices), "%s/bus/vmbus/devices", sysfs);
	dir = opendir(devices);
	if (!dir) {
		err = -errno;
		snprintf(why, why_size,
			 "cannot read %s: %s (is this a Hyper-V guest, and is hv_vmbus loaded?)",
			 devices, strerror(errno));
		return err;
	}
	while (!err && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			err = add_device(bus, devices, entry->d_name);
	closedir(dir);
	if (err)
		snprintf(why, why_size, "reading %s: %s", devices,
			 strerror(-err));
	else if (bus->count)
		qsort(bus->devices, bus->count, sizeof(*bus->devices), by_id);
	return err;
}

void bus_free(struct bus *bus)
{
	size_t i;

	for (i = 0; i < bus->count; i++)
		free_device(&bus->devices[i]);
	free(bus->devices);
	memset(bus, 0, sizeof(*bus));
}

void bus_print(const struct bus *bus, int verbose, FILE *out)
{
	const struct bus_device *dev;
	size_t i;

	for (dev = bus->devices; dev < bus->devices + bus->count; dev++) {
		fprintf(out, "VMBUS ID %2u: ", dev->id);
		if (verbose)
			fprintf(out, "Class_ID = %s - ", dev->class_id);
		fprintf(out, "%s\n", class_name(dev->class_id));
		if (verbose > 1)
			fprintf(out, "\tDevice_ID = %s\n\tSysfs path: %s\n",
				dev->device_id, dev->path);
		for (i = 0; verbose && i < dev->channel_count; i++)
			fprintf(out, "\tRel_ID=%u, target_cpu=%u\n",
				dev->channels[i].relid, dev->channels[i].cpu);
		if (verbose)
			fputc('\n', out);
	}
}
