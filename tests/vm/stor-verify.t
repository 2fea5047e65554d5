#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 80 seconds
#
# Promise: what is written is what is read, by the guest and in the host's
# file, at any depth and block size, on the raw disk and through file systems;
# discard, write-zeroes, flush and FUA do on the host what they say.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 320M disk
images "$scratch" 24M second

start_loaded stor-verify --cpus 2 \
	--disk "$scratch/disk" --disk "$scratch/second,lun=1"
sd=$(g 'disk 0 0')
sd2=$(g 'disk 0 1')

# --- the raw disk -------------------------------------------------------------

verify '4 KiB, depth 1' "/dev/$sd" --bs=4k --iodepth=1 --size=1m
verify '4 KiB, depth 32' "/dev/$sd" --bs=4k --iodepth=32 --size=4m
verify '4 KiB, depth 128 on both CPUs' "/dev/$sd" --bs=4k --iodepth=64 \
	--numjobs=2 --offset_increment=16m --size=2m
verify '512 bytes, depth 16' "/dev/$sd" --bs=512 --iodepth=16 --size=256k
verify '1 MiB, depth 8' "/dev/$sd" --bs=1m --iodepth=8 --size=24m
verify 'odd sizes, unaligned, depth 16' "/dev/$sd" --bsrange=512-300k \
	--bs_unaligned=0 --iodepth=16 --size=8m
verify 'two disks at once' "/dev/$sd:/dev/$sd2" --bs=8k --iodepth=32 --size=4m
in_guest 'buffered writes' "dd if=/dev/urandom of=/dev/$sd2 bs=1M count=12 \
	conv=fsync 2>/dev/null"
# All that was written to the first disk is in its first 24 MiB
is "$(g "read_back $sd count=24")" \
	"$(head -c 24M "$scratch/disk" | hash_of /dev/stdin)" \
	'the host has what the guest has (first disk)'
same_content 'the host has what the guest has (second disk)' "$sd2" "$scratch/second"

# Pages of a buffer that is not aligned to them
in_guest 'a buffer at an odd place in memory' "fio --name=odd --rw=randwrite \
	--filename=/dev/$sd --ioengine=libaio --direct=1 --bs=64k --iodepth=8 \
	--size=6m --iomem_align=512 --verify=md5 --do_verify=1 \
	--verify_fatal=1 --output-format=terse"

queues=$(g "ls /sys/block/$sd/mq | wc -l")
if [ "$STACK" = ours ]; then
	is "$queues" 2 'one hardware queue for each of two CPUs'
else
	holds 'there are hardware queues' test "$queues" -ge 1
fi

# --- orders without data ------------------------------------------------------

pattern=$scratch/pattern
head -c 4M /dev/urandom >"$pattern"
# Put the pattern at the disk's 8th MiB, from the host's side of the file
fill()
{
	dd if="$pattern" of="$scratch/disk" bs=1M seek=8 conv=notrunc 2>/dev/null
}
zeroes_at()
{
	cmp -s -n $((2 << 20)) <(dd if="$scratch/disk" bs=1M skip="$1" count=2 \
		2>/dev/null) /dev/zero
}
untouched_at()
{
	cmp -s <(dd if="$scratch/disk" bs=1M skip="$1" count=1 2>/dev/null) \
		<(dd if="$pattern" bs=1M skip=$(($1 - 8)) count=1 2>/dev/null)
}
holes()
{
	stat -c %b "$scratch/disk"
}

fill
before=$(holes)
in_guest 'blkdiscard' "blkdiscard -o $((9 << 20)) -l $((2 << 20)) /dev/$sd"
holds 'the discarded part reads as zeroes' zeroes_at 9
holds 'its neighbours are untouched' eval 'untouched_at 8 && untouched_at 11'
holds 'the host got the space back' test "$(holes)" -lt "$before"

fill
# not busybox' own, which cannot
in_guest 'blkdiscard --zeroout' \
	"/usr/bin/blkdiscard -z -o $((9 << 20)) -l $((2 << 20)) /dev/$sd"
holds 'the zeroed part is zero' zeroes_at 9
holds 'its neighbours are untouched' eval 'untouched_at 8 && untouched_at 11'

# What the host counts for the first disk
count()
{
	host disk list | jq ".disks[] |
		select(.controller == 0 and .lun == 0) | .$1"
}
before=$(count flushes)
in_guest 'fsync' "dd if=/dev/zero of=/dev/$sd bs=4k count=1 conv=fsync \
	2>/dev/null"
holds 'a flush reached the host' test "$(count flushes)" -gt "$before"

# --- file systems -------------------------------------------------------------

file_system()
{
	local fs=$1 make=$2

	in_guest "$fs: mkfs and mount" "$make /dev/$sd >/dev/null &&
		mkdir -p /mnt && mount -t $fs /dev/$sd /mnt"
	verify "$fs: fio on a file" /mnt/file --bs=4k --iodepth=16 --size=3m
	in_guest "$fs: small files and a tree" 'mkdir /mnt/tree &&
		cp -a /bin /lib /mnt/tree/ 2>/dev/null
		for i in $(seq 200); do echo $i >/mnt/tree/$i; done
		sync && cd /mnt/tree && find . -type f | sort | xargs xxhsum -H1 \
			>/tmp/sums && [ -s /tmp/sums ]'
	in_guest "$fs: fstrim" 'cd / && rm /mnt/file && fstrim /mnt'
	in_guest "$fs: unmount, drop caches, mount" 'cd / && umount /mnt &&
		echo 3 >/proc/sys/vm/drop_caches &&
		mount -t '"$fs /dev/$sd"' /mnt'
	in_guest "$fs: the tree is what it was" \
		'cd /mnt/tree && xxhsum -c /tmp/sums >/tmp/bad 2>&1 ||
			{ grep -v OK /tmp/bad; false; }'
	in_guest "$fs: clean when unmounted" "cd / && umount /mnt && $3 /dev/$sd"
}

file_system ext4 'mkfs.ext4 -q -F -N 4096' 'e2fsck -f -n'
file_system xfs 'mkfs.xfs -q -f' 'xfs_repair -n'

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
