/* SPDX-License-Identifier: GPL-2.0-only */
/* written by compat/Kbuild for 5.10.0-32-686-pae */
/* #undef HAVE_BLK_MQ_F_NO_SCHED_BY_DEFAULT */
/* #undef HAVE_BUS_ATTR_CONST_BUS */
/* #undef HAVE_BUS_MATCH_CONST_DRV */
/* #undef HAVE_BUS_REMOVE_VOID */
/* #undef HAVE_BUS_UEVENT_CONST_DEV */
/* #undef HAVE_HV_IS_ISOLATION_SUPPORTED */
/* #undef HAVE_HV_SET_MSR */
/* #undef HAVE_HV_SET_REGISTER */
/* #undef HAVE_HV_SETUP_VMBUS_HANDLER */
#define HAVE_HV_STIMER_LEGACY 1
/* #undef HAVE_PLATFORM_REMOVE_VOID */
/* #undef HAVE_REGISTER_SYSCORE */
#define HAVE_SCREEN_INFO 1
/* #undef HAVE_SCSI_CONST_TEMPLATE */
/* #undef HAVE_SCSI_DEVICE_CONFIGURE */
/* #undef HAVE_SCSI_DONE */
/* #undef HAVE_SCSI_MAP_QUEUES_VOID */
/* #undef HAVE_SCSI_QC_STATUS */
/* #undef HAVE_SCSI_RESCAN_SDEV */
/* #undef HAVE_SCSI_SDEV_CONFIGURE */
/* #undef HAVE_SCSI_SDEV_INIT */
/* #undef HAVE_SCSI_TIMEOUT_ACTION */
