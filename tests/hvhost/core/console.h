/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where COM1's output goes: a file or stdout, with an eye on the text so
 * that a panic is noticed even if the guest never reports it.
 *
 * Threads: called with COM1's lock held, which is all the locking it needs.
 */
#ifndef HVHOST_CONSOLE_H
#define HVHOST_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/serial.h"

struct console {
	int fd;
	struct vm *vm;
	char out[512];		/* not yet written */
	size_t out_len;
	char line[256];		/* the line being printed, cut when longer */
	size_t line_len;
	struct uart_backend backend;
};

/* Ends the process when @path cannot be written. */
void console_init(struct console *c, struct vm *vm, const char *path);

/* A new boot begins */
void console_reset(struct console *c);

#endif
