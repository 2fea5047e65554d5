// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one place where the tracepoints of trace.h are made.  No locks.
 */
#include "vmbus_int.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
