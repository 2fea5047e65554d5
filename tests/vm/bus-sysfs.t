#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 60 seconds
#
# Promise: administrators, scripts and tools find the names they know, with
# the form they know: sysfs of bus, devices and channels; modalias, uevents,
# driver_override, new_id, bind and unbind; tracepoints; log lines.  Beyond
# the in-box bus: counters in debugfs that follow what happens, and lsvmbus.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 64M disk
guid='[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

start bus-sysfs --cpus 2 --options "$CHANNEL_PER_CPU" --disk "$scratch/disk"

# --- modalias and autoload ----------------------------------------------------

in_guest 'the bus loads alone' 'modprobe sd_mod && modprobe hv_vmbus &&
	within 30 "[ -e \$(controller 0) ]" && [ ! -e $(controller 0)/driver ]'
in_guest 'the device asks for its driver by modalias' \
	'modprobe "$(cat $(controller 0)/modalias)" &&
		within 30 "[ -e \$(controller 0)/driver ]"'
is "$(g 'basename $(readlink $(controller 0)/driver)')" hv_storvsc \
	'and that is hv_storvsc'
in_guest 'the disk is there' "within 30 'disk 0 0'"
sd=$(g 'disk 0 0')

# --- attributes of the device -------------------------------------------------

# name=content of each attribute; "!" for what cannot be read
attributes=$(g 'cd $(controller 0) && for f in *; do
	[ -f $f ] && [ ! -L $f ] || continue
	echo $f=$(cat $f 2>/dev/null || echo !)
done')
attribute()
{
	like "$attributes" $'(^|\n)'"$1=($2)("$'\n''|$)' "device: $1"
}
attribute id		'[0-9]+'
attribute state		'[0-9]'
attribute class_id	'\{ba6163d9-04a1-4d29-b605-72e2ffb1dc7f\}'
attribute device_id	"\\{$guid\\}"
attribute modalias	'vmbus:d96361baa104294db60572e2ffb1dc7f'
attribute numa_node	'-?[0-9]+'
attribute vendor	'0x[0-9a-f]+'
attribute device	'0x[0-9a-f]+'
attribute channel_vp_mapping	'[0-9]+:[0-9]+( [0-9]+:[0-9]+)*'
attribute driver_override	'\(null\)'
for dir in out in; do
	attribute ${dir}_intr_mask		'[01]'
	attribute ${dir}_read_index		'[0-9]+'
	attribute ${dir}_write_index		'[0-9]+'
	attribute ${dir}_read_bytes_avail	'[0-9]+'
	attribute ${dir}_write_bytes_avail	'[0-9]+'
done
attribute uevent	'.*MODALIAS=vmbus:d96361baa104294db60572e2ffb1dc7f.*'
unlike "$attributes" 'monitor_(id|pending)=' \
	'no monitor attributes where the host offers no monitor page'
is "$(g 'cat $(controller 0)/device_id')" \
	"{$(g 'basename $(controller 0)')}" \
	'device_id is the name of the folder, in braces'
in_guest 'numa_node, power, subsystem as for any device' 'cd $(controller 0) &&
	[ -d power ] && [ "$(basename $(readlink subsystem))" = vmbus ]'

# --- attributes of its channels -----------------------------------------------

is "$(g 'ls $(controller 0)/channels | wc -l')" 2 'a folder for each channel'
is "$(g 'cd $(controller 0)/channels; for c in *; do
		echo $c:$(cat $c/cpu); done | sort')" \
	"$(g 'sort $(controller 0)/channel_vp_mapping')" \
	'channels/*/cpu agrees with channel_vp_mapping'
bad=$(g 'cd $(controller 0)/channels; for c in *; do
	for a in out_mask in_mask read_avail write_avail cpu interrupts events \
		intr_in_full intr_out_empty out_full_first out_full_total \
		subchannel_id; do
		v=$(cat $c/$a 2>&1)
		case $v in
		""|*[!0-9]*)	echo "$c/$a: $v" ;;
		esac
	done
done')
is "$bad" '' 'channels: every attribute is there and is a number'
is "$(g 'cat $(controller 0)/channels/*/subchannel_id | sort -n | tr "\n" " "')" \
	'0 1 ' 'subchannel_id counts from 0'
in_guest 'interrupts of the channels grow with I/O' '
	sum() { cat $(controller 0)/channels/*/interrupts |
		awk "{ n += \$1 } END { print n }"; }
	n=$(sum)
	fio --name=r --filename=/dev/'"$sd"' --rw=randread --bs=4k --direct=1 \
		--size=2m --output-format=terse >/dev/null
	[ $(sum) -ge $((n + 100)) ]'
in_guest 'a channel moves when cpu is written' 'cd $(controller 0)/channels
	c=$(ls | head -n1); was=$(cat $c/cpu)
	echo $((1 - was)) >$c/cpu && [ $(cat $c/cpu) = $((1 - was)) ] &&
		dd if=/dev/'"$sd"' of=/dev/null bs=1M count=4 iflag=direct \
			2>/dev/null && echo $was >$c/cpu'
not_in_guest 'but not to a CPU that does not exist' \
	'cd $(controller 0)/channels && echo 77 >$(ls | head -n1)/cpu'

# --- the bus ------------------------------------------------------------------

in_guest 'hibernation is there and is 0 or 1' \
	'grep -qx "[01]" $bus/hibernation'
is "$(g 'cat /sys/class/scsi_host/host*/proc_name | grep -cx storvsc_host')" 1 \
	'proc_name of the SCSI host is storvsc_host'
in_guest 'module parameters: max_version' \
	'grep -qE "^[0-9]+$" /sys/module/hv_vmbus/parameters/max_version'
for parameter in logging_level storvsc_ringbuffer_size \
	storvsc_vcpus_per_sub_channel ring_avail_percent_lowater \
	storvsc_max_hw_queues; do
	in_guest "module parameters: $parameter" \
		"grep -qE '^-?[0-9]+\$' /sys/module/hv_storvsc/parameters/$parameter"
done

driver=/sys/bus/vmbus/drivers/hv_storvsc
other=f8e65716-3cb3-4a06-9a60-1889c5cccab5
in_guest 'new_id takes a class, remove_id takes it away' \
	"echo $other >$driver/new_id && echo $other >$driver/remove_id"
not_in_guest 'remove_id refuses what new_id did not bring' \
	"echo $other >$driver/remove_id"
not_in_guest 'new_id refuses what is no GUID' "echo nonsense >$driver/new_id"

in_guest 'unbind' "echo \$(basename \$(controller 0)) >$driver/unbind &&
	[ ! -e \$(controller 0)/driver ] && within 30 '! disk 0 0'"
in_guest 'driver_override to another driver keeps this one away' \
	"echo other >\$(controller 0)/driver_override &&
	! echo \$(basename \$(controller 0)) >$driver/bind 2>/dev/null"
is "$(g 'cat $(controller 0)/driver_override')" other 'and can be read'
in_guest 'driver_override to this one lets it bind' \
	"echo hv_storvsc >\$(controller 0)/driver_override &&
	echo \$(basename \$(controller 0)) >$driver/bind && within 30 'disk 0 0'"
in_guest 'an empty line ends it' 'echo >$(controller 0)/driver_override'
is "$(g 'cat $(controller 0)/driver_override')" '(null)' 'which can be read'

# --- tracepoints --------------------------------------------------------------

events=/sys/kernel/tracing/events/hyperv
for event in vmbus_on_msg_dpc vmbus_on_message vmbus_onoffer \
	vmbus_onoffer_rescind vmbus_onopen_result vmbus_ongpadl_created \
	vmbus_ongpadl_torndown vmbus_onversion_response vmbus_request_offers \
	vmbus_open vmbus_close_internal vmbus_establish_gpadl_header \
	vmbus_establish_gpadl_body vmbus_teardown_gpadl vmbus_negotiate_version \
	vmbus_release_relid vmbus_chan_sched \
	vmbus_setevent vmbus_on_event vmbus_onmodifychannel_response \
	vmbus_send_modifychannel; do
	in_guest "tracepoint $event" "[ -e $events/$event/enable ]"
done

in_guest 'a reload of the driver, a rescind and I/O under trace' "
	echo 1 >$events/enable && echo >/sys/kernel/tracing/trace &&
	rmmod hv_storvsc && modprobe hv_storvsc && within 30 'disk 0 0' &&
	dd if=/dev/\$(disk 0 0) of=/dev/null bs=4k count=50 iflag=direct \
		2>/dev/null"
# See bus-rescind-idle.t for the distribution's driver
[ "$STACK" = ours ] || g 'write_through $(disk 0 0)'
host bus rescind 0 >/dev/null
g "within 30 '! [ -e \$(controller 0) ]'"
host bus reoffer 0 >/dev/null
in_guest 'the controller left and came' "within 30 'disk 0 0'"
g "echo 0 >$events/enable; cut -d: -f2- /sys/kernel/tracing/trace |
	grep -oE 'vmbus_[a-z_]+' | sort | uniq -c" >"$scratch/fired"
for event in vmbus_on_msg_dpc vmbus_on_message vmbus_onoffer \
	vmbus_onoffer_rescind vmbus_onopen_result vmbus_ongpadl_created \
	vmbus_ongpadl_torndown vmbus_open vmbus_close_internal \
	vmbus_establish_gpadl_header vmbus_teardown_gpadl vmbus_release_relid \
	vmbus_chan_sched vmbus_setevent; do
	like "$(cat "$scratch/fired")" "\\b$event\\b" "tracepoint $event fires"
done

# --- log lines ----------------------------------------------------------------

like "$(g 'dmesg | grep hv_vmbus:')" 'hv_vmbus: Vmbus version:5\.3' \
	'log line: Vmbus version:5.3'

if [ "$STACK" = ours ]; then
	# shellcheck source=tests/vm/bus-sysfs-ours.sh
	. "$vmdir/bus-sysfs-ours.sh"
fi

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
