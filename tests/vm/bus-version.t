#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Promise: with each generation of host the bus agrees on the newest version
# that both know, and a disk behind it can be read and written.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

img=$(mktemp -d)
trap 'vm_stop; rm -rf "$img"' EXIT
images "$img" 16M disk

# generation, its VMBus version, the first kernel whose own driver goes as
# low: Linux gave up 2.4 and 3.0 with 6.9 or so
generations='ws2008r2 2.4
ws2012 3.0
ws2012r2 4.0
ws2016 4.0
ws2019 5.2
ws2022 5.3
ws2025 5.3'

# Can the bus under test speak that version at all?
speaks()
{
	[ "$STACK" = ours ] && return
	case $1 in
	2.4|3.0)	return 1 ;;
	esac
}

while read -r generation version; do
	if ! speaks "$version"; then
		skip "$generation: Vmbus version $version" \
			"the distribution's driver does not go below 4.0"
		continue
	fi
	start "$generation" --generation "$generation" --disk "$img/disk"
	in_guest "$generation: the drivers load, the disk comes" \
		'lis-load && within 20 "disk 0 0"'
	like "$(guest dmesg)" "hv_vmbus: Vmbus version:${version/./\\.}($|[^0-9.])" \
		"$generation: Vmbus version $version"
	in_guest "$generation: the disk takes a write" \
		"echo $generation | dd of=/dev/\$(disk 0 0) bs=4096 conv=sync \
			oflag=direct 2>/dev/null"
	is "$(head -c ${#generation} "$img/disk")" "$generation" \
		"$generation: and the host has it"
	vm_check_log "$generation: no complaint in the guest log"
	vm_stop
done <<<"$generations"

done_testing
