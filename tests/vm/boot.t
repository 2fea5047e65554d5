#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 60 seconds
#
# Promise: a stock kernel boots on hvhost with any number of processors, takes
# it for Hyper-V and has its TSC page for a clock; power-off ends hvhost
# with status 0, a reboot goes on in the same hvhost, a crash ends it with 3.
# One of the boots is without the shortcuts of tests/lib/vm.sh.

# shellcheck source=tests/lib/vm.sh
. "$(dirname "$0")/../lib/vm.sh"

boots()
{
	local cpus=$1 many=processors hv=/sys/devices/system/clocksource/clocksource0

	shift
	[ "$cpus" -gt 1 ] || many=processor
	if ! vm_start "cpus-$cpus" --cpus "$cpus" "$@"; then
		fails "$cpus $many: boots"
		return
	fi
	passes "$cpus $many: boots"
	is "$(guest nproc)" "$cpus" "$cpus $many: all are used"
	like "$(guest 'dmesg | grep Hypervisor')" 'Microsoft Hyper-V' \
		"$cpus $many: Hyper-V is recognized"
	like "$(guest "cat $hv/available_clocksource")" \
		hyperv_clocksource_tsc_page \
		"$cpus $many: the TSC page is a clock"
	# Where the host promises an invariant TSC, Linux prefers that itself
	like "$(guest "cat $hv/current_clocksource")" \
		'^(hyperv_clocksource_tsc_page|tsc)$' \
		"$cpus $many: the clock is the TSC or its page"
	vm_check_log "$cpus $many: nothing is wrong in the log"
}

powers_off()
{
	vm_stop
	is "$VM_STATUS" 0 "$1: power-off ends hvhost with status 0"
}

VM_AS_IT_IS=1
boots 1 && powers_off '1 processor'
VM_AS_IT_IS=
# Those with two and with four are in bus-cpus.t

if boots 8; then
	pid=$vm_pid
	guest_reboot
	ok $? 'reboot: the guest comes up again'
	is "$vm_pid" "$pid" 'reboot: it is the same hvhost'
	is "$(guest nproc)" 8 'reboot: all processors are used again'
	vm_check_log 'reboot: nothing is wrong in the log'

	guest '(sleep 0.2; echo c >/proc/sysrq-trigger) </dev/null >/dev/null 2>&1 &'
	vm_wait_exit 60
	is "$VM_STATUS" 3 'a crash ends hvhost with status 3'
	like "$(cat "$VM_DIR/cpus-8.serial")" 'Kernel panic' \
		'the crash is in the serial log'
fi

done_testing
