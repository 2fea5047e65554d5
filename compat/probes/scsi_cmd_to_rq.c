// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.15 replaced the pointer scsi_cmnd.request */
#include <scsi/scsi_cmnd.h>
struct request *probe(struct scsi_cmnd *c);
struct request *probe(struct scsi_cmnd *c) { return scsi_cmd_to_rq(c); }
