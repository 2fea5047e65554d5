// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mount tables of any content: a plan has every file system once, none that
 * was left out, and the file's owner after what lies in the file.
 */
/* srcs: tools/vss/mounts.c tools/vss/plan.c */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/vss/mounts.h"

/* The source's name after /dev/ is a file that it lies in. */
static void backing(void *ctx, const struct vss_mount *mount,
		    void (*found)(void *arg, const char *file), void *arg)
{
	(void)ctx;
	found(arg, mount->source + 4);
}

static void check(struct vss_mount **order, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		if (order[i]->skipped || order[i]->read_only)
			abort();
		for (j = 0; j < i; j++)
			if (order[i]->major == order[j]->major &&
			    order[i]->minor == order[j]->minor)
				abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	struct vss_skip skip = { 0 };
	struct vss_mount **order;
	char *text = malloc(size + 1);
	struct vss_mounts m;

	if (size)
		memcpy(text, in, size);
	text[size] = '\0';
	if (!vss_mounts_parse(&m, text)) {
		order = calloc(m.count + 1, sizeof(*order));
		check(order, vss_plan(&m, &skip, backing, NULL, order));
		free(order);
	}
	vss_mounts_free(&m);
	free(text);
	return 0;
}
