/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUID of a vCPU; main thread, before the vCPU runs. */
#ifndef HVHOST_CPUID_H
#define HVHOST_CPUID_H

#include "core/vcpu.h"

/* 0 or -1 with errno */
int hv_set_cpuid(struct vcpu *v);

#endif
