#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 300 seconds
# stacks: ours
#
# Promise: a guest that sleeps (suspend to idle), or starts to hibernate and
# goes back at any of the kernel's stages, or hibernates to a disk of ours and
# is woken from it by another boot, has its disks again: work that was under way
# goes on and verifies, files that were open are, and the host saw the channels
# closed meanwhile.  A controller that was taken away in the night is gone then,
# and a disk that came is there.  At power-off the disks' caches are flushed.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

VM_SETS=fio,misc
images "$scratch" 64M work going coming
images "$scratch" 512M swap

options=(--cpus 2 --mem 320M --append "${CHANNEL_PER_CPU/ /.}"
	--disk "$scratch/work" --disk "$scratch/swap,lun=1")
start_loaded stor-power "${options[@]}" --trace "$scratch/trace" \
	--disk "$scratch/going,controller=1"

# A power button wakes only who has a driver for it
file=$(inbox_module button) &&
	guest -t 200 -i "cat >/tmp/button.ko && insmod /tmp/button.ko" <"$file"
ok $? 'the guest has a power button'

guest -i 'cat >>/tmp/guest.sh' <<'END'
# sleeps HOW STAGE: as far as that, and back
sleeps()
{
	echo 0 >/sys/module/hibernate/parameters/pm_test_delay 2>/dev/null
	echo 1 >/sys/module/suspend/parameters/pm_test_delay 2>/dev/null
	echo $2 >/sys/power/pm_test && echo $1 >/sys/power/state
}

# rounds: of the load, so far
rounds()
{
	wc -l </tmp/rounds
}
END

# awake NAME: after a sleep
awake()
{
	in_guest "$1: the work goes on" \
		'r=$(rounds); within 60 "[ \$(rounds) -gt $r ]"'
	is "$(host bus list | jq '[.channels[] | select(.state == "open" and
		.device == "scsi0")] | length')" 2 "$1: both channels are open"
}

sd=$(g 'disk 0 0')
in_guest 'work starts' "load_starts /dev/$sd"

# --- suspend to idle ----------------------------------------------------------

for stage in freezer devices platform; do
	before=$(messages 7)
	in_guest "suspend to idle, as far as $stage" "sleeps freeze $stage"
	[ $stage = freezer ] ||
		is "$(messages 7)" $((before + 4)) "$stage: the channels were closed"
	awake "$stage"
done

g 'echo none >/sys/power/pm_test; echo 1 >/sys/power/pm_debug_messages
	echo N >/sys/module/printk/parameters/console_suspend; dmesg -n 8
	(echo freeze >/sys/power/state; echo $? >/tmp/woken) \
		</dev/null >/dev/null 2>&1 &'
# says TEXT: the console does
says()
{
	timeout 60 tail -n +1 -F "$VM_DIR/stor-power.serial" 2>/dev/null |
		grep -qm1 "$1"
}
holds 'the guest sleeps' says 'suspend-to-idle'
holds 'the power button is pressed' host power shutdown
# What comes by a serial line that sleeps is lost: not a word before this
holds 'it wakes' says 'PM: suspend exit'
in_guest 'and goes on' "within 60 '[ -e /tmp/woken ]'"
is "$(g 'cat /tmp/woken; dmesg -n 5')" 0 'it has slept'
awake 'asleep'

# --- hibernation, and back ----------------------------------------------------

# There must be a place for the image, though it is not written
sw=$(g 'disk 0 1')
in_guest 'there is swap' "mkswap /dev/$sw >/dev/null && swapon /dev/$sw"
for stage in devices platform core; do
	before=$(messages 16)
	in_guest "hibernation, as far as $stage" "sleeps disk $stage"
	[ $stage = devices ] ||
		is "$(messages 16)" $((before + 1)) "$stage: the bus was left"
	awake "hibernation, $stage"
done

# --- hibernation --------------------------------------------------------------

id=$(boot_id)
g "echo none >/sys/power/pm_test; echo shutdown >/sys/power/disk
	echo 0 >/sys/power/image_size; echo 'before the night' >/tmp/note
	(echo disk >/sys/power/state; echo \$? >/tmp/woken2) \
		</dev/null >/dev/null 2>&1 &"
vm_wait_exit 150
is "$VM_STATUS" 0 'the guest hibernates and powers off'

start_loaded stor-power2 "${options[@]}" --disk "$scratch/coming,lun=2"
unlike "$(boot_id)" "$id" 'another kernel boots'
g '(cat /sys/class/block/$(disk 0 1)/dev >/sys/power/resume) \
	</dev/null >/dev/null 2>&1 &'
returned()
{
	local end=$((SECONDS + 150))

	until [ "$(boot_id)" = "$id" ]; do
		[ $SECONDS -lt $end ] && vm_running || return 1
	done
}
holds 'and becomes the one that hibernated' returned
is "$(g 'cat /tmp/note')" 'before the night' 'which still knows what it knew'
in_guest 'its request to hibernate has ended well' \
	"within 30 '[ \"\$(cat /tmp/woken2)\" = 0 ]'"
awake 'hibernated'
# Its disk would be flushed as it goes, which must not hold up the others
in_guest 'the controller that was taken away is gone' \
	"within 60 '! [ -e \$(controller 1) ]'"
in_guest 'the disk that came is there' "within 60 'disk 0 2'"
in_guest 'all that work verifies' load_ends
same_content 'the host has what the guest reads' "$sd" "$scratch/work"
vm_check_log 'no complaint in the guest log'

# --- power-off ----------------------------------------------------------------

flushes()
{
	jq "[.disks[] | select(.lun == $1)][0].flushes" "$2"
}
host stats >"$scratch/stats"
before=$(flushes 0 "$scratch/stats")
g "dd if=/dev/zero of=/dev/$sd bs=4096 count=1 oflag=direct 2>/dev/null"
vm_stop
holds 'at power-off the disk is flushed' \
	test "$(flushes 0 "$VM_DIR/stor-power2.stats")" -gt "$before"
done_testing
