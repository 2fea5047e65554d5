#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 90 seconds
#
# Promise: any number of CPUs works, also when the hypervisor numbers them
# differently; interrupts and sub-channels spread over the CPUs; a CPU that
# goes offline takes no channel with it (it is moved, or the CPU refuses to
# go), and comes back useful.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 8M disk

# CPUs that took at least 20 hypervisor interrupts while all CPUs did I/O
busy_cpus()
{
	g 'hyp_interrupts >/tmp/before
	fio --name=spread --filename=/dev/'"$sd"' --rw=randread --bs=4k \
		--direct=1 --ioengine=libaio --iodepth=4 --size=8m \
		--numjobs=$(nproc) --cpus_allowed=0-$(($(nproc) - 1)) \
		--cpus_allowed_policy=split --time_based --runtime=2 \
		--output-format=terse >/dev/null || exit
	hyp_interrupts >/tmp/after
	cat /tmp/before /tmp/after | awk "
		NR == 1 { split(\$0, was) }
		NR == 2 { for (i = 1; i <= NF; i++) if (\$i - was[i] >= 20) n++
			print n + 0 }"'
}

# Distinct CPUs in channel_vp_mapping
channel_cpus()
{
	g 'cut -d: -f2 $(controller 0)/channel_vp_mapping | sort -u | wc -l'
}

channels()
{
	g 'wc -l <$(controller 0)/channel_vp_mapping'
}

offline()
{
	local cpu=$1 said

	said=$(g "echo 0 2>&1 >/sys/devices/system/cpu/cpu$cpu/online")
	if [ "$(g "cat /sys/devices/system/cpu/cpu$cpu/online")" = 0 ]; then
		passes "CPU $cpu goes offline"
		is "$(g 'cut -d: -f2 $(controller 0)/channel_vp_mapping' |
			grep -cx "$cpu")" 0 'and no channel stays with it'
	else
		like "$said" 'busy' "CPU $cpu stays, saying that it is busy"
	fi
}

for n in 1 2 4; do
	how=()
	[ $n -ne 4 ] || how=(--vp-index permuted)
	start_loaded "bus-cpus-$n" --cpus $n "${how[@]}" \
		--options "$CHANNEL_PER_CPU" --disk "$scratch/disk"
	sd=$(g 'disk 0 0')
	is "$(g nproc)" $n "$n CPUs ${how[*]}"
	verify 'the disk verifies' "/dev/$sd" --bs=16k --iodepth=16 --size=4m
	same_content 'and the host has the same' "$sd" "$scratch/disk"
	if [ $n -gt 1 ]; then
		is "$(channel_cpus)" "$n" "channels are on $n CPUs"
		is "$(busy_cpus)" "$n" "interrupts land on $n CPUs"
	else
		is "$(channels)" 1 'one channel is enough for one CPU'
	fi

	if [ $n -eq 4 ]; then
		offline 3
		verify 'the disk works' "/dev/$sd" --bs=4k --iodepth=32 --size=2m
		in_guest 'CPU 3 comes back' \
			'echo 1 >/sys/devices/system/cpu/cpu3/online'
		verify 'the disk works' "/dev/$sd" --bs=4k --iodepth=32 --size=2m

		in_guest 'CPUs come and go while the disk is busy' "
			load_starts /dev/$sd || exit
			for c in 1 2 3; do
				f=/sys/devices/system/cpu/cpu\$c/online
				echo 0 >\$f; echo 1 >\$f
			done 2>/dev/null
			load_ends"
		is "$(g nproc)" 4 'and all are back'
		# See bus-reload.t for the distribution's bus
		[ "$STACK" = inbox ] || in_guest 'the modules load again' \
			'reload_modules && within 30 "disk 0 0"'
		is "$(channel_cpus)" 4 'with channels on 4 CPUs'
	fi
	vm_check_log "no complaint in the guest log ($n CPUs)"
	vm_stop
done

done_testing
