// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v4.16; before, unsigned int and the bits of poll() */
#include <linux/poll.h>

__poll_t lis_probe(void);
__poll_t lis_probe(void)
{
	return EPOLLIN;
}
