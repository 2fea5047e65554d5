/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One-line messages of hvhost and its exit statuses.
 *
 * Threads: say() and trace() may be called from any thread; each call writes
 * its line with one stdio call, so lines never mix.
 */
#ifndef HVHOST_LOG_H
#define HVHOST_LOG_H

#include <stdio.h>

enum exit_status {
	EXIT_GUEST_OFF = 0,	/* guest powered off, or was told to */
	EXIT_INTERNAL = 1,	/* hvhost or KVM failed */
	EXIT_USAGE = 2,		/* bad option, missing file */
	EXIT_CRASH = 3,		/* guest crashed */
	EXIT_VIOLATION = 4,	/* guest broke the VMBus protocol */
	EXIT_TIMEOUT = 5,	/* --timeout passed */
	EXIT_STUCK = 6,		/* --boot-limit passed */
};

/* "hvhost: ..." and a newline to stderr */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* say() and leave; for start-up, before the guest runs */
void die(int status, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* One line to --trace's file with a time stamp; nothing without --trace */
void trace_open(const char *path);
void trace(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
FILE *trace_file(void);
void trace_close(void);

#endif
