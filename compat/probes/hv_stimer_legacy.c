// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.4 to v7.2; exports: hv_stimer_legacy_init hv_stimer0_isr */
#include <linux/module.h>
#include <clocksource/hyperv_timer.h>
void probe(void);
void probe(void)
{
	hv_stimer_legacy_init(0, 4);
	hv_stimer_legacy_cleanup(0);
	hv_stimer0_isr();
}
