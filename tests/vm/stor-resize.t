#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 90 seconds
#
# Promise: a disk that the host grows or shrinks has its new size in the guest
# as soon as the guest does anything with it, without a rescan by hand (with
# the distribution's driver: after one); mounted ext4 and xfs grow under load
# without a single wrong byte; nothing but the size changes.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 96M ext4
images "$scratch" 304M xfs		# mkfs.xfs wants no less
images "$scratch" 64M native shrink
images "$scratch" 1T huge

start_loaded stor-resize --cpus 2 \
	--disk "$scratch/ext4,lun=1" --disk "$scratch/xfs,lun=2" \
	--disk "$scratch/native,lun=3,sectors=4096" \
	--disk "$scratch/shrink,lun=4" --disk "$scratch/huge,lun=5"

guest -i 'cat >>/tmp/guest.sh' <<'END'
# has_size DISK BYTES: notices it; the read is "the next command"
has_size()
{
	dd if=/dev/$1 of=/dev/null bs=4096 count=1 iflag=direct 2>/dev/null
	[ ! -e /tmp/by-hand ] || echo 1 >/sys/block/$1/device/rescan
	within 30 "[ \$(cat /sys/block/$1/size) = $(($2 / 512)) ]" ||
		{ cat /sys/block/$1/size; false; }
}
END
[ "$STACK" = ours ] || g 'touch /tmp/by-hand'

M=$((1 << 20))
# resized LUN BYTES NAME: by the host, and noticed
resized()
{
	holds "$3: the host does it" host disk resize "0:$1" "$2"
	in_guest "$3: the guest notices" "has_size \$(disk 0 $1) $2"
}

# --- mounted file systems -----------------------------------------------------

mounted_mib()
{
	g "df -m /mnt | awk 'END { print \$2 }'"
}

# grows FS LUN MKFS GROW CHECK: by 300 MiB
grows()
{
	local fs=$1 dev old new from

	dev=/dev/$(g "disk 0 $2")
	from=$(stat -c %s "$scratch/$fs")
	in_guest "$fs: mkfs, mount, load" "mkdir -p /mnt && $3 $dev >/dev/null &&
		mount -t $fs $dev /mnt && load_starts /mnt/load"
	old=$(mounted_mib)
	resized "$2" $((from + 300 * M)) "$fs: 300 MiB more"
	in_guest "$fs: the file system grows under load" "$4 2>&1"
	new=$(mounted_mib)
	holds "$fs: it has grown, from $old to $new MiB" \
		test "$new" -gt $((old + 250))
	in_guest "$fs: the new space can be used" \
		"fallocate -l $((old + 50))M /mnt/filled &&
		dd if=/dev/urandom of=/mnt/big bs=1M count=6 2>/dev/null &&
		xxhsum -H1 /mnt/big >/tmp/sum"
	in_guest "$fs: the load went on and verifies" load_ends
	in_guest "$fs: mounted again, it holds what was written" \
		"umount /mnt && echo 3 >/proc/sys/vm/drop_caches &&
		mount -t $fs $dev /mnt && xxhsum -q -c /tmp/sum && umount /mnt"
	in_guest "$fs: and is clean" "$5 $dev"
}

grows ext4 1 'mkfs.ext4 -q -F -N 4096' "resize2fs /dev/$(g 'disk 0 1')" 'e2fsck -f -n'
g 'modprobe xfs'
grows xfs 2 'mkfs.xfs -q -f' 'xfs_growfs /mnt' 'xfs_repair -n'

# --- raw disks ----------------------------------------------------------------

resized 3 $((160 * M)) '4Kn: from 64 to 160 MiB'
native=$(g 'disk 0 3')
in_guest '4Kn: written at its new end' "echo end | dd of=/dev/$native bs=4096 \
	conv=sync oflag=direct seek=$((160 * 256 - 1)) 2>/dev/null"
is "$(tail -c 4096 "$scratch/native" | tr -d '\0')" end '4Kn: the host has it there'

resized 5 $((3 * M * M)) 'from 1 to 3 TiB'
huge=$(g 'disk 0 5')
in_guest '3 TiB: written at its new end' "echo end | dd of=/dev/$huge bs=4096 \
	conv=sync oflag=direct seek=$((3 * M * 256 - 1)) 2>/dev/null"
is "$(tail -c 4096 "$scratch/huge" | tr -d '\0')" end '3 TiB: the host has it there'
resized 5 $((M * M)) 'from 3 to 1 TiB'

# Shrinking: the kernel says the new size; what is behind it is out of reach
shrink=$(g 'disk 0 4')
in_guest 'a load on the disk to be shrunk' "load_starts /dev/$shrink"
resized 4 $((24 * M)) 'shrunk from 64 to 24 MiB'
in_guest 'shrunk: the load went on and verifies' load_ends
not_in_guest 'shrunk: there is nothing behind the end' "dd if=/dev/$shrink \
	of=/dev/null bs=4096 count=1 iflag=direct skip=$((24 * 256)) 2>&1 |
	grep -q '^1+0 records in'"
in_guest 'shrunk: the last block is there' "dd if=/dev/$shrink of=/dev/null \
	bs=4096 count=1 iflag=direct skip=$((24 * 256 - 1)) 2>&1"
like "$(g 'dmesg | grep detected')" "$shrink: detected capacity change from $((64 * 2048)) to $((24 * 2048))" \
	'shrunk: the kernel says so'
same_content 'shrunk: the guest reads what the host has' "$shrink" "$scratch/shrink"

# --- over and over ------------------------------------------------------------

in_guest 'a load during many changes' "load_starts /dev/$shrink"
said=$(for n in {1..20}; do
	host disk resize 0:4 $(((32 + n) * M)) || echo "$n failed"
done)
is "$said" '' 'twenty changes in a row'
in_guest 'the load went on and verifies' load_ends
in_guest 'the last one counts' "has_size $shrink $((52 * M))"

if [ "$STACK" = ours ]; then
	# A host that says "changed" with each answer is looked at now and then,
	# not each time; and what it was asked for gets done all the same.
	looks()
	{
		g "awk '\$1 == \"looks\" { print \$2 }' \
			$debug/\$(basename \$(controller 0))/storvsc"
	}
	debug=/sys/kernel/debug/hyperv
	before=$(looks)
	begun=$SECONDS
	host disk answer 0:4 84 02 062a09 300
	verify 'changed, changed, changed: I/O verifies' "/dev/$shrink" \
		--bs=4k --iodepth=8 --size=1m
	most=$((SECONDS - begun + 3))
	holds "three hundred changes are few looks (at most $most)" \
		test $(($(looks) - before)) -le $most
	is "$(g "cat /sys/block/$shrink/size")" $((52 * 2048)) 'the size is what it was'
fi

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
