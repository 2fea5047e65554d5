// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.12; exports: hv_is_isolation_supported */
#include <linux/module.h>
#include <asm/mshyperv.h>
bool probe(void);
bool probe(void) { return hv_is_isolation_supported(); }
