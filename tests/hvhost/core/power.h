/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI fixed hardware: PM1 event and control, PM timer, reset register.
 * Threads: @lock protects the registers; it is taken before vm.life.
 */
#ifndef HVHOST_POWER_H
#define HVHOST_POWER_H

#include <pthread.h>
#include <stdint.h>

struct vm;

struct power {
	struct vm *vm;
	pthread_mutex_t lock;
	uint16_t status, enable, control;
	int line;		/* level of the SCI */
};

void power_init(struct power *p, struct vm *vm);
void power_reset(struct power *p);
uint32_t power_read(struct power *p, unsigned int reg);
void power_write(struct power *p, unsigned int reg, uint32_t value);

/* Press the power button */
void power_button(struct power *p);

#endif
