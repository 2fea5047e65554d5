// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own Hyper-V support, and the only file that touches it:
 * detection, hypercalls, synthetic MSRs, the interrupt vector, VP numbers,
 * synthetic timers, and the hooks for kexec and crash.
 *
 * No locks: everything here is per CPU, or set once while the module loads.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/device.h>
#include <linux/platform_device.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <clocksource/hyperv_timer.h>
#include <asm/hypervisor.h>
#include <asm/irq_vectors.h>
#include <asm/mshyperv.h>

#include "vmbus_int.h"
#include "../compat/shims/hyperv.h"

/* Synthetic MSRs, protocol 1.2 */
#define MSR_SCONTROL	0x40000080
#define MSR_SIEFP	0x40000082
#define MSR_SIMP	0x40000083
#define MSR_EOM		0x40000084
#define MSR_SINT(n)	(0x40000090 + (n))
#define PAGE_ENABLE	1ull
#define SINT_MASKED	(1ull << 16)
#define SINT_AUTO_EOI	(1ull << 17)

/* CPUID bits that the kernel has read for us, protocol 1.1 */
#define HINT_NO_AUTO_EOI	BIT(9)
#define PRIV_SYNIC		BIT(2)
#define PRIV_TIMERS		BIT(3)
#define MISC_CRASH_MSRS		BIT(10)
#define MISC_DIRECT_TIMERS	BIT(19)

/**
 * lis_platform_detect - can there be a VMBus here?
 *
 * Return: 0, or -ENODEV after one line that says why not.
 */
int lis_platform_detect(void)
{
	if (x86_hyper_type != X86_HYPER_MS_HYPERV) {
		pr_info("not a Hyper-V guest, nothing to do\n");
		return -ENODEV;
	}
	if (!hv_is_hyperv_initialized() || !lis_compat_can_call()) {
		pr_err("the kernel's Hyper-V support is off, hypercalls are not possible\n");
		return -ENODEV;
	}
	if (!(ms_hyperv.features & PRIV_SYNIC)) {
		pr_err("this hypervisor has no SynIC, so there is no VMBus\n");
		return -ENODEV;
	}
	if (hv_is_isolation_supported()) {
		pr_err("isolated (confidential) VMs are not supported yet\n");
		return -ENODEV;
	}
	return 0;
}

/**
 * lis_platform_taken - is the kernel's own bus driver active?
 *
 * Only a built-in one can be: a module of our name would have kept us out.
 *
 * Return: 0, or -EBUSY after one line that says what to do.
 */
int lis_platform_taken(void)
{
	struct kset *platform = bus_get_kset(&platform_bus_type);
	struct kobject *other;

	if (!platform || !platform->kobj.kset)
		return 0;
	other = kset_find_obj(platform->kobj.kset, "vmbus");
	if (!other)
		return 0;
	kobject_put(other);
	pr_err("the VMBus driver built into this kernel is active; to use this one, boot with initcall_blacklist=hv_acpi_init\n");
	return -EBUSY;
}

/**
 * lis_platform_start - take over the hypervisor's interrupt vector.
 * @isr: called in hard interrupt context
 *
 * Return: 0 or -ENOMEM.
 */
int lis_platform_start(void (*isr)(void))
{
	int err = lis_compat_input_alloc();

	if (err)
		return err;
	hv_setup_vmbus_handler(isr);
	return 0;
}

/**
 * lis_platform_stop - give the vector back.
 */
void lis_platform_stop(void)
{
	hv_remove_vmbus_handler();
	lis_compat_input_free();
}

/**
 * lis_platform_vector - the vector, for the entropy pool.
 */
int lis_platform_vector(void)
{
	return HYPERVISOR_CALLBACK_VECTOR;
}

/**
 * lis_hv_post - HvPostMessage.
 * @conn: connection
 * @payload: at most 240 bytes
 * @len: its length
 *
 * Context: any.
 * Return: HV_STATUS.
 */
u32 lis_hv_post(u32 conn, const void *payload, u32 len)
{
	struct lis_hv_post_message *in;
	unsigned long flags;
	u64 status;

	local_irq_save(flags);
	in = lis_compat_input();
	in->connection_id = conn;
	in->reserved = 0;
	in->message_type = LIS_HV_MSG_VMBUS;
	in->payload_size = len;
	memcpy(in->payload, payload, len);
	status = hv_do_hypercall(LIS_HV_CALL_POST_MESSAGE, in, NULL);
	local_irq_restore(flags);
	return status & 0xffff;
}

/**
 * lis_hv_signal - HvSignalEvent, flag 0.
 * @conn: connection
 *
 * Context: any.
 * Return: HV_STATUS.
 */
u32 lis_hv_signal(u32 conn)
{
	return hv_do_fast_hypercall8(LIS_HV_CALL_SIGNAL_EVENT, conn) & 0xffff;
}

