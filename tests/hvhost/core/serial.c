/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * 16550A registers.  Time does not exist here: a byte written is sent at
 * once, and the receive FIFO is refilled from the backend the moment the
 * guest makes room, so it can never overrun.
 */
#include "core/serial.h"

#include <string.h>

#include "core/vm.h"

enum reg { RBR_THR, IER, IIR_FCR, LCR, MCR, LSR, MSR, SCR };

#define IER_RX		0x01
#define IER_TX		0x02
#define IIR_NONE	0x01
#define IIR_TX		0x02
#define IIR_RX		0x04
#define IIR_RX_TIMEOUT	0x0c
#define IIR_FIFO	0xc0
#define FCR_ENABLE	0x01
#define FCR_CLEAR_RX	0x02
#define LCR_DLAB	0x80
#define MCR_LOOP	0x10
#define LSR_DR		0x01
#define LSR_TX_EMPTY	0x60

static unsigned int fifo_size(const struct uart *u)
{
	return u->r.fcr & FCR_ENABLE ? UART_FIFO : 1;
}

/* Bytes in the FIFO below its trigger level are announced as a time-out,
 * which a real UART would do four characters later.
 */
static uint8_t pending(const struct uart *u)
{
	static const uint8_t trigger[] = { 1, 4, 8, 14 };

	if (u->r.ier & IER_RX && u->r.rx_len) {
		if (!(u->r.fcr & FCR_ENABLE) || u->r.rx_len >= trigger[u->r.fcr >> 6])
			return IIR_RX;
		return IIR_RX_TIMEOUT;
	}
	if (u->r.ier & IER_TX && u->r.thre_pending)
		return IIR_TX;
	return IIR_NONE;
}

static void update_irq(struct uart *u)
{
	int level = pending(u) != IIR_NONE;

	if (level == u->line)
		return;
	u->line = level;
	vm_irq_line(u->vm, u->irq, level);
}

/* Not before the guest asks for receive interrupts: its driver empties the
 * FIFO while it opens the port, and those bytes would be lost.
 */
static void fill_rx(struct uart *u)
{
	int byte;

	if (!u->backend->get || !(u->r.ier & IER_RX) || u->r.mcr & MCR_LOOP)
		return;
	while (u->r.rx_len < fifo_size(u)) {
		byte = u->backend->get(u->backend->ctx);
		if (byte < 0)
			return;
		u->r.rx[u->r.rx_len++] = byte;
	}
}

static uint8_t read_rbr(struct uart *u)
{
	uint8_t byte;

	if (!u->r.rx_len)
		return 0;
	byte = u->r.rx[0];
	memmove(u->r.rx, u->r.rx + 1, --u->r.rx_len);
	fill_rx(u);
	update_irq(u);
	return byte;
}

static uint8_t read_iir(struct uart *u)
{
	uint8_t iir = pending(u);

	if (iir == IIR_TX) {
		u->r.thre_pending = false;
		update_irq(u);
	}
	return iir | (u->r.fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

static uint8_t read_msr(const struct uart *u)
{
	uint8_t m = u->r.mcr;

	/* Looped back: RTS->CTS, DTR->DSR, OUT1->RI, OUT2->DCD */
	if (m & MCR_LOOP)
		return (m & 2) << 3 | (m & 1) << 5 | (m & 4) << 4 |
		       (m & 8) << 4;
	return 0xb0;		/* DCD, DSR, CTS: somebody is always there */
}

uint8_t uart_read(struct uart *u, unsigned int reg)
{
	uint8_t value = 0;

	pthread_mutex_lock(&u->lock);
	switch (reg) {
	case RBR_THR:
		value = u->r.lcr & LCR_DLAB ? u->r.dll : read_rbr(u);
		break;
	case IER:
		value = u->r.lcr & LCR_DLAB ? u->r.dlm : u->r.ier;
		break;
	case IIR_FCR:
		u->backend->flush(u->backend->ctx);
		value = read_iir(u);
		break;
	case LCR:
		value = u->r.lcr;
		break;
	case MCR:
		value = u->r.mcr;
		break;
	case LSR:
		value = (u->r.rx_len ? LSR_DR : 0) |
			(u->r.blocked ? 0 : LSR_TX_EMPTY);
		break;
	case MSR:
		value = read_msr(u);
		break;
	case SCR:
		value = u->r.scr;
		break;
	}
	pthread_mutex_unlock(&u->lock);
	return value;
}

static void send_byte(struct uart *u, uint8_t byte)
{
	if (u->r.mcr & MCR_LOOP) {
		if (u->r.rx_len < fifo_size(u))
			u->r.rx[u->r.rx_len++] = byte;
	} else if (u->r.blocked || !u->backend->put(u->backend->ctx, byte)) {
		/* Only a guest that ignores LSR can lose the byte held */
		u->r.blocked = true;
		u->r.held = byte;
	}
	u->r.thre_pending = !u->r.blocked;
	update_irq(u);
}

static void write_fcr(struct uart *u, uint8_t value)
{
	if (value & FCR_CLEAR_RX || (value ^ u->r.fcr) & FCR_ENABLE)
		u->r.rx_len = 0;
	u->r.fcr = value;
	fill_rx(u);
	update_irq(u);
}

static void write_ier(struct uart *u, uint8_t value)
{
	/* Enabling "transmitter empty" while it is empty raises it */
	if (value & ~u->r.ier & IER_TX)
		u->r.thre_pending = !u->r.blocked;
	u->r.ier = value & 0x0f;
	u->backend->flush(u->backend->ctx);
	fill_rx(u);
	update_irq(u);
}

void uart_write(struct uart *u, unsigned int reg, uint8_t value)
{
	vm_alive(u->vm);
	pthread_mutex_lock(&u->lock);
	switch (reg) {
	case RBR_THR:
		if (u->r.lcr & LCR_DLAB)
			u->r.dll = value;
		else
			send_byte(u, value);
		break;
	case IER:
		if (u->r.lcr & LCR_DLAB)
			u->r.dlm = value;
		else
			write_ier(u, value);
		break;
	case IIR_FCR:
		write_fcr(u, value);
		break;
	case LCR:
		/* The baud rate is of interest to a driver that finds or opens
		 * its port, not to a kernel that says its last words
		 */
		if (value & LCR_DLAB)
			vm_kernel_seen(u->vm);
		u->r.lcr = value;
		break;
	case MCR:
		u->r.mcr = value & 0x1f;
		break;
	case SCR:
		u->r.scr = value;
		break;
	}
	pthread_mutex_unlock(&u->lock);
}

void uart_poke(struct uart *u)
{
	pthread_mutex_lock(&u->lock);
	if (u->r.blocked && u->backend->put(u->backend->ctx, u->r.held)) {
		u->r.blocked = false;
		u->r.thre_pending = true;
	}
	fill_rx(u);
	update_irq(u);
	pthread_mutex_unlock(&u->lock);
}

void uart_reset(struct uart *u)
{
	pthread_mutex_lock(&u->lock);
	u->r.ier = u->r.fcr = u->r.lcr = u->r.mcr = u->r.scr = 0;
	u->r.dll = 1;
	u->r.dlm = 0;
	u->r.rx_len = 0;
	u->r.thre_pending = false;
	u->line = 0;
	pthread_mutex_unlock(&u->lock);
}

void uart_init(struct uart *u, struct vm *vm, uint32_t irq,
	       const struct uart_backend *backend)
{
	u->vm = vm;
	u->irq = irq;
	u->backend = backend;
	pthread_mutex_init(&u->lock, NULL);
	uart_reset(u);
}
