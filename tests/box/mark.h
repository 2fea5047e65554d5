/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The instruction at which tests/box/count.c writes down how many there were:
 * nopl DISP(%rax,%rax,1) with a displacement that no compiler would choose.
 */
#ifndef LIS_BOX_MARK_H
#define LIS_BOX_MARK_H

#define MARK_BYTES 0x0f, 0x1f, 0x84, 0x00, 0x4c, 0x49, 0x53, 0x6d
#define MARK_ASM ".byte 0x0f, 0x1f, 0x84, 0x00, 0x4c, 0x49, 0x53, 0x6d"

#endif
