// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.8: XDP buffers know their size; frames are made of them */
#include <net/xdp.h>

struct xdp_frame *lis_probe(struct xdp_buff *xdp);
struct xdp_frame *lis_probe(struct xdp_buff *xdp)
{
	xdp->frame_sz = PAGE_SIZE;
	return xdp_convert_buff_to_frame(xdp);
}
