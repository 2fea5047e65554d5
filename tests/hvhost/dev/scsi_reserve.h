/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Persistent reservations of a disk: who is registered with which key, and
 * who holds it.  A LUN is an initiator's path to the disk; LUNs of one shared
 * file are paths to one disk.
 *
 * Locking: one lock of its own for all disks, taken inside a controller's.
 */
#ifndef HVHOST_SCSI_RESERVE_H
#define HVHOST_SCSI_RESERVE_H

#include <stdbool.h>

struct scsi_lun;
struct scsi_reservation;

/* What a command does to the medium, as far as reservations are concerned */
enum scsi_access { ACCESS_NONE, ACCESS_READ, ACCESS_WRITE };

/* LUNs that give the same @name get the same one; NULL: one of its own */
struct scsi_reservation *reservation_get(const char *name);
/* @lun goes, and with it its registration */
void reservation_put(struct scsi_reservation *res, struct scsi_lun *lun);

/* false: RESERVATION CONFLICT */
bool reservation_allows(struct scsi_reservation *res,
			const struct scsi_lun *lun, enum scsi_access access);

#endif
