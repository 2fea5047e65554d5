// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v4.15; exports: hyperv_pcpu_input_arg */
#include <linux/module.h>
#include <asm/mshyperv.h>

void *lis_probe(void);
void *lis_probe(void)
{
	return (__force void *)hyperv_pcpu_input_arg;
}
