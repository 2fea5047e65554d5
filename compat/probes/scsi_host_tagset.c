// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.10 made tags unique in a host with several hardware queues */
#include <scsi/scsi_host.h>
struct scsi_host_template probe = { .host_tagset = 1 };
