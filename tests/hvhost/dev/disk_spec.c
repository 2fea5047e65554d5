// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of --disk: a file and what kind of disk it is to be.
 * Locking: none, computes only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disk_image.h"
#include "disk_spec.h"
#include "scsi.h"

/* Sector sizes: what is given, a DVD's, or that of ordinary disks, which say
 * that 4096 bytes are what the medium is really made of.
 */
#define SECTOR		512
#define PHYSICAL	4096

static const char *const bus_names[DISK_BUSES] = {
	[DISK_SCSI] = "scsi",
	[DISK_IDE] = "ide",
	[DISK_FC] = "fc",
};

/* Highest LUN */
static const unsigned int last_lun[DISK_BUSES] = {
	[DISK_SCSI] = SCSI_LUNS - 1,
	[DISK_IDE] = 0,
	[DISK_FC] = DISK_LUNS - 1,
};

const char *disk_bus_name(enum disk_bus bus)
{
	return bus_names[bus];
}

/* @text has the first @len characters of a bus's name, and nothing else */
static bool bus(const char *text, size_t len, enum disk_bus *to)
{
	for (unsigned int i = 0; i < DISK_BUSES; i++) {
		if (strlen(bus_names[i]) != len ||
		    strncmp(bus_names[i], text, len))
			continue;
		*to = i;
		return true;
	}
	return false;
}

static bool number(const char *text, unsigned int max, unsigned int *to)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || end == text || *end || v > max)
		return false;
	*to = v;
	return true;
}

bool disk_place_parse(struct disk_place *place, const char *text)
{
	size_t letters = strcspn(text, "0123456789:");
	const char *numbers = text + letters;
	unsigned int *c = &place->controller, *t = &place->target;
	unsigned int *l = &place->lun;
	char end;
	int n;

	memset(place, 0, sizeof(*place));
	if (letters && !bus(text, letters, &place->bus))
		return false;
	if (place->bus == DISK_FC)
		n = sscanf(numbers, "%u:%u:%u%c", c, t, l, &end) - 1;
	else
		n = sscanf(numbers, "%u:%u%c", c, l, &end);
	return n == 2 && *c < DISK_CONTROLLERS && *t < DISK_TARGETS &&
	       *l <= last_lun[place->bus];
}

static bool sector_size(const char *text, unsigned int *to)
{
	return number(text, 4096, to) && (*to == 512 || *to == 4096);
}

#define MOST_GRANULE	(256u << 20)

static bool bytes_below(const char *text, uint64_t max, unsigned int *to)
{
	uint64_t n;

	if (!disk_spec_bytes(text, &n) || n > max)
		return false;
	*to = n;
	return true;
}

static bool flag(struct disk_spec *d, const char *name)
{
	if (!strcmp(name, "ro"))
		d->read_only = true;
	else if (!strcmp(name, "removable"))
		d->removable = true;
	else if (!strcmp(name, "shared"))
		d->shared = true;
	else if (!strcmp(name, "dvd"))
		d->dvd = true;
	else
		return false;
	return true;
}

/* Which of @words, ended by NULL, it is */
static bool one_of(const char *text, const char *const *words, int *to)
{
	for (*to = 0; words[*to]; ++*to)
		if (!strcmp(text, words[*to]))
			return true;
	return false;
}

static bool format(struct disk_spec *d, const char *text)
{
	static const char * const words[] = {
		[DISK_RAW] = "raw", [DISK_VHD] = "vhd", [DISK_VHDX] = "vhdx",
		[DISK_QCOW2] = "qcow2", NULL
	};
	int which;

	if (!one_of(text, words, &which))
		return false;
	d->format_given = true;
	d->format = which;
	return true;
}

static bool caching(struct disk_spec *d, const char *text)
{
	static const char * const words[] = {
		[DISK_CACHE_HOST] = "host",
		[DISK_CACHE_VOLATILE] = "volatile",
		[DISK_CACHE_LYING] = "lying", NULL
	};
	int which;

	if (!one_of(text, words, &which))
		return false;
	d->caching = which;
	return true;
}

