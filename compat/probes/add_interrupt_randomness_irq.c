// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.18 no longer wants the interrupt's flags */
#include <linux/random.h>
#include <linux/interrupt.h>
void lis_probe(void);
void lis_probe(void) { add_interrupt_randomness(1); }
