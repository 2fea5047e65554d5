/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One virtual processor and its thread.
 *
 * Threads: fields belong to the vCPU's thread while it runs and to the main
 * thread between boots, but for the atomics and what @kick_lock protects.
 */
#ifndef HVHOST_VCPU_H
#define HVHOST_VCPU_H

#include <linux/kvm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define VCPU_EXIT_KINDS	64

struct vm;
struct synic_vp;

struct vcpu {
	struct vm *vm;
	uint32_t id;			/* number, APIC id */
	struct synic_vp *vp;		/* the VP index's SynIC */
	int fd;
	struct kvm_run *run;
	pthread_t thread;

	pthread_mutex_t kick_lock;
	bool alive;			/* @thread may be signalled */

	atomic_bool nmi;		/* inject one before the next entry */
	atomic_ullong exits[VCPU_EXIT_KINDS];	/* written by the thread */
	atomic_ullong interrupted;
};

/* Once per process: the signal that interrupts KVM_RUN */
void vcpu_init_signal(void);

/* Create in the VM's current KVM instance, start, end; main thread only.
 * create: 0 or -1 with a message printed.
 */
int vcpu_create(struct vm *vm, uint32_t id);
int vcpu_start(struct vcpu *v);
void vcpu_join(struct vcpu *v);
void vcpu_close(struct vcpu *v);

/* Make the thread look at its work before it enters the guest again */
void vcpu_kick(struct vcpu *v);

/* One line about a stopped vCPU, for whoever looks for a hang */
void vcpu_say_where(struct vcpu *v);

/* NULL for exits without a name */
const char *vcpu_exit_name(unsigned int reason);

#endif
