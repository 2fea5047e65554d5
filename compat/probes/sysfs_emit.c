// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v5.10 replaced sprintf() in sysfs; exports: sysfs_emit sysfs_emit_at */
#include <linux/sysfs.h>
int probe(char *buf);
int probe(char *buf) { return sysfs_emit(buf, "1\n") + sysfs_emit_at(buf, 2, "2\n"); }
