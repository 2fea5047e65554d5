/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of hv_netvsc, group netvsc: a packet out and its completion, a
 * frame in, messages beside the data in both directions.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM netvsc

#if !defined(LIS_NETVSC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define LIS_NETVSC_TRACE_H

#include <linux/tracepoint.h>
#include "netvsc_int.h"

TRACE_EVENT(netvsc_xmit,
	TP_PROTO(const struct netvsc_chan *chan, u32 slot,
		 const struct netvsc_tx *t, bool more),
	TP_ARGS(chan, slot, t, more),
	TP_STRUCT__entry(__field(u32, ifindex) __field(u32, queue)
			 __field(u32, slot) __field(u32, bytes)
			 __field(u32, spans) __field(bool, more)),
	TP_fast_assign(
		__entry->ifindex = chan->nic->ndev->ifindex;
		__entry->queue = chan->index;
		__entry->slot = slot;
		__entry->bytes = t->bytes;
		__entry->spans = t->spans;
		__entry->more = more;
	),
	TP_printk("ifindex %u queue %u slot %u bytes %u spans %u more %u",
		  __entry->ifindex, __entry->queue, __entry->slot,
		  __entry->bytes, __entry->spans, __entry->more)
);

TRACE_EVENT(netvsc_done,
	TP_PROTO(const struct netvsc_chan *chan, u32 slot, u32 status),
	TP_ARGS(chan, slot, status),
	TP_STRUCT__entry(__field(u32, ifindex) __field(u32, queue)
			 __field(u32, slot) __field(u32, status)),
	TP_fast_assign(
		__entry->ifindex = chan->nic->ndev->ifindex;
		__entry->queue = chan->index;
		__entry->slot = slot;
		__entry->status = status;
	),
	TP_printk("ifindex %u queue %u slot %u status %u", __entry->ifindex,
		  __entry->queue, __entry->slot, __entry->status)
);

TRACE_EVENT(netvsc_frame,
	TP_PROTO(const struct netvsc_chan *chan, const struct netvsc_frame *f),
	TP_ARGS(chan, f),
	TP_STRUCT__entry(__field(u32, ifindex) __field(u32, queue)
			 __field(u32, bytes) __field(u32, csum)
			 __field(u32, hash) __field(bool, parts)),
	TP_fast_assign(
		__entry->ifindex = chan->nic->ndev->ifindex;
		__entry->queue = chan->index;
		__entry->bytes = f->bytes;
		__entry->csum = f->csum;
		__entry->hash = f->hash;
		__entry->parts = f->has_part;
	),
	TP_printk("ifindex %u queue %u bytes %u csum 0x%x hash 0x%x parts %u",
		  __entry->ifindex, __entry->queue, __entry->bytes,
		  __entry->csum, __entry->hash, __entry->parts)
);

TRACE_EVENT(netvsc_control,
	TP_PROTO(const struct netvsc_nic *nic, u32 type, u32 out),
	TP_ARGS(nic, type, out),
	TP_STRUCT__entry(__field(u32, ifindex) __field(u32, type)
			 __field(u32, out)),
	TP_fast_assign(
		__entry->ifindex = nic->ndev->ifindex;
		__entry->type = type;
		__entry->out = out;
	),
	TP_printk("ifindex %u %s 0x%x", __entry->ifindex,
		  __entry->out ? "out" : "in", __entry->type)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
