// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.7; exports: hv_is_hibernation_supported */
#include <linux/module.h>
#include <asm/mshyperv.h>

bool lis_probe(void);
bool lis_probe(void)
{
	return hv_is_hibernation_supported();
}
