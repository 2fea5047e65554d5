// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v6.2 added the name; v6.15 removed del_timer_sync() */
#include <linux/timer.h>
int probe(struct timer_list *t);
int probe(struct timer_list *t) { return timer_delete_sync(t); }
