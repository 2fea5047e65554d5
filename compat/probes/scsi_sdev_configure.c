// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v6.14: sdev_configure(limits) replaced device_configure */
#include <scsi/scsi_host.h>

static int fn(struct scsi_device *s, struct queue_limits *l)
{
	return 0;
}

void lis_probe(struct scsi_host_template *t);
void lis_probe(struct scsi_host_template *t)
{
	t->sdev_configure = fn;
}
