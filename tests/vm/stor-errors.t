#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 400 seconds
# stacks: ours
#
# Promise: whatever the host does to requests, a write that was reported as
# done is in the host's file, errors come out as what they are, with their
# sense data, what may be repeated is repeated, and every request ends: also
# one that the host delays, stalls or forgets, and in a reset.
#
# A host that breaks the protocol (ours only: tests/vm/stor-errors-ours.sh)
# loses that channel, with one line in the log and counted; the other
# controller goes on, and the broken one works again when it is bound anew.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 16M victim other

# One channel, so that the request that meets the host's fault is the one meant
start_loaded stor-errors --cpus 2 \
	--options 'hv_storvsc storvsc_max_hw_queues=1' \
	--disk "$scratch/victim" --disk "$scratch/other,controller=1"
sd=$(g 'disk 0 0')
other=$(g 'disk 1 0')

# shellcheck source=tests/vm/stor-truth.sh
. "$vmdir/stor-truth.sh"

# --- errors that disks have ---------------------------------------------------

holds 'the host fails every 7th request' host disk fail 0:0 7
is "$(g "for i in \$(seq 21); do read_one $sd \$i || echo \$i; done" | xargs)" \
	'7 14 21' 'every 7th fails: these reads fail, and no others'
truthful 'every 7th fails, and writes are repeated' seventh 20
like "$(g 'dmesg | grep Sense')" "$sd.*Sense Key : Medium Error" 'the log has the sense data'
holds 'the host fails every request' host disk fail 0:0 1
truthful 'every one fails' never 2 0
not_in_guest 'and no read succeeds' "read_one $sd 0"
host disk fail 0:0 0
truthful 'the disk is well again' well 4

# answer NAME SRB SCSI SENSE SAID OUTCOME: the host answers so instead of doing
# what it is told.  A command of a user, which nobody repeats, says SAID; a
# write is repeated or fails
answer()
{
	local name=$1 tag="$2 $3 $4" said want=0

	[ "$6" = fails ] || want=1
	host disk answer 0:0 "$2" "$3" "$4" 2 || fails "$name: ordered"
	said=$(g "sg_raw -r 4096 /dev/$sd 28 00 00 00 00 00 00 00 08 00 2>&1
		echo; echo written:; writes $sd '$tag' 1")
	like "${said%written:*}" "$5" "$name: the caller is told"
	told_the_truth "$name" "$tag" 1 $want "$(sed '1,/^written:/d' <<<"$said")"
	holds "$name: the host gave both answers" all_given
}

all_given()
{
	host disk list | jq -e 'all(.disks[]; .answers_left == 0)' >/dev/null
}

#      what the host says	   SRB SCSI sense   a caller sees	and then
answer 'medium error'		   84 02 031100 'Medium Error'		fails
answer 'hardware error'		   84 02 044400 'Hardware Error'	fails
answer 'illegal request'	   84 02 052100 'Illegal Request'	fails
answer 'data protect'		   84 02 072700 'Data Protect'		fails
answer 'becoming ready'		   84 02 020401 'Not Ready'		repeated
answer 'unit attention'		   84 02 062900 'Unit Attention'	repeated
answer 'aborted command'	   84 02 0b4403 'Aborted Command'	repeated
answer 'busy'			   01 08 0      'Good|^$|00'		repeated
answer 'task set full'		   01 28 0      'Good|^$|00'		repeated
answer 'reservation conflict'	   01 18 0      'Reservation Conflict'	fails
answer 'sense but no status'	   84 00 031100 'Medium Error'		fails
answer 'check but no sense'	   04 02 0      'DID_ERROR'		repeated
answer 'SRB busy'		   05 00 0      'Good|^$|00'		repeated
answer 'SRB error'		   04 00 0      'DID_ERROR'		repeated
answer 'SRB aborted'		   02 00 0      'DID_ERROR'		repeated
answer 'SRB timeout'		   09 00 0      'DID_ERROR'		repeated
answer 'SRB bus reset'		   0e 00 0      'DID_RESET'		repeated
answer 'SRB invalid request'	   06 00 0      'DID_BAD_TARGET'	fails
answer 'SRB unknown'		   3f 00 0      'DID_ERROR'		repeated
answer 'success, nothing moved'	   01 00 0      'Good|^$|00'		repeated

host disk answer 0:0 01 00 0 1000000
truthful 'success all the time, but nothing moved' liar 1 0
host disk answer 0:0 04 00 0 1000000
truthful 'SRB errors all the time' error 1 0
host disk answer 0:0 01 00 0 0
truthful 'after wrong answers' right 4

# --- slow ---------------------------------------------------------------------

# fio's terse output: job, error, and the milliseconds it took to read
holds 'the host takes 300 ms for each request' host disk delay 0:0 300
slow=$(g "fio --name=slow --filename=/dev/$sd --rw=randread --bs=4k --direct=1 \
	--ioengine=libaio --iodepth=32 --size=128k --output-format=terse |
	cut -d';' -f5,9")
like "$slow" '^0;' 'delayed: 32 reads succeed'
holds "delayed: they wait together (${slow#*;} ms, one by one 9600)" \
	test "${slow#*;}" -le 6000

mark delay
g "short_timeouts $sd 2"
# (the block layer's timers are up to a second late)
host disk delay 0:0 5000
truthful 'slower than the time limit' slow 1
if [ "$STACK" = ours ]; then
	like "$(since delay)" 'host slow to answer' 'which the log mentions'
fi
host disk delay 0:0 0
g "short_timeouts $sd 30"

holds 'the host stalls' host bus stall 0
g "rm -f /tmp/done; (writes $sd stall 4; echo \$? >/tmp/done) </dev/null \
	>/tmp/stalled 2>&1 &"
in_guest 'stalled: a write waits' \
	"within 20 '[ \$(awk \"{ print \\\$9 }\" /sys/block/$sd/stat) -gt 0 ]'"
not_in_guest 'stalled: it goes on waiting' "within 1 '[ -e /tmp/done ]'"
holds 'the host goes on' host bus resume 0
in_guest 'resumed: the writes end' "within 60 '[ -e /tmp/done ]'"
is "$(g 'cat /tmp/stalled' | tee "$scratch/list" | xargs)" '0 1 2 3' \
	'resumed: all of them succeed'
is "$(not_written stall <"$scratch/list")" '' 'resumed: and are written'

# --- resets -------------------------------------------------------------------

in_guest 'host resets under load lose nothing' "
	fio --name=reset --filename=/dev/$sd --rw=randwrite --bs=4k --direct=1 \
		--ioengine=libaio --iodepth=16 --size=4m --verify=crc32c \
		--do_verify=1 --verify_fatal=1 --output-format=terse \
		>/tmp/fio 2>&1 &
	within 20 \"[ \\\$(awk '{ print \\\$9 }' /sys/block/$sd/stat) -gt 0 ]\" &&
	sg_reset -H /dev/$sd && sg_reset -H /dev/$sd; r=\$?
	wait \$! && [ \$r -eq 0 ] || { echo sg_reset \$r; cat /tmp/fio; false; }"
truthful 'after resets' reset 4

if [ "$STACK" = ours ]; then
	# shellcheck source=tests/vm/stor-errors-ours.sh
	. "$vmdir/stor-errors-ours.sh"
fi

verify 'after all that it verifies' "/dev/$sd" --bs=16k --iodepth=16 --size=4m
same_content 'the host has what the guest reads' "$sd" "$scratch/victim"
vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
