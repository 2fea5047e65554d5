// SPDX-License-Identifier: GPL-2.0-only
/* Precedence and names of requests; see request.h.  No state, no locks. */
#include "core/request.h"

bool request_outdoes(enum vm_request pending, enum vm_request next)
{
	switch (pending) {
	case VM_RUN:
		return true;
	case VM_RESET:
		return next != VM_RUN && next != VM_RESET &&
		       next != VM_CRASH && next != VM_SAVE;
	default:
		return false;
	}
}

const char *request_name(enum vm_request request)
{
	static const char *const names[] = {
		[VM_RUN] = "nothing",
		[VM_RESET] = "reset",
		[VM_POWER_OFF] = "power off",
		[VM_CRASH] = "crash",
		[VM_INTERNAL_ERROR] = "internal error",
		[VM_TIMEOUT] = "time limit",
		[VM_STUCK] = "no sign of life",
		[VM_SIGNAL] = "signal",
		[VM_SAVE] = "save",
	};

	return names[request];
}
