// SPDX-License-Identifier: GPL-2.0-only
/*
 * File copies of any content: nothing appears outside the allowed directory.
 */
/* srcs: tools/fcopy/copy.c tools/fcopy/place.c tools/fcopy/policy.c */
/* srcs: tools/lib/file.c tools/lib/text.c tools/lib/config.c */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/fcopy/copy.h"

static char root[64], command[160];
static struct fcopy_policy policy;
static struct fcopy f;

static void run(const char *text)
{
	snprintf(command, sizeof(command), text, root, root);
	if (system(command))
		abort();
}

static void remove_root(void)
{
	run("rm -rf '%s'");
}

static void set_up(void)
{
	char why[64];

	if (*root)
		return;
	strcpy(root, "/dev/shm/lis-fuzz.XXXXXX");
	if (!mkdtemp(root))
		abort();
	atexit(remove_root);
	run("mkdir -p '%s/in' && ln -s / '%s/in/l'");
	fcopy_policy_default(&policy);
	if (fcopy_policy_parse(&policy, "allow = /in\nmax-size = 100000", why,
			       sizeof(why)))
		abort();
	fcopy_init(&f, &policy, root);
}

/* Only "in" may be there. */
static void look(void)
{
	struct dirent *entry;
	DIR *dir = opendir(root);

	if (!dir)
		abort();
	while ((entry = readdir(dir)))
		if (*entry->d_name != '.' && strcmp(entry->d_name, "in"))
			abort();
	closedir(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	static unsigned int runs;
	static char msg[sizeof(struct hv_do_fcopy)];
	size_t part, len;

	set_up();
	/* each request: where its bytes go, how long it is, and bytes */
	while (size > 4) {
		part = in[0] % 64 + 4u;
		if (part > size)
			part = size;
		if (in[1] & 1)
			memset(msg, 0, sizeof(msg));
		len = (in[2] * 25u + in[3]) % (sizeof(msg) + 1);
		if (in[1] & 2) {
			memcpy(msg, in + 4, part - 4);
		} else {	/* a start that is nearly right */
			struct hv_start_fcopy *start = (void *)msg;

			start->hdr.operation = 0;
			start->file_size &= 0xfff;
			strcpy((char *)start->path_name, "/in");
			memcpy((char *)start->path_name + 3 * (in[1] >> 7),
			       in + 4, part - 4);
			memcpy(start->file_name, in + 4, part - 4);
			len = sizeof(*start);
		}
		fcopy_answer(&f, msg, len);
		in += part;
		size -= part;
	}
	look();
	if (runs++ % 4096 == 4095)
		run("rm -rf '%s/in' && mkdir '%s/in'");
	return 0;
}
