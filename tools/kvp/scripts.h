/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The scripts by which administrators and distributions replace what the
 * daemon does itself: hv_get_dns_info, hv_get_dhcp_info, hv_set_ifconfig.
 */
#ifndef KVP_SCRIPTS_H
#define KVP_SCRIPTS_H

#include <stdbool.h>
#include <stddef.h>

#define SCRIPTS_DIR	"/usr/libexec/hypervkvpd"
#define SCRIPTS_MS	5000

/* The path of a script that is there and can be run; false if none is. */
bool scripts_find(const char *root, const char *name, char *path, size_t size);

/*
 * Runs one with an argument, or with none (NULL).  False if it is not there
 * or fails.
 */
bool scripts_ask(const char *root, const char *name, const char *argument,
		 char *out, size_t size);

#endif
