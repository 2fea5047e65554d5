// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v6.14: sdev_init replaced slave_alloc */
#include <scsi/scsi_host.h>

static int fn(struct scsi_device *s)
{
	return 0;
}

void lis_probe(struct scsi_host_template *t);
void lis_probe(struct scsi_host_template *t)
{
	t->sdev_init = fn;
}
