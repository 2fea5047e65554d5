/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: tracepoints that do nothing. */
#ifndef LIS_FAKE_LINUX_TRACEPOINT_H
#define LIS_FAKE_LINUX_TRACEPOINT_H

#include "../kernel.h"

#define TP_PROTO(...)	__VA_ARGS__
#define TP_ARGS(...)
#define TRACE_EVENT(name, proto, ...)	\
	static inline void trace_##name(proto) { }
#define DECLARE_EVENT_CLASS(name, ...)
#define DEFINE_EVENT(class, name, proto, args)	\
	static inline void trace_##name(proto) { }

#endif
