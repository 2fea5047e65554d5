#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# stacks: ours
#
# Promise: each CPU sends by the channel that interrupts it or the CPU nearest
# to it, as many channels as the host offers, and that stays so when a channel
# is aimed at another CPU by sysfs, when CPUs leave and when they come back,
# all of it under a verified load.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 64M disk

start_loaded stor-queues --cpus 4 --options "$CHANNEL_PER_CPU" \
	--disk "$scratch/disk"
sd=$(g 'disk 0 0')

guest -i 'cat >>/tmp/guest.sh' <<'END'
# queues: CPU of the channel of each queue
queues()
{
	awk '$1 == "queue" { print $6 }' \
		/sys/kernel/debug/hyperv/$(basename $(controller 0))/storvsc | xargs
}

# aim FROM TO: the channel that interrupts one CPU
aim()
{
	for _c in $(controller 0)/channels/*; do
		[ "$(cat $_c/cpu)" = $1 ] || continue
		echo $2 >$_c/cpu
		return
	done
	return 1
}

# share CPU: gets a channel from one that has two
share()
{
	for _from in 0 1 2; do
		[ $(grep -l "^$_from\$" $(controller 0)/channels/*/cpu | wc -l) -lt 2 ] ||
			{ aim $_from $1; return; }
	done
	return 1
}

# sent_from CPU: it reads, and of all channels only one has sent more than
# sixty packets since: prints the CPU that this one interrupts
sent_from()
{
	_dir=/sys/kernel/debug/hyperv/$(basename $(controller 0))
	grep -H '^tx_packets' $_dir/*/stats >/tmp/before
	taskset -c $1 fio --name=here --filename=/dev/$2 --rw=randread --bs=4k \
		--direct=1 --size=400k --output-format=terse >/dev/null || return
	grep -H '^tx_packets' $_dir/*/stats | while read -r _name _n; do
		_was=$(grep "^$_name " /tmp/before | awk '{ print $2 }')
		[ $((_n - _was)) -lt 60 ] && continue
		_relid=${_name%/stats*}
		cat $(controller 0)/channels/${_relid##*/}/cpu
	done
}

cpu()
{
	echo $2 >/sys/devices/system/cpu/cpu$1/online
}
END

is "$(g queues)" '0 1 2 3' 'each CPU has the channel that interrupts it'
for cpu in 0 1 2 3; do
	is "$(g "sent_from $cpu $sd")" $cpu "CPU $cpu sends there"
done

in_guest 'a load starts' "rm -f /tmp/ended; (fio --name=load \
	--filename=/dev/$sd --rw=randwrite --bs=4k --direct=1 --ioengine=libaio \
	--iodepth=4 --numjobs=4 --offset_increment=8m --size=2m --loops=1000 \
	--rate_iops=50 --verify=crc32c --do_verify=1 --verify_fatal=1 \
	>/tmp/fio 2>&1; echo \$? >/tmp/ended) </dev/null >/dev/null 2>&1 &"

# --- a channel is aimed elsewhere ---------------------------------------------

in_guest 'the channel of CPU 2 is aimed at CPU 0' 'aim 2 0'
is "$(g queues)" '0 1 1 3' 'CPU 2 sends by its neighbour now'
in_guest 'that of CPU 1 is aimed at CPU 2' 'aim 1 2'
is "$(g queues)" '0 0 2 3' 'CPU 2 sends by that, and CPU 1 by its neighbour'
in_guest 'and one comes back to CPU 1' 'aim 0 1'
is "$(g queues)" '0 1 2 3' 'so that each has its own'
not_in_guest 'there is no CPU 9 to aim at' 'aim 3 9'
is "$(g queues)" '0 1 2 3' 'and nothing has changed'

# --- CPUs leave and come back -------------------------------------------------

in_guest 'CPU 3 goes offline' 'cpu 3 0'
said=$(g queues)
unlike "$said" 3 "no queue leads to it ($said)"
verify 'the others work' "/dev/$sd" --bs=4k --iodepth=8 --size=1m --offset=48m
in_guest 'it comes back, and a channel is aimed at it' 'cpu 3 1 && share 3'
is "$(g queues)" '0 1 2 3' 'each has its own again'

in_guest 'the load went on and verifies' '! [ -e /tmp/ended ] &&
	killall -INT fio; within 100 "[ -e /tmp/ended ]"; ! grep -i verify: /tmp/fio'
is "$(g "sent_from 3 $sd")" 3 'CPU 3 sends there'

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
