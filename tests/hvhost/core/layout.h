/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixed addresses of the machine: read by C and, through cpp, by dsdt.asl;
 * so only #defines of plain numbers here.
 */
#ifndef HVHOST_LAYOUT_H
#define HVHOST_LAYOUT_H

#define PORT_COM1		0x3f8
#define PORT_COM2		0x2f8
#define PORT_CMOS		0x70
#define PORT_NMI_REASON		0x61
#define PORT_KBC_CMD		0x64
#define KBC_RESET		0xfe

/* ACPI fixed hardware */
#define PORT_PM_BASE		0x400
#define PORT_PM_LEN		0x10
#define PM_EVT			0x0	/* status, enable: 2 bytes each */
#define PM_CNT			0x4	/* 2 bytes */
#define PM_TMR			0x8	/* 4 bytes */
#define PM_RESET		0xc	/* reset register, 1 byte */
#define PM_RESET_VALUE		0x01
#define PM_S5_TYPE		5

/* Low memory while booting */
#define ADDR_GDT		0x500
#define ADDR_ZERO_PAGE		0x7000
#define ADDR_STACK_TOP		0x8000
#define ADDR_PAGE_TABLES	0x9000
#define ADDR_CMDLINE		0x20000

/* ACPI tables, where a BIOS would have them */
#define ADDR_ACPI		0xe0000
#define ADDR_ACPI_END		0x100000
/* What the DSDT cannot know at compile time: struct acpi_config */
#define ADDR_ACPI_CONFIG	0xe0040
#define ACPI_CONFIG_LEN		40

#define ADDR_IOAPIC		0xfec00000
#define ADDR_LAPIC		0xfee00000

#endif
