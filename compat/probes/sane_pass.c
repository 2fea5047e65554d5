// SPDX-License-Identifier: GPL-2.0-only
/* Must compile on every kernel: proves that headers, flags and compiler work. */
#include <linux/module.h>
#include <linux/device.h>
#include <linux/interrupt.h>
#include <scsi/scsi_host.h>

int lis_probe(struct device *dev, struct Scsi_Host *host);
int lis_probe(struct device *dev, struct Scsi_Host *host)
{
	return scsi_add_host(host, dev);
}
