/* SPDX-License-Identifier: GPL-2.0-only */
/* What storvsc/ needs of newer kernels' SCSI layer, for kernels that lack it. */
#ifndef LIS_COMPAT_SHIMS_SCSI_H
#define LIS_COMPAT_SHIMS_SCSI_H
#endif
