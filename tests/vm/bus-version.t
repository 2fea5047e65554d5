#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 80 seconds
#
# Promise: with each generation of host the bus agrees on the newest version
# that both know, and a disk behind it can be read and written; with a host
# that knows none it gives up and says so.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

img=$(mktemp -d)
trap 'vm_stop; rm -rf "$img"' EXIT
images "$img" 16M disk

generations='ws2012 2.4
ws2012r2 3.0
ws2016 4.0
ws2019 5.2
ws2022 5.3
ws2025 5.3'

while read -r generation version; do
	# The oldest is booted; the others are where a saved guest comes to
	[ "$generation" != ws2012 ] || VM_BOOT=1
	start "$generation" --cpus 2 --generation "$generation" \
		--disk "$img/disk"
	VM_BOOT=${LIS_BOOT-}
	in_guest "$generation: the drivers load, the disk comes" \
		'lis-load && within 20 "disk 0 0"'
	like "$(guest 'dmesg | grep hv_vmbus:')" "hv_vmbus: Vmbus version:${version/./\\.}($|[^0-9.])" \
		"$generation: Vmbus version $version"
	in_guest "$generation: the disk takes a write" \
		"echo $generation | dd of=/dev/\$(disk 0 0) bs=4096 conv=sync \
			oflag=direct 2>/dev/null"
	is "$(head -c ${#generation} "$img/disk")" "$generation" \
		"$generation: and the host has it"
	vm_check_log "$generation: no complaint in the guest log"
	vm_stop
done <<<"$generations"

# 1.1, which that host speaks, is older than any driver here
start ws2008r2 --cpus 2 --generation ws2008r2 --disk "$img/disk"
not_in_guest 'ws2008r2: the drivers do not load' 'lis-load 2>/dev/null'
like "$(guest 'dmesg | grep hv_vmbus:')" 'hv_vmbus: ' 'ws2008r2: and say why'
vm_check_log 'ws2008r2: no complaint in the guest log'
vm_stop

done_testing
