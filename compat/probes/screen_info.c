// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v7.0 replaced the global by sysfb_primary_display; exports: screen_info */
#include <linux/screen_info.h>
unsigned int probe(void);
unsigned int probe(void) { return screen_info.lfb_base; }
