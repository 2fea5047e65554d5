// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.0: several maps of queues, in the SCSI host itself; v4.9 map_queues */
#include <linux/blk-mq.h>
#include <scsi/scsi_host.h>

unsigned int lis_probe(struct Scsi_Host *h);
unsigned int lis_probe(struct Scsi_Host *h)
{
	return h->tag_set.map[HCTX_TYPE_DEFAULT].queue_offset;
}
