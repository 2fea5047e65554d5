#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 150 seconds
#
# Promise: the bus leaves the host in order: on module removal, reboot and
# kexec it unloads, so that the next kernel, even one started by kexec, finds
# its disks; after a reset without warning it still does.  A panic is reported
# and also unloads.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 64M disk
# The guest finds its own kernel and initramfs on disks, for kexec
cp "$(vm_kernel)" "$scratch/kernel"
cp "$(vm_initrd)" "$scratch/initrd"
truncate -s %4096 "$scratch/kernel" "$scratch/initrd"

start_loaded bus-unload --cpus 2 --mem 768M --trace "$scratch/trace" \
	--disk "$scratch/disk" --disk "$scratch/kernel,lun=1,ro" \
	--disk "$scratch/initrd,lun=2,ro"

# UNLOAD is type 16 of the guest's messages
unloads()
{
	grep -c 'bus from guest .* type 16 ' "$scratch/trace"
}

# The disk, after the guest came up again: what was written is there
still_there()
{
	in_guest "$1: the disk is found and has what was written" \
		'lis-load && within 30 "disk 0 0" && d=$(disk 0 0) &&
		[ "$(dd if=/dev/$d bs=4096 count=1 iflag=direct 2>/dev/null |
			tr -d "\0")" = "'"$2"'" ]'
}
write_down()
{
	g "echo '$1' | dd of=/dev/\$(disk 0 0) bs=4096 conv=sync oflag=direct \
		2>/dev/null"
}
# The guest is another one than the one with boot id $1, which may go on
# answering for a moment
reborn()
{
	local end=$((SECONDS + 200)) id=$1

	while [ -z "$id" ] || [ "$id" = "$1" ]; do
		[ $SECONDS -lt $end ] || return 1
		id=$(guest -q -t 20 -w 60 \
			'cat /proc/sys/kernel/random/boot_id' 2>/dev/null)
	done
	guest -i 'cat >/tmp/guest.sh' <"$vmdir/guest.sh"
}
boot_id()
{
	guest 'cat /proc/sys/kernel/random/boot_id'
}

# --- module removal -----------------------------------------------------------

# The distribution's bus cannot be unloaded safely, see bus-reload.t
ways=('with the drivers loaded')
if [ "$STACK" = ours ]; then
	in_guest 'the bus module unloads' 'rmmod hv_storvsc && rmmod hv_vmbus'
	is "$(unloads)" 1 'and says so to the host'
	in_guest 'it loads again' 'lis-load && within 30 "disk 0 0"'
	ways+=('after unloading the drivers')
fi

# --- kexec --------------------------------------------------------------------

for how in "${ways[@]}"; do
	write_down "before kexec $how"
	in_guest "kexec $how: load the kernel" '
		dd if=/dev/$(disk 0 1) of=/tmp/kernel bs=1M 2>/dev/null &&
		dd if=/dev/$(disk 0 2) of=/tmp/initrd bs=1M 2>/dev/null &&
		kexec -l /tmp/kernel --initrd=/tmp/initrd --reuse-cmdline'
	[ "$how" = 'with the drivers loaded' ] ||
		g 'rmmod hv_storvsc && rmmod hv_vmbus'
	old=$(boot_id)
	before=$(unloads)
	g '(kexec -e) </dev/null >/dev/null 2>&1 &'
	holds "kexec $how: a new kernel runs" reborn "$old"
	if [ "$how" = 'with the drivers loaded' ]; then
		is "$(unloads)" $((before + 1)) "kexec $how: the bus unloaded"
	else
		is "$(unloads)" "$before" "kexec $how: no second UNLOAD"
	fi
	still_there "kexec $how" "before kexec $how"
done

# --- reboot -------------------------------------------------------------------

write_down 'before reboot'
before=$(unloads)
old=$(boot_id)
g '(reboot -f) </dev/null >/dev/null 2>&1 &'
holds 'reboot: the host sees it' host wait reboot 100
holds 'reboot: a new kernel runs' reborn "$old"
still_there reboot 'before reboot'

write_down 'before the reset'
old=$(boot_id)
g '(echo b >/proc/sysrq-trigger) </dev/null >/dev/null 2>&1 &'
holds 'sysrq reboot: the host sees it' host wait reboot 100
holds 'sysrq reboot: a new kernel runs' reborn "$old"
still_there 'sysrq reboot' 'before the reset'

old=$(boot_id)
holds 'the host resets the machine' host power reset
holds 'reset: a new kernel runs' reborn "$old"
still_there reset 'before the reset'

# --- panic --------------------------------------------------------------------

before=$(unloads)
g '(echo c >/proc/sysrq-trigger) </dev/null >/dev/null 2>&1 &'
vm_wait_exit 60
is "$VM_STATUS" 3 'panic: hvhost ends with status 3, guest crashed'
is "$(unloads)" $((before + 1)) 'panic: the bus unloaded'

done_testing
