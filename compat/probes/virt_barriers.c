// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v4.7: barriers against a host, in kernels of one CPU, too */
#include <linux/types.h>
#include <asm/barrier.h>

u32 lis_probe(u32 *p);
u32 lis_probe(u32 *p)
{
	virt_store_release(p, 1);	/* these three are only compiled */
	virt_mb();			/* ditto */
	return virt_load_acquire(p);	/* ditto */
}
