#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Promise: every LUN of every controller comes up with its right size, sector
# size and write protection, and data goes to the right one; LUNs can be
# added, removed and grown while the guest runs.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

# 16 LUNs on each of two controllers, no two of one size
options=()
n=0
for c in 0 1; do
	for lun in {0..15}; do
		images "$scratch" $((8 + n))M $c:$lun
		option=$scratch/$c:$lun,controller=$c,lun=$lun
		case $c:$lun in
		0:3)	option+=,ro ;;
		1:7)	option+=,sectors=4096 ;;
		esac
		options+=(--disk "$option")
		n=$((n + 1))
	done
done
printf 'precious%.0s' {1..512} | dd of="$scratch/0:3" bs=4096 conv=notrunc 2>/dev/null
precious=$(hash_of "$scratch/0:3")

start_loaded stor-luns --cpus 2 "${options[@]}"

is "$(g disks)" 32 '32 disks on two controllers'

# What is there, as "controller:lun sectors"
sizes=$(g 'for c in 0 1; do
	for l in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		echo $c:$l $(cat /sys/block/$(disk $c $l)/size)
	done
done')
want=$(for c in 0 1; do
	for l in {0..15}; do
		echo $c:$l $(($(stat -c %s "$scratch/$c:$l") / 512))
	done
done)
is "$sizes" "$want" 'every LUN has the size of its file'

in_guest 'every writable LUN takes a write' 'for c in 0 1; do
	for l in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		[ $c:$l != 0:3 ] || continue
		echo "here is $c:$l" | dd of=/dev/$(disk $c $l) bs=4096 seek=5 \
			conv=sync oflag=direct 2>/dev/null || exit
	done
done'
wrong=$(for c in 0 1; do
	for l in {0..15}; do
		[ $c:$l != 0:3 ] || continue
		text=$(dd if="$scratch/$c:$l" bs=4096 skip=5 count=1 2>/dev/null |
			tr -d '\0')
		[ "$text" = "here is $c:$l" ] || echo "$c:$l has '$text'"
	done
done)
is "$wrong" '' 'and what was written is in the file of that LUN'

in_guest 'I/O on all LUNs at once verifies' '
	files=$(for c in 0 1; do for l in 0 1 2 4 5 6 7 8 9 10; do
		printf "/dev/%s:" $(disk $c $l); done; done)
	fio --name=all --filename=${files%:} --rw=randwrite --bs=16k \
		--direct=1 --ioengine=libaio --iodepth=32 --size=10m \
		--verify=crc32c --do_verify=1 --verify_fatal=1 \
		--output-format=terse'

# --- write protection ---------------------------------------------------------

is "$(g 'cat /sys/block/$(disk 0 3)/ro')" 1 'the write-protected LUN says so'
not_in_guest 'it refuses a write' 'd=$(disk 0 3)
	blockdev --setrw /dev/$d
	dd if=/dev/zero of=/dev/$d bs=4096 count=1 oflag=direct'
is "$(hash_of "$scratch/0:3")" "$precious" 'its file is untouched'
same_content 'it can be read' "$(g 'disk 0 3')" "$scratch/0:3"

# --- 4096-byte sectors --------------------------------------------------------

is "$(g 'cat /sys/block/$(disk 1 7)/queue/logical_block_size')" 4096 \
	'the 4096-byte LUN has 4096-byte sectors'
not_in_guest 'half a sector cannot be written' \
	'fio --name=half --filename=/dev/$(disk 1 7) --rw=write --bs=2048 \
		--size=2048 --direct=1 --output-format=terse'
verify 'whole ones verify' "/dev/$(g 'disk 1 7')" \
	--bs=4k --iodepth=8 --size=2m

# --- come, go, grow -----------------------------------------------------------

images "$scratch" 100M 1:33
holds 'the host adds a LUN' host disk add "$scratch/1:33,controller=1,lun=33"
in_guest 'the guest sees it within 30 s' "within 30 'disk 1 33'"
is "$(g 'cat /sys/block/$(disk 1 33)/size')" $((100 << 11)) 'with its size'
verify 'and can use it' "/dev/$(g 'disk 1 33')" --bs=64k --iodepth=4 --size=8m

holds 'the host removes a LUN' host disk remove 1:33
in_guest 'the guest loses it within 30 s' "within 30 '! disk 1 33'"
is "$(g disks)" 32 'and no other'

grown=$((64 << 20))
holds 'the host grows a LUN' host disk resize 0:5 $grown
in_guest 'the guest sees the new size after a rescan' 'd=$(disk 0 5)
	echo 1 >/sys/block/$d/device/rescan
	within 30 "[ \$(cat /sys/block/$d/size) = '$((grown / 512))' ]"'
in_guest 'and can write at the new end' '
	echo the end | dd of=/dev/$(disk 0 5) bs=4096 conv=sync oflag=direct \
		seek='$((grown / 4096 - 1))
is "$(tail -c 4096 "$scratch/0:5" | tr -d '\0')" 'the end' \
	'which is where the host has it'

# The same number can come back as another disk
images "$scratch" 24M other
holds 'a LUN is replaced' eval 'host disk remove 0:9 &&
	g "within 30 ! disk 0 9" && host disk add "$scratch/other,controller=0,lun=9"'
in_guest 'the new one has its own size' \
	"within 30 '[ \$(cat /sys/block/\$(disk 0 9)/size) = $((24 << 11)) ]'"

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
