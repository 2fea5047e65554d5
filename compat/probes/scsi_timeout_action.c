// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v6.2: eh_timed_out returns enum scsi_timeout_action */
#include <scsi/scsi_host.h>

static enum scsi_timeout_action fn(struct scsi_cmnd *c)
{
	return SCSI_EH_RESET_TIMER;
}

void lis_probe(struct scsi_host_template *t);
void lis_probe(struct scsi_host_template *t)
{
	t->eh_timed_out = fn;
}
