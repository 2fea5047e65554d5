/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hvhost's command line after parsing.  Written once by options_parse(),
 * read-only afterwards, so it needs no lock.
 */
#ifndef HVHOST_OPTIONS_H
#define HVHOST_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HVHOST_MAX_CPUS		64

struct options {
	const char *kernel;
	const char *initrd;		/* NULL = none */
	const char *append;
	uint32_t cpus;
	uint64_t mem;			/* bytes */
	uint64_t mmio_gap;		/* bytes below 4 GiB that are not RAM */
	const char *serial;		/* file, or "-" = stdout */
	const char *agent;		/* UNIX socket of COM2, NULL = none */
	const char *control;		/* UNIX socket, NULL = none */
	const char **disks;
	size_t disk_count;
	const char **adapters;		/* --fc */
	size_t adapter_count;
	const char **nics;
	size_t nic_count;
	const char **services;		/* --ic */
	size_t service_count;
	const char *generation;
	uint32_t vmbus_version;		/* 0 = what the generation has */
	uint32_t subchannels;
	unsigned int timeout;		/* seconds */
	unsigned int boot_limit;	/* seconds, 0 = none */
	const char *trace;
	const char *stats;
	const char *resume;		/* saved guest, NULL = boot */
	bool vp_permuted;
	bool no_reboot;
	bool direct_timers;
};

/* Ends the process for --help (0), --version (0) and bad usage (2). */
void options_parse(struct options *o, int argc, char **argv);

#endif
