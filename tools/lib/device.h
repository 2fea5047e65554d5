/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's side of a service: a character device that comes and goes
 * with its module and with the host's offers, or in tests a socket.
 */
#ifndef TOOLS_DEVICE_H
#define TOOLS_DEVICE_H

#include <signal.h>
#include <stdbool.h>

/*
 * Waits until @path is there, by watching its directories; with @mask in
 * force.  False if a signal came first.
 */
bool device_wait(const char *path, const sigset_t *mask);

/* A descriptor, or -errno. */
int device_open(const char *path);

#endif
