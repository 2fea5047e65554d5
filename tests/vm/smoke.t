#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 60 seconds
#
# Promise, kept on every kernel of the matrix in one boot: the drivers load,
# the bus speaks the host's newest version, a disk reads back what was written
# and the host has it too; and, ours, they can be reloaded and do so again.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 16M disk

# A real boot, also where the others go on from a saved guest
VM_BOOT=1
start_loaded smoke --cpus 2 --disk "$scratch/disk"
is "$(g 'uname -r')" "$("$vm_top/tests/box/kernel" --kver "$KERNEL")" \
	'it is the kernel that was asked for'
like "$(guest 'dmesg | grep hv_vmbus:')" 'hv_vmbus: Vmbus version:5\.[23]($|[^0-9.])' \
	'the bus speaks the newest version that its drivers know'
bus=$(bus_module)
version=$(g "cat /sys/module/$bus/version 2>/dev/null")
if [ "$STACK" = ours ]; then
	is "$version" "$(cat "$vm_top/VERSION")" 'these are our drivers'
else
	isnt "$version" "$(cat "$vm_top/VERSION")" 'these are not our drivers'
fi

# works NAME: with a pattern that no other go had
works()
{
	verify "$1: written data is read back" "/dev/$(g 'disk 0 0')" \
		--bs=16k --iodepth=8 --size=4m
	in_guest "$1: the disk takes a line" "echo '$1 $KERNEL' |
		dd of=/dev/\$(disk 0 0) bs=4096 seek=2048 conv=sync \
		oflag=direct 2>/dev/null"
	like "$(tail -c +$((2048 * 4096 + 1)) "$scratch/disk" | head -n 1)" \
		"^$1 " "$1: which the host has"
}

works first
if [ "$STACK" = ours ]; then
	in_guest 'the drivers are unloaded and loaded again' \
		"rmmod hv_storvsc && rmmod $bus && lis-load"
	disks_found
	works reloaded
fi
vm_check_log 'no complaint in the guest log'
vm_stop
is "$VM_STATUS" 0 'the guest powers off'
done_testing
