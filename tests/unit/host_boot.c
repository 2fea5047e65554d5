// SPDX-License-Identifier: GPL-2.0-only
/*
 * How hvhost starts a kernel: which entry point of a bzImage it takes, and what
 * the guest's memory and first processor look like then.  KVM is this file's
 * own ioctl().
 *
 * srcs: tests/hvhost/core/boot.c tests/hvhost/core/image.c
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/boot.h"
#include "core/image.h"
#include "core/layout.h"
#include "core/log.h"

#define MIB		(1ull << 20)
#define RAM		(64 * MIB)
#define WANTED_AT	(16 * MIB)	/* pref_address */
#define BODY		1024		/* bytes behind the set-up sectors */

static struct kvm_sregs sregs;
static struct kvm_regs regs;
static struct memory mem;
static struct options opt = { .append = "console=ttyS0" };
static char path[64];

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	(void)fd;
	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	switch (request) {
	case KVM_GET_SREGS:
		memcpy(arg, &sregs, sizeof(sregs));
		return 0;
	case KVM_SET_SREGS:
		memcpy(&sregs, arg, sizeof(sregs));
		return 0;
	case KVM_SET_REGS:
		memcpy(&regs, arg, sizeof(regs));
		return 0;
	}
	return -1;
}

void say(const char *fmt, ...)
{
	print_message("said: %s\n", fmt);
}

void die(int status, const char *fmt, ...)
{
	(void)status;
	fail_msg("died: %s", fmt);
	abort();
}

void *memory_ptr(const struct memory *m, uint64_t gpa, size_t len)
{
	return gpa <= m->low && len <= m->low - gpa ? m->base + gpa : NULL;
}

/* A bzImage with one set-up sector, and a body of 'K' */
static void write_kernel(uint16_t version, uint16_t xloadflags)
{
	static uint8_t file[1024 + BODY];
	struct setup_header h = {
		.setup_sects = 1, .header = 0x53726448, .version = version,
		.xloadflags = xloadflags, .pref_address = WANTED_AT,
		.init_size = MIB, .initrd_addr_max = 0x7fffffff,
		.cmdline_size = 2047,
	};
	FILE *f = fopen(path, "w");

	memset(file, 'K', sizeof(file));
	memcpy(file + 0x1f1, &h, sizeof(h));
	assert_non_null(f);
	assert_int_equal(fwrite(file, sizeof(file), 1, f), 1);
	assert_int_equal(fclose(f), 0);
}

/* Loads it and sets the registers; what became of it is in sregs, regs, mem */
static void start(void)
{
	struct vcpu v = { .fd = -1 };
	struct boot_entry entry;

	sregs = (struct kvm_sregs){ .cr0 = 0x60000010 };	/* as at power-on */
	memset(mem.base, 0, RAM);
	assert_int_equal(boot_load(&opt, &mem, 0xe0000, &entry), 0);
	assert_int_equal(boot_set_registers(&v, entry), 0);
}

static uint64_t gdt_entry(unsigned int selector)
{
	uint64_t e;

	memcpy(&e, mem.base + ADDR_GDT + selector, sizeof(e));
	return e;
}

static const struct boot_params *zero_page(void)
{
	return (const void *)(mem.base + ADDR_ZERO_PAGE);
}

static void test_a_64_bit_kernel_starts_in_long_mode(void **state)
{
	(void)state;
	write_kernel(0x20f, XLF_KERNEL_64);
	start();
	assert_int_equal(regs.rip, WANTED_AT + 0x200);
	assert_int_equal(regs.rsi, ADDR_ZERO_PAGE);
	assert_int_equal(sregs.cr0, 0x80000011);
	assert_int_equal(sregs.cr4 & 0x20, 0x20);
	assert_int_equal(sregs.cr3, ADDR_PAGE_TABLES);
	assert_int_equal(sregs.efer, 0x500);
	assert_true(sregs.cs.l && !sregs.cs.db);
	assert_true(sregs.ss.db && !sregs.ss.l);
	assert_int_equal(gdt_entry(0x10) >> 53 & 3, 1);	/* L, not D */
}

static void test_a_32_bit_kernel_starts_in_flat_protected_mode(void **state)
{
	(void)state;
	write_kernel(0x20f, 0);
	start();
	assert_int_equal(regs.rip, WANTED_AT);
	assert_int_equal(regs.rsi, ADDR_ZERO_PAGE);
	assert_int_equal(regs.rbp | regs.rdi | regs.rbx, 0);
	assert_int_equal(regs.rflags & 0x200, 0);
	assert_int_equal(sregs.cr0, 0x11);
	assert_int_equal(sregs.cr4 | sregs.efer | sregs.cr3, 0);
	assert_int_equal(sregs.cs.selector, 0x10);
	assert_int_equal(sregs.ds.selector, 0x18);
	assert_int_equal(sregs.ss.selector, 0x18);
	assert_int_equal(sregs.es.selector, 0x18);
	assert_true(sregs.cs.db && !sregs.cs.l);
	assert_true(sregs.cs.g && sregs.cs.limit == 0xffffffff);
	assert_int_equal(gdt_entry(0x10) >> 53 & 3, 2);	/* D, not L */
	assert_int_equal(gdt_entry(0x18), 0x00cf93000000ffffull);
}

static void test_protocols_before_2_12_are_32_bit(void **state)
{
	(void)state;
	/* xloadflags was padding then, whatever it says */
	write_kernel(0x20b, XLF_KERNEL_64);
	start();
	assert_int_equal(regs.rip, WANTED_AT);
	assert_int_equal(sregs.cr0, 0x11);
}

static void test_a_kernel_that_names_no_place_is_refused(void **state)
{
	struct image k;

	(void)state;
	write_kernel(0x209, 0);
	assert_string_equal(image_open(&k, path),
			    "a kernel too old to say where it wants to be");
}

static void test_the_kernel_is_where_it_wants_to_be(void **state)
{
	(void)state;
	write_kernel(0x20f, 0);
	start();
	assert_int_equal(mem.base[WANTED_AT - 1], 0);
	assert_int_equal(mem.base[WANTED_AT], 'K');
	assert_int_equal(mem.base[WANTED_AT + BODY - 1], 'K');
	assert_int_equal(mem.base[WANTED_AT + BODY], 0);
	assert_int_equal(zero_page()->hdr.code32_start, WANTED_AT);
	assert_int_equal(zero_page()->acpi_rsdp_addr, 0xe0000);
	assert_int_equal(zero_page()->hdr.cmd_line_ptr, ADDR_CMDLINE);
	assert_string_equal((char *)mem.base + ADDR_CMDLINE, opt.append);
}

static int set_up(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/host_boot-XXXXXX");
	fd = mkstemp(path);
	mem = (struct memory){ .base = malloc(RAM), .size = RAM, .low = RAM };
	opt.kernel = path;
	return fd < 0 || close(fd) || !mem.base ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(mem.base);
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_64_bit_kernel_starts_in_long_mode),
		cmocka_unit_test(test_a_32_bit_kernel_starts_in_flat_protected_mode),
		cmocka_unit_test(test_protocols_before_2_12_are_32_bit),
		cmocka_unit_test(test_a_kernel_that_names_no_place_is_refused),
		cmocka_unit_test(test_the_kernel_is_where_it_wants_to_be),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
