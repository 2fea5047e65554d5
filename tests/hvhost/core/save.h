/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest that has booted, in a file: written once, started from many times.
 *
 * Only what a guest has before it talks to the VMBus is saved: processors,
 * interrupt controllers, clock, the few devices with ports, RAM.  That is why
 * any disks, adapters and generation of host may be given when it is resumed.
 *
 * Threads: main thread, while no vCPU thread runs, but for save_refused().
 */
#ifndef HVHOST_SAVE_H
#define HVHOST_SAVE_H

struct vm;

/* Why this guest cannot be saved now; NULL: it can.  Any thread. */
const char *save_refused(struct vm *vm);

/* Write the stopped guest to @path, which appears whole or not at all;
 * 0 or -1 with a message printed
 */
int save_write(struct vm *vm, const char *path);

/* Open @opt->resume and see whether it fits the other options; ends the
 * process with a usage error if not
 */
void save_check(const struct vm *vm);

/* In place of a boot: RAM and state of a VM that was just created; 0 or -1
 * with a message printed
 */
int save_read(struct vm *vm);

#endif
