#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 80 seconds
# stacks: ours
#
# Promise: rings have the size that the parameter says, in every channel, and
# work with the smallest and the largest; sizes that cannot be are refused with
# a line that says why; values of other parameters out of range count as those
# at its end.  A channel costs what docs/parameters.md says, and all of it is
# given back.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

VM_SETS=fio
images "$scratch" 16M disk
start_loaded stor-rings --cpus 4 --disk "$scratch/disk"

guest -i 'cat >>/tmp/guest.sh' <<'SH'
# anew PARAMETER=VALUE...: the driver is loaded anew with these
anew()
{
	! grep -q '^hv_storvsc ' /proc/modules || rmmod hv_storvsc || return
	modprobe hv_storvsc "$@" && within 30 'disk 0 0'
}

# ring_sizes: of all channels, each once
ring_sizes()
{
	awk '$1 == "out_size" || $1 == "in_size" { print $2 }' \
		/sys/kernel/debug/hyperv/$(basename $(controller 0))/*/stats |
		sort -u | xargs
}

# says KEY: the controller, in debugfs
says()
{
	awk '$1 == "'$1'" { print $2 }' \
		/sys/kernel/debug/hyperv/$(basename $(controller 0))/storvsc
}

# free_pages: that nobody has, nor could be made to give up; those that
# processors keep at hand are free, too
free_pages()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	for _s in /sys/kernel/slab/*/shrink; do echo 1 >$_s; done 2>/dev/null
	echo 1 >/proc/sys/vm/stat_refresh
	awk '$1 == "nr_free_pages" || $1 == "count:" { n += $2 }
		END { print n }' /proc/zoneinfo
}
SH

# --- sizes --------------------------------------------------------------------

for size in 16384 1048576 8388608; do
	in_guest "$size bytes: the driver loads" "anew storvsc_ringbuffer_size=$size"
	is "$(g ring_sizes)" $((size - 4096)) "$size bytes: its rings have that"
	verify "$size bytes: they work" "/dev/$(g 'disk 0 0')" --bs=4k-64k \
		--iodepth=32 --size=1m
done

g 'rmmod hv_storvsc'
for size in 12288 20000 8392704; do
	g 'dmesg -c' >/dev/null
	not_in_guest "$size bytes: refused" \
		"modprobe hv_storvsc storvsc_ringbuffer_size=$size 2>/dev/null"
	like "$(g 'dmesg | grep storvsc_ring')" "storvsc_ringbuffer_size=$size: not a multiple" \
		"$size bytes: the log says why"
done

in_guest 'other values out of range: the driver loads' 'anew \
	storvsc_vcpus_per_sub_channel=0 ring_avail_percent_lowater=200 \
	storvsc_max_hw_queues=-7'
is "$(g 'says queues; says channels' | xargs)" '4 4' \
	'a queue and a channel for each CPU'
# A tenth of 124 KiB, 168 bytes each, in four channels
is "$(g 'says slots')" 300 '90 % of the rings stay free'

# --- what a channel costs -----------------------------------------------------

# cost CHANNELS SIZE: "KiB SLOTS", what the driver takes with so many channels
cost()
{
	g "with='storvsc_vcpus_per_sub_channel=1 storvsc_max_hw_queues=$1
			storvsc_ringbuffer_size=$2'
	anew \$with && rmmod hv_storvsc || exit
	before=\$(free_pages)
	anew \$with && [ \$(says channels) -eq $1 ] &&
		echo \$(((before - \$(free_pages)) * 4)) \$(says slots)"
}

# costs SIZE: each of four channels beyond the first costs two rings, 24 bytes
# for each page of them, 16 for each request slot, of which there are as many
# with one channel as with four, and 4 KiB.  What else the kernel does meanwhile
# makes the sum inexact by some 400 KiB.
costs()
{
	local size=$1 one four slots same should

	read -r one same < <(cost 1 "$size")
	read -r four slots < <(cost 4 "$size")
	should=$((3 * (size / 512 + size / 87381 + slots / 64 + 4)))
	diag "rings of $size bytes: one channel $one KiB, four $four KiB:" \
		"$((four - one)) KiB more, $should expected"
	is "$same" "$slots" "$size bytes: as many requests with one channel"
	holds "$size bytes: no channel costs less" test \
		$((four - one)) -ge $((should - 800))
	holds "$size bytes: nor more" test $((four - one)) -le $((should + 800))
}

costs 1048576
costs 4194304

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
