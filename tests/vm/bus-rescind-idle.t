#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 40 seconds
# stacks: inbox
#
# Promise: a controller that the host takes away while nothing is under way
# leaves the guest with its disk, the other controller goes on; offered again,
# it works again, and no memory is lost.
#
# This is what bus-rescind.t leaves for the distribution's hv_storvsc.  Once
# that of 6.12 was told of the rescind it still takes commands (tracepoint
# scsi_dispatch_cmd_start, neither an error nor an end) but puts no packet into
# the ring, which the host goes on serving.  Whatever is asked of the disk then,
# be it the flush of its cache when it leaves, is never done, and the controller
# never leaves.  Hence idle disks here, which the guest takes for disks without
# a cache.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 64M first other

start_loaded bus-rescind-idle --cpus 2 --disk "$scratch/first" \
	--disk "$scratch/other,controller=1"
other=$(g 'disk 1 0')

# leaves ROUND: taken away and back
leaves()
{
	local sd

	sd=$(g 'disk 0 0')
	in_guest "round $1: $sd is taken for a disk without a cache" \
		"write_through $sd"
	holds "round $1: the host takes the controller away" host bus rescind 0
	in_guest "round $1: device and disk are gone" "within 60 '
		! [ -e \$(controller 0) ] && ! [ -e /sys/block/$sd ]'"
	holds "round $1: the host offers it again" host bus reoffer 0
	in_guest "round $1: the disk is back" "within 60 'disk 0 0'"
}

leaves 1
verify 'the other controller works' "/dev/$other" --bs=4k --iodepth=16 --size=2m
before=$(memory)
for i in 2 3 4 5 6; do
	leaves $i
done
# Seen: up to 288 KiB of noise.  A ring's mapping lost in each of the five
# rounds would be over 1200.
no_leak "$before" 600
verify 'the disk verifies' "/dev/$(g 'disk 0 0')" --bs=4k --iodepth=32 --size=4m
same_content 'the host has the same' "$(g 'disk 0 0')" "$scratch/first"

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
