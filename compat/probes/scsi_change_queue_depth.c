// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v3.19; before, the midlayer said why the depth changes */
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

void lis_probe(struct scsi_host_template *t);
void lis_probe(struct scsi_host_template *t)
{
	t->change_queue_depth = scsi_change_queue_depth;
}
