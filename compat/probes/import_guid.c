// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.6 */
#include <linux/uuid.h>

void lis_probe(guid_t *g, const __u8 *from);
void lis_probe(guid_t *g, const __u8 *from)
{
	import_guid(g, from);
}
