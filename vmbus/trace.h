/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints, under the names that tools know (group hyperv).  Two of the
 * kernel's are missing because what they tell of is not done here yet:
 * vmbus_send_tl_connect_request belongs to VMBus sockets (hv_sock),
 * balloon_status to dynamic memory (hv_balloon).
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM hyperv

#if !defined(LIS_VMBUS_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define LIS_VMBUS_TRACE_H

#include <linux/tracepoint.h>
#include <lis/proto/vmbus.h>

/* A control message of the host, by its type number */
DECLARE_EVENT_CLASS(lis_vmbus_message,
	TP_PROTO(u32 msgtype),
	TP_ARGS(msgtype),
	TP_STRUCT__entry(__field(u32, msgtype)),
	TP_fast_assign(__entry->msgtype = msgtype;),
	TP_printk("msgtype=%u", __entry->msgtype)
);
DEFINE_EVENT(lis_vmbus_message, vmbus_on_msg_dpc,
	TP_PROTO(u32 msgtype), TP_ARGS(msgtype));
DEFINE_EVENT(lis_vmbus_message, vmbus_on_message,
	TP_PROTO(u32 msgtype), TP_ARGS(msgtype));

TRACE_EVENT(vmbus_onoffer,
	TP_PROTO(const struct lis_msg_offer *o),
	TP_ARGS(o),
	TP_STRUCT__entry(
		__field(u32, child_relid)
		__field(u8, monitorid)
		__field(u16, is_ddc_int)
		__field(u32, connection_id)
		__field(u16, chn_flags)
		__field(u16, mmio_mb)
		__field(u16, sub_idx)
		__array(u8, if_type, 16)
		__array(u8, if_instance, 16)
	),
	TP_fast_assign(
		__entry->child_relid = o->relid;
		__entry->monitorid = o->monitor_id;
		__entry->is_ddc_int = o->dedicated_interrupt;
		__entry->connection_id = o->connection_id;
		__entry->chn_flags = o->flags;
		__entry->mmio_mb = o->mmio_megabytes;
		__entry->sub_idx = o->subchannel_index;
		memcpy(__entry->if_type, o->class_id.b, 16);
		memcpy(__entry->if_instance, o->instance_id.b, 16);
	),
	TP_printk("child_relid 0x%x, monitorid 0x%x, is_dedicated %d, connection_id 0x%x, if_type %pUl, if_instance %pUl, chn_flags 0x%x, mmio_megabytes %d, sub_channel_index %d",
		  __entry->child_relid, __entry->monitorid,
		  __entry->is_ddc_int, __entry->connection_id,
		  __entry->if_type, __entry->if_instance,
		  __entry->chn_flags, __entry->mmio_mb, __entry->sub_idx)
);

/* Something about a channel, by its id */
DECLARE_EVENT_CLASS(lis_vmbus_relid,
	TP_PROTO(u32 relid),
	TP_ARGS(relid),
	TP_STRUCT__entry(__field(u32, relid)),
	TP_fast_assign(__entry->relid = relid;),
	TP_printk("relid 0x%x", __entry->relid)
);
DEFINE_EVENT(lis_vmbus_relid, vmbus_onoffer_rescind,
	TP_PROTO(u32 relid), TP_ARGS(relid));
DEFINE_EVENT(lis_vmbus_relid, vmbus_chan_sched,
	TP_PROTO(u32 relid), TP_ARGS(relid));
DEFINE_EVENT(lis_vmbus_relid, vmbus_setevent,
	TP_PROTO(u32 relid), TP_ARGS(relid));
DEFINE_EVENT(lis_vmbus_relid, vmbus_on_event,
	TP_PROTO(u32 relid), TP_ARGS(relid));

/* We told the host something about a channel */
DECLARE_EVENT_CLASS(lis_vmbus_sent,
	TP_PROTO(u32 relid, int ret),
	TP_ARGS(relid, ret),
	TP_STRUCT__entry(__field(u32, relid) __field(int, ret)),
	TP_fast_assign(__entry->relid = relid; __entry->ret = ret;),
	TP_printk("relid 0x%x, ret %d", __entry->relid, __entry->ret)
);
DEFINE_EVENT(lis_vmbus_sent, vmbus_close_internal,
	TP_PROTO(u32 relid, int ret), TP_ARGS(relid, ret));
DEFINE_EVENT(lis_vmbus_sent, vmbus_release_relid,
	TP_PROTO(u32 relid, int ret), TP_ARGS(relid, ret));

/* The host answered about a channel: its id, what was asked, its status */
DECLARE_EVENT_CLASS(lis_vmbus_answer,
	TP_PROTO(u32 relid, u32 key, u32 status),
	TP_ARGS(relid, key, status),
	TP_STRUCT__entry(__field(u32, relid) __field(u32, key)
			 __field(u32, status)),
	TP_fast_assign(__entry->relid = relid; __entry->key = key;
		       __entry->status = status;),
	TP_printk("relid 0x%x, id 0x%x, status 0x%x", __entry->relid,
		  __entry->key, __entry->status)
);
DEFINE_EVENT(lis_vmbus_answer, vmbus_onopen_result,
	TP_PROTO(u32 relid, u32 key, u32 status), TP_ARGS(relid, key, status));
