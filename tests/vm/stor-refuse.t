#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 70 seconds
# stacks: ours
#
# Promise: a host may refuse any command whatever, while a disk is found or
# later: what can do without it works, what cannot is missing or fails with an
# error, nothing hangs, and a flush that was refused is none.  A request that
# outlives its time-outs and is answered late, while the controller is being
# reset for it or after that, is neither lost nor used twice.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 16M victim

start_loaded stor-refuse --cpus 2 --disk "$scratch/victim"
sd=$(g 'disk 0 0')

# shellcheck source=tests/vm/stor-truth.sh
. "$vmdir/stor-truth.sh"

guest -i 'cat >>/tmp/guest.sh' <<'END'
# found_anew: the disk is forgotten and looked for; prints its name and size in
# sectors when it has come up, or "none"
found_anew()
{
	_host=$(echo $(controller 0)/host*)
	! _d=$(disk 0 0) || echo 1 >/sys/block/$_d/device/delete
	echo '- - -' >/sys/class/scsi_host/${_host##*/}/scan
	# whether there is one is known now, its name a little later
	_d=$(ls -d $_host/target*/*:0 2>/dev/null)
	[ -n "$_d" ] || { echo none; return; }
	within 20 'disk 0 0'
	_d=$(disk 0 0) || { echo nameless; return; }
	echo "$_d $(cat /sys/block/$_d/size)"
}
END

# refuse OPCODE [HOW]: from now on; HOW is an SRB status, a SCSI status and sense
refuse()
{
	# shellcheck disable=SC2086 # words
	host disk answer 0:0 ${2:-84 02 052000} 1000000 "$1" ||
		fails "$1 is refused: ordered"
}

behave()
{
	host disk answer 0:0 01 00 0 0
}

# --- while a disk is found ----------------------------------------------------

# probe OPCODE WANT NAME: the disk comes up with its size, or not
probe()
{
	local opcode=$1 want=$2 name=$3 how said

	for how in '84 02 052000' '06 00 0' '84 00 0'; do
		refuse "$opcode" "$how"
		said=$(g found_anew)
		if [ "$want" = disk ]; then
			like "$said" '^sd[a-z]+ 32768$' \
				"$name refused ($how): the disk is found"
			sd=${said% *}
			truthful "$name refused ($how)" "no $name" 1
		else
			is "$said" none \
				"$name refused ($how): there is no such disk"
		fi
	done
}

probe 12 none 'INQUIRY'
probe a0 disk 'REPORT LUNS'
probe 1a disk 'MODE SENSE'
probe 9e disk 'READ CAPACITY (16)'
refuse 9e
probe 25 disk 'READ CAPACITY (10)'
behave

# --- later --------------------------------------------------------------------

sd=$(g found_anew)
sd=${sd% *}

refuse 35 '06 00 0'
like "$(g "sg_sync /dev/$sd 2>&1")" DID_BAD_TARGET \
	'a flush that is refused is no success'
not_in_guest 'nor does fsync say so' \
	"echo x | dd of=/dev/$sd bs=4096 conv=sync,fsync 2>/dev/null"
behave
in_guest 'later it is one' "sg_sync /dev/$sd &&
	echo x | dd of=/dev/$sd bs=4096 conv=sync,fsync 2>/dev/null"

unmap="/usr/bin/blkdiscard -o 1048576 -l 1048576 /dev/$sd"
in_guest 'UNMAP is not refused' "$unmap"
refuse 42 '06 00 0'
not_in_guest 'UNMAP is refused: an error' "$unmap"
truthful 'UNMAP is refused' unmap 2
refuse 93
in_guest 'WRITE SAME is refused: zeroes are written all the same' \
	"dd if=/dev/urandom of=/dev/$sd bs=64k count=1 oflag=direct 2>/dev/null &&
	/usr/bin/blkdiscard -z -l 65536 /dev/$sd &&
	[ \$(dd if=/dev/$sd bs=64k count=1 iflag=direct 2>/dev/null |
		tr -d '\\0' | wc -c) -eq 0 ]"

refuse all
truthful 'everything is refused' all 2 0
not_in_guest 'nor can anything be read' "read_one $sd 0"
in_guest 'the driver goes' 'rmmod hv_storvsc'
in_guest 'it comes again, without a disk' 'modprobe hv_storvsc &&
	! within 2 "disk 0 0"'
behave
in_guest 'a look later there is one' \
	'set -- $(found_anew); [ "$2" = 32768 ]'
sd=$(g 'disk 0 0')
truthful 'all is well' behaved 4

# --- answered late ------------------------------------------------------------

# late NAME MS: the host takes so long for one write that the controller is reset
# for it, and no longer than ever for what comes after that
late()
{
	local name=$1 ms=$2

	mark "$name"
	g "short_timeouts $sd 1; echo >/sys/kernel/tracing/trace"
	host disk delay 0:0 "$ms" 1
	g "rm -f /tmp/done; (writes $sd '$name' 1; touch /tmp/done) </dev/null \
		>/tmp/late 2>&1 &"
	in_guest "$name: the controller is reset for it" \
		"within 30 'dmesg | sed \"1,/mark: $name\$/d\" |
			grep -q \"resetting the controller\"'"
	in_guest "$name: the write ends" "within 60 '[ -e /tmp/done ]'"
	told_the_truth "$name" "$name" 1 1 "$(g 'cat /tmp/late')"
	g "short_timeouts $sd 30"
}

# answers: of the host to writes, since late()
answers()
{
	g "grep -c 'opcode 0x2a' /sys/kernel/tracing/trace"
}

g 'echo 1 >/sys/kernel/tracing/events/storvsc/storvsc_done/enable'
late 'never answered' 60000
is "$(answers)" 1 'never answered: the write was repeated'

# The answer to the reset is lost, so that the guest still waits for that when
# the write's own answer comes
holds 'an answer will be lost' host hostile drop_completion scsi0 1
late 'answered during the reset' 7000
is "$(answers)" 2 \
	'answered during the reset: so it was, and the write was repeated'

verify 'after all that it verifies' "/dev/$sd" --bs=16k --iodepth=16 --size=2m
same_content 'the host has what the guest reads' "$sd" "$scratch/victim"
vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
