/* SPDX-License-Identifier: GPL-2.0-only */
/* Hypercalls that KVM leaves to user space; called from vCPU threads. */
#ifndef HVHOST_HYPERCALL_H
#define HVHOST_HYPERCALL_H

struct kvm_run;
struct vcpu;

void hypercall_exit(struct vcpu *v, struct kvm_run *run);

#endif
