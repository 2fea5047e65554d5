#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 80 seconds
# stacks: ours
#
# Promise: a crash kernel with one CPU, which need not be CPU 0, little memory
# and reset_devices finds the disks, whose host was left in order by the kernel
# that crashed, and writes its dump to a file system there, which the next
# ordinary kernel reads.  Ours gets by with one queue and small rings in it.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

CRASH_MEMORY=112M

VM_SETS=fs,misc
images "$scratch" 96M disk
# The guest finds its own kernel and an initramfs without heavy tools on disks
cp "$(vm_kernel)" "$scratch/kernel"
cp "$top/build/guest/initrd-$("$top/tests/box/kernel" --kver "$KERNEL")-$STACK.cpio" \
	"$scratch/initrd"
truncate -s %4096 "$scratch/kernel" "$scratch/initrd"

start_loaded stor-kdump --cpus 2 --mem 448M --trace "$scratch/trace" \
	--append "crashkernel=$CRASH_MEMORY ${CHANNEL_PER_CPU/ /.}" \
	--disk "$scratch/disk" --disk "$scratch/kernel,lun=1,ro" \
	--disk "$scratch/initrd,lun=2,ro"

# driver_says KEY: in debugfs; ours only
driver_says()
{
	g "awk '\$1 == \"$1\" { print \$2 }' \
		/sys/kernel/debug/hyperv/\$(basename \$(controller 0))/storvsc"
}

in_guest 'a file system for the dump' "modprobe ext4 &&
	mkfs.ext4 -q /dev/$(g 'disk 0 0')"
in_guest 'a crash kernel is loaded' '
	dd if=/dev/$(disk 0 1) of=/tmp/kernel bs=1M 2>/dev/null &&
	dd if=/dev/$(disk 0 2) of=/tmp/initrd bs=1M 2>/dev/null &&
	kexec -s -p /tmp/kernel --initrd=/tmp/initrd --append="$(
		sed "s/crashkernel=[^ ]*//" /proc/cmdline) nr_cpus=1 reset_devices" &&
	rm /tmp/kernel /tmp/initrd'
release=$(g 'uname -r')
[ "$STACK" != ours ] || is "$(driver_says queues)" 2 'an ordinary kernel: two queues'
vm_check_log 'no complaint in the guest log up to the panic'

before=$(unloads)
old=$(boot_id)
g '(taskset -c 1 sh -c "echo c >/proc/sysrq-trigger") </dev/null >/dev/null 2>&1 &'
holds 'the guest crashes on CPU 1, and a crash kernel runs' reborn "$old"
in_guest 'it is one, with one CPU and little memory' '
	[ -s /proc/vmcore ] && grep -q reset_devices /proc/cmdline &&
	[ $(nproc) -eq 1 ] &&
	[ $(awk "/^MemTotal:/ { print \$2 }" /proc/meminfo) -lt '$((${CRASH_MEMORY%M} * 1024))' ]'
is "$(unloads)" $((before + 1)) 'the bus unloaded, once'
in_guest 'the disk is found' 'lis-load && within 30 "disk 0 0"'
if [ "$STACK" = ours ]; then
	is "$(driver_says queues)" 1 'ours has one queue'
	is "$(driver_says channels)" 1 'one channel'
	is "$(g 'cat /sys/module/hv_storvsc/parameters/storvsc_ringbuffer_size')" \
		32768 'and small rings'
	is "$(g 'awk "\$1 == \"out_size\" { print \$2 }" \
		/sys/kernel/debug/hyperv/$(basename $(controller 0))/*/stats')" \
		28672 'as the channel has'
fi
# By the page cache, as dump programs write; what is left of the memory is told
in_guest 'the dump is written' '
	modprobe ext4 && mount /dev/$(disk 0 0) /mnt &&
	dd if=/proc/vmcore of=/mnt/vmcore bs=1M count=64 2>/tmp/dd &&
	sha256sum </mnt/vmcore >/mnt/sum && umount /mnt'
diag "crash kernel: $(g 'grep -E "^Mem(Total|Available)" /proc/meminfo | xargs')"
vm_check_log 'no complaint in the log of the crash kernel'

old=$(boot_id)
g '(reboot -f) </dev/null >/dev/null 2>&1 &'
holds 'it reboots' reborn "$old"
in_guest 'the next kernel finds the disk' 'lis-load && within 30 "disk 0 0"'
in_guest 'the file system is sound' "e2fsck -fn /dev/$(g 'disk 0 0')"
in_guest 'the dump is what was written' 'modprobe ext4 &&
	mount -o ro /dev/$(disk 0 0) /mnt &&
	[ "$(sha256sum </mnt/vmcore)" = "$(cat /mnt/sum)" ]'
is "$(g 'stat -c %s /mnt/vmcore')" $((64 << 20)) 'all of it'
in_guest 'of the kernel that crashed' "[ \"\$(dd if=/mnt/vmcore bs=1 skip=1 \
	count=3 2>/dev/null)\" = ELF ] &&
	dd if=/mnt/vmcore bs=64k count=1 2>/dev/null |
		grep -aq OSRELEASE=$release && umount /mnt"
vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
