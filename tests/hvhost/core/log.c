/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Messages to the person at the terminal, and the trace file.
 *
 * Threads: no state but the trace stream, which is set before threads start
 * and closed after they ended; stdio locks the rest.
 */
#include "core/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>


static FILE *trace_stream;

static void vsay(const char *fmt, va_list ap)
{
	char line[1024];

	vsnprintf(line, sizeof(line), fmt, ap);
	fprintf(stderr, "hvhost: %s\n", line);
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(fmt, ap);
	va_end(ap);
}

void die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsay(fmt, ap);
	va_end(ap);
	exit(status);
}

void trace_open(const char *path)
{
	trace_stream = fopen(path, "we");
	if (!trace_stream)
		die(EXIT_USAGE, "--trace %s: %s", path, strerror(errno));
	setvbuf(trace_stream, NULL, _IOLBF, 0);
}

FILE *trace_file(void)
{
	return trace_stream;
}

void trace(const char *fmt, ...)
{
	char line[512];
	struct timespec ts;
	va_list ap;

	if (!trace_stream)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	fprintf(trace_stream, "%lld.%06ld %s\n", (long long)ts.tv_sec,
		ts.tv_nsec / 1000, line);
}

void trace_close(void)
{
	if (trace_stream)
		fclose(trace_stream);
	trace_stream = NULL;
}
