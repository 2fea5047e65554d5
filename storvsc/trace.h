/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of hv_storvsc, group storvsc: a command out, its completion in,
 * what the host sends unasked, resets.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM storvsc

#if !defined(LIS_STORVSC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define LIS_STORVSC_TRACE_H

#include <linux/tracepoint.h>
#include "storvsc_int.h"

TRACE_EVENT(storvsc_send,
	TP_PROTO(const struct storvsc_chan *chan, struct scsi_cmnd *cmd,
		 u32 len, u32 quiet),
	TP_ARGS(chan, cmd, len, quiet),
	TP_STRUCT__entry(__field(u32, host) __field(u32, channel)
			 __field(u32, lun) __field(u32, tag)
			 __field(u8, opcode) __field(u32, bytes)
			 __field(u32, len) __field(u32, quiet)),
	TP_fast_assign(
		__entry->host = chan->host->shost->host_no;
		__entry->channel = chan->index;
		__entry->lun = cmd->device->lun;
		__entry->tag = scsi_cmd_to_rq(cmd)->tag;
		__entry->opcode = cmd->cmnd[0];
		__entry->bytes = scsi_bufflen(cmd);
		__entry->len = len;
		__entry->quiet = quiet;
	),
	TP_printk("host %u channel %u lun %u tag %u opcode 0x%02x bytes %u packet %u quiet %u",
		  __entry->host, __entry->channel, __entry->lun, __entry->tag,
		  __entry->opcode, __entry->bytes, __entry->len,
		  __entry->quiet)
);

TRACE_EVENT(storvsc_done,
	TP_PROTO(const struct storvsc_chan *chan, struct scsi_cmnd *cmd,
		 const struct storvsc_reply *r, u32 outcome),
	TP_ARGS(chan, cmd, r, outcome),
	TP_STRUCT__entry(__field(u32, host) __field(u32, channel)
			 __field(u32, lun) __field(u32, tag)
			 __field(u8, opcode) __field(u8, srb)
			 __field(u8, status) __field(u32, bytes)
			 __field(u32, sense) __field(u32, outcome)),
	TP_fast_assign(
		__entry->host = chan->host->shost->host_no;
		__entry->channel = chan->index;
		__entry->lun = cmd->device->lun;
		__entry->tag = scsi_cmd_to_rq(cmd)->tag;
		__entry->opcode = cmd->cmnd[0];
		__entry->srb = r->srb_code;
		__entry->status = r->scsi_status;
		__entry->bytes = r->transferred;
		__entry->sense = r->sense_len;
		__entry->outcome = outcome;
	),
	TP_printk("host %u channel %u lun %u tag %u opcode 0x%02x srb 0x%02x status 0x%02x bytes %u sense %u outcome %u",
		  __entry->host, __entry->channel, __entry->lun, __entry->tag,
		  __entry->opcode, __entry->srb, __entry->status,
		  __entry->bytes, __entry->sense, __entry->outcome)
);

TRACE_EVENT(storvsc_event,
	TP_PROTO(u32 host, int op),
	TP_ARGS(host, op),
	TP_STRUCT__entry(__field(u32, host) __field(int, op)),
	TP_fast_assign(__entry->host = host; __entry->op = op;),
	TP_printk("host %u operation %d", __entry->host, __entry->op)
);

TRACE_EVENT(storvsc_reset,
	TP_PROTO(u32 host, int ret),
	TP_ARGS(host, ret),
	TP_STRUCT__entry(__field(u32, host) __field(int, ret)),
	TP_fast_assign(__entry->host = host; __entry->ret = ret;),
	TP_printk("host %u ret %d", __entry->host, __entry->ret)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