DEFINE_EVENT(lis_vmbus_answer, vmbus_ongpadl_created,
	TP_PROTO(u32 relid, u32 key, u32 status), TP_ARGS(relid, key, status));
DEFINE_EVENT(lis_vmbus_answer, vmbus_onmodifychannel_response,
	TP_PROTO(u32 relid, u32 key, u32 status), TP_ARGS(relid, key, status));

TRACE_EVENT(vmbus_ongpadl_torndown,
	TP_PROTO(u32 gpadl),
	TP_ARGS(gpadl),
	TP_STRUCT__entry(__field(u32, gpadl)),
	TP_fast_assign(__entry->gpadl = gpadl;),
	TP_printk("gpadl 0x%x", __entry->gpadl)
);

TRACE_EVENT(vmbus_onversion_response,
	TP_PROTO(u8 supported),
	TP_ARGS(supported),
	TP_STRUCT__entry(__field(u8, ver)),
	TP_fast_assign(__entry->ver = supported;),
	TP_printk("version_supported %d", __entry->ver)
);

TRACE_EVENT(vmbus_request_offers,
	TP_PROTO(int ret),
	TP_ARGS(ret),
	TP_STRUCT__entry(__field(int, ret)),
	TP_fast_assign(__entry->ret = ret;),
	TP_printk("sending ret %d", __entry->ret)
);

TRACE_EVENT(vmbus_open,
	TP_PROTO(const struct lis_msg_open *m, int ret),
	TP_ARGS(m, ret),
	TP_STRUCT__entry(__field(u32, child_relid) __field(u32, openid)
			 __field(u32, gpadlhandle) __field(u32, target_vp)
			 __field(u32, offset) __field(int, ret)),
	TP_fast_assign(
		__entry->child_relid = m->relid;
		__entry->openid = m->open_id;
		__entry->gpadlhandle = m->ring_gpadl;
		__entry->target_vp = m->target_vp;
		__entry->offset = m->downstream_page;
		__entry->ret = ret;
	),
	TP_printk("sending child_relid 0x%x, openid %d, gpadlhandle 0x%x, target_vp 0x%x, offset 0x%x, ret %d",
		  __entry->child_relid, __entry->openid, __entry->gpadlhandle,
		  __entry->target_vp, __entry->offset, __entry->ret)
);

/* One message of a GPADL, or its end */
DECLARE_EVENT_CLASS(lis_vmbus_gpadl,
	TP_PROTO(u32 relid, u32 gpadl, int ret),
	TP_ARGS(relid, gpadl, ret),
	TP_STRUCT__entry(__field(u32, relid) __field(u32, gpadl)
			 __field(int, ret)),
	TP_fast_assign(__entry->relid = relid; __entry->gpadl = gpadl;
		       __entry->ret = ret;),
	TP_printk("sending relid 0x%x, gpadl 0x%x, ret %d", __entry->relid,
		  __entry->gpadl, __entry->ret)
);
DEFINE_EVENT(lis_vmbus_gpadl, vmbus_establish_gpadl_header,
	TP_PROTO(u32 relid, u32 gpadl, int ret), TP_ARGS(relid, gpadl, ret));
DEFINE_EVENT(lis_vmbus_gpadl, vmbus_establish_gpadl_body,
	TP_PROTO(u32 relid, u32 gpadl, int ret), TP_ARGS(relid, gpadl, ret));
DEFINE_EVENT(lis_vmbus_gpadl, vmbus_teardown_gpadl,
	TP_PROTO(u32 relid, u32 gpadl, int ret), TP_ARGS(relid, gpadl, ret));

TRACE_EVENT(vmbus_negotiate_version,
	TP_PROTO(const struct lis_msg_initiate_contact *m, int ret),
	TP_ARGS(m, ret),
	TP_STRUCT__entry(__field(u32, ver) __field(u32, target_vcpu)
			 __field(int, ret)),
	TP_fast_assign(__entry->ver = m->version;
		       __entry->target_vcpu = m->target_vp;
		       __entry->ret = ret;),
	TP_printk("sending vmbus_version_requested 0x%x, target_vcpu 0x%x, ret %d",
		  __entry->ver, __entry->target_vcpu, __entry->ret)
);

TRACE_EVENT(vmbus_send_modifychannel,
	TP_PROTO(u32 relid, u32 target_vp, int ret),
	TP_ARGS(relid, target_vp, ret),
	TP_STRUCT__entry(__field(u32, child_relid) __field(u32, target_vp)
			 __field(int, ret)),
	TP_fast_assign(__entry->child_relid = relid;
		       __entry->target_vp = target_vp; __entry->ret = ret;),
	TP_printk("binding child_relid 0x%x to target_vp 0x%x, ret %d",
		  __entry->child_relid, __entry->target_vp, __entry->ret)
);

#endif

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
