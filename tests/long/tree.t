#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 1500 seconds
#
# Promise: 10 000 files on ext4 and as many on xfs survive 50 losses of power at
# random moments of work, every fifth of them while the journals of the one
# before are replayed: the file systems mount, are consistent, and hold every
# file that was synced, with its content.  With disks that lie they do not.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"
# shellcheck source=tests/long/powerloss.sh
. "$top/tests/long/powerloss.sh"

VM_SETS=fs
LOSSES=${LIS_LOSSES:-50}
FILES=10000
vm_hvhost_limit=7000

power_begin tree $FILES
in_guest 'they mount' "$power_mount"
power_work 0
for tree in ext4 xfs; do
	holds "$tree: the tree is filled" power_await $((FILES / 250)) $tree
	is "$(power_safe_files $tree)" $FILES "$tree: $FILES files are safe"
done
holds 'the first loss, as soon as they are' power_pull
holds 'they are there' eval 'power_sound && power_check'

# The power goes again while journals are replayed
interrupted_replay()
{
	power_work "$1" && power_await $(($(power_acks) + 2)) || return
	power_pull || return
	guest_aside -t 60 ". /tmp/guest.sh; $power_mount" >/dev/null 2>&1 &
	power_worker=$!
	power_moment 1
	power_pull && power_sound && power_check
}

for ((life = 1; life <= LOSSES; life++)); do
	if [ $((life % 5)) -eq 0 ]; then
		holds "loss $life: and one more during the replay" \
			interrupted_replay $life || break
	else
		holds "loss $life: all that was safe is there" \
			power_life $life 3 || break
	fi
done
power_summary
vm_check_log 'no complaint in the guest log'
power_liar $life
vm_stop
done_testing
