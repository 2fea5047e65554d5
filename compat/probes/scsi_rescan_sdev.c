// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v6.6: scsi_rescan_device() takes the scsi_device, returns int */
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

int lis_probe(struct scsi_device *s);
int lis_probe(struct scsi_device *s)
{
	return scsi_rescan_device(s);
}