/**
 * lis_hv_vp - the hypervisor's number of a CPU.
 * @cpu: Linux's number
 */
u32 lis_hv_vp(int cpu)
{
	return hv_cpu_number_to_vp_number(cpu);
}

/**
 * lis_hv_eom - a message slot is free again.
 */
void lis_hv_eom(void)
{
	hv_set_msr(MSR_EOM, 0);
}

static void sint_on(unsigned int sint)
{
	u64 v = HYPERVISOR_CALLBACK_VECTOR;

	if (!(ms_hyperv.hints & HINT_NO_AUTO_EOI))
		v |= SINT_AUTO_EOI;
	hv_set_msr(MSR_SINT(sint), v);
}

static void page_msr(unsigned int msr, u64 enable)
{
	/* bits 11:1 are not ours */
	u64 v = hv_get_msr(msr) & GENMASK_ULL(11, 1);

	hv_set_msr(msr, v | enable);
}

/**
 * lis_hv_synic_on - start the interrupt controller of this CPU.
 * @messages: its message page
 * @events: its event-flags page
 */
void lis_hv_synic_on(phys_addr_t messages, phys_addr_t events)
{
	page_msr(MSR_SIMP, messages | PAGE_ENABLE);
	page_msr(MSR_SIEFP, events | PAGE_ENABLE);
	sint_on(LIS_HV_SINT_VMBUS);
	sint_on(LIS_HV_SINT_TIMER);
	hv_set_msr(MSR_SCONTROL, hv_get_msr(MSR_SCONTROL) | 1);
}

/**
 * lis_hv_synic_off - stop it; its pages are ordinary memory afterwards.
 */
void lis_hv_synic_off(void)
{
	hv_set_msr(MSR_SINT(LIS_HV_SINT_TIMER), SINT_MASKED |
		   HYPERVISOR_CALLBACK_VECTOR);
	hv_set_msr(MSR_SINT(LIS_HV_SINT_VMBUS), SINT_MASKED |
		   HYPERVISOR_CALLBACK_VECTOR);
	page_msr(MSR_SIEFP, 0);
	page_msr(MSR_SIMP, 0);
	hv_set_msr(MSR_SCONTROL, hv_get_msr(MSR_SCONTROL) & ~1ull);
}

/**
 * lis_hv_timers_by_message - do this hypervisor's timers need the SynIC?
 *
 * Newer ones have timers that interrupt directly; the kernel sees to these.
 */
bool lis_hv_timers_by_message(void)
{
	return LIS_COMPAT_MESSAGE_TIMERS &&
	       (ms_hyperv.features & PRIV_TIMERS) &&
	       !(ms_hyperv.misc_features & MISC_DIRECT_TIMERS);
}

/**
 * lis_hv_timers_on - a CPU's SynIC can carry timer messages from now on.
 * @cpu: this CPU
 */
void lis_hv_timers_on(unsigned int cpu)
{
	hv_stimer_legacy_init(cpu, LIS_HV_SINT_TIMER);
}

/**
 * lis_hv_timers_off - it no longer can.
 * @cpu: this CPU
 */
void lis_hv_timers_off(unsigned int cpu)
{
	hv_stimer_legacy_cleanup(cpu);
}

/**
 * lis_hv_timers_stop_here - stop the timer of a CPU that crashes.
 * @cpu: this CPU
 */
void lis_hv_timers_stop_here(unsigned int cpu)
{
	hv_stimer_cleanup(cpu);
}

/**
 * lis_hv_timers_stop_all - no timer may fire into the next kernel.
 */
void lis_hv_timers_stop_all(void)
{
	hv_stimer_global_cleanup();
}

/**
 * lis_hv_timer_isr - a timer message came.
 */
void lis_hv_timer_isr(void)
{
	hv_stimer0_isr();
}

/**
 * lis_hv_hibernation - did the host enable hibernation for this VM?
 */
bool lis_hv_hibernation(void)
{
	return hv_is_hibernation_supported();
}

/**
 * lis_hv_crash_msrs - does the host want to hear of a panic?
 */
bool lis_hv_crash_msrs(void)
{
	return ms_hyperv.misc_features & MISC_CRASH_MSRS;
}

/**
 * lis_hv_report_panic - tell it; the kernel makes sure that it is told once.
 */
void lis_hv_report_panic(void)
{
	hyperv_report_panic(current_pt_regs(), 0, false);
}

/**
 * lis_platform_set_exits - be called when another kernel takes over.
 * @kexec: process context, all CPUs running
 * @crash: on the crashing CPU, nothing else runs
 */
void lis_platform_set_exits(void (*kexec)(void),
			    void (*crash)(struct pt_regs *regs))
{
	hv_setup_kexec_handler(kexec);
	hv_setup_crash_handler(crash);
}

/**
 * lis_platform_clear_exits - undo it.
 */
void lis_platform_clear_exits(void)
{
	hv_remove_kexec_handler();
	hv_remove_crash_handler();
}
