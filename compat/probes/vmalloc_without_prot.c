// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.8: protection of the pages is not said any more */
#include <linux/gfp.h>
#include <linux/vmalloc.h>

void *lis_probe(unsigned long bytes);
void *lis_probe(unsigned long bytes)
{
	return __vmalloc(bytes, GFP_KERNEL);
}
