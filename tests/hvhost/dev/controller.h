/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A SCSI controller, an IDE channel or a Fibre Channel adapter: a VMBus device
 * with a table of LUNs.
 *
 * Locking: lock protects the table; workers hold it for reading during a
 * burst, the control thread for writing.  It nests inside nothing: whoever
 * holds it must not call vmbus_device_*().
 */
#ifndef HVHOST_CONTROLLER_H
#define HVHOST_CONTROLLER_H

#include <pthread.h>

#include "device.h"
#include "disk_spec.h"
#include "fc.h"
#include "scsi.h"

/* Places in that table, by target */
#define LUN_PLACE(target, lun)	((target) * (DISK_LUNS + 1) + (lun))
#define LUN_PLACES		LUN_PLACE(DISK_TARGETS, 0)

struct controller {
	struct device dev;		/* first: the ops cast */
	enum disk_bus bus;
	unsigned int number;
	uint16_t newest;		/* storvsp version */
	unsigned int max_subchannels;
	pthread_rwlock_t lock;
	struct scsi_lun *luns[LUN_PLACES];
	struct fc_names fc;

	/* The conversation on the primary; its worker writes */
	_Atomic uint16_t version;	/* agreed on, 0 = none */
	atomic_bool ready;		/* END_INITIALIZATION was seen */
	atomic_bool bus_changed;	/* ENUMERATE_BUS is owed */
};

extern const struct device_ops storvsp_ops;

struct scsi_lun *lun_get(struct scsi_lun *lun);
void lun_put(struct scsi_lun *lun);

struct controller *controller_find(struct vmbus_server *s, enum disk_bus bus,
				   unsigned int number);
/* Not offered yet: see vmbus_device_add() */
struct controller *controller_create(struct vmbus_server *s, enum disk_bus bus,
				     unsigned int number);
/* The LUN that a request is for; NULL: none.  With the lock held. */
struct scsi_lun *controller_lun(const struct controller *ctl,
				const struct lis_stor_srb *srb);
/* Is the request for a target that exists? */
bool controller_has_target(const struct controller *ctl,
			   const struct lis_stor_srb *srb);
/* Owe the guest an ENUMERATE_BUS */
void controller_bus_changed(struct controller *ctl);
/* NULL: one line in *@error, to be freed */
struct disk *controller_open_file(const char *path, enum disk_format format,
				  bool read_only, unsigned int sector,
				  char **error);

/* What `hvctl disk list` says */
struct json_object *controller_disks(struct vmbus_server *s);
/* hvctl disk ...; false: one line in @error */
bool controller_control(struct vmbus_server *s, int argc,
			const char *const *argv, struct json_object *reply,
			char *error, size_t error_size);

#endif
