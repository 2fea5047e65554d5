// SPDX-License-Identifier: GPL-2.0-only
/* upstream: v4.2; before, a driver's devices are probed one after the other */
#include <linux/device.h>

struct device_driver probe = { .probe_type = PROBE_FORCE_SYNCHRONOUS };
