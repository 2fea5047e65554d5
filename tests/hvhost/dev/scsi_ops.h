/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SCSI operation codes that the target knows (SPC, SBC, MMC).
 * Locking: none, constants.
 */
#ifndef HVHOST_SCSI_OPS_H
#define HVHOST_SCSI_OPS_H

enum scsi_opcode {
	OP_TEST_UNIT_READY	= 0x00,
	OP_REQUEST_SENSE	= 0x03,
	OP_READ_6		= 0x08,
	OP_WRITE_6		= 0x0a,
	OP_INQUIRY		= 0x12,
	OP_MODE_SENSE_6		= 0x1a,
	OP_START_STOP_UNIT	= 0x1b,
	OP_PREVENT_REMOVAL	= 0x1e,
	OP_READ_CAPACITY_10	= 0x25,
	OP_READ_10		= 0x28,
	OP_WRITE_10		= 0x2a,
	OP_VERIFY_10		= 0x2f,
	OP_SYNCHRONIZE_10	= 0x35,
	OP_WRITE_SAME_10	= 0x41,
	OP_UNMAP		= 0x42,
	OP_READ_TOC		= 0x43,
	OP_GET_CONFIGURATION	= 0x46,
	OP_GET_EVENT_STATUS	= 0x4a,
	OP_MODE_SENSE_10	= 0x5a,
	OP_RESERVE_IN		= 0x5e,
	OP_RESERVE_OUT		= 0x5f,
	OP_READ_16		= 0x88,
	OP_WRITE_16		= 0x8a,
	OP_VERIFY_16		= 0x8f,
	OP_SYNCHRONIZE_16	= 0x91,
	OP_WRITE_SAME_16	= 0x93,
	OP_SERVICE_ACTION_IN_16	= 0x9e,
	OP_REPORT_LUNS		= 0xa0,
	OP_READ_12		= 0xa8,
	OP_WRITE_12		= 0xaa,
};

#define SA_READ_CAPACITY_16	0x10

/* Low five bits of READ and WRITE in every group */
#define IS_READ(op)	(((op) & 0x1f) == 0x08)
#define IS_WRITE(op)	(((op) & 0x1f) == 0x0a)

#endif
