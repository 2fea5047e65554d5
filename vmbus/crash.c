// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bus when this kernel ends without unloading us: kexec (everything still
 * works), kdump and panic (one CPU runs, interrupts are off, nothing may be
 * locked, allocated or waited for without a limit).
 *
 * Whatever path comes first says goodbye to the host; it is done once.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/delay.h>
#include <linux/nmi.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/smp.h>

#include "vmbus_int.h"

/* An Azure host may flush its disk caches before it answers */
#define UNLOAD_SECONDS	100
#define POLL_MS		10

static atomic_t said_goodbye;

static bool first_goodbye(void)
{
	return READ_ONCE(lis_bus.connected) &&
	       !atomic_xchg(&said_goodbye, 1);
}

/* The answer goes to the CPU of the connection, which may be stopped. */
static bool poll_slot(struct lis_hv_message *slot)
{
	/* pairs with the host's release of the type, written last */
	u32 type = virt_load_acquire(&slot->type);
	u32 what;

	if (type == LIS_HV_MSG_NONE)
		return false;
	memcpy(&what, slot->payload, sizeof(what));
	lis_slot_ack(slot, type);
	return type == LIS_HV_MSG_VMBUS && what == LIS_MSG_UNLOAD_COMPLETE;
}

static bool poll_all(void)
{
	struct lis_synic *s;
	int cpu;

	for_each_possible_cpu(cpu) {
		s = lis_synic_of(cpu);
		if (s->messages && poll_slot(&s->messages[LIS_HV_SINT_VMBUS]))
			return true;
	}
	return false;
}

static void unload_by_polling(void)
{
	struct lis_msg_hdr m = { .type = LIS_MSG_UNLOAD };
	unsigned int i, tries = 100;
	u32 status;

	do {
		status = lis_hv_post(lis_bus.msg_conn, &m, sizeof(m));
		if (status == LIS_HV_SUCCESS)
			break;
		udelay(100);
	} while (--tries);
	if (status != LIS_HV_SUCCESS) {
		pr_emerg("the host does not take our goodbye: status 0x%x\n",
			 status);
		return;
	}
	for (i = 0; i < UNLOAD_SECONDS * 1000 / POLL_MS; i++) {
		if (poll_all())
			return;
		mdelay(POLL_MS);
		touch_nmi_watchdog();
	}
	pr_emerg("the host did not answer our goodbye in %u seconds\n",
		 UNLOAD_SECONDS);
}

static void goodbye_in_crash(void)
{
	if (first_goodbye())
		unload_by_polling();
}

static void on_crash(struct pt_regs *regs)
{
	lis_hv_timers_stop_here(smp_processor_id());
	goodbye_in_crash();
	lis_hv_synic_off();
}

static void on_kexec(void)
{
	WRITE_ONCE(lis_bus.closing, true);
	/*
	 * May sleep for a retry or up to its time limit: needs the timers.
	 * Nothing is freed: drivers may still be at work.
	 */
	if (first_goodbye())
		lis_say_goodbye();
	lis_hv_timers_stop_all();
	lis_synic_off_everywhere();
}

static int leave_on_panic(struct notifier_block *nb, unsigned long event,
			  void *why)
{
	goodbye_in_crash();
	return NOTIFY_DONE;
}

/* The host may stop us at once; newer kernels have reported it before. */
static int report_panic(struct notifier_block *nb, unsigned long event,
			void *why)
{
	if (lis_hv_crash_msrs())
		lis_hv_report_panic();
	return NOTIFY_DONE;
}

/* After everything that may still use a disk, before the report */
static struct notifier_block leave_block = {
	.notifier_call = leave_on_panic,
	.priority = INT_MIN + 1,
};

static struct notifier_block report_block = {
	.notifier_call = report_panic,
	.priority = INT_MIN,
};

/**
 * lis_crash_start - be told when this kernel ends.
 */
void lis_crash_start(void)
{
	atomic_set(&said_goodbye, 0);
	lis_platform_set_exits(on_kexec, on_crash);
	atomic_notifier_chain_register(&panic_notifier_list, &leave_block);
	atomic_notifier_chain_register(&panic_notifier_list, &report_block);
}

/**
 * lis_crash_stop - no longer.
 */
void lis_crash_stop(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &report_block);
	atomic_notifier_chain_unregister(&panic_notifier_list, &leave_block);
	lis_platform_clear_exits();
}
