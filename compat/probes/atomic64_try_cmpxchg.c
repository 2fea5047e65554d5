// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v4.12 */
#include <linux/atomic.h>

bool lis_probe(atomic64_t *v, s64 *old);
bool lis_probe(atomic64_t *v, s64 *old)
{
	return atomic64_try_cmpxchg(v, old, 1);
}
