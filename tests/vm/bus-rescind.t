#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# stacks: ours
#
# Promise: when the host takes a controller away, I/O in flight ends with
# errors at once, nothing hangs, nothing is lost that was acknowledged, the
# other controller goes on; offered again, it works again.  Also in the middle
# of a probe, and many times over, without leaks.
#
# Not for the distribution's hv_storvsc, see bus-rescind-idle.t.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 64M first other

start_loaded bus-rescind --cpus 2 --disk "$scratch/first" \
	--disk "$scratch/other,controller=1"
other=$(g 'disk 1 0')

# A load on controller 0 in the background that notes its end in /tmp/ended
load()
{
	# counted from now on: others have used the disk before
	g 'd=$(disk 0 0); rm -f /tmp/ended
	was=$(awk "{ print \$1 + \$5 }" /sys/block/$d/stat)
	(fio --name=load --filename=/dev/$d --allow_file_create=0 \
		--rw=randrw --bs=4k --direct=1 \
		--ioengine=libaio --iodepth=32 --size=48m --time_based \
		--runtime=60 --output-format=terse >/tmp/fio 2>&1
	echo $? >/tmp/ended) </dev/null >/dev/null 2>&1 &
	within 10 "[ \$(awk \"{ print \\\$1 + \\\$5 }\" /sys/block/$d/stat) -gt $((was + 200)) ]"'
}

gone()
{
	g "within 30 '! [ -e \$(controller 0) ]'"
}

# --- during I/O ---------------------------------------------------------------

# taken_away VERB: rescind serves the channels until the guest closes them,
# vanish answers nothing any more
taken_away()
{
	local how=$1

	holds "$how: fio is busy" load
	holds "$how: the host takes the controller away" host bus "$how" 0
	in_guest "$how: fio ends within 30 s" "within 30 '[ -e /tmp/ended ]'"
	not_in_guest "$how: with an error" '[ "$(cat /tmp/ended)" = 0 ]'
	holds "$how: the device is gone from sysfs" gone
	not_in_guest "$how: and so is its disk" 'disk 0 0'
	verify "$how: the other controller works" "/dev/$other" --bs=4k \
		--iodepth=16 --size=2m
	holds "$how: the host offers it again" host bus reoffer 0
	in_guest "$how: the disk is back" "within 30 'disk 0 0'"
	verify "$how: and verifies" "/dev/$(g 'disk 0 0')" --bs=4k \
		--iodepth=32 --size=4m
}

taken_away rescind
taken_away vanish

# --- with a mounted file system -----------------------------------------------

in_guest 'ext4 on it' 'd=$(disk 0 0); mkfs.ext4 -q -F -N 4096 /dev/$d && mkdir -p /mnt &&
	mount -t ext4 /dev/$d /mnt && cp -a /bin /mnt/ && sync &&
	(cd /mnt && sha256sum bin/busybox >/tmp/sums)'
holds 'rescind while it is mounted' host bus rescind 0
holds 'the device is gone' gone
in_guest 'a write there fails instead of hanging' \
	'! timeout 20 dd if=/dev/zero of=/mnt/x bs=1M count=8 conv=fsync 2>/dev/null
	umount /mnt || umount -l /mnt'
holds 'reoffer' host bus reoffer 0
in_guest 'what was synced is there' "within 30 'disk 0 0' &&
	mount -t ext4 /dev/\$(disk 0 0) /mnt && cd /mnt &&
	sha256sum -c /tmp/sums >/dev/null && cd / && umount /mnt"

# --- many times, at every moment of a probe -----------------------------------

# Rescind N ms after the offer
storm()
{
	local ms

	for ms in 0 5 20 40 80 120 200 300; do
		host bus rescind 0 >/dev/null || return
		gone || { echo "not gone ($ms ms)"; return 1; }
		host bus reoffer 0 >/dev/null || return
		# The time itself is what is varied here
		sleep "$(printf 0.%03d "$ms")"
	done
}

holds 'rescinds at 8 moments after the offer' storm
in_guest 'the disk comes up' "within 30 'disk 0 0'"
before=$(memory)
holds 'the same again' storm
in_guest 'the disk comes up' "within 30 'disk 0 0'"
# One ring's mapping lost in each of the 8 rounds would be over 1900
no_leak "$before" 600
verify 'the disk verifies' "/dev/$(g 'disk 0 0')" --bs=64k --iodepth=8 --size=8m

# --- while the driver leaves, too ---------------------------------------------

for i in 1 2 3; do
	in_guest "driver and controller leave at once ($i)" \
		'(usleep '$i'0000; rmmod hv_storvsc) </dev/null >/dev/null 2>&1 &'
	host bus rescind 0 >/dev/null
	holds 'the device is gone' gone
	host bus reoffer 0 >/dev/null
	in_guest 'both come back' "within 30 '! [ -e /sys/module/hv_storvsc ]';
		modprobe hv_storvsc; within 30 'disk 0 0 && disk 1 0'"
done
is "$(host bus list | jq .gpadls_left)" 0 \
	'no GPADL was left to a channel that was released'
in_guest 'the modules unload' 'rmmod hv_storvsc && rmmod hv_vmbus'

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
