/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * upstream: v5.3.  Before, synthetic timers were the bus driver's own affair;
 * ours has none there, and such a kernel keeps to the APIC's.
 */
#ifndef LIS_COMPAT_FALLBACK_HYPERV_TIMER_H
#define LIS_COMPAT_FALLBACK_HYPERV_TIMER_H

static inline void hv_stimer_cleanup(unsigned int cpu)
{
}

static inline void hv_stimer_global_cleanup(void)
{
}

#endif
