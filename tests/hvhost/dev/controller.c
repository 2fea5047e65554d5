// SPDX-License-Identifier: GPL-2.0-only
/*
 * SCSI controllers, IDE channels, Fibre Channel adapters and their LUNs: created
 * from --disk, changed by `hvctl disk`.
 * Locking: see controller.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../vmbus/generation.h"
#include "../vmbus/server.h"
#include "controller.h"
#include "disk_spec.h"
#include "scsi_reserve.h"

/* --- LUNs ----------------------------------------------------------------- */

struct scsi_lun *lun_get(struct scsi_lun *lun)
{
	atomic_fetch_add_explicit(&lun->refs, 1, memory_order_relaxed);
	return lun;
}

void lun_put(struct scsi_lun *lun)
{
	if (atomic_fetch_sub(&lun->refs, 1) != 1)
		return;
	if (lun->disk)
		disk_put(lun->disk);
	reservation_put(lun->reservation, lun);
	free(lun);
}

/* The same file at the same place has the same identity, always; a drive is
 * the same whatever is in it, a shared disk wherever it is.
 */
static void make_serial(struct scsi_lun *lun, unsigned int place)
{
	uint64_t hash = 0xcbf29ce484222325ull;
	char text[17];

	for (const char *p = lun->removable ? "" : lun->disk->path; *p; p++)
		hash = (hash ^ (uint8_t)*p) * 0x100000001b3ull;
	hash = (hash ^ place) * 0x100000001b3ull;
	snprintf(text, sizeof(text), "%016llx", (unsigned long long)hash);
	memcpy(lun->serial, text, sizeof(lun->serial));
}

/* --- controllers ---------------------------------------------------------- */

/* Which IDE port: the primary's master, its slave, the secondary's ... */
#define IDE_CHANNEL(number)	((number) / 2)
#define IDE_DEVICE(number)	((number) % 2)
#define IDE_EMULATED		2	/* flag: also behind an emulated port */

struct controller *controller_find(struct vmbus_server *s, enum disk_bus bus,
				   unsigned int number)
{
	struct device *dev;
	char name[16];

	snprintf(name, sizeof(name), "%s%u", disk_bus_name(bus), number);
	dev = vmbus_device_find(s, name);
	return dev && dev->ops == &storvsp_ops ? (struct controller *)dev :
	       NULL;
}

/* Class and first instance of each kind */
static const struct {
	struct lis_guid class_id, instance;
} kinds[DISK_BUSES] = {
	[DISK_SCSI] = {
		LIS_GUID(0xba6163d9, 0x04a1, 0x4d29, 0xb6, 0x05, 0x72, 0xe2,
			 0xff, 0xb1, 0xdc, 0x7f),
		LIS_GUID(0x4c495300, 0x5c51, 0x4000, 0x80, 0x00, 0x6f, 0x70,
			 0x65, 0x6e, 0x6c, 0x00),
	},
	[DISK_IDE] = {
		LIS_GUID(0x32412632, 0x86cb, 0x44a2, 0x9b, 0x5c, 0x50, 0xd1,
			 0x41, 0x73, 0x54, 0xf5),
		LIS_GUID(0, 0, 0x8899, 0, 0, 0, 0, 0, 0, 0, 0),
	},
	[DISK_FC] = {
		LIS_GUID(0x2f9bcc4a, 0x0069, 0x4af3, 0xb7, 0x6b, 0x6f, 0xd0,
			 0xbe, 0x52, 0x8c, 0xda),
		LIS_GUID(0x4c495300, 0x5c51, 0x4000, 0x80, 0x00, 0x66, 0x69,
			 0x62, 0x72, 0x65, 0x00),
	},
};

/* Its place is told twice: by the instance and by the offer's own bytes. */
static void place_ide(struct device *dev, unsigned int number)
{
	dev->instance_id.b[0] = IDE_CHANNEL(number);
	dev->instance_id.b[4] = IDE_DEVICE(number);
	dev->user[2] = IDE_CHANNEL(number);
	dev->user[3] = IDE_DEVICE(number);
	dev->user[8] = IDE_EMULATED;
}

struct controller *controller_create(struct vmbus_server *s, enum disk_bus bus,
				     unsigned int number)
{
	struct controller *ctl = calloc(1, sizeof(*ctl));

	if (!ctl)
		abort();
	ctl->bus = bus;
	ctl->number = number;
	ctl->dev.ops = &storvsp_ops;
	snprintf(ctl->dev.name, sizeof(ctl->dev.name), "%s%u",
		 disk_bus_name(bus), number);
	ctl->dev.offer_flags = LIS_OFFER_ENUMERATE;
	ctl->dev.class_id = kinds[bus].class_id;
	ctl->dev.instance_id = kinds[bus].instance;
	if (bus == DISK_IDE)
		place_ide(&ctl->dev, number);
	else
		ctl->dev.instance_id.b[15] = number;
	if (bus == DISK_FC)
		fc_default_names(&ctl->fc, number);
	ctl->newest = vmbus_server_generation(s)->storvsp;
	if (bus != DISK_IDE)
		ctl->max_subchannels = vmbus_server_subchannels(s);
	pthread_rwlock_init(&ctl->lock, NULL);
	return ctl;
}

