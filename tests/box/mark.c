/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Executes the marker of mark.h, in the box or in a guest there.  Without a
 * library, since starting one costs more than some of what is measured.
 */
#include "mark.h"

__attribute__((noreturn, used)) void _start(void)
{
	__asm__ volatile(MARK_ASM "\n\t"
			 "mov $60, %%eax\n\t"	/* exit(0) */
			 "xor %%edi, %%edi\n\t"
			 "syscall" : : : "memory");
	__builtin_unreachable();
}
