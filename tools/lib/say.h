/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the daemons tell the administrator: to standard error in the
 * foreground (with the levels that systemd's journal understands where it
 * listens), else to syslog.  One thread; no locks.
 */
#ifndef TOOLS_SAY_H
#define TOOLS_SAY_H

#include <stdbool.h>
#include <syslog.h>

/* @name stays the caller's. */
void say_open(const char *name, bool foreground);

/* One line, @level of syslog.  Control characters are shown escaped. */
void say(int level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * While held, nothing is written anywhere: lines are kept (the oldest, up to
 * a limit) and written when let go.  For the time in which the disk that the
 * log is on is frozen.
 */
void say_hold(bool hold);

#endif
