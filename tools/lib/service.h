/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the three daemons share: waiting for the device of hv_utils,
 * registering, taking one request after the other, and saying how it goes.
 * One thread; no locks.
 */
#ifndef TOOLS_SERVICE_H
#define TOOLS_SERVICE_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* Longer than any message of any service */
#define SERVICE_MESSAGE_MAX	16384

struct service;

struct service_ops {
	/* Puts the registration into @msg; its length. */
	size_t (*hello)(struct service *s, void *msg);
	/* The kernel's first message; false if we cannot work with it. */
	bool (*welcome)(struct service *s, const void *msg, size_t len);
	/*
	 * Turns the request in @msg into its answer; the answer's length, or
	 * 0 if this was no request that can be answered.
	 */
	size_t (*answer)(struct service *s, void *msg, size_t len);
	/* Milliseconds until tick() is wanted, -1 for never.  Optional. */
	int (*wait)(struct service *s);
	void (*tick)(struct service *s);
	/* The device went away, or the daemon ends.  Optional. */
	void (*gone)(struct service *s);
};

struct service {
	const char *name;		/* of the program */
	const char *release;		/* of OpenLIS */
	const struct service_ops *ops;
	void *state;			/* the daemon's own */
	/* options */
	const char *device;
	const char *root;		/* other paths are below it; "" */
	const char *status_file;
	const char *pid_file;
	bool foreground;
	/* what lis status shows */
	bool connected;
	bool quiet;			/* write no status now: disks are frozen */
	char version[32];		/* of the kernel's side */
	char last_error[160];
	const char *last_op;
	uint64_t requests;
	uint64_t errors;
	time_t last_time;
	bool dirty;			/* the status file is older than this */
	int64_t written_ms;		/* when it was written */
};

#define SERVICE_OPTIONS \
	{ "no-daemon", no_argument, NULL, 'n' }, \
	{ "foreground", no_argument, NULL, 'n' }, \
	{ "help", no_argument, NULL, 'h' }, \
	{ "version", no_argument, NULL, 'V' }, \
	{ "device", required_argument, NULL, 1001 }, \
	{ "root", required_argument, NULL, 1002 }, \
	{ "status", required_argument, NULL, 1003 }, \
	{ "pid-file", required_argument, NULL, 1004 }

#define SERVICE_OPTIONS_HELP \
	"  -n, --foreground      do not become a daemon; log to standard error\n" \
	"      --device PATH     the kernel's side (a socket for tests)\n" \
	"      --root DIR        find and put all other files below DIR\n" \
	"      --status FILE     where lis status reads how it goes\n" \
	"      --pid-file FILE   write the process id there\n" \
	"  -V, --version         print the version\n" \
	"  -h, --help            this text\n"

/* Takes an option of the table above; false if it is none of those. */
bool service_option(struct service *s, int option);

/* Runs until a signal ends it; the exit status of the program. */
int service_run(struct service *s);

/* Notes a failure for lis status, and logs it. */
void service_failed(struct service *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Monotonic milliseconds */
int64_t service_now(void);

#endif
