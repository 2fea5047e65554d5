// SPDX-License-Identifier: GPL-2.0-only
/*
 * The synthetic interrupt controller of each CPU, on while the CPU is online.
 * A CPU that the host still sends to may only go offline after everything was
 * aimed elsewhere (target.c).
 *
 * Callbacks run under the CPU hotplug lock, on the CPU they are about.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "vmbus_int.h"

static DEFINE_PER_CPU(struct lis_synic, synic);
static int hotplug_state;
static bool timers_on;		/* changes once, before any later hotplug */

/**
 * lis_synic_of - the pages of a CPU; empty before it was first online.
 * @cpu: the CPU
 */
struct lis_synic *lis_synic_of(int cpu)
{
	return per_cpu_ptr(&synic, cpu);
}

static int synic_online(unsigned int cpu)
{
	struct lis_synic *s = lis_synic_of(cpu);

	if (!s->messages)
		s->messages = (void *)get_zeroed_page(GFP_KERNEL);
	if (!s->events)
		s->events = (void *)get_zeroed_page(GFP_KERNEL);
	if (!s->messages || !s->events)
		return -ENOMEM;
	/* what was left in them when the CPU went offline is old news */
	memset(s->messages, 0, PAGE_SIZE);
	memset(s->events, 0, PAGE_SIZE);

	lis_hv_synic_on(virt_to_phys(s->messages), virt_to_phys(s->events));
	if (timers_on)
		lis_hv_timers_on(cpu);
	mutex_lock(&lis_bus.target_lock);
	cpumask_set_cpu(cpu, lis_bus.synic_cpus);
	mutex_unlock(&lis_bus.target_lock);
	return 0;
}

static int synic_offline(unsigned int cpu)
{
	int err;

	if (!lis_bus.closing) {
		err = lis_target_evacuate(cpu);
		if (err)
			return err;
	}
	mutex_lock(&lis_bus.target_lock);
	cpumask_clear_cpu(cpu, lis_bus.synic_cpus);
	mutex_unlock(&lis_bus.target_lock);
	if (timers_on)
		lis_hv_timers_off(cpu);
	lis_hv_synic_off();
	lis_target_settle();
	return 0;
}

static void free_pages_of_all(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct lis_synic *s = lis_synic_of(cpu);

		free_page((unsigned long)s->messages);
		free_page((unsigned long)s->events);
		s->messages = NULL;
		s->events = NULL;
	}
}

/**
 * lis_synic_start - switch it on, on all CPUs now and later.
 *
 * Return: 0 or -errno.
 */
int lis_synic_start(void)
{
	int state;

	if (!zalloc_cpumask_var(&lis_bus.synic_cpus, GFP_KERNEL))
		return -ENOMEM;
	lis_bus.cpu_load = kcalloc(nr_cpu_ids, sizeof(*lis_bus.cpu_load),
				   GFP_KERNEL);
	if (!lis_bus.cpu_load) {
		free_cpumask_var(lis_bus.synic_cpus);
		return -ENOMEM;
	}
	state = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "openlis/vmbus:online",
				  synic_online, synic_offline);
	if (state < 0) {
		pr_err("cannot start the SynIC of every CPU: %d\n", state);
		free_pages_of_all();
		kfree(lis_bus.cpu_load);
		free_cpumask_var(lis_bus.synic_cpus);
		return state;
	}
	hotplug_state = state;
	return 0;
}

static int timers_of_this_cpu(void *unused)
{
	lis_hv_timers_on(smp_processor_id());
	return 0;
}

/**
 * lis_synic_start_timers - let the kernel use timers that come as messages.
 *
 * There is no way back: the kernel makes the APIC timer of one CPU the
 * broadcast device, and that CPU then has no other timer to return to.  The
 * caller keeps the module loaded for ever.
 */
void lis_synic_start_timers(void)
{
	int cpu;

	cpus_read_lock();
	timers_on = true;
	for_each_online_cpu(cpu)
		smp_call_on_cpu(cpu, timers_of_this_cpu, NULL, false);
	cpus_read_unlock();
}

/**
 * lis_synic_off_everywhere - nothing more comes from the host.
 *
 * Context: process.  The pages stay.
 */
void lis_synic_off_everywhere(void)
{
	cpuhp_remove_state(hotplug_state);
}

static void no_op(void *unused)
{
}

/**
 * lis_synic_stop - switch it off everywhere and free its pages.
 */
void lis_synic_stop(void)
{
	lis_synic_off_everywhere();
	/* an interrupt that came just before may still look at the pages */
	on_each_cpu(no_op, NULL, 1);
	free_pages_of_all();
	kfree(lis_bus.cpu_load);
	free_cpumask_var(lis_bus.synic_cpus);
}
