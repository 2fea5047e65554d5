#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 150 seconds
#
# Promise: the bus leaves the host in order, with one UNLOAD, on module
# removal, on kexec and in a panic, so that the next kernel finds its disks and
# what was written: one started by kexec, and a crash kernel, too.  After a
# reboot or a reset, which tell the host nothing, it still does.  A panic
# without a crash kernel is reported to the host.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 64M disk
# The guest finds its own kernel and initramfs on disks, for kexec; a crash
# kernel, which has little memory, gets none of the heavy tools
cp "$(vm_kernel)" "$scratch/kernel"
cp "$(vm_initrd)" "$scratch/initrd"
cp "$top/build/guest/initrd-$("$top/tests/box/kernel" --kver "$KERNEL")-$STACK.cpio" \
	"$scratch/small"
truncate -s %4096 "$scratch/kernel" "$scratch/initrd" "$scratch/small"

start_loaded bus-unload --cpus 2 --mem 896M --trace "$scratch/trace" \
	--append crashkernel=256M --disk "$scratch/disk" \
	--disk "$scratch/kernel,lun=1,ro" --disk "$scratch/initrd,lun=2,ro" \
	--disk "$scratch/small,lun=3,ro"

# still_there HOW TEXT: after the guest came up again
still_there()
{
	in_guest "$1: the disk is found and has what was written" \
		'lis-load && within 30 "disk 0 0" && d=$(disk 0 0) &&
		[ "$(dd if=/dev/$d bs=4096 count=1 iflag=direct 2>/dev/null |
			tr -d "\0")" = "'"$2"'" ]'
}

write_down()
{
	in_guest "write '$1' on the disk" "echo '$1' | dd of=/dev/\$(disk 0 0) \
		bs=4096 conv=sync oflag=direct 2>/dev/null"
}

on_the_host()
{
	dd if="$scratch/disk" bs=4096 count=1 2>/dev/null | tr -d '\0'
}

# --- module removal -----------------------------------------------------------

# The distribution's bus cannot be unloaded safely, see bus-reload.t
if [ "$STACK" = ours ]; then
	in_guest 'the bus module unloads' 'rmmod hv_storvsc && rmmod hv_vmbus'
	is "$(unloads)" 1 'and says so to the host'
	in_guest 'it loads again' 'lis-load && within 30 "disk 0 0"'
fi

# --- kexec --------------------------------------------------------------------

# With the drivers loaded.  Without them a guest was once lost in a triple fault
# that is not explained; nothing of ours is in memory then.
write_down 'before kexec'
in_guest 'kexec: load the kernel' '
	dd if=/dev/$(disk 0 1) of=/tmp/kernel bs=1M 2>/dev/null &&
	dd if=/dev/$(disk 0 2) of=/tmp/initrd bs=1M 2>/dev/null &&
	kexec -l /tmp/kernel --initrd=/tmp/initrd --reuse-cmdline'
before=$(unloads)
old=$(boot_id)
g '(kexec -e) </dev/null >/dev/null 2>&1 &'
holds 'kexec: a new kernel runs' reborn "$old"
is "$(unloads)" $((before + 1)) 'kexec: the bus unloaded, once'
still_there kexec 'before kexec'

# --- reboot and reset ---------------------------------------------------------

write_down 'before reboot'
old=$(boot_id)
g '(reboot -f) </dev/null >/dev/null 2>&1 &'
holds 'reboot: the host sees it' host wait reboot 100
holds 'reboot: a new kernel runs' reborn "$old"
still_there reboot 'before reboot'

write_down 'before the reset'
old=$(boot_id)
holds 'the host resets the machine' host power reset
holds 'reset: a new kernel runs' reborn "$old"
still_there reset 'before the reset'

# --- panic --------------------------------------------------------------------

crash()
{
	g '(echo c >/proc/sysrq-trigger) </dev/null >/dev/null 2>&1 &'
}

write_down 'before the panic'
in_guest 'panic: load a crash kernel' '
	dd if=/dev/$(disk 0 1) of=/tmp/kernel bs=1M 2>/dev/null &&
	dd if=/dev/$(disk 0 3) of=/tmp/initrd bs=1M 2>/dev/null &&
	kexec -s -p /tmp/kernel --initrd=/tmp/initrd --append="$(
		sed "s/crashkernel=[^ ]*//" /proc/cmdline) nr_cpus=1"'
vm_check_log 'no complaint in the guest log up to the panic'
before=$(unloads)
old=$(boot_id)
crash
holds 'panic: the crash kernel runs' reborn "$old"
like "$(cat "$VM_DIR/bus-unload.hvhost")" 'a crash kernel took over' \
	'panic: the host has seen it, though its console says little'
in_guest 'panic: it is one' '[ -s /proc/vmcore ] && [ $(nproc) -eq 1 ]'
is "$(unloads)" $((before + 1)) 'panic: the bus unloaded, once'
still_there panic 'before the panic'
write_down 'the dump'
is "$(on_the_host)" 'the dump' 'what the crash kernel writes is written'
vm_check_log 'no complaint in the log of the crash kernel'

before=$(unloads)
crash
vm_wait_exit 100
is "$VM_STATUS" 3 'panic: hvhost ends with status 3, guest crashed'
like "$(cat "$VM_DIR/bus-unload.hvhost")" 'guest crashed: P0=' \
	'panic: the guest has told the host'
is "$(unloads)" $((before + 1)) 'panic without a crash kernel: the bus unloaded'

done_testing
