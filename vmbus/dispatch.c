// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the interrupt to the channel: event flags, control messages, timers.
 * What becomes of a signalled channel is in owner.c.
 *
 * Control messages are copied out of their slot at once.  Answers wake who
 * waits for them; offers and rescinds go through a FIFO to ordered work.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/bottom_half.h>
#include <linux/export.h>
#include <linux/hardirq.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <asm/sync_bitops.h>

#include "trace.h"
#include "vmbus_int.h"
#include "../compat/shims/random.h"

/* --- channels ------------------------------------------------------------ */

/**
 * lis_signal_host - tell the host to look at a channel.
 * @ch: the channel
 *
 * Context: any.
 */
void lis_signal_host(struct lis_channel *ch)
{
	u32 status;

	trace_vmbus_setevent(ch->relid);
	if (ch->monitored) {
		/* the hypervisor polls this page: group words, 8 bytes each */
		unsigned long *group = lis_bus.monitor[1] + 8 +
				       ch->monitor_id / 32 * 8;

		sync_set_bit(ch->monitor_id % 32, group);
		return;
	}
	status = lis_hv_signal(ch->conn_id);
	/* a channel just rescinded has no connection any more */
	if (unlikely(status != LIS_HV_SUCCESS) && !lis_rescinded(ch))
		lis_count(LIS_CNT_SIGNALS_REFUSED);
}

static void handle_flag(unsigned int relid)
{
	struct lis_channel *ch = NULL;

	if (relid <= LIS_RELID_MAX)
		ch = rcu_dereference(lis_bus.relid[relid]);
	if (likely(ch))
		lis_rx_interrupt(ch);
	else
		lis_count(LIS_CNT_EVENT_UNKNOWN);
}

static void handle_events(struct lis_hv_event_flags *group)
{
	unsigned long *word = (unsigned long *)group->bits;
	unsigned int words = READ_ONCE(lis_bus.event_words);
	unsigned int i, bit;
	unsigned long set;

	rcu_read_lock();
	for (i = 0; i < words; i++) {
		if (!READ_ONCE(word[i]))
			continue;
		/* cleared before the rings are looked at, or wake-ups get lost */
		set = xchg(&word[i], 0);
		for_each_set_bit(bit, &set, BITS_PER_LONG)
			handle_flag(i * BITS_PER_LONG + bit);
	}
	rcu_read_unlock();
}

/* --- control messages ---------------------------------------------------- */

/**
 * lis_slot_ack - free a message slot after its message was copied.
 * @slot: the slot
 * @type: what its type was
 *
 * Context: any; the slot may be another CPU's only while that one is stopped.
 * Return: true when it was still that message.
 */
bool lis_slot_ack(struct lis_hv_message *slot, u32 type)
{
	if (cmpxchg(&slot->type, type, LIS_HV_MSG_NONE) != type)
		return false;
	/* the type is cleared before we ask whether another one waits */
	virt_mb();
	if (READ_ONCE(slot->flags) & LIS_HV_MSG_PENDING)
		lis_hv_eom();
	return true;
}

static bool fifo_put(const union lis_host_msg *msg)
{
	unsigned long flags;
	bool room;

	raw_spin_lock_irqsave(&lis_bus.fifo_lock, flags);
	room = lis_bus.fifo_head - lis_bus.fifo_tail < LIS_FIFO_LEN;
	if (room)
		lis_bus.fifo[lis_bus.fifo_head++ % LIS_FIFO_LEN] = *msg;
	else
		lis_bus.fifo_stuck = true;
	raw_spin_unlock_irqrestore(&lis_bus.fifo_lock, flags);
	if (room)
		queue_work(lis_bus.offer_wq, &lis_bus.fifo_work);
	else
		lis_count(LIS_CNT_MSG_DEFERRED);
	return room;
}

static bool fifo_get(union lis_host_msg *msg, bool *stuck)
{
	bool some;

	raw_spin_lock_irq(&lis_bus.fifo_lock);
	some = lis_bus.fifo_head != lis_bus.fifo_tail;
	if (some)
		*msg = lis_bus.fifo[lis_bus.fifo_tail++ % LIS_FIFO_LEN];
	*stuck = lis_bus.fifo_stuck;
	lis_bus.fifo_stuck = false;
	raw_spin_unlock_irq(&lis_bus.fifo_lock);
	return some;
}

static void fifo_worker(struct work_struct *work)
{
	union lis_host_msg msg;
	bool stuck;

	while (fifo_get(&msg, &stuck)) {
		/* there is room again: take what stayed in the slots */
		if (stuck)
			on_each_cpu(lis_poll_slot, NULL, 0);
		trace_vmbus_on_message(msg.hdr.type);
		lis_handle_message(&msg);
		cond_resched();
	}
}

