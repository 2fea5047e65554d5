// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which CPU a channel interrupts.
 *
 * ch->cpu and bus.cpu_load change under bus.target_lock; telling the host of
 * it happens under the channel's own lock.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/smp.h>

#include "trace.h"
#include "vmbus_int.h"

static void set_cpu(struct lis_channel *ch, int cpu)
{
	lockdep_assert_held(&lis_bus.target_lock);
	if (ch->loaded)
		lis_bus.cpu_load[ch->cpu]--;
	WRITE_ONCE(ch->cpu, cpu);
	lis_bus.cpu_load[cpu]++;
	ch->loaded = true;
}

static int least_loaded(void)
{
	int cpu, best = -1;

	lockdep_assert_held(&lis_bus.target_lock);
	for_each_cpu(cpu, lis_bus.synic_cpus)
		if (best < 0 ||
		    lis_bus.cpu_load[cpu] < lis_bus.cpu_load[best])
			best = cpu;
	return best;
}

/**
 * lis_target_choose - choose the CPU for a channel that is being opened.
 * @ch: the channel
 * @wish: preferred CPU, or -1: what an administrator chose while it was
 *	closed, else the bus's choice
 */
void lis_target_choose(struct lis_channel *ch, int wish)
{
	lockdep_assert_held(&ch->lock);
	mutex_lock(&lis_bus.target_lock);
	if (wish < 0 && ch->cpu_chosen)
		wish = ch->cpu;
	if (wish < 0 || wish >= nr_cpu_ids ||
	    !cpumask_test_cpu(wish, lis_bus.synic_cpus))
		wish = least_loaded();
	set_cpu(ch, wish);
	mutex_unlock(&lis_bus.target_lock);
}

/**
 * lis_target_forget - the channel is closed.
 * @ch: the channel
 */
void lis_target_forget(struct lis_channel *ch)
{
	mutex_lock(&lis_bus.target_lock);
	if (ch->loaded)
		lis_bus.cpu_load[ch->cpu]--;
	ch->loaded = false;
	mutex_unlock(&lis_bus.target_lock);
}

static u64 page_of(void *ctx, u32 i)
{
	return page_to_pfn(virt_to_page(ctx));
}

/*
 * A host before 5.3 does not say when it has turned to the new CPU.  It does
 * handle messages in order: once it answered what we ask after the request,
 * that one is done.  The shortest question with an answer is a GPADL.
 */
static int fence(struct lis_channel *ch)
{
	u32 handle;
	int err, undo;

	err = lis_gpadl_share(ch, LIS_HV_PAGE_SIZE, page_of,
			      lis_bus.monitor[0], &handle);
	/* also when nothing was heard of it: then it may exist */
	undo = handle ? lis_gpadl_teardown(ch, handle) : 0;
	return err ?: undo;
}

static int tell_host(struct lis_channel *ch, int cpu)
{
	struct lis_msg_modify_channel m = {
		.hdr.type = LIS_MSG_MODIFY_CHANNEL,
		.relid = ch->relid,
		.target_vp = lis_hv_vp(cpu),
	};
	struct lis_waiter w = {
		.type = LIS_MSG_MODIFY_CHANNEL_RESPONSE,
		.relid = ch->relid,
		.ch = ch,
	};
	bool answers = lis_bus.version >= LIS_VMBUS_V5_3;
	int err;

	if (answers)
		lis_wait_start(&w);
	err = lis_post(&m, sizeof(m));
	trace_vmbus_send_modifychannel(ch->relid, m.target_vp, err);
	if (!answers)
		return err ?: fence(ch);
	err = lis_wait_end(&w, err);
	if (!err && w.msg.modified.status) {
		dev_warn_ratelimited(&ch->dev->d.dev,
				     "the host refuses CPU %d for channel %u: 0x%x\n",
				     cpu, ch->relid, w.msg.modified.status);
		err = -EPROTO;
	}
	return err;
}

/**
 * lis_target_move - aim a channel at another CPU.
 * @ch: the channel, its lock held
 * @cpu: where
 *
 * Context: process; waits for the host when the channel is open.
 * Return: 0, -EINVAL (no such CPU), -EOPNOTSUPP (old host) or as waiting.
 */
