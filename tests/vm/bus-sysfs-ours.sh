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
