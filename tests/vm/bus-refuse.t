#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Promise: on a machine that is not Hyper-V the bus does not load: ENODEV, and
# ours says so in one line.  Where another VMBus driver serves the bus already,
# ours does not load either, says in one line what is in the way and what to do,
# and does that driver no harm.  On kernels whose own bus is built in it is that
# one which is in the way.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

bus=$(bus_module)
qemu_pid=
# shellcheck disable=SC2317 # called at the end
end_qemu()
{
	[ -z "$qemu_pid" ] || kill "$qemu_pid"
}
tap_at_end+=(end_qemu)

# What the module said; busybox tries to load it a second time, by another call
said_by_us='dmesg | sed "s/^[^]]*] *//" | grep ^hv_vmbus: |
	grep -v -e "taints kernel" -e "tainting kernel" | sort -u'

# load_fails NAME ERROR: loading the bus fails with that error and one line
load_fails()
{
	local name=$1 error=$2 said

	guest 'dmesg -c >/dev/null'
	said=$(guest "modprobe $bus 2>&1; [ \$? -ne 0 ] && echo refused")
	like "$said" 'refused' "$name: it does not load"
	like "$said" "$error" "$name: $error"
	is "$(guest "lsmod | grep -c ^$bus")" 0 "$name: nothing is left"
	[ "$STACK" = inbox ] ||
		is "$(guest "$said_by_us" | grep -c .)" 1 \
			"$name: one line in the log"
}

# --- not Hyper-V --------------------------------------------------------------

qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot \
	-M q35,accel=kvm -cpu host -m 512M -kernel "$(vm_kernel)" \
	-initrd "$(vm_initrd)" -append 'console=ttyS0 panic=-1' \
	-serial "file:$scratch/console" \
	-serial "unix:$scratch/agent,server=on,wait=off" &
qemu_pid=$!
export HVHOST_AGENT=$scratch/agent
holds 'a guest that is not on Hyper-V starts' guest -w 90 true
load_fails 'not Hyper-V' 'No such device'
[ "$STACK" = inbox ] ||
	like "$(guest 'dmesg | grep hv_vmbus:')" 'hv_vmbus: .*Hyper-V' 'the line names Hyper-V'
kill $qemu_pid
wait $qemu_pid 2>/dev/null
qemu_pid=

if [ "$STACK" = inbox ]; then
	done_testing
	exit
fi

# --- another bus driver -------------------------------------------------------

# Ours does not load beside the other one, which is none the worse for it
refused()
{
	load_fails 'another bus driver' 'Device or resource busy'
	like "$(guest 'dmesg | grep hv_vmbus:')" 'hv_vmbus: .*initcall_blacklist=hv_acpi_init' \
		'the line says what to do'
	in_guest 'the other one goes on' '[ -e $(controller 0) ]'
	holds 'it still hears of the host: a controller is taken away' \
		host bus rescind 0
	in_guest 'and goes' "within 20 '! [ -e \$(controller 0) ]'"
	vm_check_log 'no complaint in the guest log'
	vm_stop
}

# As found: the kernel's own, active since it started
if [ "$bus" != hv_vmbus ]; then
	truncate -s 1M "$scratch/disk"
	VM_KEEP_BUS=1 start bus-refuse --disk "$scratch/disk"
	in_guest "the kernel's own bus is active" \
		'within 10 "[ -e \$(controller 0) ]"'
	refused
	done_testing
	exit
fi

# The distribution's bus under another name, as if it were built in.  It comes
# into the guest on a disk, by our own drivers.
LC_ALL=C sed 's/hv_vmbus\x00/hx_vmbus\x00/g' "$(inbox_module hv_vmbus)" \
	>"$scratch/other.ko"
truncate -s %4096 "$scratch/other.ko"
start_loaded bus-refuse --disk "$scratch/other.ko,ro"
in_guest 'another bus driver takes the place of ours' '
	cat /dev/$(disk 0 0) >/tmp/other.ko &&
	rmmod hv_storvsc && rmmod hv_vmbus && insmod /tmp/other.ko &&
	within 10 "[ -e \$(controller 0) ]"'
refused		# it does not leave: that one cannot be unloaded safely, see bus-reload.t
done_testing
