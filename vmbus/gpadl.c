// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory shared with the host by handle.
 *
 * What was once described to the host is the host's until it says TORNDOWN,
 * or until the connection ended: before that the memory is not freed, and the
 * channel's id not given back.  Rings wait for that as long as it takes; other
 * memory is the driver's, who has to leak it when the host does not answer.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "gpadl_pack.h"
#include "trace.h"
#include "vmbus_int.h"

static u32 new_handle(void)
{
	u32 handle;

	do {
		handle = atomic_inc_return(&lis_bus.next_handle);
	} while (!handle);
	return handle;
}

static int post_list(struct lis_gpadl_pack *p)
{
	u8 msg[LIS_HV_MSG_PAYLOAD_MAX] __aligned(8);
	int err = 0;
	u32 len;

	while (!err && (len = lis_gpadl_pack_next(p, msg))) {
		err = lis_post(msg, len);
		if (p->bodies)
			trace_vmbus_establish_gpadl_body(p->relid, p->handle,
							 err);
		else
			trace_vmbus_establish_gpadl_header(p->relid, p->handle,
							   err);
	}
	return err;
}

/**
 * lis_gpadl_share - tell the host of memory.
 * @ch: channel it belongs to
 * @bytes: length, from the start of page 0
 * @pfn: frame number of 4 KiB page @i
 * @ctx: passed to @pfn
 * @handle: our name for it, also on failure: 0 when the host may have it not
 *
 * Context: process, may sleep; bounded, and ended by a rescind.
 * Return: 0, -EINVAL, -ENODEV, -ETIMEDOUT, -EPROTO.
 */
int lis_gpadl_share(struct lis_channel *ch, u32 bytes,
		    u64 (*pfn)(void *ctx, u32 i), void *ctx, u32 *handle)
{
	struct lis_waiter w = {
		.type = LIS_MSG_GPADL_CREATED,
		.relid = ch->relid,
		.ch = ch,
	};
	struct lis_gpadl_pack pack;
	bool untold;
	int err;

	*handle = 0;
	w.key = new_handle();
	err = lis_gpadl_pack_init(&pack, ch->relid, w.key, bytes);
	if (err)
		return err;
	pack.pfn = pfn;
	pack.ctx = ctx;

	lis_wait_start(&w);
	err = post_list(&pack);
	/* not even begun: the host knows nothing of it */
	untold = err && !pack.bodies;
	err = lis_wait_end(&w, err);
	if (untold)
		return err;
	if (!err && w.msg.created.status) {
		lis_host_warn("the host refuses %u bytes of memory on channel %u: 0x%x\n",
				   bytes, ch->relid, w.msg.created.status);
		return -EPROTO;
	}
	/* unless it said no, it may know the memory */
	*handle = w.key;
	return err;
}

/* An error when the host may still use the memory; then @w may be gone. */
static int ask_back(struct lis_channel *ch, struct lis_waiter *w)
{
	struct lis_msg_gpadl_teardown m = {
		.hdr.type = LIS_MSG_GPADL_TEARDOWN,
		.relid = ch->relid,
		.gpadl = w->key,
	};
	int err;

	atomic_inc(&ch->out_on_loan);
	lis_wait_start(w);
	err = lis_post(&m, sizeof(m));
	trace_vmbus_teardown_gpadl(ch->relid, m.gpadl, err);
	err = lis_wait_end(w, err);
	if (err)
		pr_err("the host does not give memory of channel %u back: %d\n",
		       ch->relid, err);
	else
		lis_channel_loan_back(ch);
	return err;
}

/**
 * lis_gpadl_teardown - take memory back from the host.
 * @ch: the channel
 * @handle: from lis_gpadl_create()
 *
 * A rescinded channel's memory is given back all the same, so a rescind does
 * not end this wait; its time limit does.
 *
 * Context: process, may sleep.
 * Return: 0, or an error when the host may still use the memory: leak it.
 */
int lis_gpadl_teardown(struct lis_channel *ch, u32 handle)
{
	struct lis_waiter w = {
		.type = LIS_MSG_GPADL_TORNDOWN,
		.key = handle,
	};

	return ask_back(ch, &w);
}
EXPORT_SYMBOL_GPL(lis_gpadl_teardown);

