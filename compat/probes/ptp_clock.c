// SPDX-License-Identifier: GPL-2.0-only
/* a matter of configuration: clocks that programs read as those of a network */
#include <linux/ptp_clock_kernel.h>

#if !defined(CONFIG_PTP_1588_CLOCK) && !defined(CONFIG_PTP_1588_CLOCK_MODULE)
#error "there are no PTP clocks"
#endif

int lis_probe;
