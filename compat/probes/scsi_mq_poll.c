// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.13: a SCSI host may have queues that are polled */
#include <linux/blk-mq.h>
#include <scsi/scsi_host.h>

static int fn(struct Scsi_Host *h, unsigned int hwq) { return 0; }

int lis_probe(struct scsi_host_template *t, struct Scsi_Host *h);
int lis_probe(struct scsi_host_template *t, struct Scsi_Host *h)
{
	t->mq_poll = fn;
	h->nr_maps = HCTX_MAX_TYPES;
	return h->tag_set.map[HCTX_TYPE_POLL].nr_queues;
}
