// SPDX-License-Identifier: GPL-2.0-only
/* Must not compile on any kernel: proves that a missing API is noticed. */
#include <linux/module.h>

int lis_probe(struct module *mod);
int lis_probe(struct module *mod)
{
	return lis_there_is_no_such_function(mod);
}
