// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v4.11; before, a transport's own eh_timed_out came first */
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_transport_fc.h>
typeof(fc_eh_timed_out) *probe = fc_eh_timed_out;
