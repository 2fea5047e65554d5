/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ACPI tables: RSDP, XSDT, FADT, FACS, MADT and the DSDT that iasl made of
 * dsdt.asl.  They lie where a BIOS would put them, so that kernels which do
 * not know the boot protocol's RSDP field find them by scanning.
 */
#include "core/acpi.h"

#include <string.h>

#include "core/layout.h"
#include "core/options.h"
#include "core/power.h"
#include "core/vm.h"
#include "dsdt.hex"

#define PACKED	__attribute__((packed))

struct acpi_config {
	uint64_t low_mmio, low_mmio_size;
	uint64_t high_mmio, high_mmio_size;
	uint64_t cpus;
};
_Static_assert(sizeof(struct acpi_config) == ACPI_CONFIG_LEN, "see dsdt.asl");

struct header {
	char signature[4];
	uint32_t length;
	uint8_t revision;
	uint8_t checksum;
	char oem_id[6];
	char oem_table_id[8];
	uint32_t oem_revision;
	char creator_id[4];
	uint32_t creator_revision;
} PACKED;

struct rsdp {
	char signature[8];
	uint8_t checksum;
	char oem_id[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t xchecksum;
	uint8_t reserved[3];
} PACKED;

struct gas {
	uint8_t space;		/* 0 memory, 1 I/O */
	uint8_t bits;
	uint8_t offset;
	uint8_t access;
	uint64_t address;
} PACKED;

struct fadt {
	struct header h;
	uint32_t facs;
	uint32_t dsdt;
	uint8_t int_model;
	uint8_t pm_profile;
	uint16_t sci_int;
	uint32_t smi_cmd;
	uint8_t acpi_enable, acpi_disable, s4bios_req, pstate_cnt;
	uint32_t pm1a_evt, pm1b_evt, pm1a_cnt, pm1b_cnt, pm2_cnt, pm_tmr;
	uint32_t gpe0, gpe1;
	uint8_t pm1_evt_len, pm1_cnt_len, pm2_cnt_len, pm_tmr_len;
	uint8_t gpe0_len, gpe1_len, gpe1_base, cst_cnt;
	uint16_t c2_latency, c3_latency, flush_size, flush_stride;
	uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
	uint16_t boot_arch;
	uint8_t reserved;
	uint32_t flags;
	struct gas reset;
	uint8_t reset_value;
	uint16_t arm_boot_arch;
	uint8_t minor;
	uint64_t xfacs, xdsdt;
	struct gas xpm1a_evt, xpm1b_evt, xpm1a_cnt, xpm1b_cnt, xpm2_cnt;
	struct gas xpm_tmr, xgpe0, xgpe1, sleep_control, sleep_status;
	uint64_t hypervisor;
} PACKED;
_Static_assert(sizeof(struct fadt) == 276, "FADT of ACPI 6");

#define FADT_WBINVD		(1u << 0)
#define FADT_C1			(1u << 2)
#define FADT_NO_SLEEP_BUTTON	(1u << 5)
#define FADT_NO_FIXED_RTC	(1u << 6)
#define FADT_TIMER_32		(1u << 8)
#define FADT_RESET		(1u << 10)
#define BOOT_NO_VGA		(1u << 2)
#define BOOT_NO_ASPM		(1u << 4)

struct madt {
	struct header h;
	uint32_t lapic;
	uint32_t flags;
} PACKED;

struct madt_lapic {
	uint8_t type, length, uid, id;
	uint32_t flags;
} PACKED;

struct madt_ioapic {
	uint8_t type, length, id, reserved;
	uint32_t address, gsi_base;
} PACKED;

struct madt_override {
	uint8_t type, length, bus, source;
	uint32_t gsi;
	uint16_t flags;
} PACKED;

struct madt_nmi {
	uint8_t type, length, uid;
	uint16_t flags;
	uint8_t lint;
} PACKED;

#define LEVEL_ACTIVE_HIGH	0x0d
#define ALL_CPUS		0xff

/* Writes tables one after the other */
struct writer {
	uint8_t *base;		/* host address of ADDR_ACPI */
	uint32_t at;		/* guest address of the next free byte */
};

static void *place(struct writer *w, size_t len, uint32_t *address)
{
	void *p;

	w->at = (w->at + 63) & ~63u;
	*address = w->at;
	p = w->base + (w->at - ADDR_ACPI);
	w->at += len;
	if (w->at > ADDR_ACPI_END)
		die(EXIT_INTERNAL, "ACPI tables do not fit");
	return memset(p, 0, len);
}

static uint8_t checksum(const void *p, size_t len)
{
	const uint8_t *b = p;
	uint8_t sum = 0;

	while (len--)
		sum += *b++;
	return -sum;
}

static void finish(struct header *h, const char *signature, uint8_t revision,
		   uint32_t length)
{
	memcpy(h->signature, signature, 4);
	h->length = length;
	h->revision = revision;
	memcpy(h->oem_id, "OPNLIS", 6);
	memcpy(h->oem_table_id, "HVHOST  ", 8);
	h->oem_revision = 1;
	memcpy(h->creator_id, "OLIS", 4);
	h->creator_revision = 1;
	h->checksum = 0;
	h->checksum = checksum(h, length);
}

static struct gas io_port(unsigned int reg, unsigned int bytes)
{
	return (struct gas) {
		.space = 1, .bits = bytes * 8, .access = bytes == 4 ? 3 : bytes,
		.address = PORT_PM_BASE + reg,
	};
}

static uint32_t build_fadt(struct writer *w, uint32_t dsdt)
{
	uint32_t at, facs_at;
	struct header *facs = place(w, 64, &facs_at);
	struct fadt *f = place(w, sizeof(*f), &at);

	/* Not an ordinary table: signature and length, no checksum */
	memcpy(facs->signature, "FACS", 4);
	facs->length = 64;

	f->facs = facs_at;
	f->dsdt = dsdt;
	f->xdsdt = dsdt;
	f->sci_int = IRQ_SCI;
	f->pm1a_evt = PORT_PM_BASE + PM_EVT;
	f->pm1a_cnt = PORT_PM_BASE + PM_CNT;
	f->pm_tmr = PORT_PM_BASE + PM_TMR;
	f->pm1_evt_len = 4;
	f->pm1_cnt_len = 2;
	f->pm_tmr_len = 4;
	f->xpm1a_evt = io_port(PM_EVT, 4);
	f->xpm1a_cnt = io_port(PM_CNT, 2);
	f->xpm_tmr = io_port(PM_TMR, 4);
	f->c2_latency = 0xffff;		/* no C2, no C3 */
	f->c3_latency = 0xffff;
	f->century = 0x32;
	f->boot_arch = BOOT_NO_VGA | BOOT_NO_ASPM;
	f->flags = FADT_WBINVD | FADT_C1 | FADT_NO_SLEEP_BUTTON |
		   FADT_NO_FIXED_RTC | FADT_TIMER_32 | FADT_RESET;
	f->reset = io_port(PM_RESET, 1);
	f->reset_value = PM_RESET_VALUE;
	f->minor = 2;
	finish(&f->h, "FACP", 6, sizeof(*f));
	return at;
}

static uint32_t build_madt(struct writer *w, uint32_t cpus)
{
	size_t len = sizeof(struct madt) + cpus * sizeof(struct madt_lapic) +
		     sizeof(struct madt_ioapic) +
		     sizeof(struct madt_override) + sizeof(struct madt_nmi);
	uint32_t at, i;
	struct madt *m = place(w, len, &at);
	struct madt_lapic *l = (void *)(m + 1);
	struct madt_ioapic *io;
	struct madt_override *o;
	struct madt_nmi *n;

	m->lapic = ADDR_LAPIC;
	for (i = 0; i < cpus; i++)
		*l++ = (struct madt_lapic) { 0, sizeof(*l), i, i, 1 };
	io = (void *)l;
	*io = (struct madt_ioapic) { 1, sizeof(*io), cpus, 0, ADDR_IOAPIC, 0 };
	o = (void *)(io + 1);
	*o = (struct madt_override) {
		2, sizeof(*o), 0, IRQ_SCI, IRQ_SCI, LEVEL_ACTIVE_HIGH
	};
	n = (void *)(o + 1);
	*n = (struct madt_nmi) { 4, sizeof(*n), ALL_CPUS, 0, 1 };
	finish(&m->h, "APIC", 3, len);
	return at;
}

static uint32_t build_xsdt(struct writer *w, uint32_t fadt, uint32_t madt)
{
	size_t len = sizeof(struct header) + 2 * sizeof(uint64_t);
	uint64_t entries[2] = { fadt, madt };
	uint32_t at;
	struct header *h = place(w, len, &at);

	memcpy(h + 1, entries, sizeof(entries));
	finish(h, "XSDT", 1, len);
	return at;
}

uint64_t acpi_build(const struct memory *mem, uint32_t cpus)
{
	struct writer w = { .base = mem->base + ADDR_ACPI, .at = ADDR_ACPI };
	struct acpi_config config = {
		mem->low_mmio, mem->low_mmio_size,
		mem->high_mmio, mem->high_mmio_size, cpus,
	};
	uint32_t rsdp_at, config_at, dsdt_at, fadt, madt;
	struct rsdp *r = place(&w, sizeof(*r), &rsdp_at);

	memcpy(place(&w, sizeof(config), &config_at), &config, sizeof(config));
	if (config_at != ADDR_ACPI_CONFIG)
		die(EXIT_INTERNAL, "ADDR_ACPI_CONFIG is wrong");
	memcpy(place(&w, sizeof(dsdt_aml_code), &dsdt_at), dsdt_aml_code,
	       sizeof(dsdt_aml_code));
	fadt = build_fadt(&w, dsdt_at);
	madt = build_madt(&w, cpus);

	memcpy(r->signature, "RSD PTR ", 8);
	memcpy(r->oem_id, "OPNLIS", 6);
	r->revision = 2;
	r->length = sizeof(*r);
	r->xsdt = build_xsdt(&w, fadt, madt);
	r->checksum = checksum(r, 20);
	r->xchecksum = checksum(r, sizeof(*r));
	return rsdp_at;
}
