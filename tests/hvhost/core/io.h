/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Port I/O: which device answers at which port.  Called from vCPU threads;
 * each device locks itself.
 */
#ifndef HVHOST_IO_H
#define HVHOST_IO_H

#include <linux/kvm.h>

struct vm;

void io_exit(struct vm *vm, struct kvm_run *run);

#endif
