/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The clock chip.  The guest may set it: the difference to our own clock is
 * kept over resets, as a battery would.
 */
#include "core/cmos.h"


enum reg {
	SECONDS = 0,
	MINUTES = 2,
	HOURS = 4,
	WEEKDAY = 6,
	DAY,
	MONTH,
	YEAR,
	REG_A,
	REG_B,
	REG_C,
	REG_D,
	CENTURY = 0x32,
};

#define B_24H	0x02
#define B_BIN	0x04
#define B_SET	0x80
#define D_VALID	0x80

void cmos_init(struct cmos *c)
{
	pthread_mutex_init(&c->lock, NULL);
	c->reg_a = 0x26;
	c->reg_b = B_24H;
}

static void now(const struct cmos *c, struct tm *tm)
{
	time_t t = time(NULL) + c->offset;

	gmtime_r(&t, tm);
}

static uint8_t encode(const struct cmos *c, int n)
{
	return c->reg_b & B_BIN ? n : n / 10 << 4 | n % 10;
}

static int decode(const struct cmos *c, uint8_t v)
{
	return c->reg_b & B_BIN ? v : (v >> 4) * 10 + (v & 15);
}

static uint8_t encode_hour(const struct cmos *c, int hour)
{
	if (c->reg_b & B_24H)
		return encode(c, hour);
	return encode(c, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? 0x80 : 0);
}

static int decode_hour(const struct cmos *c, uint8_t v)
{
	if (c->reg_b & B_24H)
		return decode(c, v);
	return decode(c, v & 0x7f) % 12 + (v & 0x80 ? 12 : 0);
}

static uint8_t read_reg(struct cmos *c)
{
	struct tm tm;

	if (c->reg_b & B_SET)
		tm = c->set;
	else
		now(c, &tm);
	switch (c->index) {
	case SECONDS: return encode(c, tm.tm_sec);
	case MINUTES: return encode(c, tm.tm_min);
	case HOURS: return encode_hour(c, tm.tm_hour);
	case WEEKDAY: return encode(c, tm.tm_wday + 1);
	case DAY: return encode(c, tm.tm_mday);
	case MONTH: return encode(c, tm.tm_mon + 1);
	case YEAR: return encode(c, tm.tm_year % 100);
	case CENTURY: return encode(c, 19 + tm.tm_year / 100);
	case REG_A: return c->reg_a;
	case REG_B: return c->reg_b;
	case REG_C: return 0;
	case REG_D: return D_VALID;
	}
	return c->ram[c->index];
}

/* The clock stands still while SET is on and restarts from what was written */
static void write_b(struct cmos *c, uint8_t value)
{
	if (value & ~c->reg_b & B_SET)
		now(c, &c->set);
	else if (c->reg_b & ~value & B_SET)
		c->offset = timegm(&c->set) - time(NULL);
	c->reg_b = value;
}

static void write_reg(struct cmos *c, uint8_t v)
{
	struct tm *tm = &c->set;

	switch (c->index) {
	case SECONDS: tm->tm_sec = decode(c, v); break;
	case MINUTES: tm->tm_min = decode(c, v); break;
	case HOURS: tm->tm_hour = decode_hour(c, v); break;
	case DAY: tm->tm_mday = decode(c, v); break;
	case MONTH: tm->tm_mon = decode(c, v) - 1; break;
	case YEAR: tm->tm_year = tm->tm_year / 100 * 100 + decode(c, v); break;
	case CENTURY:
		tm->tm_year = (decode(c, v) - 19) * 100 + tm->tm_year % 100;
		break;
	case REG_A: c->reg_a = v & 0x7f; break;
	case REG_B: write_b(c, v); break;
	default: c->ram[c->index] = v;
	}
}

uint8_t cmos_read(struct cmos *c, unsigned int port)
{
	uint8_t value = 0xff;

	pthread_mutex_lock(&c->lock);
	if (port == 1)
		value = read_reg(c);
	pthread_mutex_unlock(&c->lock);
	return value;
}

void cmos_write(struct cmos *c, unsigned int port, uint8_t value)
{
	pthread_mutex_lock(&c->lock);
	if (port == 0)
		c->index = value & 0x7f;
	else
		write_reg(c, value);
	pthread_mutex_unlock(&c->lock);
}
