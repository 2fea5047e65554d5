/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MC146818 clock at ports 0x70/0x71: time of day in UTC, no interrupts.
 * Threads: locks itself.
 */
#ifndef HVHOST_CMOS_H
#define HVHOST_CMOS_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

struct cmos {
	pthread_mutex_t lock;
	uint8_t index;
	uint8_t reg_a, reg_b;
	uint8_t ram[128];
	struct tm set;		/* being written while the SET bit is on */
	time_t offset;		/* guest's clock minus ours */
};

void cmos_init(struct cmos *c);
uint8_t cmos_read(struct cmos *c, unsigned int port);
void cmos_write(struct cmos *c, unsigned int port, uint8_t value);

#endif
