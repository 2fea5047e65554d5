#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 120 seconds
# stacks: ours
#
# Promise: with poll_queues=1 there is a polled queue beside the others, whose
# requests complete without interrupts, hold what was written, and end as others
# do when the host fails them, forgets one, breaks the channel, takes the
# controller away, when who polled is stopped, or when the driver is unbound.
# Controllers without sub-channels have none, nor has anyone by default.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

VM_SETS=fio,misc
images "$scratch" 64M first ide
start_loaded stor-poll --cpus 2 --disk "$scratch/first" \
	--disk "$scratch/ide,bus=ide"

guest -i 'cat >>/tmp/guest.sh' <<'END'
# says [KEY]: the controller, in debugfs
says()
{
	awk '$1 == "'$1'" { $1 = ""; print }' \
		/sys/kernel/debug/hyperv/$(basename $(controller ${2-0}))/storvsc | xargs
}

io_poll()
{
	cat /sys/block/$(disk $1 0)/queue/io_poll
}

# polls FIO-OPTIONS: polled, in the background until stopped; its end is noted
polls()
{
	rm -f /tmp/ended
	(fio --name=polls --filename=/dev/$(disk 0 0) --allow_file_create=0 \
		--direct=1 --ioengine=io_uring --hipri=1 --bs=4k --size=32m \
		--time_based --runtime=100 "$@" >/tmp/fio 2>&1
	echo $? >/tmp/ended) </dev/null >/dev/null 2>&1 &
	_busy=$(says lun)
	within 30 '[ "$(says lun)" != "$_busy" ]'
}

unbind()
{
	basename $(controller 0) >$bus/drivers/hv_storvsc/unbind
}

bind()
{
	basename $(controller 0) >$bus/drivers/hv_storvsc/bind &&
		within 30 'disk 0 0'
}

ends()
{
	within 60 '[ -e /tmp/ended ]' || { cat /tmp/fio; false; }
}

# anew N: the driver is loaded anew, with so many polled queues and one other, so
# that a sub-channel is a polled one
anew()
{
	rmmod hv_storvsc &&
		modprobe hv_storvsc storvsc_max_hw_queues=1 poll_queues=$1 &&
		within 30 'disk 0 0 && disk ide0 0'
}
END

# sum COUNTER JQ: over the channels of controller 0 that JQ selects
sum()
{
	host stats | jq "[.channels[] | select(.device == \"scsi0\" and .open and $2) |
		.$1] | add"
}

# --- queues -------------------------------------------------------------------

is "$(g 'says poll_queues; io_poll 0' | xargs)" '0 0' 'none by default'
in_guest 'nine are wanted' 'anew 9'
is "$(g 'says queues; says poll_queues' | xargs)" '1 2' \
	'there are no more than CPUs'
is "$(g 'io_poll 0; says poll_queues ide0; io_poll ide0' | xargs)" '1 0 0' \
	'a disk can be polled, not one of an IDE channel'
in_guest 'one is wanted' 'anew 1'
like "$(g 'says poll_queue')" '^1 channel 1 ' 'its channel is its own'
sd=$(g 'disk 0 0')

# --- what it is for -----------------------------------------------------------

# signals_saved NAME FIO-OPTIONS: some hundred requests, polled and verified
polled='.subchannel == 1'
signals_saved()
{
	local name=$1 sent interrupts

	shift
	host stats --reset >/dev/null
	verify "$name: reads what it wrote" "/dev/$sd" --bs=4k "$@"
	sent=$(sum rx_packets "$polled")
	interrupts=$(sum host_interrupts "$polled")
	diag "$name: $sent requests, $interrupts interrupts"
	holds "$name: by the polled channel" test "$sent" -ge 256
	holds "$name: no interrupts" test "$interrupts" -le $((sent / 100))
}

signals_saved 'one by one' --ioengine=io_uring --hipri=1 --size=512k --iodepth=1
signals_saved 'many at once' --ioengine=io_uring --hipri=1 --size=1m --iodepth=32

host stats --reset >/dev/null
verify 'not polled: reads what it wrote' "/dev/$sd" --bs=4k --iodepth=1 --size=512k
is "$(sum rx_packets "$polled")" 0 'not polled: by other channels'
holds 'not polled: with interrupts' test "$(sum host_interrupts true)" -gt 100

in_guest 'a load that is not polled' "load_starts /dev/$sd"
verify 'beside it, four who poll one queue' "/dev/$sd" --bs=4k --size=256k \
	--offset=8m --numjobs=4 --offset_increment=8m --iodepth=4 \
	--ioengine=io_uring --hipri=1
in_guest 'the load went on and verifies' load_ends

# --- when something goes wrong ------------------------------------------------

holds 'the disk fails every 50th' host disk fail 0:0 50
in_guest 'fio sees that' "! fio --name=fail --filename=/dev/$sd --rw=randread \
	--direct=1 --ioengine=io_uring --hipri=1 --bs=4k --size=1m >/dev/null 2>&1"
host disk fail 0:0 0

in_guest 'short time limits' "echo 4 >/sys/module/hv_storvsc/parameters/storvsc_reset_after
	echo 1 >/sys/block/$sd/device/timeout
	echo 5 >/sys/block/$sd/device/eh_timeout; dmesg -c >/dev/null"
holds 'the host forgets a completion' host hostile drop_completion scsi0.1 1
verify 'it comes to an end, by a reset, and verifies' "/dev/$sd" --bs=4k \
	--size=256k --ioengine=io_uring --hipri=1
like "$(g dmesg)" 'resetting the controller' 'so it was'
signals_saved 'after that' --ioengine=io_uring --hipri=1 --size=512k --iodepth=4

holds 'the host breaks the polled channel' host hostile bad_type scsi0.1 1
verify 'the queue takes another one, and verifies' "/dev/$sd" --bs=4k --size=512k \
	--iodepth=8 --ioengine=io_uring --hipri=1
like "$(g 'says poll_queue')" '^1 channel 0 ' 'the first one'

# --- the end ------------------------------------------------------------------

in_guest 'bound anew, with a channel of its own' "unbind; bind"
holds 'the disk is slow' host disk delay 0:0 500
in_guest 'who polls is stopped, what he waited for comes' '
	polls --rw=randread --iodepth=8 && _n=$(says not_polled) &&
	killall -STOP fio && within 20 "[ \$(says not_polled) -gt $_n ]"'
holds 'and is no more' host disk delay 0:0 0
in_guest 'he goes on' 'killall -CONT fio; killall -INT fio; ends'

in_guest 'polled on, by two' 'polls --rw=randrw --iodepth=8 --numjobs=2'
holds 'the host takes the controller away' host bus rescind 0
in_guest 'that ends, and the controller is gone' \
	'ends && within 30 "! [ -e \$(controller 0) ]"'
holds 'it is offered again' host bus reoffer 0
in_guest 'and polled again' 'within 30 "disk 0 0" && polls --rw=randread'
in_guest 'the driver is unbound, that ends' 'unbind && ends && ! disk 0 0 && bind'
verify 'and polled once more' "/dev/$(g 'disk 0 0')" --bs=4k --size=512k \
	--ioengine=io_uring --hipri=1
in_guest 'the driver is unloaded' 'rmmod hv_storvsc'
vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
