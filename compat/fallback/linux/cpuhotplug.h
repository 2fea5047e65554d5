/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * upstream: v4.6.  Before, whoever wanted to hear of CPUs that come and go was
 * told by a notifier, which runs somewhere, not on the CPU it is about.  This
 * has what one file needs of the newer interface: one state, its callbacks on
 * their own CPU, in process context.
 *
 * The hotplug lock is held by the notifier's caller, and here by
 * cpu_notifier_register_begin(): no two callbacks run at once.
 */
#ifndef LIS_COMPAT_FALLBACK_CPUHOTPLUG_H
#define LIS_COMPAT_FALLBACK_CPUHOTPLUG_H

#include <linux/cpu.h>
#include <linux/notifier.h>
#include <linux/workqueue.h>

#define CPUHP_AP_ONLINE_DYN	0

/* v4.13 */
#define cpus_read_lock()	get_online_cpus()
#define cpus_read_unlock()	put_online_cpus()

static struct {
	int (*up)(unsigned int cpu);
	int (*down)(unsigned int cpu);
} lis_compat_hp;

static inline long lis_compat_hp_run(void *callback)
{
	int (*fn)(unsigned int cpu) = callback;

	return fn(smp_processor_id());
}

static inline int lis_compat_hp_on(unsigned int cpu, int (*fn)(unsigned int))
{
	return work_on_cpu(cpu, lis_compat_hp_run, fn);
}

/* The workqueues' own notifier runs before this one when a CPU comes, and
 * after it when one goes.
 */
static int lis_compat_hp_notify(struct notifier_block *nb, unsigned long action,
				void *hcpu)
{
	unsigned int cpu = (unsigned long)hcpu;
	int err = 0;

	switch (action & ~CPU_TASKS_FROZEN) {
	case CPU_ONLINE:
	case CPU_DOWN_FAILED:
		err = lis_compat_hp_on(cpu, lis_compat_hp.up);
		break;
	case CPU_DOWN_PREPARE:
		err = lis_compat_hp_on(cpu, lis_compat_hp.down);
		break;
	}
	return notifier_from_errno(err);
}

static struct notifier_block lis_compat_hp_block = {
	.notifier_call = lis_compat_hp_notify,
};

static inline int cpuhp_setup_state(int state, const char *name,
				    int (*up)(unsigned int cpu),
				    int (*down)(unsigned int cpu))
{
	unsigned int cpu, undo;
	int err = 0;

	lis_compat_hp.up = up;
	lis_compat_hp.down = down;
	cpu_notifier_register_begin();
	for_each_online_cpu(cpu) {
		err = lis_compat_hp_on(cpu, up);
		if (err)
			break;
	}
	if (!err) {
		__register_cpu_notifier(&lis_compat_hp_block);
	} else {
		for_each_online_cpu(undo) {
			if (undo == cpu)
				break;
			lis_compat_hp_on(undo, down);
		}
	}
	cpu_notifier_register_done();
	return err;
}

static inline void cpuhp_remove_state(int state)
{
	unsigned int cpu;

	cpu_notifier_register_begin();
	__unregister_cpu_notifier(&lis_compat_hp_block);
	for_each_online_cpu(cpu)
		lis_compat_hp_on(cpu, lis_compat_hp.down);
	cpu_notifier_register_done();
}

/* v4.9 */
struct lis_compat_call {
	int (*fn)(void *arg);
	void *arg;
};

static inline long lis_compat_call(void *data)
{
	struct lis_compat_call *call = data;

	return call->fn(call->arg);
}

static inline int smp_call_on_cpu(unsigned int cpu, int (*fn)(void *arg),
				  void *arg, bool phys)
{
	struct lis_compat_call call = { fn, arg };

	return work_on_cpu(cpu, lis_compat_call, &call);
}

#endif
