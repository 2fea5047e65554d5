#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 60 seconds
#
# Promise: a guest that was saved goes on where it was, any number of times
# from one file, with all its processors, timers and memory, on a clock without a
# gap, and then finds the devices it is given now; it reboots into the kernel
# it is given.  A guest that uses its bus is not saved, and none is resumed
# on another machine than its own.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 16M disk
kernel=$(vm_kernel)
saved=$scratch/saved

# A marker in memory, a process that counts, and the time on its own clock
VM_BOOT=1
start hvhost-save --cpus 2
in_guest 'before: it has something to lose' '
	dd if=/dev/urandom of=/tmp/ballast bs=1M count=8 2>/dev/null
	xxhsum -q -H1 /tmp/ballast >/tmp/ballast.sum
	(n=0; while echo $((n += 1)) >/tmp/count; do usleep 20000; done) \
		</dev/null >/dev/null 2>&1 &'
before=$(g "cut -d' ' -f1 /proc/uptime")
holds 'it is saved' host save "$saved"
vm_wait_exit
is $VM_STATUS 0 'and its host ends with status 0'
sum=$(hash_of "$saved")

# What hvhost refuses at once, without a guest
refuses()
{
	local regex=$1

	shift
	like "$(timeout 20 "$top/build/hvhost" --kernel "$kernel" --mem "$VM_MEM" \
		--cpus 2 --resume "$saved" "$@" 2>&1; echo "status $?")" \
		"$regex.*status 2" "not resumed: $*"
}
refuses 'another --cpus' --cpus 4
refuses 'another --mem' --mem 512M
refuses 'another --mmio-gap' --mmio-gap 512
refuses 'another --vp-index' --vp-index permuted
refuses 'another --direct-timers' --direct-timers off
cp --sparse=always "$saved" "$scratch/short"
truncate -s -4096 "$scratch/short"
refuses 'is cut off' --resume "$scratch/short"

# again NAME [hvhost options]: resume it
again()
{
	vm_name=$1 vm_resumed=1
	shift
	vm_launch '' --cpus 2 --mem "$VM_MEM" --resume "$saved" "$@"
	vm_await_agent
}

for round in 1 2; do
	again "hvhost-save-$round" --disk "$scratch/disk"
	ok $? "$round: it goes on"
	in_guest "$round: what it had in memory is there" '
		xxhsum -q -H1 /tmp/ballast | cmp - /tmp/ballast.sum'
	in_guest "$round: its process counts on" '
		n=$(cat /tmp/count) && within 20 "[ \$(cat /tmp/count) -gt $n ]"'
	in_guest "$round: both processors run, each with its timer" '
		for cpu in 0 1; do
			taskset $((cpu + 1)) usleep 100000 || exit
		done; [ $(nproc) -eq 2 ]'
	later=$(g "cut -d' ' -f1 /proc/uptime")
	ok "$(awk -v a="$before" -v b="$later" \
		'BEGIN { print !(b >= a && b < a + 120) }')" \
		"$round: its clock went on, without a gap" "$before, then $later"
	in_guest "$round: its drivers load and find the disk" \
		'lis-load && within 30 "disk 0 0"'
	not_in_guest "$round: which is the first it knows of" '[ $(disks) -ne 1 ]'
	[ $round = 1 ] || break
	like "$(host save "$scratch/other" 2>&1)" 'VMBus' \
		'a guest that uses its bus is not saved'
	vm_check_log "$round: nothing is wrong in the log"
	vm_stop
done

holds 'it reboots' guest_reboot
is "$(g 'ls /tmp/count 2>/dev/null')" '' 'and has begun anew'
vm_check_log 'nothing is wrong in the log'
vm_stop
is "$(hash_of "$saved")" "$sum" 'the file is as it was'

done_testing
