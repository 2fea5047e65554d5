// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.16: no scheduler unless somebody wants one */
#include <linux/blk-mq.h>

unsigned int lis_probe = BLK_MQ_F_NO_SCHED_BY_DEFAULT;
