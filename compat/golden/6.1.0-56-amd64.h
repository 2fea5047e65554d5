/* SPDX-License-Identifier: GPL-2.0-only */
/* written by compat/Kbuild for 6.1.0-56-amd64 */
/* #undef HAVE_BUS_ATTR_CONST_BUS */
/* #undef HAVE_BUS_MATCH_CONST_DRV */
/* #undef HAVE_BUS_UEVENT_CONST_DEV */
/* #undef HAVE_HV_SET_MSR */
/* #undef HAVE_PLATFORM_REMOVE_VOID */
/* #undef HAVE_REGISTER_SYSCORE */
#define HAVE_SCREEN_INFO 1
/* #undef HAVE_SCSI_CONST_TEMPLATE */
/* #undef HAVE_SCSI_DEVICE_CONFIGURE */
/* #undef HAVE_SCSI_QC_STATUS */
#define HAVE_SCSI_RESCAN_SDEV 1
/* #undef HAVE_SCSI_SDEV_CONFIGURE */
/* #undef HAVE_SCSI_SDEV_INIT */
/* #undef HAVE_SCSI_TIMEOUT_ACTION */
