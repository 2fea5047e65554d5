#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 100 seconds
#
# Promise: DVD drives, removable disks, write-protected ones, every sector size
# and disks beyond 2 and 16 TiB are what they are: an ISO image mounts, media
# come and go without harm, and a huge disk is written and read at its end.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

# iso NAME: $scratch/NAME.iso with a file of a MiB and a deep, long name
iso()
{
	local tree=$scratch/$1

	mkdir -p "$tree/some/where/below/the/top"
	head -c 1M /dev/urandom >"$tree/data"
	echo "this is $1" >"$tree/some/where/below/the/top/A file of $1, with a long name"
	xorriso -as mkisofs -quiet -r -V "$1" -o "$scratch/$1.iso" "$tree" \
		>"$scratch/log" 2>&1 || bail "$(cat "$scratch/log")"
}

iso first
iso second
images "$scratch" 20M removable replaced protected plain
images "$scratch" 3T native
images "$scratch" 20T huge

start_loaded stor-media --cpus 2 \
	--disk "$scratch/first.iso,dvd" \
	--disk "none,dvd,lun=1" \
	--disk "$scratch/removable,removable,lun=2" \
	--disk "$scratch/native,sectors=4096,lun=3" \
	--disk "$scratch/huge,lun=4" \
	--disk "$scratch/plain,physical=512,lun=5" \
	--disk "$scratch/protected,ro,removable,lun=6"
g 'modprobe sr_mod && modprobe isofs && mkdir -p /mnt &&
	within 20 "disk 0 0 && disk 0 1"' || bail 'the DVD drives do not come up'

# What the host says of LUN $1: the field $2
of_lun()
{
	host disk list | jq ".disks[] | select(.lun == $1) | .$2"
}

# --- DVD ----------------------------------------------------------------------

sr=$(g 'disk 0 0')
like "$sr" '^sr[0-9]$' 'a DVD drive comes up as one'
is "$(g "cat /sys/block/$sr/device/model | xargs")" 'Virtual DVD-ROM' 'its model'
is "$(g "cat /sys/block/$sr/size")" \
	$(($(stat -c %s "$scratch/first.iso") / 512)) 'it has the size of its image'
in_guest 'the ISO image mounts' "mount -t iso9660 -o ro /dev/$sr /mnt"
is "$(g 'xxhsum -q -H1 </mnt/data | cut -d" " -f1')" "$(hash_of "$scratch/first/data")" \
	'a file there is what it was'
is "$(g 'cat /mnt/some/where/below/the/top/*')" 'this is first' \
	'long names and deep folders are there'
is "$(of_lun 0 locked)" true 'the drive is locked while mounted'
not_in_guest 'and does not eject' \
	"sg_raw /dev/$sr 1b 00 00 00 02 00 >/dev/null 2>&1"
in_guest 'unmounted it is free' 'umount /mnt'
is "$(of_lun 0 locked)" false 'and unlocked'
not_in_guest 'it cannot be written' \
	"dd if=/dev/zero of=/dev/$sr bs=2048 count=1 oflag=direct 2>&1"

in_guest 'the guest ejects' "eject /dev/$sr"
is "$(of_lun 0 open)" true 'the tray is open'
not_in_guest 'nothing mounts then' "mount -t iso9660 -o ro /dev/$sr /mnt 2>&1"
holds 'the host inserts another' host disk insert 0:0 "$scratch/second.iso"
in_guest 'which mounts' "mount -t iso9660 -o ro /dev/$sr /mnt"
is "$(g 'cat /mnt/some/where/below/the/top/*')" 'this is second' 'and is the other'

holds 'the host takes it away while mounted' host disk eject 0:0
not_in_guest 'the file is gone' \
	'echo 3 >/proc/sys/vm/drop_caches; sha256sum /mnt/data 2>&1'
