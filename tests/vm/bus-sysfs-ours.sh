# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The part of bus-sysfs.t that looks at what only our bus has: counters in
# debugfs, and lsvmbus on top of sysfs.

# stats NAME: the counter NAME of all channels of controller 0, together
stats()
{
	g "cat $debugfs/\$(basename \$(controller 0))/*/stats |
		awk '\$1 == \"$1\" { n += \$2 } END { print n + 0 }'"
}

debugfs=/sys/kernel/debug/hyperv
in_guest 'debugfs: the version of the connection' \
	"grep -qE '^version +5\\.3\$' $debugfs/bus"
in_guest 'debugfs: offers and rescinds were counted' \
	"grep -qE '^offers +[1-9]' $debugfs/bus &&
	grep -qE '^rescinds +[1-9]' $debugfs/bus"
in_guest 'debugfs: nothing was malformed' \
	"grep -qE '^messages_malformed +0\$' $debugfs/bus"
for counter in tx_packets rx_packets interrupts signals; do
	before[${#before[@]}]=$(stats $counter)
done
in_guest '500 reads' "fio --name=r --filename=/dev/\$(disk 0 0) --rw=randread \
	--bs=4k --direct=1 --size=2000k --output-format=terse"
n=0
for counter in tx_packets rx_packets interrupts signals; do
	now=$(stats $counter)
	holds "debugfs: $counter grows with I/O (${before[n]}, then $now)" \
		test "$now" -ge $((before[n] + 400))
	n=$((n + 1))
done
is "$(stats malformed)" 0 'debugfs: no channel was told nonsense'

like "$(g lsvmbus)" 'VMBUS ID +[0-9]+: .*SCSI' 'lsvmbus names the controller'
like "$(g 'lsvmbus -vv')" \
	'Class_ID = \{ba6163d9-04a1-4d29-b605-72e2ffb1dc7f\}.*Device_ID = \{4c495300-' \
	'lsvmbus -vv tells its ids'
is "$(g 'lsvmbus -v | grep -c "Rel_ID=[0-9]*, target_cpu=[0-9]"')" 2 \
	'lsvmbus -v tells its channels and their CPUs'

# counter NAME [LUN]: NAME of controller 0, or of a LUN's line, by storvsc
counter()
{
	g "cat $debugfs/\$(basename \$(controller 0))/storvsc" |
		awk -v name="$1" -v lun="${2:-}" '
			lun == "" && $1 == name { print $2 }
			lun != "" && $1 == "lun" && $2 == lun {
				for (i = 3; i < NF; i += 2)
					if ($i == name)
						print $(i + 1)
			}'
}

is "$(counter state)" live 'debugfs: the state of the controller'
for name in malformed odd resets timeouts channels_lost refused; do
	is "$(counter $name)" 0 "debugfs: controller: $name"
done
was=$(counter commands 0) was_in=$(counter in_bytes 0) was_out=$(counter out_bytes 0)
in_guest '100 reads and 10 writes' "
	dd if=/dev/\$(disk 0 0) of=/dev/null bs=4k count=100 iflag=direct 2>/dev/null &&
	dd if=/dev/zero of=/dev/\$(disk 0 0) bs=4k count=10 oflag=direct 2>/dev/null"
holds 'debugfs: LUN 0: commands' test "$(counter commands 0)" -ge $((was + 110))
holds 'debugfs: LUN 0: in_bytes' \
	test "$(counter in_bytes 0)" -ge $((was_in + 409600))
holds 'debugfs: LUN 0: out_bytes' \
	test "$(counter out_bytes 0)" -ge $((was_out + 40960))
is "$(counter gone 0)" 0 'debugfs: LUN 0: none is gone'

storvsc=/sys/kernel/tracing/events/storvsc
in_guest 'tracepoints of storvsc' "echo 1 >$storvsc/enable &&
	echo >/sys/kernel/tracing/trace &&
	dd if=/dev/\$(disk 0 0) of=/dev/null bs=4k count=3 iflag=direct 2>/dev/null &&
	echo 0 >$storvsc/enable"
for event in 'storvsc_send: .*lun 0 .*opcode 0x28 bytes 4096' \
	'storvsc_done: .*lun 0 .*opcode 0x28 srb 0x01 status 0x00 bytes 4096 .*outcome 0'; do
	in_guest "tracepoint ${event%%:*} tells of them" \
		"grep -qE '$event' /sys/kernel/tracing/trace"
done
in_guest 'module parameters: storvsc_reset_after' \
	'grep -qx 360 /sys/module/hv_storvsc/parameters/storvsc_reset_after'
