# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The part of stor-errors.t that the distribution's driver does not promise:
# forgotten completions end, and a host that breaks the protocol loses the
# channel it did that on.

# --- completions that never come ----------------------------------------------

g "short_timeouts $sd 1"
mark lost
holds 'the host forgets a completion' host hostile drop_completion scsi0 1
truthful 'a forgotten completion' forgotten 2
like "$(since lost)" 'resetting the controller' 'by way of a reset'

# Every answer lost, for longer than all time limits together
mark everything
holds 'the host forgets everything' \
	host hostile drop_completion scsi0 1000000
truthful 'everything forgotten, nothing hangs' nothing 1 0
like "$(since everything)" 'reset failed' 'everything forgotten: the log says so'
verify 'everything forgotten: the other controller goes on' "/dev/$other" \
	--bs=8k --iodepth=8 --size=1m
# Only a new channel is free of that
host bus rescind 0
in_guest 'the controller goes' "within 20 '! [ -e \$(controller 0) ]'"
host bus reoffer 0
in_guest 'the controller comes back' "within 20 'disk 0 0'"
sd=$(g 'disk 0 0')
truthful 'offered anew' anew 4

# --- a host that breaks the protocol ------------------------------------------

guest -i 'cat >>/tmp/guest.sh' <<'END'
# two_jobs BROKEN OTHER: writes to both at once; "job;error" for each
two_jobs()
{
	timeout 60 fio --rw=randwrite --bs=4k --direct=1 --ioengine=libaio \
		--iodepth=16 --size=1m --output-format=terse \
		--name=broken --filename=/dev/$1 \
		--name=other --filename=/dev/$2 --verify=crc32c \
		--do_verify=1 --verify_fatal=1 2>/dev/null |
		cut -d';' -f3,5
}

# channels COUNTER: what debugfs says of controller 0, all channels together
channels()
{
	cat /sys/kernel/debug/hyperv/$(basename $(controller 0))/*/stats |
		awk '$1 == "'$1'" { n += $2 } END { print n + 0 }'
}

rebind()
{
	_c=$(basename $(controller 0))
	echo $_c >$bus/drivers/hv_storvsc/unbind
	echo $_c >$bus/drivers/hv_storvsc/bind
	within 20 'disk 0 0' && disk 0 0
}
END

# hostile NAME WHAT: one such misdeed under load
hostile()
{
	local name=$1 before said log

	before=$(g "channels malformed; echo 'mark: $name' >/dev/kmsg")
	holds "$name" host hostile "$name" scsi0 1
	said=$(g "two_jobs $sd $other; echo written:; writes $sd '$name' 2")
	like "$said" 'broken;[1-9]' "$name: requests under way end with errors"
	like "$said" 'other;0' "$name: the other controller goes on and verifies"
	told_the_truth "$name" "$name" 2 0 "$(sed '1,/^written:/d' <<<"$said")"
	log=$(since "$name")
	is "$(grep -c 'broke the protocol' <<<"$log")" 1 \
		"$name: one line in the log"
	like "$log" "broke the protocol: $2" "$name: which says why"
	said=$(g 'channels malformed; rebind')
	holds "$name: and it is counted" test "${said%%$'\n'*}" -gt "$before"
	sd=${said##*$'\n'}
	truthful "$name, bound anew" 'bound anew' 2
}

hostile bad_length		'packet longer than'
hostile bad_offset		'payload outside its packet'
hostile bad_type		'packet type that hosts do not send'
hostile index_corrupt		'write index outside the ring'
hostile duplicate_completion	'a request completed twice|completion of a'
hostile unknown_id		'completion of a request that never was'
hostile truncated_packet	'completion is too short'
hostile transfer_length_too_long 'more bytes transferred than requested'

# Sense data that lies about itself is no reason to give up the channel
mark sense
holds 'bad_sense_length' host hostile bad_sense_length scsi0 1
truthful 'bad_sense_length: the write is repeated' sense 2
like "$(since sense)" 'host sent sense data' 'bad_sense_length: the log says so'

# A sub-channel that breaks costs speed, not data
open_channels()
{
	host bus list | jq '[.channels[] | select(.device == "scsi0" and
		.state == "open")] | length'
}

in_guest 'the driver is loaded anew, with a channel for each CPU' '
	rmmod hv_storvsc && modprobe hv_storvsc storvsc_max_hw_queues=-1 \
		storvsc_vcpus_per_sub_channel=1 &&
	within 20 "disk 0 0 && disk 1 0"'
sd=$(g 'disk 0 0')
is "$(open_channels)" 2 'the controller has two channels'
mark subchannel
holds 'bad_type on the sub-channel' host hostile bad_type scsi0.1 1
verify 'sub-channel broken: both CPUs go on and verify' "/dev/$sd" --bs=4k \
	--iodepth=16 --size=1m --numjobs=2 --offset_increment=4m \
	--cpus_allowed=0,1 --cpus_allowed_policy=split
is "$(since subchannel | grep -c 'broke the protocol: packet type')" 1 \
	'sub-channel broken: so it was'
is "$(open_channels)" 1 'sub-channel broken: it is closed'
truthful 'sub-channel broken' 'one channel' 4
sd=$(g rebind)
is "$(open_channels)" 2 'bound anew, there are two again'
