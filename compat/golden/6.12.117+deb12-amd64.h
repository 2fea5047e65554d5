/* SPDX-License-Identifier: GPL-2.0-only */
/* written by compat/Kbuild for 6.12.117+deb12-amd64 */
#define HAVE_SCSI_CONST_TEMPLATE 1
#define HAVE_SCSI_DEVICE_CONFIGURE 1
/* #undef HAVE_SCSI_QC_STATUS */
#define HAVE_SCSI_RESCAN_SDEV 1
/* #undef HAVE_SCSI_SDEV_CONFIGURE */
/* #undef HAVE_SCSI_SDEV_INIT */
#define HAVE_SCSI_TIMEOUT_ACTION 1
