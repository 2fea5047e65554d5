/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine as ACPI shows it: a Hyper-V generation-2 VM without PCI.
 * Goes through cpp (core/layout.h) and iasl when hvhost is built.  What
 * depends on options is read from struct acpi_config in low memory.
 */
#include "core/layout.h"

#define CPU(name, number)						\
	Device (name) {							\
		Name (_HID, "ACPI0007")					\
		Name (_UID, number)					\
		Method (_STA) { Return (CPUP (number)) }		\
	}
#define CPU8(d, n)							\
	CPU (C##d##0, n + 0) CPU (C##d##1, n + 1)			\
	CPU (C##d##2, n + 2) CPU (C##d##3, n + 3)			\
	CPU (C##d##4, n + 4) CPU (C##d##5, n + 5)			\
	CPU (C##d##6, n + 6) CPU (C##d##7, n + 7)

DefinitionBlock ("", "DSDT", 2, "OPNLIS", "HVHOST", 1)
{
	Name (\_S5, Package () { PM_S5_TYPE, 0, 0, 0 })

	Scope (\_SB)
	{
		OperationRegion (CNFG, SystemMemory, ADDR_ACPI_CONFIG,
				 ACPI_CONFIG_LEN)
		Field (CNFG, QWordAcc, NoLock, Preserve)
		{
			LBAS, 64, LSIZ, 64,	/* MMIO window below 4 GiB */
			HBAS, 64, HSIZ, 64,	/* and above all RAM */
			NCPU, 64
		}

		/* The bus takes its MMIO from the windows of an ancestor;
		 * Linux 5.10's oopses when no ancestor has any.
		 */
		Device (VMOD)
		{
			Name (_HID, "ACPI0004")
			Name (_UID, 0)
			Name (WIND, ResourceTemplate () {
				QWordMemory (ResourceProducer, PosDecode,
					MinFixed, MaxFixed, Cacheable,
					ReadWrite, 0, 0, 0, 0, 0,
					, , LWIN)
				QWordMemory (ResourceProducer, PosDecode,
					MinFixed, MaxFixed, Cacheable,
					ReadWrite, 0, 0, 0, 0, 0,
					, , HWIN)
			})
			CreateQWordField (WIND, \_SB.VMOD.LWIN._MIN, LMIN)
			CreateQWordField (WIND, \_SB.VMOD.LWIN._MAX, LMAX)
			CreateQWordField (WIND, \_SB.VMOD.LWIN._LEN, LLEN)
			CreateQWordField (WIND, \_SB.VMOD.HWIN._MIN, HMIN)
			CreateQWordField (WIND, \_SB.VMOD.HWIN._MAX, HMAX)
			CreateQWordField (WIND, \_SB.VMOD.HWIN._LEN, HLEN)

			Method (_CRS, 0, Serialized)
			{
				LMIN = LBAS
				LMAX = LBAS + LSIZ - 1
				LLEN = LSIZ
				HMIN = HBAS
				HMAX = HBAS + HSIZ - 1
				HLEN = HSIZ
				Return (WIND)
			}

			Device (VMBS)
			{
				Name (_HID, "MSFT1000")
				Name (_CID, "VMBus")
				Name (_DDN, "VMBUS")
				Name (_UID, 0)
				Method (_STA) { Return (0x0f) }
				/* Old kernels want an interrupt here, though
				 * none is ever raised.
				 */
				Name (_CRS, ResourceTemplate () {
					IRQ (Edge, ActiveHigh, Exclusive) { 5 }
				})
			}
		}

		Device (COM1)
		{
			Name (_HID, EisaId ("PNP0501"))
			Name (_UID, 1)
			Name (_CRS, ResourceTemplate () {
				IO (Decode16, PORT_COM1, PORT_COM1, 1, 8)
				IRQNoFlags () { 4 }
			})
		}

		Device (COM2)
		{
			Name (_HID, EisaId ("PNP0501"))
			Name (_UID, 2)
			Name (_CRS, ResourceTemplate () {
				IO (Decode16, PORT_COM2, PORT_COM2, 1, 8)
				IRQNoFlags () { 3 }
			})
		}

		Device (RTC0)
		{
			Name (_HID, EisaId ("PNP0B00"))
			Name (_CRS, ResourceTemplate () {
				IO (Decode16, PORT_CMOS, PORT_CMOS, 1, 2)
			})
		}

		Method (CPUP, 1)
		{
			If (Arg0 < NCPU) { Return (0x0f) }
			Return (0)
		}
		/* Each absent device costs the guest time: only as many
		 * groups of eight as are needed.
		 */
		CPU8 (00, 0)
		If (NCPU > 8) { CPU8 (01, 8) }
		If (NCPU > 16) { CPU8 (02, 16) CPU8 (03, 24) }
		If (NCPU > 32) {
			CPU8 (04, 32)
			CPU8 (05, 40)
			CPU8 (06, 48)
			CPU8 (07, 56)
		}
	}
}