/* An IDE channel is known by its device; the path says nothing new, and the
 * kernel's own driver leaves it 0.
 */
bool controller_has_target(const struct controller *ctl,
			   const struct lis_stor_srb *srb)
{
	if (ctl->bus == DISK_IDE)
		return srb->target == IDE_DEVICE(ctl->number) &&
		       (!srb->path || srb->path == IDE_CHANNEL(ctl->number));
	return !srb->path &&
	       srb->target < (ctl->bus == DISK_FC ? DISK_TARGETS : 1);
}

struct scsi_lun *controller_lun(const struct controller *ctl,
				const struct lis_stor_srb *srb)
{
	unsigned int target = ctl->bus == DISK_FC ? srb->target : 0;

	return controller_has_target(ctl, srb) ?
	       ctl->luns[LUN_PLACE(target, srb->lun)] : NULL;
}

void controller_bus_changed(struct controller *ctl)
{
	atomic_store(&ctl->bus_changed, true);
	vmbus_device_kick(&ctl->dev);
}

/* --- disks ---------------------------------------------------------------- */

/* A new LUN with one reference; takes over that to @disk (may be NULL). */
static struct scsi_lun *lun_create(const struct controller *ctl,
				   const struct disk_spec *d,
				   struct disk *disk)
{
	struct scsi_lun *lun = calloc(1, sizeof(*lun));

	if (!lun)
		abort();
	lun->disk = disk;
	lun->number = d->place.lun;
	lun->target = d->place.target;
	lun->sector = d->sectors;
	lun->physical = d->physical;
	lun->unmap_granule = d->granule;
	lun->unmap_offset = d->offset;
	lun->removable = d->removable;
	lun->dvd = d->dvd;
	lun->read_only = d->read_only;
	lun->old = ctl->newest < LIS_STOR_V6_0;
	atomic_init(&lun->refs, 1);
	lun->reservation = reservation_get(d->shared ? d->path : NULL);
	make_serial(lun, d->shared ? 0 : ctl->bus << 24 | lun->target << 16 |
					 ctl->number << 8 | lun->number);
	return lun;
}

/* false: the place is taken */
static bool lun_attach(struct controller *ctl, struct disk_spec *d,
		       struct disk *disk)
{
	unsigned int last = ctl->bus == DISK_SCSI ? SCSI_LUNS - 1 :
						     DISK_LUNS - 1;
	unsigned int lun = d->place.lun, target = d->place.target;
	bool room;

	pthread_rwlock_wrlock(&ctl->lock);
	while (!d->lun_given && lun < last &&
	       ctl->luns[LUN_PLACE(target, lun)])
		lun++;
	d->place.lun = lun;
	room = !ctl->luns[LUN_PLACE(target, lun)];
	for (unsigned int i = 0; room && i < LUN_PLACES; i++)
		if (ctl->luns[i])
			atomic_fetch_or(&ctl->luns[i]->attention, UA_LUNS);
	if (room)
		ctl->luns[LUN_PLACE(target, lun)] = lun_create(ctl, d, disk);
	pthread_rwlock_unlock(&ctl->lock);
	return room;
}

struct disk *controller_open_file(const char *path, enum disk_format format,
				  bool read_only, unsigned int sector,
				  char **error)
{
	struct disk *disk = disk_open(path, format, read_only, error);

	if (!disk || atomic_load(&disk->bytes) >= sector)
		return disk;
	disk_refuse(error, "disk %s: the file is smaller than a sector", path);
	disk_put(disk);
	return NULL;
}

static struct disk *open_medium(const struct disk_spec *d, char **error)
{
	struct disk *disk = controller_open_file(d->path, d->format,
						 d->read_only, d->sectors,
						 error);

	if (!disk || disk_set_caching(disk, d->caching))
		return disk;
	disk_refuse(error, "disk %s: no memory for its cache", d->path);
	disk_put(disk);
	return NULL;
}

static bool spec_attach(struct vmbus_server *s, struct disk_spec *d,
			const char *spec, char **error)
{
	struct controller *ctl = controller_find(s, d->place.bus,
						 d->place.controller);
	struct controller *fresh = NULL;
	struct disk *disk = NULL;

	if (d->path) {
		disk = open_medium(d, error);
		if (!disk)
			return false;
	}
	if (!ctl)
		ctl = fresh = controller_create(s, d->place.bus,
						d->place.controller);
	if (lun_attach(ctl, d, disk)) {
		if (fresh)
			vmbus_device_add(s, &fresh->dev);
		else
			controller_bus_changed(ctl);
		return true;
	}
	disk_refuse(error, "disk %s: the LUN is in use", spec);
	if (disk)
		disk_put(disk);
	return false;
}

bool vmbus_server_add_disk(struct vmbus_server *s, const char *spec,
			   char **error)
{
	struct disk_spec d;
	bool ok;

	*error = NULL;
	ok = disk_spec_parse(&d, spec, error) && spec_attach(s, &d, spec, error);
	free(d.path);
	return ok;
}
