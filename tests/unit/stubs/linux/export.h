/* SPDX-License-Identifier: GPL-2.0-only */
/* User-space stand-in: nothing to export to. */
#ifndef LIS_STUB_LINUX_EXPORT_H
#define LIS_STUB_LINUX_EXPORT_H

#define EXPORT_SYMBOL_GPL(sym)	struct lis_stub_export_##sym

#endif
