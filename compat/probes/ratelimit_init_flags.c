// SPDX-License-Identifier: GPL-2.0-only
/* upstream: after v5.14; stable kernels have it, too */
#include <linux/ratelimit.h>
struct ratelimit_state probe =
	RATELIMIT_STATE_INIT_FLAGS(probe, 1, 1, RATELIMIT_MSG_ON_RELEASE);