int lis_target_move(struct lis_channel *ch, int cpu)
{
	bool ok;
	int err = 0;

	lockdep_assert_held(&ch->lock);
	mutex_lock(&lis_bus.target_lock);
	ok = cpu >= 0 && cpu < nr_cpu_ids &&
	     cpumask_test_cpu(cpu, lis_bus.synic_cpus);
	mutex_unlock(&lis_bus.target_lock);
	if (!ok)
		return -EINVAL;
	if (ch->state == LIS_CHAN_CLOSED) {
		WRITE_ONCE(ch->cpu, cpu);
		ch->cpu_chosen = true;
		return 0;
	}
	/* being closed: it is counted where it is */
	if (ch->state != LIS_CHAN_OPEN)
		return -ENODEV;
	if (cpu == ch->cpu)
		return 0;
	if (lis_bus.version < LIS_VMBUS_V4_1)
		return -EOPNOTSUPP;
	err = tell_host(ch, cpu);
	if (err)
		return err;
	mutex_lock(&lis_bus.target_lock);
	set_cpu(ch, cpu);
	mutex_unlock(&lis_bus.target_lock);
	/* an open channel has its driver's callbacks, see begin_closing() */
	if (ch->ops->moved)
		ch->ops->moved(ch, ch->ctx);
	return 0;
}

static int evacuate_channel(struct lis_channel *ch, unsigned int cpu)
{
	int err = 0, other;

	mutex_lock(&ch->lock);
	if (ch->loaded && ch->cpu == cpu && ch->state == LIS_CHAN_OPEN &&
	    !lis_rescinded(ch)) {
		mutex_lock(&lis_bus.target_lock);
		other = least_loaded();
		mutex_unlock(&lis_bus.target_lock);
		err = lis_target_move(ch, other);
	}
	mutex_unlock(&ch->lock);
	/* a channel that ends meanwhile does not hold the CPU up */
	return lis_rescinded(ch) ? 0 : err;
}

static int evacuate_all(unsigned int cpu)
{
	struct lis_channel *ch;
	u32 relid;
	int err = 0;

	for (relid = 1; relid <= LIS_RELID_MAX && !err; relid++) {
		ch = lis_channel_get(relid);
		if (!ch)
			continue;
		err = evacuate_channel(ch, cpu);
		lis_channel_put(ch);
	}
	return err;
}

/**
 * lis_target_evacuate - aim everything at other CPUs, this one goes offline.
 * @cpu: the CPU
 *
 * Context: process, CPU hotplug lock held.
 * Return: 0, or -EBUSY when the host must go on sending here.
 */
int lis_target_evacuate(unsigned int cpu)
{
	int err = 0;

	if (cpu == lis_bus.connect_cpu) {
		pr_warn_ratelimited("CPU %u receives the host's messages and must stay online\n",
				    cpu);
		return -EBUSY;
	}
	mutex_lock(&lis_bus.target_lock);
	cpumask_clear_cpu(cpu, lis_bus.synic_cpus);
	mutex_unlock(&lis_bus.target_lock);

	err = evacuate_all(cpu);
	if (!err)
		return 0;
	mutex_lock(&lis_bus.target_lock);
	cpumask_set_cpu(cpu, lis_bus.synic_cpus);
	mutex_unlock(&lis_bus.target_lock);
	pr_warn_ratelimited("CPU %u receives a channel's interrupts and must stay online: %d\n",
			    cpu, err);
	return -EBUSY;
}

/**
 * lis_target_settle - the evacuated CPU takes no interrupt any more.
 *
 * Whatever was signalled there at the last moment is looked for now.
 */
void lis_target_settle(void)
{
	struct lis_channel *ch;
	u32 relid;

	rcu_read_lock();
	for (relid = 1; relid <= LIS_RELID_MAX; relid++) {
		ch = rcu_dereference(lis_bus.relid[relid]);
		if (ch)
			lis_rx_poke(ch);
	}
	rcu_read_unlock();
}

/**
 * lis_channel_cpu - the CPU that a channel interrupts.
 * @ch: the channel
 *
 * Context: any.
 * Return: the CPU; it may change at once.
 */
int lis_channel_cpu(const struct lis_channel *ch)
{
	return READ_ONCE(ch->cpu);
}
EXPORT_SYMBOL_GPL(lis_channel_cpu);

/**
 * lis_channel_set_cpu - ask the host to interrupt another CPU.
 * @ch: the channel; when closed, the CPU is remembered for its opening
 * @cpu: online CPU
 *
 * Context: process, may sleep.
 * Return: 0, -EINVAL, -EOPNOTSUPP (VMBus before 4.1), -ENODEV, -ETIMEDOUT or
 * -EPROTO.
 */
int lis_channel_set_cpu(struct lis_channel *ch, int cpu)
{
	int err;

	mutex_lock(&ch->lock);
	err = lis_target_move(ch, cpu);
	mutex_unlock(&ch->lock);
	return err;
}
EXPORT_SYMBOL_GPL(lis_channel_set_cpu);
