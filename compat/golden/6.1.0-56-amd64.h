/* SPDX-License-Identifier: GPL-2.0-only */
/* written by compat/Kbuild for 6.1.0-56-amd64 */
/* #undef HAVE_SCSI_CONST_TEMPLATE */
/* #undef HAVE_SCSI_DEVICE_CONFIGURE */
/* #undef HAVE_SCSI_QC_STATUS */
#define HAVE_SCSI_RESCAN_SDEV 1
/* #undef HAVE_SCSI_SDEV_CONFIGURE */
/* #undef HAVE_SCSI_SDEV_INIT */
/* #undef HAVE_SCSI_TIMEOUT_ACTION */
