// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.17: the warning of an unknown action names device and program */
#include <linux/filter.h>

void lis_probe(struct net_device *ndev, struct bpf_prog *prog);
void lis_probe(struct net_device *ndev, struct bpf_prog *prog)
{
	bpf_warn_invalid_xdp_action(ndev, prog, 77);
}