/* False: no room now, leave it in the slot. */
static bool route(const union lis_host_msg *msg)
{
	u32 relid = 0, key = 0;

	switch (msg->hdr.type) {
	case LIS_MSG_RESCIND_OFFER:
		/* whoever waits for the host on this channel is woken now */
		lis_mark_rescinded(msg->relid.relid);
		return fifo_put(msg);
	case LIS_MSG_OFFER_CHANNEL:
	case LIS_MSG_ALL_OFFERS_DELIVERED:
		return fifo_put(msg);
	case LIS_MSG_OPEN_RESULT:
		relid = msg->open_result.relid;
		key = msg->open_result.open_id;
		trace_vmbus_onopen_result(relid, key, msg->open_result.status);
		break;
	case LIS_MSG_GPADL_CREATED:
		relid = msg->created.relid;
		key = msg->created.gpadl;
		trace_vmbus_ongpadl_created(relid, key, msg->created.status);
		break;
	case LIS_MSG_GPADL_TORNDOWN:
		key = msg->torndown.gpadl;
		trace_vmbus_ongpadl_torndown(key);
		break;
	case LIS_MSG_MODIFY_CHANNEL_RESPONSE:
		relid = msg->modified.relid;
		trace_vmbus_onmodifychannel_response(relid, 0,
						     msg->modified.status);
		break;
	case LIS_MSG_VERSION_RESPONSE:
		trace_vmbus_onversion_response(msg->version.base.supported);
		break;
	}
	if (!lis_wait_answer(msg, relid, key))
		lis_count(LIS_CNT_MSG_UNEXPECTED);
	return true;
}

static bool take_message(struct lis_hv_message *slot)
{
	union lis_host_msg msg;
	u32 size = READ_ONCE(slot->payload_size);

	switch (lis_msg_take(slot->payload, size, READ_ONCE(lis_bus.version),
			     &msg)) {
	case LIS_MSG_GOOD:
		trace_vmbus_on_msg_dpc(msg.hdr.type);
		return route(&msg);
	case LIS_MSG_UNKNOWN:
	case LIS_MSG_SHORT:
		lis_host_warn("ignoring message %u of %u bytes from the host\n",
				    msg.hdr.type, size);
		lis_count(LIS_CNT_MSG_MALFORMED);
		break;
	}
	return true;
}

static void handle_slot(struct lis_hv_message *slot)
{
	/* pairs with the host's release of the type, written last */
	u32 type = virt_load_acquire(&slot->type);

	if (type == LIS_HV_MSG_NONE)
		return;
	if (type == LIS_HV_MSG_VMBUS) {
		lis_count(LIS_CNT_MESSAGES);
		if (!take_message(slot))
			return;
	} else {
		lis_count(LIS_CNT_MSG_MALFORMED);
	}
	lis_slot_ack(slot, type);
}

/**
 * lis_poll_slot - look for a control message on this CPU.
 * @unused: for on_each_cpu()
 *
 * Context: interrupts off.
 */
void lis_poll_slot(void *unused)
{
	struct lis_synic *s = lis_synic_of(smp_processor_id());

	if (s->messages)
		handle_slot(&s->messages[LIS_HV_SINT_VMBUS]);
}

static void handle_timer(struct lis_hv_message *slot)
{
	/* pairs with the host's release of the type, written last */
	u32 type = virt_load_acquire(&slot->type);

	if (likely(type == LIS_HV_MSG_NONE))
		return;
	if (type == LIS_HV_MSG_TIMER_EXPIRED)
		lis_hv_timer_isr();
	else
		lis_count(LIS_CNT_MSG_MALFORMED);
	lis_slot_ack(slot, type);
}

/**
 * lis_isr - the hypervisor interrupted this CPU.
 */
void lis_isr(void)
{
	struct lis_synic *s = lis_synic_of(smp_processor_id());

	if (unlikely(!s->messages || !s->events))
		return;
	handle_events(&s->events[LIS_HV_SINT_VMBUS]);
	handle_slot(&s->messages[LIS_HV_SINT_VMBUS]);
	handle_timer(&s->messages[LIS_HV_SINT_TIMER]);
	add_interrupt_randomness(lis_platform_vector());
}

/**
 * lis_fifo_alloc - room for messages on their way to the offer work.
 */
int lis_fifo_alloc(void)
{
	raw_spin_lock_init(&lis_bus.fifo_lock);
	INIT_WORK(&lis_bus.fifo_work, fifo_worker);
	lis_bus.fifo_head = 0;
	lis_bus.fifo_tail = 0;
	lis_bus.fifo = kvcalloc(LIS_FIFO_LEN, sizeof(*lis_bus.fifo),
				GFP_KERNEL);
	return lis_bus.fifo ? 0 : -ENOMEM;
}

/**
 * lis_fifo_free - free it; nothing can come in any more.
 */
void lis_fifo_free(void)
{
	kvfree(lis_bus.fifo);
	lis_bus.fifo = NULL;
}
