/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Force-included into every file of every module (top Kbuild).  Drivers are
 * written to the newest kernel's API; what an older kernel lacks is supplied
 * by shims/, by the answers of probes/ in compat_gen.h.  Nothing outside
 * compat/ may ask which kernel it is built for.
 */
#ifndef LIS_COMPAT_H
#define LIS_COMPAT_H

/* Probes are compiled with the same flags, before there are any answers. */
#ifndef LIS_PROBE
#include "compat_gen.h"
#include "shims/vmbus.h"
#include "shims/scsi.h"
#endif

#endif
