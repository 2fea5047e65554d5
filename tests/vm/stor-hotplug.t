#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 75 seconds
#
# Promise: disks and whole controllers come and go while the guest works on
# others, up to four controllers of 64 LUNs each, and nothing but what was
# plugged or unplugged changes; what was taken away under I/O ends in errors,
# not in a hang.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

# One file for many LUNs: what matters here is that they come and go
images "$scratch" 8M work other shared
options=(--disk "$scratch/work" --disk "$scratch/other,controller=1")
for lun in {0..63}; do
	options+=(--disk "$scratch/shared,controller=2,lun=$lun,ro")
done

start_loaded stor-hotplug --cpus 2 "${options[@]}"

guest -i 'cat >>/tmp/guest.sh' <<'END'
# luns CONTROLLER: their numbers, in order
luns()
{
	for _d in "$(controller $1)"/host*/target*/*/block; do
		[ ! -e "$_d" ] || { _d=${_d%/block}; echo ${_d##*:}; }
	done | sort -n | xargs
}
END

# has NAME CONTROLLER LUN...: exactly these come up, in time
has()
{
	local name=$1 c=$2

	shift 2
	in_guest "$name" "within 100 '[ \"\$(luns $c)\" = \"$*\" ]' || { luns $c; false; }"
}

has '64 LUNs of a controller come up' 2 {0..63}
in_guest 'work starts on another controller' "load_starts /dev/$(g 'disk 0 0')"

# --- disks --------------------------------------------------------------------

# each HOW LUN...: the host's verb for each of these of controller 1
each()
{
	local how=$1 lun

	shift
	for lun; do
		case $how in
		add)	host disk add "$scratch/shared,controller=1,lun=$lun,ro" ;;
		remove)	host disk remove "1:$lun" ;;
		esac || return
	done
}

holds '63 disks are plugged in at once' each add {1..63}
has 'all of them come up' 1 {0..63}
not_in_guest 'there is no 65th' 'disk 1 64'
odd=$(seq 1 2 63) even=$(seq 0 2 63)
# shellcheck disable=SC2086 # one word each
{
	holds 'every other one is unplugged' each remove $odd
	has 'these are gone, and no others' 1 $even
}
verify 'what was there before goes on working' "/dev/$(g 'disk 1 0')" \
	--bs=4k --iodepth=8 --size=1m
plug_and_unplug()
{
	host disk add "$scratch/shared,controller=0,lun=33,ro" &&
		g "within 30 'disk 0 33'" && host disk remove 0:33 &&
		g "within 30 '! disk 0 33'"
}
# Where there are not 64 to be looked at each time
holds 'one is plugged and unplugged beside the work, three times' \
	eval 'plug_and_unplug && plug_and_unplug && plug_and_unplug'
# shellcheck disable=SC2086
has 'and the others are still there' 1 $even

# Under I/O on the very disk
reader=$(g 'disk 1 2')
g "rm -f /tmp/reader; (dd if=/dev/$reader of=/dev/null bs=4k iflag=direct \
	2>/dev/null; while dd if=/dev/$reader of=/dev/null bs=4k iflag=direct \
	2>/dev/null; do :; done; touch /tmp/reader) </dev/null >/dev/null 2>&1 &"
holds 'a disk is unplugged that is being read' each remove 2
in_guest 'the reader gets an error' "within 60 '[ -e /tmp/reader ]'"
in_guest 'and the disk is gone' "within 60 '! disk 1 2'"

# --- controllers --------------------------------------------------------------

holds 'a fourth controller is plugged in' \
	host disk add "$scratch/shared,controller=3,lun=5,ro"
has 'its disk comes up' 3 5
if [ "$STACK" = ours ]; then
	holds 'the controller of 64 LUNs is unplugged' host bus rescind 2
	in_guest 'it is gone' "within 60 '! [ -e \$(controller 2) ]'"
	holds 'and plugged in again' host bus reoffer 2
	has 'its 64 LUNs come back' 2 {0..63}
fi
in_guest 'work on the first controller went on and verifies' load_ends
is "$(g disks)" $((1 + 31 + 64 + 1)) 'all disks are accounted for'
is "$(hash_of "$scratch/work")" "$(g "read_back $(g 'disk 0 0')")" \
	'the host has what the guest has'

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
