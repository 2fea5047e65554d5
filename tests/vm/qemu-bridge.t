#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Promise: the bus connects to a host that we did not write: QEMU's
# vmbus-bridge, which speaks up to version 4.0 and offers nothing here; it can
# be unloaded and connects again.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

qemu=$(command -v qemu-system-x86_64) || skip_all 'no qemu-system-x86_64'
if ! "$qemu" -M q35 -device help 2>/dev/null | grep -q '"vmbus-bridge"'; then
	skip_all 'this QEMU has no vmbus-bridge'
fi

tmp=$(mktemp -d)
qemu_pid=
trap '[ -z "$qemu_pid" ] || kill $qemu_pid; rm -rf "$tmp"' EXIT

hyperv=hv-relaxed,hv-vapic,hv-time,hv-synic,hv-vpindex,hv-runtime,hv-stimer
hyperv+=,hv-stimer-direct,hv-reset,hv-frequencies,hv-crash
"$qemu" -nodefaults -no-user-config -display none -no-reboot -M q35,hpet=off \
	-accel kvm -cpu "host,kvm=off,$hyperv" -smp 2 -m 512M \
	-kernel "$(vm_kernel)" -initrd "$(vm_initrd)" -append "$VM_APPEND" \
	-serial "file:$tmp/console" \
	-chardev "socket,id=agent,path=$tmp/agent,server=on,wait=off" \
	-serial chardev:agent -device vmbus-bridge 2>"$tmp/qemu" &
qemu_pid=$!
export HVHOST_AGENT=$tmp/agent

holds 'a guest on QEMU starts' guest -w "$VM_BOOT_LIMIT" true ||
	bail "$(cat "$tmp/qemu")" "$(tail -20 "$tmp/console")"

# Says what of the log is new since the last time
connects()
{
	holds "$1: the bus loads" guest 'dmesg -c >/dev/null; modprobe hv_vmbus'
	like "$(guest dmesg)" 'hv_vmbus: Vmbus version:4\.0' \
		"$1: version 4.0 is agreed on"
	is "$(guest 'ls /sys/bus/vmbus/devices | wc -l')" 0 \
		"$1: nothing is offered, nothing appears"
	guest dmesg >>"$tmp/dmesg"
}

connects first
if [ "$STACK" = ours ]; then
	is "$(guest 'modinfo -n hv_vmbus 2>/dev/null || modinfo -F filename hv_vmbus')" \
		"/lib/modules/$(guest 'uname -r')/updates/openlis/hv_vmbus.ko" \
		'it is our bus'
fi
holds 'the bus unloads' guest 'rmmod hv_vmbus'
connects again

is "$(cat "$tmp/dmesg" "$tmp/console" | grep -aE "$VM_TROUBLE")" '' \
	'no complaint in the guest log'
guest -q '(poweroff -f) </dev/null >/dev/null 2>&1 &'
timeout 60 tail --pid=$qemu_pid -s 0.1 -f /dev/null
ok $? 'the guest powers off'
wait $qemu_pid
is $? 0 'QEMU ends well'
qemu_pid=
done_testing
