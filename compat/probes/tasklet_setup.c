// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.9 gave tasklets a callback that is told the tasklet */
#include <linux/interrupt.h>
static void run(struct tasklet_struct *t) { }
void probe(struct tasklet_struct *t);
void probe(struct tasklet_struct *t) { tasklet_setup(t, run); }
