#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 60 seconds
#
# Promise: a Fibre Channel adapter is an fc_host with the names that the host
# gave it, and a remote port; disks of all its targets come up, up to the last
# LUN an address has room for, and take verified I/O, new disks and the loss of
# disks; a driver that is loaded again asks for the names again.  Ours: so it is
# when the adapter is taken away and given back; what a host says that lies about
# names or LUNs does no harm to others.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 16M first far late work

start_loaded stor-fc --fc 0,wwnn=c003ff0000ffff00,wwpn=c003ff1234560000 \
	--disk "$scratch/first,bus=fc" --disk "$scratch/far,bus=fc,target=1,lun=254" \
	--disk "$scratch/work"

guest -i 'cat >>/tmp/guest.sh' <<'END'
# fc NAME: this attribute of the only adapter
fc()
{
	cat /sys/class/fc_host/host*/"$1"
}
END

# --- names --------------------------------------------------------------------

is "$(g 'ls -d /sys/class/fc_host/* | wc -l')" 1 'one controller is an fc_host'
is "$(g 'ls -d $(controller fc0)/host*/fc_host/* | wc -l')" 1 \
	'which is the Fibre Channel adapter'
is "$(g 'fc node_name; fc port_name')" $'0xc003ff0000ffff00\n0xc003ff1234560000' \
	'its names are those the host gave it'
is "$(g 'cat /sys/class/fc_remote_ports/*/roles')" 'FCP Dummy Initiator' \
	'it has a remote port that is no target'
if [ "$STACK" = ours ]; then
	is "$(g 'fc port_type; fc port_state')" \
		$'NPIV VPORT\nOnline' 'and it says what it is'
fi

# --- disks --------------------------------------------------------------------

is "$(g disks)" 3 'two disks behind it and a SCSI disk come up'
in_guest 'LUN 0 of its first target' '[ -n "$(disk fc0 0:0)" ]'
in_guest 'and LUN 254 of its second one' '[ -n "$(disk fc0 1:254)" ]'
is "$(g 'cat /sys/block/$(disk fc0 0:0)/queue/max_hw_sectors_kb')" 512 \
	'it takes no longer transfers than hosts bear'
verify 'I/O on the first verifies' "/dev/$(g 'disk fc0 0:0')" \
	--bs=4k --iodepth=16 --size=4m
verify 'and on the other, in long transfers' "/dev/$(g 'disk fc0 1:254')" \
	--bs=1m --iodepth=4 --size=8m
same_content 'the host has what the guest has' "$(g 'disk fc0 0:0')" \
	"$scratch/first"
same_content 'on the other, too' "$(g 'disk fc0 1:254')" "$scratch/far"
holds 'the host plugs in a disk' \
	host disk add "$scratch/late,bus=fc,target=3,lun=77"
in_guest 'the guest finds it' "within 100 'disk fc0 3:77'"
holds 'the host unplugs it' host disk remove fc0:3:77
in_guest 'the guest loses it' "within 100 '! disk fc0 3:77'"
is "$(g disks)" 3 'and no other'
if [ "$STACK" = ours ]; then
	holds 'the link is down for three transfers' \
		host disk answer fc0:0:0 25 00 000000 3
	in_guest 'a read is repeated until it is up' \
		'dd if=/dev/$(disk fc0 0:0) of=/dev/null bs=4k count=1 iflag=direct'
fi

# --- away and back ------------------------------------------------------------

holds 'the machine is migrated' host fc switch 0
# Not while it looks at its 1024 addresses, which what came before asked for
in_guest 'the driver goes' 'within 100 "rmmod hv_storvsc 2>/dev/null"'
is "$(g 'ls /sys/class/fc_host /sys/class/fc_remote_ports')" \
	$'/sys/class/fc_host:\n\n/sys/class/fc_remote_ports:' \
	'it leaves no host and no port behind'
in_guest 'and comes back' "lis-load; within 100 '[ \$(disks) -eq 3 ]'"
is "$(g 'fc port_name')" 0xc003ff1234560001 'the adapter has its other name now'

if [ "$STACK" = ours ]; then
	in_guest 'work starts on the SCSI disk' 'load_starts /dev/$(disk 0 0)'
	holds 'the adapter is taken away' host bus rescind fc0
	in_guest 'it is gone, with its ports' \
		"within 60 '! [ -e \$(controller fc0) ]' &&
		[ \$(ls /sys/class/fc_host /sys/class/fc_remote_ports | grep -c :\$) = 2 ] &&
		! ls /sys/class/fc_host | grep -q host"
	holds 'and given back' host bus reoffer fc0
	in_guest 'its disks are back' \
		"within 100 'disk fc0 0:0 && disk fc0 1:254'"
	same_content 'with what they had' "$(g 'disk fc0 1:254')" "$scratch/far"

	# --- a host that lies

	holds 'the host invents LUNs' host hostile too_many_luns fc0
	in_guest 'a scan by hand of a target' \
		'echo "0 1 -" >/sys/class/scsi_host/$(ls /sys/class/fc_host)/scan'
	is "$(g disks)" 3 'finds none of them'
	in_guest 'but was told of them' 'dmesg | grep -q "LUN larger than allowed"'
	id=$(g 'basename $(controller fc0)')
	driver=/sys/bus/vmbus/drivers/hv_storvsc
	g "echo $id >$driver/unbind"
	holds 'the host refuses to tell names' host hostile fc_refused fc0
	not_in_guest 'and the adapter is not taken' "echo $id >$driver/bind"
	holds 'it has none to tell' host hostile fc_no_names fc0
	in_guest 'and the adapter is taken all the same' "echo $id >$driver/bind &&
		within 100 'disk fc0 1:254'"
	in_guest 'but complained of' \
		"dmesg | grep -q 'offers a Fibre Channel adapter without a name'"
	g "echo $id >$driver/unbind"
	holds 'it sends half an answer' host hostile fc_short fc0
	not_in_guest 'and the adapter is not taken again' "echo $id >$driver/bind"
	in_guest 'the work went on and verifies' load_ends
fi

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
