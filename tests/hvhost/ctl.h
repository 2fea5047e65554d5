/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control socket: one JSON object a line in, one out.  Every client has
 * a thread of its own, because `wait` blocks.
 */
#ifndef HVHOST_CTL_H
#define HVHOST_CTL_H

#include <stdbool.h>

struct vm;

/* Listen; ends the process when the socket cannot be made. */
void ctl_init(struct vm *vm);

/* Hang up on all clients.  false: one is still inside the server. */
bool ctl_close(void);

/* {"vm":{...},"channels":[...],"violations":N}, to be put by the caller */
struct json_object *ctl_stats(struct vm *vm, bool reset);

#endif