/* --- the rings' memory ---------------------------------------------------- */

/**
 * struct lis_lent - rings that the host was asked to give back.
 * @wait: for its answer, however late
 * @mem: freed when that came
 * @ch: with a reference
 */
struct lis_lent {
	struct lis_waiter wait;
	struct lis_ring_mem mem;
	struct lis_channel *ch;
};

static s64 bytes_of(const struct lis_lent *l)
{
	return (s64)l->mem.count * PAGE_SIZE;
}

static void lent_end(struct lis_lent *l)
{
	lis_ring_mem_free(&l->mem);
	lis_channel_put(l->ch);
	kfree(l);
}

static void lent_came_late(struct lis_waiter *w)
{
	struct lis_lent *l = container_of(w, struct lis_lent, wait);

	pr_info("the host gave memory of channel %u back after all\n",
		l->ch->relid);
	atomic64_sub(bytes_of(l), &lis_bus.counter[LIS_CNT_LEAKED_BYTES]);
	lis_channel_loan_back(l->ch);
	lent_end(l);
}

/**
 * lis_lent_alloc - be prepared for lis_gpadl_take_back().
 *
 * Return: something for kfree(), or NULL.
 */
struct lis_lent *lis_lent_alloc(void)
{
	return kzalloc(sizeof(struct lis_lent), GFP_KERNEL);
}

/**
 * lis_gpadl_take_back - take rings back from the host, and free them.
 * @ch: the channel
 * @l: from lis_lent_alloc(), used up
 * @handle: the rings'
 * @mem: the rings; empty afterwards
 *
 * When the host does not answer in time, the memory stays its own until it
 * does, or until the connection ends.
 *
 * Context: process, may sleep for a bounded time.
 */
void lis_gpadl_take_back(struct lis_channel *ch, struct lis_lent *l,
			 u32 handle, struct lis_ring_mem *mem)
{
	s64 bytes;

	lis_ring_mem_unmap(mem);
	l->mem = *mem;
	*mem = (struct lis_ring_mem){};
	kref_get(&ch->ref);
	l->ch = ch;
	l->wait.type = LIS_MSG_GPADL_TORNDOWN;
	l->wait.key = handle;
	l->wait.late = lent_came_late;

	/* counted before it can come back late */
	bytes = bytes_of(l);
	atomic64_add(bytes, &lis_bus.counter[LIS_CNT_LEAKED_BYTES]);
	if (ask_back(ch, &l->wait))
		return;
	atomic64_sub(bytes, &lis_bus.counter[LIS_CNT_LEAKED_BYTES]);
	lent_end(l);
}

static u64 pfn_of_vmalloc(void *ctx, u32 i)
{
	return vmalloc_to_pfn(ctx + (size_t)i * LIS_HV_PAGE_SIZE);
}

static u64 pfn_of_linear(void *ctx, u32 i)
{
	return (virt_to_phys(ctx) >> LIS_HV_PAGE_SHIFT) + i;
}

/**
 * lis_gpadl_create - share memory with the host.
 * @ch: channel it belongs to
 * @buf: page-aligned, from vmalloc() or the page allocator
 * @bytes: at most about 32 MiB
 * @handle: how the host and you call it
 *
 * Context: process, may sleep; bounded, and ended by a rescind.
 * Return: 0, -EINVAL, -ENODEV, -EPROTO, or -ETIMEDOUT.  On -ETIMEDOUT the host
 * may still use the memory: leak it.
 */
int lis_gpadl_create(struct lis_channel *ch, void *buf, u32 bytes, u32 *handle)
{
	bool mapped = is_vmalloc_addr(buf);
	u32 half = 0;
	int err, undo;

	*handle = 0;
	if (!PAGE_ALIGNED(buf))
		return -EINVAL;
	err = lis_gpadl_share(ch, bytes, mapped ? pfn_of_vmalloc :
			      pfn_of_linear, buf, &half);
	if (err && half) {
		/* interrupted: the host may have it or not */
		undo = lis_gpadl_teardown(ch, half);
		return undo ? -ETIMEDOUT : err == -ETIMEDOUT ? -EPROTO : err;
	}
	*handle = half;
	return err;
}
EXPORT_SYMBOL_GPL(lis_gpadl_create);
