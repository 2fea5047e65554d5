// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.3 put it into the host template, before it was the queue's only */
#include <scsi/scsi_host.h>
struct scsi_host_template probe = { .virt_boundary_mask = 4095 };
