/* SPDX-License-Identifier: GPL-2.0-only */
/* ACPI fixed hardware.  The SCI is level triggered: high while an enabled
 * status bit is set.  Locks: see power.h.
 */
#include "core/power.h"

#include <time.h>

#include "core/layout.h"
#include "core/vm.h"

#define PM_TIMER_HZ	3579545ull

#define STS_POWER_BUTTON	0x0100
#define CNT_SCI_EN		0x0001
#define CNT_SLEEP_TYPE(v)	((v) >> 10 & 7)
#define CNT_SLEEP_ENABLE	0x2000

static void update_sci(struct power *p)
{
	int level = !!(p->status & p->enable);

	if (level == p->line)
		return;
	p->line = level;
	vm_irq_line(p->vm, IRQ_SCI, level);
}

static uint32_t timer(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * PM_TIMER_HZ + ts.tv_nsec * PM_TIMER_HZ / 1000000000;
}

uint32_t power_read(struct power *p, unsigned int reg)
{
	uint32_t value;

	pthread_mutex_lock(&p->lock);
	switch (reg) {
	case PM_EVT:
		value = p->status | (uint32_t)p->enable << 16;
		break;
	case PM_EVT + 2:
		value = p->enable;
		break;
	case PM_CNT:
		value = p->control | CNT_SCI_EN;
		break;
	case PM_TMR:
		value = timer();
		break;
	default:
		value = 0;
	}
	pthread_mutex_unlock(&p->lock);
	return value;
}

static void write_control(struct power *p, uint16_t value)
{
	p->control = value & ~CNT_SLEEP_ENABLE;
	if (value & CNT_SLEEP_ENABLE && CNT_SLEEP_TYPE(value) == PM_S5_TYPE)
		vm_request(p->vm, VM_POWER_OFF);
}

void power_write(struct power *p, unsigned int reg, uint32_t value)
{
	pthread_mutex_lock(&p->lock);
	switch (reg) {
	case PM_EVT:
		p->status &= ~value;
		break;
	case PM_EVT + 2:
		p->enable = value;
		break;
	case PM_CNT:
		write_control(p, value);
		break;
	case PM_RESET:
		if ((value & 0xff) == PM_RESET_VALUE)
			vm_request(p->vm, VM_RESET);
		break;
	}
	update_sci(p);
	pthread_mutex_unlock(&p->lock);
}

void power_button(struct power *p)
{
	pthread_mutex_lock(&p->lock);
	p->status |= STS_POWER_BUTTON;
	update_sci(p);
	pthread_mutex_unlock(&p->lock);
}

void power_reset(struct power *p)
{
	pthread_mutex_lock(&p->lock);
	p->status = p->enable = p->control = 0;
	p->line = 0;
	pthread_mutex_unlock(&p->lock);
}

void power_init(struct power *p, struct vm *vm)
{
	p->vm = vm;
	pthread_mutex_init(&p->lock, NULL);
	power_reset(p);
}
