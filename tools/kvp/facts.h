/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the guest tells the host about itself unasked: the ten pairs of the
 * "auto" pool, in the order in which hosts number them.
 */
#ifndef KVP_FACTS_H
#define KVP_FACTS_H

#include <stddef.h>

#include "pool.h"

#define KVP_FACTS	10

struct kvp_facts {
	struct kvp_record pair[KVP_FACTS];
};

/*
 * Gathers them.  @root: below which /etc is found; @services: the version of
 * the integration services, as the kernel's side gave it.
 */
void kvp_facts_read(struct kvp_facts *facts, const char *root,
		    const char *services);

/* Parts that are pure, for tests: */

/*
 * The value of NAME= in the text of an os-release file, without its quotes;
 * empty if there is none.
 */
void kvp_os_release(char *out, size_t size, const char *text, const char *name);

/*
 * The full name of the host @name, from the texts of a hosts file and of a
 * resolv.conf; @name itself where those do not know.
 */
void kvp_full_name(char *out, size_t size, const char *name, const char *hosts,
		   const char *resolv);

#endif
