// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v4.18 gave BLK_EH_NOT_HANDLED and BLK_EH_HANDLED one name */
#include <linux/blk-mq.h>
#include <linux/blkdev.h>

enum blk_eh_timer_return probe = BLK_EH_DONE;
