// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key/value requests of any content: every answer is text that ends, and
 * pools stay files of whole records.
 */
/* srcs: tools/kvp/kvp.c tools/kvp/pool.c tools/kvp/facts.c tools/lib/file.c */
/* srcs: tools/lib/text.c */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/kvp/kvp.h"
#include "tools/lib/text.h"

static char root[64];
static struct kvp k;

static void remove_root(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	if (system(command))
		abort();
}

static void set_up(void)
{
	if (*root)
		return;
	strcpy(root, "/dev/shm/lis-fuzz.XXXXXX");
	if (!mkdtemp(root) || kvp_init(&k, root))
		abort();
	atexit(remove_root);
}

/* Text that ends in its field, with sizes that say where */
static void check_value(const struct hv_kvp_exchg_msg_value *data)
{
	char key[KVP_KEY_MAX], value[KVP_VALUE_MAX];

	if (text_take(key, sizeof(key), data->key, sizeof(data->key)) + 1 !=
	    (int)data->key_size ||
	    text_take(value, sizeof(value), data->value,
		      sizeof(data->value)) + 1 != (int)data->value_size)
		abort();
}

static void check_files(void)
{
	char path[128];
	struct stat st;
	int i;

	for (i = 0; i < KVP_POOL_COUNT; i++) {
		if (!kvp_pool_path(path, sizeof(path), root, i) ||
		    stat(path, &st) || st.st_size % 2560)
			abort();
		if (st.st_size > 100 * 2560 && truncate(path, 0))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	struct hv_kvp_msg msg;
	int64_t now = 0;
	size_t part;
	uint8_t op;

	set_up();
	/* several requests from one input, each a length and its bytes */
	while (size > 3) {
		part = (size_t)in[0] * 16 + 4;
		if (part > size)
			part = size;
		memset(&msg, 0, sizeof(msg));
		memcpy(&msg, in + 1, part - 1 < sizeof(msg) ? part - 1 :
		       sizeof(msg));
		op = msg.kvp_hdr.operation;
		if (kvp_answer(&k, &msg, now) == HV_S_OK) {
			if (op == KVP_OP_GET)
				check_value(&msg.body.kvp_get.data);
			else if (op == KVP_OP_ENUMERATE)
				check_value(&msg.body.kvp_enum_data.data);
		}
		now += part * 100;
		in += part;
		size -= part;
	}
	check_files();
	return 0;
}
