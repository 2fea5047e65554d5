// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the daemons tell the administrator.  One thread; no locks.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "say.h"
#include "text.h"

#define LINE_MAX_BYTES	512
#define HELD_MAX	64

static struct {
	const char *name;
	bool to_syslog;
	bool to_journal;
	bool held;
	unsigned int count;		/* lines kept */
	unsigned int lost;		/* lines there was no room for */
	int levels[HELD_MAX];
	char lines[HELD_MAX][LINE_MAX_BYTES];
} log_state = { .name = "openlis" };

void say_open(const char *name, bool foreground)
{
	log_state.name = name;
	log_state.to_syslog = !foreground;
	log_state.to_journal = foreground && getenv("JOURNAL_STREAM");
	if (log_state.to_syslog)
		openlog(name, LOG_PID, LOG_DAEMON);
}

static void write_line(int level, const char *line)
{
	char whole[LINE_MAX_BYTES + 64];
	int len;

	if (log_state.to_syslog) {
		syslog(level, "%s", line);
		return;
	}
	if (log_state.to_journal)
		len = snprintf(whole, sizeof(whole), "<%d>%s\n", level, line);
	else
		len = snprintf(whole, sizeof(whole), "%s: %s\n",
			       log_state.name, line);
	/* one write, so that lines of several daemons do not mix */
	if (len > 0 && write(STDERR_FILENO, whole, (size_t)len) < 0)
		return;		/* nobody is there to be told */
}

void say(int level, const char *format, ...)
{
	char raw[LINE_MAX_BYTES], line[LINE_MAX_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(raw, sizeof(raw), format, args);
	va_end(args);
	text_printable(line, sizeof(line), raw);

	if (!log_state.held) {
		write_line(level, line);
	} else if (log_state.count == HELD_MAX) {
		log_state.lost++;
	} else {
		log_state.levels[log_state.count] = level;
		memcpy(log_state.lines[log_state.count++], line, sizeof(line));
	}
}

void say_hold(bool hold)
{
	unsigned int i;

	log_state.held = hold;
	if (hold)
		return;
	for (i = 0; i < log_state.count; i++)
		write_line(log_state.levels[i], log_state.lines[i]);
	log_state.count = 0;
	if (log_state.lost)
		say(LOG_WARNING, "%u more messages had no room", log_state.lost);
	log_state.lost = 0;
}
