/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a stopped VM is beside its RAM, as one block of bytes.  The layout is
 * this build's: a block is for the program that wrote it.
 *
 * Threads: main thread, while no vCPU thread runs.
 */
#ifndef HVHOST_STATE_H
#define HVHOST_STATE_H

#include <stddef.h>
#include <stdint.h>

struct vm;

size_t state_size(uint32_t cpus);

/* malloc'ed block of state_size() bytes; NULL with errno */
void *state_collect(struct vm *vm);

/* Into a VM that was just created; 0 or -1 with errno */
int state_apply(struct vm *vm, const void *state);

#endif
