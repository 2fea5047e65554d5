#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 160 seconds
# stacks: ours
#
# Promise: the drivers can be unloaded and loaded any number of times, with
# devices bound or not, and nothing stays behind: no memory, no file in sysfs
# or debugfs, nothing on the host.  A module in use cannot be unloaded; a
# device can be taken away from under a busy disk.
#
# Not for the distribution's bus: when that of 6.12 is unloaded it takes the
# guest's timers along (seen with direct timers; without them it oopses).

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 64M disk

start bus-reload --cpus 2 --disk "$scratch/disk"
in_guest 'first load' 'lis-load && within 30 "disk 0 0"'

# reloads N: each third time with the devices unbound first, each third time
# with the bus kept
reloads()
{
	g 'i=0
	while [ $i -lt '"$1"' ]; do
		i=$((i + 1))
		case $((i % 3)) in
		0)	for d in $bus/drivers/hv_storvsc/*-*-*; do
				echo ${d##*/} >$bus/drivers/hv_storvsc/unbind ||
					exit
			done
			rmmod hv_storvsc && rmmod hv_vmbus || exit ;;
		1)	rmmod hv_storvsc && rmmod hv_vmbus || exit ;;
		2)	rmmod hv_storvsc || exit ;;
		esac
		lis-load && within 30 "disk 0 0" || {
			echo "reload $i: no disk"; exit 1; }
	done'
}

# What a warm-up leaves is no leak
holds '10 reloads' reloads 10
in_guest 'unload' 'rmmod hv_storvsc && rmmod hv_vmbus'
before=$(memory)
in_guest 'load' 'lis-load && within 30 "disk 0 0"'
holds '90 reloads' reloads 90
in_guest 'unload' 'rmmod hv_storvsc && rmmod hv_vmbus'
# A page a reload would be 360 KiB
no_leak "$before" 300

is "$(g 'ls -d /sys/bus/vmbus /sys/module/hv_vmbus /sys/module/hv_storvsc \
	/sys/kernel/debug/hyperv /sys/kernel/debug/hv_vmbus \
	/sys/kernel/debug/openlis 2>/dev/null')" '' \
	'nothing is left in sysfs and debugfs'
is "$(g 'grep -E "hv_vmbus|hv_storvsc" /proc/vmallocinfo /proc/modules \
	/proc/iomem /proc/interrupts')" '' \
	'nothing is left in vmalloc space, iomem and interrupts'
is "$(host bus list | jq -c '[.connected, (.channels | map(select(.open)))]')" \
	'[false,[]]' 'the host has no connection and no channel open'

# --- under load ---------------------------------------------------------------

in_guest 'load once more' 'lis-load && within 30 "disk 0 0"'
in_guest 'a module in use stays' 'd=$(disk 0 0)
	exec 5<>/dev/$d
	! rmmod hv_storvsc 2>/dev/null && ! rmmod hv_vmbus 2>/dev/null &&
		[ -e /sys/block/$d ]'
for i in 1 2 3; do
	in_guest "unbind under load, unload, load ($i)" '
		d=$(disk 0 0)
		fio --name=load --filename=/dev/$d --rw=randrw --bs=4k \
			--direct=1 --ioengine=libaio --iodepth=32 \
			--size=32m --time_based --runtime=30 \
			--output-format=terse >/tmp/fio 2>&1 &
		fio=$!
		within 10 "[ \$(awk \"{ print \\\$1 + \\\$5 }\" \
			/sys/block/$d/stat) -gt 100 ]" || echo "fio is idle"
		c=$(controller 0)
		echo ${c##*/} >$bus/drivers/hv_storvsc/unbind
		within 30 "! kill -0 $fio" || { echo "fio hangs"; exit 1; }
		wait $fio && { echo "fio saw no error"; exit 1; }
		within 10 "rmmod hv_storvsc" && rmmod hv_vmbus &&
			lis-load && within 30 "disk 0 0"'
done
verify 'the disk verifies' "/dev/$(g 'disk 0 0')" --bs=8k --iodepth=16 --size=8m

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
