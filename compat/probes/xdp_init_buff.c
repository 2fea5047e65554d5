// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.12: XDP buffers are filled in by two functions */
#include <net/xdp.h>

void lis_probe(struct xdp_buff *xdp, struct xdp_rxq_info *rxq);
void lis_probe(struct xdp_buff *xdp, struct xdp_rxq_info *rxq)
{
	xdp_init_buff(xdp, PAGE_SIZE, rxq);
	xdp_prepare_buff(xdp, NULL, 0, 0, false);
}
