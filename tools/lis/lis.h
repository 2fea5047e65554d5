/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lis: what the drivers and daemons are doing, and the key/value pairs.
 */
#ifndef LIS_LIS_H
#define LIS_LIS_H

#include <stdio.h>

/* Exit statuses: 0, 1 something is wrong or not there, 2 wrong usage. */

/* lis status: modules, services, daemons, and what to do.  @root: of /sys, /run */
int lis_status(const char *root, FILE *out);

/* lis kvp ...: @argv[0] is "get", "set", "list" or "delete". */
int lis_kvp(const char *root, int argc, char **argv, FILE *out);

#endif
