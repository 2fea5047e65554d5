#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Promise: orders beyond reading and writing reach the host and mean there what
# they say: persistent reservations between two paths to a shared disk, and
# UNMAP in the units that the disk advertises.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 16M shared
images "$scratch" 32M granules plain
shared=$scratch/shared,shared

start_loaded stor-orders --cpus 2 \
	--disk "$shared" --disk "$shared,controller=1" \
	--disk "$scratch/granules,lun=1,unmap=1M,unmap-offset=512K" \
	--disk "$scratch/plain,lun=2"

# --- persistent reservations --------------------------------------------------

a=/dev/$(g 'disk 0 0')
b=/dev/$(g 'disk 1 0')
is "$(g "sg_vpd -p 0x83 -H $a | md5sum")" "$(g "sg_vpd -p 0x83 -H $b | md5sum")" \
	'two paths to one disk say so'

# pr PATH OPTIONS...: sg_persist, quietly
pr()
{
	local path=$1

	shift
	echo "sg_persist --no-inquiry $* $path >/dev/null 2>/tmp/said"
}

write_to()
{
	echo "dd if=/dev/zero of=$1 bs=4096 count=1 oflag=direct 2>/tmp/said"
}

read_from()
{
	echo "dd if=$1 of=/dev/null bs=4096 count=1 iflag=direct 2>/tmp/said"
}

in_guest 'both paths register' "$(pr "$a" --out --register --param-sark=a1) &&
	$(pr "$b" --out --register --param-sark=b2)"
keys=$(g "sg_persist --no-inquiry --in -k $a 2>&1")
like "$keys" '0xa1' 'the first key is there'
like "$keys" '0xb2' 'and the second'
not_in_guest 'a wrong key registers nothing' \
	"$(pr "$a" --out --register --param-rk=77 --param-sark=a3)"
in_guest 'the first reserves, write exclusive' \
	"$(pr "$a" --out --reserve --param-rk=a1 --prout-type=1)"
like "$(g "sg_persist --no-inquiry --in -r $b 2>&1")" 'Key=?.*0xa1' \
	'the second sees it'
in_guest 'the holder writes' "$(write_to "$a")"
not_in_guest 'the other does not' "$(write_to "$b")"
in_guest 'which the log explains' 'dmesg | grep -q "reservation conflict"'
in_guest 'but reads' "$(read_from "$b")"
not_in_guest 'and may not reserve, too' \
	"$(pr "$b" --out --reserve --param-rk=b2 --prout-type=3)"

in_guest 'the second preempts, exclusive access' \
	"$(pr "$b" --out --preempt --param-rk=b2 --param-sark=a1 --prout-type=3)"
not_in_guest 'the first writes no more' "$(write_to "$a")"
not_in_guest 'nor reads' "$(read_from "$a")"
in_guest 'the second does' "$(write_to "$b") && $(read_from "$b")"
in_guest 'it releases' "$(pr "$b" --out --release --param-rk=b2 --prout-type=3)"
in_guest 'and both can write' "$(write_to "$a") && $(write_to "$b")"

in_guest 'reserved for all that are registered' \
	"$(pr "$b" --out --reserve --param-rk=b2 --prout-type=7)"
not_in_guest 'the first is not, and cannot write' "$(write_to "$a")"
in_guest 'registered it can' "$(pr "$a" --out --register --param-sark=a1) &&
	$(write_to "$a")"
in_guest 'cleared, and nothing is left' "$(pr "$a" --out --clear --param-rk=a1) &&
	sg_persist --no-inquiry --in -k $b 2>&1 | grep -qi 'no.*registered' &&
	$(write_to "$b")"

# --- UNMAP --------------------------------------------------------------------

sd=$(g 'disk 0 1')
plain=$(g 'disk 0 2')
granularity()
{
	g "cat /sys/block/$1/queue/discard_granularity"
}
is "$(granularity "$sd")" $((1 << 20)) 'the guest knows the granules of UNMAP'
is "$(granularity "$plain")" 4096 'and those of an ordinary disk'
# (in sysfs, discard_alignment of a whole disk is something else on 6.12)
like "$(g "sg_vpd -p bl /dev/$sd")" 'granularity alignment: 1024' 'and where they begin'

in_guest 'both are filled' "dd if=/dev/urandom of=/tmp/data bs=1M count=8 2>/dev/null &&
	dd if=/tmp/data of=/dev/$sd bs=1M oflag=direct 2>/dev/null &&
	dd if=/tmp/data of=/dev/$plain bs=1M oflag=direct 2>/dev/null"
cp "$scratch/plain" "$scratch/was"
in_guest '4 MiB are discarded, from the first on' "for d in $sd $plain; do
	/usr/bin/blkdiscard -o $((1 << 20)) -l $((4 << 20)) /dev/\$d || exit; done"

# zero FILE FROM TO: in half MiBs; the rest of the first eight MiB is as it was
zero()
{
	local file=$scratch/$1 half=$((1 << 19))

	cmp -s -n $(($2 * half)) "$file" "$scratch/was" &&
		cmp -s -i $(($2 * half)):0 -n $((($3 - $2) * half)) "$file" /dev/zero &&
		cmp -s -i $(($3 * half)) -n $(((16 - $3) * half)) "$file" "$scratch/was"
}
holds 'an ordinary disk is zero there, and nowhere else' zero plain 2 10
holds 'granules are zero if they were discarded whole' zero granules 3 9

in_guest 'fstrim of a file system there' "mkfs.ext4 -q -F /dev/$sd &&
	mkdir -p /mnt && mount -t ext4 /dev/$sd /mnt &&
	dd if=/tmp/data of=/mnt/data bs=1M conv=fsync 2>/dev/null &&
	cp /tmp/data /mnt/kept && sync && rm /mnt/data && sync"
before=$(stat -c %b "$scratch/granules")
in_guest 'fstrim runs' 'fstrim /mnt'
holds 'the host got space back' test "$(stat -c %b "$scratch/granules")" -lt \
	$((before - 2 * 6 * 1024))
in_guest 'what was kept is intact' "umount /mnt && echo 3 >/proc/sys/vm/drop_caches &&
	mount -t ext4 /dev/$sd /mnt && cmp /mnt/kept /tmp/data && umount /mnt &&
	e2fsck -f -n /dev/$sd"

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
