/* SPDX-License-Identifier: GPL-2.0-only */
/* The VMBus server's hands in this VM: fills vm->effects. */
#ifndef HVHOST_HV_EFFECTS_H
#define HVHOST_HV_EFFECTS_H

struct vm;

void effects_init(struct vm *vm);

#endif
