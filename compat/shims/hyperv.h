/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own Hyper-V support under the names it has today.  Included by
 * the one file that uses it, after <asm/mshyperv.h>.
 */
#ifndef LIS_COMPAT_SHIMS_HYPERV_H
#define LIS_COMPAT_SHIMS_HYPERV_H

/* v6.8: hv_set_msr(); v5.12: hv_set_register(); before, plain MSRs */
#ifndef HAVE_HV_SET_MSR
#ifdef HAVE_HV_SET_REGISTER
#define hv_set_msr(msr, v)	hv_set_register(msr, v)
#define hv_get_msr(msr)		hv_get_register(msr)
#else
#include <asm/msr.h>
#define hv_set_msr(msr, v)	wrmsrl(msr, v)
static inline u64 hv_get_msr(unsigned int msr)
{
	u64 v;

	rdmsrl(msr, v);
	return v;
}
#endif
#endif

/*
 * v5.12; v5.10 also wanted the number of an interrupt, for which x86 has no
 * use, and kernels before that do not.
 */
#ifndef HAVE_HV_SETUP_VMBUS_HANDLER
#ifdef HAVE_HV_SETUP_VMBUS_IRQ_NUMBER
#define hv_setup_vmbus_handler(isr)	hv_setup_vmbus_irq(0, isr)
#else
#define hv_setup_vmbus_handler(isr)	hv_setup_vmbus_irq(isr)
#endif
#define hv_remove_vmbus_handler()	hv_remove_vmbus_irq()
#endif

/*
 * v7.3 has no timers any more that speak through messages: on a host without
 * others the kernel keeps to the APIC's.
 */
#ifdef HAVE_HV_STIMER_LEGACY
#define LIS_COMPAT_MESSAGE_TIMERS	1
#else
#define LIS_COMPAT_MESSAGE_TIMERS	0
#define hv_stimer_legacy_init(cpu, sint)	((void)(cpu))
#define hv_stimer_legacy_cleanup(cpu)		((void)(cpu))
#define hv_stimer0_isr()			do { } while (0)
#endif

/* v5.12; a kernel that cannot ask cannot run in an isolated VM either */
#ifndef HAVE_HV_IS_ISOLATION_SUPPORTED
#define hv_is_isolation_supported()	false
#endif

#endif
