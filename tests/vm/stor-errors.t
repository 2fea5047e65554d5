#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# stacks: none
# (written, but it has not run to its end yet: not a part of make check-vm)
#
# Promise: whatever the host does to requests, a write that was reported as
# done is in the host's file, a read that was reported as good is what the
# file holds, and every request ends.  A host that breaks the protocol loses
# that channel, with one line in the log; the other controller goes on, and
# the broken one works again when it is bound anew.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 64M victim other

start_loaded stor-errors --cpus 2 --subchannels 1 --disk "$scratch/victim" \
	--disk "$scratch/other,controller=1"
sd=$(g 'disk 0 0')
other=$(g 'disk 1 0')
g "echo 4 >/sys/block/$sd/device/timeout; echo 4 >/sys/block/$sd/device/eh_timeout"

# writes TAG COUNT: single 4 KiB writes, numbers of those that were reported
# as done
writes()
{
	g "i=0; while [ \$i -lt $2 ]; do
		echo '$1' \$i | dd of=/dev/$sd bs=4096 seek=\$i conv=sync \
			oflag=direct 2>/dev/null && echo \$i
		i=\$((i + 1))
	done; true"
}

# Blocks among those on standard input that do not hold what they should
not_written()
{
	local tag=$1 n text

	while read -r n; do
		[ -n "$n" ] || continue		# none was reported
		text=$(dd if="$scratch/victim" bs=4096 skip="$n" count=1 \
			2>/dev/null | tr -d '\0')
		[ "$text" = "$tag $n" ] || echo "block $n holds '$text'"
	done
}

# truthful NAME TAG COUNT: what was reported as written is written
truthful()
{
	local list

	list=$(writes "$2" "$3")
	is "$(not_written "$2" <<<"$list")" '' \
		"$1: $(grep -c . <<<"$list") of $3 writes reported done, and are"
}

other_goes_on()
{
	verify "$1: the other controller goes on" "/dev/$other" --bs=8k \
		--iodepth=8 --size=1m
}

complaints()
{
	g 'dmesg' | grep -Eci "hv_(vmbus|storvsc).*($1)"
}

# --- errors that disks have ---------------------------------------------------

holds 'the host fails every 7th request' host disk fail 0:0 7
truthful 'every 7th fails' seventh 60
holds 'the host fails every request' host disk fail 0:0 1
is "$(writes never 3)" '' 'every one fails: no write is reported as done'
not_in_guest 'and no read' \
	"dd if=/dev/$sd of=/dev/null bs=4096 count=1 iflag=direct"
host disk fail 0:0 0
truthful 'the disk is well again' well 20
like "$(g dmesg)" "$sd.*(Medium Error|medium error|Sense Key : Medium)" \
	'the sense data reached the log'

holds 'the host takes 300 ms for each request' host disk delay 0:0 300
in_guest 'depth is not lost: 32 reads of 300 ms take no 3 s' "
	s=\$(date +%s)
	fio --name=slow --filename=/dev/$sd --rw=randread --bs=4k --direct=1 \
		--ioengine=libaio --iodepth=32 --size=128k \
		--output-format=terse >/dev/null && [ \$((\$(date +%s) - s)) -le 4 ]"
host disk delay 0:0 0
truthful 'after the delays' fast 20

# --- time-outs ----------------------------------------------------------------

if [ "$STACK" = ours ]; then
	holds 'the host forgets a completion' host hostile drop_completion scsi0 1
	in_guest 'the write ends all the same, within 40 s' \
		"(echo lost | timeout 40 dd of=/dev/$sd bs=4096 conv=sync \
			oflag=direct) 2>/dev/null; [ \$? -ne 143 ]"
	truthful 'after a lost completion' lost 20
	verify 'and it verifies' "/dev/$sd" --bs=4k --iodepth=32 --size=2m

	# Every answer lost, for longer than the time limit
	holds 'the host forgets everything' \
		host hostile drop_completion scsi0 1000000
	in_guest 'a write fails within 60 s instead of hanging' \
		"! (echo lost | timeout 60 dd of=/dev/$sd bs=4096 conv=sync \
			oflag=direct) 2>/dev/null"
	other_goes_on 'everything forgotten'
	# Only a new channel is free of that
	host bus rescind 0
	g "within 20 '! [ -e \$(controller 0) ]'"
	host bus reoffer 0
	in_guest 'the controller comes back' "within 20 'disk 0 0'"
	sd=$(g 'disk 0 0')
	truthful 'offered anew' anew 8
fi

# --- a host that breaks the protocol ------------------------------------------

rebind()
{
	g 'c=$(basename $(controller 0))
	echo $c >$bus/drivers/hv_storvsc/unbind
	echo $c >$bus/drivers/hv_storvsc/bind; within 20 "disk 0 0"' &&
		sd=$(g 'disk 0 0')
}

# hostile NAME: one such misdeed under load
hostile()
{
	local name=$1 before

	before=$(complaints .)
	holds "$name" host hostile "$name" scsi0 1
	in_guest "$name: requests under way end" "
		timeout 50 fio --name=h --filename=/dev/$sd --rw=randwrite \
			--bs=4k --direct=1 --ioengine=libaio --iodepth=16 \
			--size=1m --continue_on_error=all \
			--output-format=terse >/dev/null 2>&1; [ \$? -ne 143 ]"
	truthful "$name" "$name" 8
	other_goes_on "$name"
	holds "$name: the log says so" test "$(complaints .)" -gt "$before"
	holds "$name: but not more than a few times" \
		test "$(complaints .)" -lt $((before + 20))
	rebind
	in_guest "$name: bound anew, it works" "[ -e /dev/$sd ]"
	truthful "$name, bound anew" "$name again" 8
}

if [ "$STACK" = ours ]; then
	rebind
	for name in bad_length bad_offset bad_type index_corrupt \
		duplicate_completion unknown_id truncated_packet \
		transfer_length_too_long bad_sense_length; do
		hostile $name
	done
	verify 'after all that it verifies' "/dev/$sd" --bs=16k --iodepth=16 \
		--size=8m
	same_content 'the host has what the guest reads' "$sd" "$scratch/victim"
fi

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
