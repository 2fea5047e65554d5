/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HvPostMessage, and the SignalEvents that KVM finds no eventfd for.  The
 * input block is copied once before anything in it is looked at.
 */
#include "hv/hypercall.h"

#include <string.h>

#include <lis/proto/hv.h>

#include "core/vm.h"
#include "vmbus/server.h"

#define CONNECTION_ID_MASK	0x00ffffffu

static uint64_t post_message(struct vcpu *v, uint64_t control, uint64_t gpa)
{
	struct lis_hv_post_message in;
	struct vm *vm = v->vm;
	const void *from;

	if (control & LIS_HV_CALL_FAST)
		return LIS_HV_INVALID_INPUT;
	if (gpa & 7)
		return LIS_HV_INVALID_ALIGNMENT;
	from = memory_ptr(&vm->mem, gpa, sizeof(in));
	if (!from || (gpa & (LIS_HV_PAGE_SIZE - 1)) + sizeof(in) >
		     LIS_HV_PAGE_SIZE)
		return LIS_HV_INVALID_PARAMETER;
	memcpy(&in, from, sizeof(in));
	if (in.payload_size > LIS_HV_MSG_PAYLOAD_MAX) {
		vm->effects.violation(vm, "HvPostMessage: payload size %u is more than %u",
				      in.payload_size, LIS_HV_MSG_PAYLOAD_MAX);
		return LIS_HV_INVALID_PARAMETER;
	}
	if (in.message_type != LIS_HV_MSG_VMBUS) {
		vm->effects.violation(vm, "HvPostMessage: message type 0x%x is not VMBus's",
				      in.message_type);
		return LIS_HV_INVALID_PARAMETER;
	}
	if (in.connection_id & ~CONNECTION_ID_MASK)
		return LIS_HV_INVALID_CONNECTION_ID;
	return vmbus_server_message(vm->server, v->vp->index,
				    in.connection_id, in.payload,
				    in.payload_size);
}

/* KVM has looked up the id already: it is unknown, or the flag is not 0.
 * Every port of ours has one flag.  A channel just rescinded is no mistake
 * of the guest's, so this is not a violation.
 */
static uint64_t signal_event(struct vcpu *v, uint64_t param)
{
	trace("vp %u: signal to unknown connection 0x%llx", v->vp->index,
	      (unsigned long long)param);
	return LIS_HV_INVALID_CONNECTION_ID;
}

void hypercall_exit(struct vcpu *v, struct kvm_run *run)
{
	uint64_t control = run->hyperv.u.hcall.input;
	__u64 *params = run->hyperv.u.hcall.params;
	uint64_t result = LIS_HV_INVALID_CODE;

	switch (control & 0xffff) {
	case LIS_HV_CALL_POST_MESSAGE:
		result = post_message(v, control, params[0]);
		break;
	case LIS_HV_CALL_SIGNAL_EVENT:
		result = signal_event(v, params[0]);
		break;
	}
	if (result)
		trace("vp %u: hypercall 0x%llx: status 0x%llx", v->vp->index,
		      (unsigned long long)control,
		      (unsigned long long)result);
	run->hyperv.u.hcall.result = result;
}
