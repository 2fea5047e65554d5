#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# stacks: ours
#
# Promise: offers in any order and at any time are taken, wrong ones are
# dropped and counted, messages that nobody asked for do nothing, and a storm
# of interrupts or messages does not stop the guest; the disks still verify.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 32M a b c

start bus-offers --cpus 2 --disk "$scratch/a" --disk "$scratch/b,controller=1"

complaints()
{
	g 'dmesg | grep -c hv_vmbus'
}

# fresh NAME WORDS...: with that mischief ordered, load the drivers and use
# both disks
fresh()
{
	local name=$1

	shift
	holds "$name" host hostile "$@"
	in_guest "$name: the drivers load, both disks come" \
		'lis-load && within 30 "disk 0 0 && disk 1 0"'
	in_guest "$name: both verify" '
		fio --name=v --filename=/dev/$(disk 0 0):/dev/$(disk 1 0) \
			--rw=randwrite --bs=4k --direct=1 --ioengine=libaio \
			--iodepth=8 --size=1m --verify=crc32c --do_verify=1 \
			--verify_fatal=1 --output-format=terse >/dev/null'
	in_guest "$name: the drivers unload" 'rmmod hv_storvsc && rmmod hv_vmbus'
}

fresh 'offers in reverse order'		offer_order
fresh 'each offer twice'		offer_duplicate_relid
fresh 'an offer with relid 2048'	offer_bad_relid

in_guest 'load the drivers' 'lis-load && within 30 "disk 0 0 && disk 1 0"'

# --- messages that nobody asked for -------------------------------------------

# Each is sent fifty times; what is said of it does not grow with the number
for name in rescind_unknown open_result_stray gpadl_created_stray \
	torndown_stray message_short message_unknown version_stray \
	offer_subchannel_first offer_repeat; do
	g 'dmesg -c' >/dev/null
	holds "$name, fifty times" host hostile $name scsi0 50
	in_guest "$name: the disks go on" 'for d in $(disk 0 0) $(disk 1 0); do
		dd if=/dev/$d of=/dev/null bs=4096 count=20 iflag=direct \
			2>/dev/null || exit; done'
	holds "$name: at most a few lines in the log" \
		test "$(g 'dmesg | wc -l')" -le 15
done
in_guest 'no device came or went' '[ $(ls $bus/devices | wc -l) -eq 2 ]'

holds 'a storm of 100000 interrupts without data' \
	host hostile storm scsi0 100000
verify 'storm: the disk verifies' "/dev/$(g 'disk 0 0')" --bs=4k \
	--iodepth=16 --size=2m
verify 'storm: the other one, too' "/dev/$(g 'disk 1 0')" --bs=4k \
	--iodepth=16 --size=2m

# --- an open that fails -------------------------------------------------------

for name in open_fail gpadl_fail; do
	g 'rmmod hv_storvsc'
	holds "$name" host hostile $name 1
	in_guest "$name: one controller comes up, the other does not" \
		'modprobe hv_storvsc; within 30 "disk 0 0 || disk 1 0" &&
			! { disk 0 0 && disk 1 0; }'
	in_guest "$name: bound once more, both work" '
		for c in 0 1; do
			[ -e $(controller $c)/driver ] ||
				basename $(controller $c) \
				>$bus/drivers/hv_storvsc/bind
		done
		within 30 "disk 0 0 && disk 1 0"'
done

# --- a controller at run time -------------------------------------------------

holds 'the host adds a controller' host disk add "$scratch/c,controller=2"
in_guest 'the guest finds it and its disk' "within 30 'disk 2 0'"
verify 'which verifies' "/dev/$(g 'disk 2 0')" --bs=8k --iodepth=8 --size=4m
holds 'the host takes it away' host bus rescind 2
in_guest 'the guest loses it' "within 30 '! [ -e \$(controller 2) ]'"
in_guest 'and only it' 'disk 0 0 && disk 1 0'

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