in_guest 'it still unmounts' 'umount /mnt'
holds 'the host inserts the first again' host disk insert 0:0 "$scratch/first.iso"
in_guest 'and all is well' "mount -t iso9660 -o ro /dev/$sr /mnt &&
	grep -q first /mnt/some/where/below/the/top/* && umount /mnt"

empty=$(g 'disk 0 1')
not_in_guest 'an empty drive does not mount' \
	"mount -t iso9660 -o ro /dev/$empty /mnt 2>&1"
holds 'the host inserts an image there' host disk insert 0:1 "$scratch/second.iso"
in_guest 'and it mounts' "mount -t iso9660 -o ro /dev/$empty /mnt && umount /mnt"
holds 'one line at most complains about empty drives' test \
	"$(g "dmesg | grep -ci 'medium not present'")" -le 1

# --- removable disks ----------------------------------------------------------

sd=$(g 'disk 0 2')
is "$(g "cat /sys/block/$sd/removable")" 1 'a removable disk says so'
is "$(g "cat /sys/block/$(g 'disk 0 3')/removable")" 0 'others do not'
verify 'it can be used' "/dev/$sd" --bs=4k --iodepth=8 --size=2m
truncate -s 36M "$scratch/replaced"
holds 'the host takes its medium away' host disk eject 0:2
not_in_guest 'it cannot be read' "dd if=/dev/$sd of=/dev/null count=1 2>&1"
holds 'and puts in another' host disk insert 0:2 "$scratch/replaced"
is "$(g "dd if=/dev/$sd of=/dev/null count=1 2>/dev/null
	cat /sys/block/$sd/size")" $((36 << 11)) 'which has its own size'
verify 'and can be used' "/dev/$sd" --bs=4k --iodepth=8 --size=2m
is "$(hash_of "$scratch/replaced")" "$(g "read_back $sd")" 'its data is in its file'

sd=$(g 'disk 0 6')
is "$(g "cat /sys/block/$sd/ro /sys/block/$sd/removable" | xargs)" '1 1' \
	'a write-protected removable disk is both'

# --- sector sizes -------------------------------------------------------------

# sectors LUN LOGICAL PHYSICAL NAME
sectors()
{
	is "$(g "cd /sys/block/\$(disk 0 $1)/queue &&
		cat logical_block_size physical_block_size" | xargs)" \
		"$2 $3" "sector sizes: $4"
}
sectors 3 4096 4096 4Kn
sectors 4 512 4096 512e
sectors 5 512 512 512n
sectors 0 2048 2048 DVD

# --- huge disks ---------------------------------------------------------------

# end_of LUN FILE NAME: the last 4 KiB
end_of()
{
	local size

	size=$(stat -c %s "$scratch/$2")
	is "$(g "cat /sys/block/\$(disk 0 $1)/size")" $((size / 512)) "$3: its size"
	in_guest "$3: written at its end" "echo 'the end of $2' |
		dd of=/dev/\$(disk 0 $1) bs=4096 conv=sync oflag=direct \
			seek=$((size / 4096 - 1)) 2>/dev/null"
	is "$(tail -c 4096 "$scratch/$2" | tr -d '\0')" "the end of $2" \
		"$3: the host has it there"
	is "$(g "dd if=/dev/\$(disk 0 $1) bs=4096 iflag=direct \
		skip=$((size / 4096 - 1)) 2>/dev/null | tr -d '\\0'")" \
		"the end of $2" "$3: the guest reads it there"
	is "$(head -c 1M "$scratch/$2" | tr -d '\0' | wc -c)" 0 \
		"$3: and not at the start"
	not_in_guest "$3: nothing is behind it" "dd if=/dev/zero bs=4096 count=1 \
		of=/dev/\$(disk 0 $1) oflag=direct seek=$((size / 4096)) 2>&1"
}
end_of 3 native '3 TiB of 4Kn'
end_of 4 huge '20 TiB of 512e'

d=/dev/$(g 'disk 0 4')
in_guest '20 TiB: xfs' "modprobe xfs &&
	mkfs.xfs -q -f -K -l size=64m $d && mount -t xfs $d /mnt &&
	dd if=/dev/urandom of=/mnt/file bs=1M count=4 2>/dev/null &&
	sha256sum /mnt/file >/tmp/sum && umount /mnt && mount -t xfs $d /mnt &&
	sha256sum -c /tmp/sum && umount /mnt"

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
