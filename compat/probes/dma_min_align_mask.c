// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.12 lets a device keep the offset in a page when bouncing */
#include <linux/device.h>
#include <linux/dma-mapping.h>
void lis_probe(struct device *d);
void lis_probe(struct device *d) { dma_set_min_align_mask(d, 4095); }
