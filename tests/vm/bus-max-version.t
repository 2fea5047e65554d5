#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# stacks: ours
#
# Promise: max_version= caps what the bus asks for, and every version that
# both sides know works with a disk; a value below all of them is refused with
# a line that says so.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 32M disk

start bus-max-version --cpus 2 --disk "$scratch/disk"
g 'modprobe sd_mod'

# The last version that the log tells of
negotiated()
{
	g 'dmesg | grep hv_vmbus:' | sed -n 's/.*hv_vmbus: Vmbus version:\([0-9.]*\).*/\1/p' |
		tail -n 1
}

for version in 6.0 5.3 5.1 5.0 4.1 4.0 3.0 2.4; do
	number=$((${version%.*} << 16 | ${version#*.}))
	want=$version
	# The host is a Windows Server 2022: 5.3
	[ "$version" != 6.0 ] || want=5.3
	in_guest "max_version=$number: the bus loads" "modprobe hv_vmbus max_version=$number"
	is "$(negotiated)" "$want" "and negotiates $want"
	is "$(g 'cat /sys/module/hv_vmbus/parameters/max_version')" "$number" \
		'the parameter can be read back'
	in_guest 'the disk works' 'modprobe hv_storvsc &&
		within 30 "disk 0 0" && d=$(disk 0 0) &&
		echo '"$version"' | dd of=/dev/$d bs=4096 conv=sync oflag=direct \
			2>/dev/null &&
		[ "$(dd if=/dev/$d bs=4096 count=1 iflag=direct 2>/dev/null |
			tr -d "\0")" = '"$version"' ]'
	is "$(head -c 3 "$scratch/disk")" "$version" 'and the host has it'
	in_guest 'the modules unload' 'rmmod hv_storvsc && rmmod hv_vmbus'
done

g 'dmesg -c >/dev/null'
not_in_guest 'a version below all that are known: it does not load' \
	'modprobe hv_vmbus max_version=7'
# busybox' modprobe tries a second system call when the first one fails
is "$(g 'dmesg | grep hv_vmbus:' | grep ' from 0\.7 down' | cut -d']' -f2- |
	sort -u | wc -l)" 1 \
	'with one line that says so'
in_guest 'and it loads without the parameter' \
	'modprobe hv_vmbus && modprobe hv_storvsc && within 30 "disk 0 0"'

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