/* @value is what follows "=", NULL without one */
static bool option(struct disk_spec *d, const char *name, const char *value)
{
	if (!value)
		return flag(d, name);
	if (!strcmp(name, "controller"))
		return number(value, DISK_CONTROLLERS - 1,
			      &d->place.controller);
	if (!strcmp(name, "bus"))
		return bus(value, strlen(value), &d->place.bus);
	if (!strcmp(name, "lun")) {
		d->lun_given = true;
		return number(value, DISK_LUNS - 1, &d->place.lun);
	}
	if (!strcmp(name, "target"))
		return number(value, DISK_TARGETS - 1, &d->place.target);
	if (!strcmp(name, "sectors"))
		return sector_size(value, &d->sectors);
	if (!strcmp(name, "physical"))
		return sector_size(value, &d->physical);
	if (!strcmp(name, "format"))
		return format(d, value);
	if (!strcmp(name, "cache"))
		return caching(d, value);
	if (!strcmp(name, "unmap"))
		return bytes_below(value, MOST_GRANULE, &d->granule);
	if (!strcmp(name, "unmap-offset"))
		return bytes_below(value, MOST_GRANULE, &d->offset);
	return false;
}

static const char *settle_place(struct disk_spec *d)
{
	if (d->place.target && d->place.bus != DISK_FC)
		return "only Fibre Channel has targets";
	if (d->place.lun > last_lun[d->place.bus])
		return d->place.bus == DISK_IDE ?
		       "an IDE channel has one disk, LUN 0" :
		       "a SCSI controller has LUNs 0 to 63";
	if (d->place.bus == DISK_IDE && d->dvd)
		return "IDE drives are not accelerated";
	if (d->place.bus == DISK_IDE)
		d->lun_given = true;
	return NULL;
}

static const char *settle_file(struct disk_spec *d)
{
	if (!d->format_given)
		d->format = disk_image_format(d->path);
	if (d->format != DISK_RAW && d->shared)
		return "an image cannot be shared, only a raw file";
	if (d->caching == DISK_CACHE_HOST)
		return NULL;
	if (d->format != DISK_RAW)
		return "only a raw file can have a cache of its own";
	if (d->shared || d->removable || d->read_only)
		return "what is shared, removable or read-only has no cache of its own";
	return NULL;
}

/* Options that do not go together; NULL: they do */
static const char *settle(struct disk_spec *d)
{
	const char *wrong = settle_place(d);

	if (wrong)
		return wrong;
	if (d->dvd) {
		if (d->sectors || d->physical)
			return "a DVD's sectors have 2048 bytes";
		d->read_only = true;
		d->removable = true;
		d->sectors = DISK_DVD_SECTOR;
		d->physical = DISK_DVD_SECTOR;
	}
	if (!d->sectors)
		d->sectors = SECTOR;
	if (!d->physical)
		d->physical = PHYSICAL;
	if (d->physical < d->sectors)
		return "physical sectors are smaller than sectors";
	if (d->granule % d->sectors || d->offset % d->sectors ||
	    (d->offset && d->offset >= d->granule))
		return "what is unmapped at a time must be whole sectors, and its offset less";
	if (d->shared && d->removable)
		return "what can be removed cannot be shared";
	if (!*d->path)
		return "no file";
	if (!strcmp(d->path, "none")) {
		if (!d->removable)
			return "only removable and dvd can be without a file";
		free(d->path);
		d->path = NULL;
		return NULL;
	}
	return settle_file(d);
}

bool disk_spec_parse(struct disk_spec *d, const char *spec, char **error)
{
	const char *wrong;
	char *rest, *word;
	int n;

	memset(d, 0, sizeof(*d));
	rest = d->path = strdup(spec);
	if (!rest)
		abort();
	strsep(&rest, ",");
	while ((word = strsep(&rest, ","))) {
		char *value = strchr(word, '=');

		if (value)
			*value++ = 0;
		if (option(d, word, value))
			continue;
		n = asprintf(error, "disk %s: bad option %s%s%s", spec, word,
			     value ? "=" : "", value ?: "");
		goto refuse;
	}
	wrong = settle(d);
	if (!wrong)
		return true;
	n = asprintf(error, "disk %s: %s", spec, wrong);
refuse:
	if (n < 0)
		*error = NULL;
	return false;
}

bool disk_spec_bytes(const char *text, uint64_t *bytes)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;

	errno = 0;
	*bytes = strtoull(text, &end, 10);
	if (errno || end == text || *text == '-')
		return false;
	unit = *end ? strchr(units, *end) : NULL;
	if (unit) {
		unsigned int shift = 10 * (unit - units + 1);

		if (*bytes >> (64 - shift))
			return false;
		*bytes <<= shift;
		end++;
	}
	return !*end;
}
