/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The entropy pool: since v5.18 it does not ask for the interrupt's flags.
 * Included by the one file that feeds it, after the kernel's headers, whose
 * declaration has the same name.
 */
#ifndef LIS_COMPAT_SHIMS_RANDOM_H
#define LIS_COMPAT_SHIMS_RANDOM_H

#include <linux/random.h>

#ifndef HAVE_ADD_INTERRUPT_RANDOMNESS_IRQ
#define add_interrupt_randomness(irq)	add_interrupt_randomness(irq, 0)
#endif

#endif
