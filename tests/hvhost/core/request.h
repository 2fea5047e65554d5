/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What may be asked of the VM while it runs, and which of two requests counts.
 * Pure functions, no locks.
 */
#ifndef HVHOST_REQUEST_H
#define HVHOST_REQUEST_H

#include <stdbool.h>

enum vm_request {
	VM_RUN,			/* nothing was asked for */
	VM_RESET,
	VM_POWER_OFF,
	VM_CRASH,
	VM_INTERNAL_ERROR,
	VM_TIMEOUT,
	VM_STUCK,		/* a boot without any sign of life */
	VM_SIGNAL,
	VM_SAVE,		/* write the guest to a file, and end */
};

/*
 * Does @next take the place of @pending?  The first request counts, and only a
 * reset can be outdone by an end.  To be saved is none, nor is a crash: when the guest has asked
 * for a reset, its other processors may fall over whatever it left them with.
 */
bool request_outdoes(enum vm_request pending, enum vm_request next);

/* For messages: "reset", "power off", ... */
const char *request_name(enum vm_request request);

#endif
