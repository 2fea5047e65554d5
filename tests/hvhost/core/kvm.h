/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/kvm and the making of a VM; main thread only. */
#ifndef HVHOST_KVM_H
#define HVHOST_KVM_H

/* Open /dev/kvm, check that it can play Hyper-V; ends the process if not. */
int kvm_open(void);

/* A VM with an in-kernel irqchip; -1 with a message printed */
int kvm_create_vm(int kvm_fd);

#endif
