/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's own Hyper-V support under the names it has today.  Included by
 * the one file that uses it, after <asm/mshyperv.h>.
 */
#ifndef LIS_COMPAT_SHIMS_HYPERV_H
#define LIS_COMPAT_SHIMS_HYPERV_H

#include <linux/gfp.h>
#include <linux/kobject.h>
#include <linux/string.h>

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

/* v5.7; a kernel that cannot ask does not hibernate */
#ifndef HAVE_HV_IS_HIBERNATION_SUPPORTED
#define hv_is_hibernation_supported()	false
#endif

/* v4.15; before, a pointer to what knows that hypervisor */
#ifndef HAVE_X86_HYPER_TYPE
#define X86_HYPER_MS_HYPERV	1
#define x86_hyper_type							\
	(x86_hyper == &x86_hyper_ms_hyperv ? X86_HYPER_MS_HYPERV : 0)
#endif

/*
 * Where the input of a hypercall is put, one place for each CPU: the kernel's,
 * since v4.15, or one of our own, which must not cross a page's end.
 */
#ifdef HAVE_HYPERV_PCPU_INPUT_ARG
static inline bool lis_compat_can_call(void)
{
	return hyperv_pcpu_input_arg;
}

static inline int lis_compat_input_alloc(void)
{
	return 0;
}

static inline void lis_compat_input_free(void)
{
}

static inline void *lis_compat_input(void)
{
	/* where __percpu belongs in its type is not where 5.10 has it */
	return *this_cpu_ptr((__force void * __percpu *)hyperv_pcpu_input_arg);
}
#else
#define LIS_COMPAT_INPUT	256u	/* HvPostMessage, the longest of ours */

static void *lis_compat_inputs;

static inline bool lis_compat_can_call(void)
{
	return true;
}

static inline int lis_compat_input_alloc(void)
{
	unsigned int order = get_order(nr_cpu_ids * LIS_COMPAT_INPUT);

	lis_compat_inputs = (void *)__get_free_pages(GFP_KERNEL, order);
	return lis_compat_inputs ? 0 : -ENOMEM;
}

static inline void lis_compat_input_free(void)
{
	free_pages((unsigned long)lis_compat_inputs,
		   get_order(nr_cpu_ids * LIS_COMPAT_INPUT));
}

static inline void *lis_compat_input(void)
{
	return lis_compat_inputs + smp_processor_id() * LIS_COMPAT_INPUT;
}
#endif

/* v5.12; a kernel that cannot ask cannot run in an isolated VM either */
#ifndef HAVE_HV_IS_ISOLATION_SUPPORTED
#define hv_is_isolation_supported()	false
#endif

/* v4.6; before, for the kernel itself only */
#ifndef HAVE_KSET_FIND_OBJ
static inline struct kobject *lis_compat_kset_find_obj(struct kset *kset,
							const char *name)
{
	struct kobject *k, *found = NULL;

	spin_lock(&kset->list_lock);
	list_for_each_entry(k, &kset->list, entry) {
		if (kobject_name(k) && !strcmp(kobject_name(k), name)) {
			found = kobject_get_unless_zero(k);
			break;
		}
	}
	spin_unlock(&kset->list_lock);
	return found;
}
#define kset_find_obj(kset, name)	lis_compat_kset_find_obj(kset, name)
#endif

#endif
