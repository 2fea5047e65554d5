/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The synthetic interrupt controller's user-space part: message queues,
 * event flags, interrupts of the 16 SINTs of every virtual processor.
 *
 * Threads and locks: @lock of a VP protects its queues and may be taken from
 * any thread.  The message page is written by the vCPU's own thread outside
 * KVM_RUN only, because KVM's timer code writes the same slots while the vCPU
 * runs.  Event flags are set with atomic operations from any thread.
 */
#ifndef HVHOST_SYNIC_H
#define HVHOST_SYNIC_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <lis/proto/hv.h>

#include "core/event.h"
#include "core/options.h"

struct kvm_run;
struct vcpu;
struct vm;

struct synic_message {
	struct synic_message *next;
	uint8_t len;
	uint8_t payload[LIS_HV_MSG_PAYLOAD_MAX];
};

struct synic_queue {
	struct synic_message *head, **tail;
};

struct synic_vp {
	struct vm *vm;
	struct vcpu *vcpu;
	uint32_t index;
	_Atomic(uint8_t *) messages;	/* SIMP page, NULL = disabled */
	_Atomic(uint8_t *) events;	/* SIEFP page, NULL = disabled */
	uint64_t message_gpa, event_gpa;	/* vCPU thread: pages in use */

	pthread_mutex_t lock;
	struct synic_queue queues[LIS_HV_SINT_COUNT];
	atomic_uint pending;		/* SINTs with queued messages */

	int irqfd;			/* only carries @eom's resample fd */
	struct event_source eom;	/* "slot may be free" from KVM */
};

struct synic {
	struct synic_vp vps[HVHOST_MAX_CPUS];	/* by VP index */
	struct event_source retry;	/* timerfd: slots stayed busy */
};

/* Once; ends the process on failure */
void synic_init(struct vm *vm);

/* Each boot, per vCPU: enable SynIC, set VP index.  0 or -1 with errno */
int synic_attach(struct vcpu *v);

/* Each boot, after all vCPUs exist: interrupt routes.  0 or -1 with errno */
int synic_connect(struct vm *vm);

/* The VM's KVM instance goes away: forget the guest's state */
void synic_reset(struct vm *vm);

/* vCPU thread: KVM_EXIT_HYPERV_SYNIC; deliver what is queued */
void synic_exit(struct synic_vp *vp, const struct kvm_run *run);
void synic_deliver(struct synic_vp *vp);

/* See struct hv_effects */
void synic_post(struct vm *vm, uint32_t vp, uint32_t sint,
		const void *payload, size_t len);
bool synic_set_event(struct vm *vm, uint32_t vp, uint32_t sint, uint32_t flag);

#endif
