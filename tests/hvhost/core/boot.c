/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The 64-bit and the 32-bit Linux boot protocol (the kernel's
 * Documentation/arch/x86/boot): kernel at its preferred address, zero page, e820
 * map, initrd at the top of low memory; identity page tables for 4 GiB, or no
 * paging for a 32-bit kernel.
 */
#include "core/boot.h"

#include <asm/bootparam.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/image.h"
#include "core/layout.h"
#include "core/log.h"

#define LOADER_UNDEFINED	0xff
#define PAGE			4096ull
#define LOW_RAM_END		0x9f000
#define HIGH_RAM_START		0x100000

#define E820_RAM		1
#define E820_RESERVED		2

#define SELECTOR_CODE		0x10
#define SELECTOR_DATA		0x18
#define GDT_CODE_64		0x00af9b000000ffffull
#define GDT_CODE_32		0x00cf9b000000ffffull
#define GDT_DATA		0x00cf93000000ffffull

#define PTE_TABLE		0x03	/* present, writable */
#define PTE_2M			0x83
#define CR0_PE_ET		0x00000011
#define CR0_PG			0x80000000
#define CR4_PAE			0x20
#define EFER_LME_LMA		0x500

void boot_check(const struct options *opt, const struct memory *mem)
{
	struct image k;
	const char *wrong = image_open(&k, opt->kernel);

	if (wrong)
		die(EXIT_USAGE, "--kernel %s: %s", opt->kernel, wrong);
	image_close(&k);
	if (strlen(opt->append) > k.hdr.cmdline_size)
		die(EXIT_USAGE, "--append: longer than the kernel's %u bytes",
		    k.hdr.cmdline_size);
	if (k.end > mem->low)
		die(EXIT_USAGE, "--mem: too little to unpack %s",
		    opt->kernel);
}

static int load_initrd(const struct memory *mem, const char *path,
		       struct image *k)
{
	struct setup_header *hdr = &k->hdr;
	uint64_t top = mem->low, at;
	struct stat st;
	int fd, err = -1;

	if (!path)
		return 0;
	if (top > hdr->initrd_addr_max + 1ull)
		top = hdr->initrd_addr_max + 1ull;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		goto out;
	errno = ENOMEM;
	if ((uint64_t)st.st_size > top - k->end)
		goto out;
	at = (top - st.st_size) & ~(PAGE - 1);
	hdr->ramdisk_image = at;
	hdr->ramdisk_size = st.st_size;
	err = image_read(fd, 0, mem->base + at, st.st_size);
out:
	if (fd >= 0)
		close(fd);
	return err;
}

static void add_e820(struct boot_params *bp, uint64_t start, uint64_t end,
		     uint32_t type)
{
	if (start < end)
		bp->e820_table[bp->e820_entries++] = (struct boot_e820_entry) {
			start, end - start, type
		};
}

static void write_page_tables(const struct memory *mem)
{
	uint64_t *pml4 = (uint64_t *)(mem->base + ADDR_PAGE_TABLES);
	uint64_t *pdpt = pml4 + 512, *pd = pdpt + 512;
	unsigned int i;

	pml4[0] = (ADDR_PAGE_TABLES + PAGE) | PTE_TABLE;
	for (i = 0; i < 4; i++)
		pdpt[i] = (ADDR_PAGE_TABLES + (2 + i) * PAGE) | PTE_TABLE;
	for (i = 0; i < 4 * 512; i++)
		pd[i] = (uint64_t)i << 21 | PTE_2M;
}

static void write_gdt(const struct memory *mem, bool bits32)
{
	const uint64_t gdt[4] = {
		0, 0, bits32 ? GDT_CODE_32 : GDT_CODE_64, GDT_DATA
	};

	memcpy(mem->base + ADDR_GDT, gdt, sizeof(gdt));
}

static void write_zero_page(const struct memory *mem,
			    const struct setup_header *hdr, uint64_t rsdp)
{
	struct boot_params *bp = (void *)(mem->base + ADDR_ZERO_PAGE);

	bp->hdr = *hdr;
	bp->hdr.type_of_loader = LOADER_UNDEFINED;
	bp->hdr.cmd_line_ptr = ADDR_CMDLINE;
	bp->acpi_rsdp_addr = rsdp;
	add_e820(bp, 0, LOW_RAM_END, E820_RAM);
	add_e820(bp, LOW_RAM_END, HIGH_RAM_START, E820_RESERVED);
	add_e820(bp, HIGH_RAM_START, mem->low, E820_RAM);
	add_e820(bp, GIB4, GIB4 + mem->high, E820_RAM);
}

int boot_load(const struct options *opt, const struct memory *mem,
	      uint64_t rsdp, struct boot_entry *entry)
{
	const char *wrong;
	struct image k;
	int err = -1;

	wrong = image_open(&k, opt->kernel);
	if (wrong) {
		say("--kernel %s: %s", opt->kernel, wrong);
		return -1;
	}
	if (image_load(&k, mem)) {
		say("--kernel %s: %s", opt->kernel, strerror(errno));
	} else if (load_initrd(mem, opt->initrd, &k)) {
		say("--initrd %s: %s", opt->initrd, errno == ENOMEM ?
		    "does not fit into memory; see --mem" : strerror(errno));
	} else {
		err = 0;
	}
	image_close(&k);
	strcpy((char *)mem->base + ADDR_CMDLINE, opt->append);
	write_zero_page(mem, &k.hdr, rsdp);
	write_page_tables(mem);
	write_gdt(mem, k.bits32);
	*entry = (struct boot_entry){ k.entry, k.bits32 };
	return err;
}

static void flat_segment(struct kvm_segment *s, uint16_t selector, bool code,
			 bool bits64)
{
	*s = (struct kvm_segment) {
		.limit = 0xffffffff, .selector = selector, .present = 1,
		.type = code ? 11 : 3, .s = 1, .g = 1, .l = bits64,
		.db = !bits64,
	};
}

int boot_set_registers(struct vcpu *v, struct boot_entry entry)
{
	struct kvm_regs regs = {
		.rip = entry.at, .rsi = ADDR_ZERO_PAGE, .rsp = ADDR_STACK_TOP,
		.rflags = 2,
	};
	struct kvm_sregs s;

	if (ioctl(v->fd, KVM_GET_SREGS, &s))
		return -1;
	flat_segment(&s.cs, SELECTOR_CODE, true, !entry.bits32);
	flat_segment(&s.ds, SELECTOR_DATA, false, false);
	s.es = s.fs = s.gs = s.ss = s.ds;
	s.gdt.base = ADDR_GDT;
	s.gdt.limit = 4 * 8 - 1;
	s.cr0 = CR0_PE_ET;
	if (!entry.bits32) {
		s.cr3 = ADDR_PAGE_TABLES;
		s.cr4 = CR4_PAE;
		s.cr0 |= CR0_PG;
		s.efer = EFER_LME_LMA;
	}
	if (ioctl(v->fd, KVM_SET_SREGS, &s))
		return -1;
	return ioctl(v->fd, KVM_SET_REGS, &regs);
}
