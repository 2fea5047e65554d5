/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A 16550A UART as the guest sees it; where the bytes go is the port's
 * backend, a table of two calls.
 *
 * Threads: registers are protected by @lock; uart_read/uart_write come from
 * vCPU threads, uart_poke from the main thread.  Backend calls are made with
 * @lock held and must not call back into the UART.
 */
#ifndef HVHOST_SERIAL_H
#define HVHOST_SERIAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vm;

struct uart_backend {
	void *ctx;
	/* Take a byte; false = full, the guest waits until uart_poke() */
	bool (*put)(void *ctx, uint8_t byte);
	/* The guest pauses sending: pass on what was put */
	void (*flush)(void *ctx);
	/* Next byte for the guest, -1 = none; NULL = a port that only sends */
	int (*get)(void *ctx);
};

#define UART_FIFO	16

/* All that a guest can see of it, or has left in it: what a saved guest has */
struct uart_regs {
	uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
	uint8_t rx[UART_FIFO];
	uint8_t rx_len;
	bool thre_pending;	/* "transmitter empty" not yet acknowledged */
	bool blocked;		/* backend is full, @held waits */
	uint8_t held;
};

struct uart {
	struct vm *vm;
	const struct uart_backend *backend;
	uint32_t irq;
	pthread_mutex_t lock;
	struct uart_regs r;
	int line;		/* level of the interrupt wire */
};

void uart_init(struct uart *u, struct vm *vm, uint32_t irq,
	       const struct uart_backend *backend);
void uart_reset(struct uart *u);
uint8_t uart_read(struct uart *u, unsigned int reg);
void uart_write(struct uart *u, unsigned int reg, uint8_t value);

/* The backend has bytes for the guest or room again */
void uart_poke(struct uart *u);

#endif
