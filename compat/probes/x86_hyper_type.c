// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v4.15 made a number of the pointer; exports: x86_hyper_type */
#include <linux/module.h>
#include <asm/hypervisor.h>

bool lis_probe(void);
bool lis_probe(void)
{
	return x86_hyper_type == X86_HYPER_MS_HYPERV;
}
