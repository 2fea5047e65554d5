// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v6.4: scsi_host_alloc() takes a constant template */
#include <scsi/scsi_host.h>

struct Scsi_Host *(*lis_probe)(const struct scsi_host_template *, int) =
	scsi_host_alloc;
