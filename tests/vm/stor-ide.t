#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 45 seconds
#
# Promise: a disk of an accelerated IDE channel is found where its offer says,
# by one channel and at LUN 0, beside SCSI controllers; it takes verified I/O
# and new sizes; a driver that is loaded again finds it again, and so does one
# from which it was taken (ours) and to which it was given back.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 32M boot slave other scsi

start_loaded stor-ide --cpus 2 --options "$CHANNEL_PER_CPU" \
	--disk "$scratch/boot,bus=ide" --disk "$scratch/slave,bus=ide,controller=3" \
	--disk "$scratch/scsi"

# --- where it is --------------------------------------------------------------

is "$(g disks)" 3 'two IDE disks and a SCSI disk come up'
# Each as "device LUN of its only address"
address()
{
	g 'for d in $(controller '"$1"')/host*/target*/*:*; do
		d=${d##*/}; echo ${d#*:}; done'
}
is "$(address ide0)" 0:0:0 "the primary's master is target 0, LUN 0"
is "$(address ide3)" 0:1:0 "the secondary's slave is target 1, LUN 0"
is "$(g 'cat $(controller ide0)/class_id')" \
	'{32412632-86cb-44a2-9b5c-50d1417354f5}' 'their class is that of IDE'
channels()
{
	host bus list | jq "[.channels[] | select(.device == \"$1\")] | length"
}
is "$(channels ide0) $(channels scsi0)" '1 2' \
	'an IDE disk has one channel, where a SCSI controller has two'
not_in_guest 'a scan by hand finds no more' 'n=$(disks)
	for h in /sys/class/scsi_host/*/scan; do echo "- - -" >$h; done
	within 5 "[ \$(disks) -ne $n ]"'

# --- work ---------------------------------------------------------------------

verify 'I/O on the first verifies' "/dev/$(g 'disk ide0 0')" \
	--bs=4k --iodepth=16 --size=8m
verify 'and on the other' "/dev/$(g 'disk ide3 0')" \
	--bs=128k --iodepth=4 --size=16m
same_content 'the host has what the guest has' "$(g 'disk ide0 0')" \
	"$scratch/boot"
same_content 'on the other, too' "$(g 'disk ide3 0')" "$scratch/slave"
holds 'the host grows one' host disk resize ide3:0 64M
in_guest 'the guest sees its new size' 'd=$(disk ide3 0)
	dd if=/dev/$d of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null
	echo 1 >/sys/block/$d/device/rescan
	within 30 "[ \$(cat /sys/block/$d/size) = 131072 ]"'
holds 'the host plugs in another' host disk add "$scratch/other,bus=ide,controller=2"
in_guest 'the guest finds it' "within 60 'disk ide2 0'"
is "$(address ide2)" 0:0:0 'at its place'

# --- away and back ------------------------------------------------------------

in_guest 'the driver is loaded again' 'rmmod hv_storvsc && lis-load'
in_guest 'and all disks are back' "within 60 '[ \$(disks) -eq 4 ]'"
if [ "$STACK" = ours ]; then
	in_guest 'work starts on one' "load_starts /dev/\$(disk ide0 0)"
	holds 'another one is taken away' host bus rescind ide3
	in_guest 'it is gone' "within 60 '! [ -e \$(controller ide3) ]'"
	holds 'and given back' host bus reoffer ide3
	in_guest 'it is found again' "within 60 'disk ide3 0'"
	is "$(address ide3)" 0:1:0 'at its place'
	same_content 'with what it had' "$(g 'disk ide3 0')" "$scratch/slave"
	in_guest 'the work went on and verifies' load_ends
	in_guest 'the log says what they are' \
		'dmesg | grep -q "IDE channel, protocol"'
fi

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
