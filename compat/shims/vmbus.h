/* SPDX-License-Identifier: GPL-2.0-only */
/* What vmbus/ needs of newer kernels, for kernels that lack it. */
#ifndef LIS_COMPAT_SHIMS_VMBUS_H
#define LIS_COMPAT_SHIMS_VMBUS_H
#endif
