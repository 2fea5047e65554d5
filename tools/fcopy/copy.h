/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One file from the host at a time: begun, written piece by piece, and put in
 * its place when it is whole; until then nobody sees it.
 */
#ifndef FCOPY_COPY_H
#define FCOPY_COPY_H

#include <linux/hyperv.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy.h"

struct fcopy {
	const struct fcopy_policy *policy;
	const char *root;
	int dir;			/* where it will be, -1: none begun */
	int file;			/* what is written */
	bool named;			/* the file has the name @temp */
	bool overwrite;
	uint64_t size;			/* that the host announced */
	uint64_t written;		/* without a gap, from the start */
	char name[NAME_MAX + 1];
	char temp[32];
	char shown[512];		/* the path, for the log */
	char error[256];		/* of the last request; empty if good */
};

void fcopy_init(struct fcopy *f, const struct fcopy_policy *policy,
		const char *root);

/* Gives up a file that is not whole, if there is one. */
void fcopy_drop(struct fcopy *f);

const char *fcopy_operation(unsigned int operation);

/* Does what the message says; a status for the host. */
uint32_t fcopy_answer(struct fcopy *f, const void *msg, size_t len);

#endif
