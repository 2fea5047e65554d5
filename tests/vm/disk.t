#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Promise: a disk behind the bus carries a file system: a tree of files,
# copied to ext4 and to xfs, is the same after unmounting and a reboot, and
# both file systems are consistent.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

img=$(mktemp -d)
trap 'vm_stop; rm -rf "$img"' EXIT
images "$img" 96M ext4
images "$img" 384M xfs		# mkfs.xfs takes nothing smaller than 300 MB

start_loaded disk --cpus 2 --disk "$img/ext4" \
	--disk "$img/xfs,lun=1"

is "$(g 'cat /sys/block/$(disk 0 1)/size')" $((384 * 2048)) \
	'the disk has the size of its file'

# The guest's own programs are the tree that is copied
TREE='usr bin lib/x86_64-linux-gnu'
copy_tree()
{
	local fs=$1 disk=$2

	in_guest "$fs: mkfs" "mkfs.$fs -q \$([ $fs = xfs ] || echo -F -N 4096) /dev/$disk"
	in_guest "$fs: mount" "mkdir -p /mnt/$fs && modprobe $fs &&
		mount -t $fs /dev/$disk /mnt/$fs"
	in_guest "$fs: copy a tree" "cd / && tar -c $TREE |
		tar -x -C /mnt/$fs"
	in_guest "$fs: unmount" "umount /mnt/$fs"
}

sums()
{
	local fs=$1 disk=$2

	g "mkdir -p /mnt/$fs && modprobe $fs &&
		mount -t $fs -o ro /dev/$disk /mnt/$fs && cd /mnt/$fs &&
		find . -type f -exec xxhsum -H1 {} + | sort -k 2 | xxhsum -H1 &&
		find . | wc -l; cd / && umount /mnt/$fs"
}

# Of the initramfs, which is the same in both lives
want=$(g "cd / && find $TREE -type f -exec xxhsum -H1 {} + |
	sed 's,  ,  ./,' | sort -k 2 | xxhsum -H1")
ext4=$(g 'disk 0 0')
xfs=$(g 'disk 0 1')

copy_tree ext4 "$ext4"
copy_tree xfs "$xfs"
is "$(sums ext4 "$ext4" | head -1)" "$want" 'ext4: the copy is right'
is "$(sums xfs "$xfs" | head -1)" "$want" 'xfs: the copy is right'

holds 'the guest reboots' guest_reboot
in_guest 'the drivers load again' 'lis-load'
disks_found
is "$(sums ext4 "$(g 'disk 0 0')" | head -1)" "$want" \
	'ext4: the same files after the reboot'
is "$(sums xfs "$(g 'disk 0 1')" | head -1)" "$want" \
	'xfs: the same files after the reboot'
in_guest 'ext4: consistent' 'e2fsck -f -n /dev/$(disk 0 0)'
in_guest 'xfs: consistent' 'xfs_repair -n /dev/$(disk 0 1)'

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
