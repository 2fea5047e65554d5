#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 40 seconds
#
# Promise: VHDX and VHD images, of fixed and of growing size, are disks like
# others: what the guest writes, zeroes and unmaps is what other programs then
# read from the image, which is sound.  A read-only one stays as it is.  When
# the server that opens them dies, the guest gets errors, at once, and goes on.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

cd "$scratch" || exit 1
make_images()
{
	qemu-img create -q -f vhdx -o subformat=dynamic grows.vhdx 48M &&
	qemu-img create -q -f vpc -o subformat=dynamic,force_size=on grows.vhd 48M &&
	qemu-img create -q -f vpc -o subformat=fixed,force_size=on fixed.vhd 48M &&
	qemu-img create -q -f vhdx dies.vhdx 16M &&
	head -c 4M /dev/urandom >plain &&
	qemu-img convert -O vhdx plain ro.vhdx
}
make_images || bail 'no images'

start_loaded stor-images --cpus 2 --disk "$scratch/grows.vhdx" \
	--disk "$scratch/grows.vhd,lun=1" --disk "$scratch/fixed.vhd,lun=2" \
	--disk "$scratch/ro.vhdx,lun=3,ro" --disk "$scratch/dies.vhdx,lun=4"

# outside FILE: the hash of an image's content as qemu-img reads it
outside()
{
	local format=${1##*.}

	qemu-img convert -f "${format/%vhd/vpc}" -O raw "$1" out && hash_of out
}

lun=0
declare -A inside
for file in grows.vhdx grows.vhd fixed.vhd; do
	sd=$(g "disk 0 $lun")
	is "$(g "cat /sys/block/$sd/size")" $((48 * 2048)) "$file: its size"
	verify "$file: verified writes" "/dev/$sd" --bs=64k --iodepth=16 \
		--size=24m
	verify "$file: small ones" "/dev/$sd" --bs=512 --iodepth=8 --size=256k \
		--offset=30m
	in_guest "$file: some is discarded, some zeroed" \
		"blkdiscard -o $((2 << 20)) -l 1048576 /dev/$sd &&
		/usr/bin/blkdiscard -z -o $((5 << 20)) -l 65536 /dev/$sd"
	is "$(g "dd if=/dev/$sd bs=1M skip=2 count=1 iflag=direct 2>/dev/null |
		tr -d '\\000' | wc -c")" 0 "$file: which then is zero"
	in_guest "$file: and flushed" \
		"dd if=/dev/urandom of=/dev/$sd bs=4k seek=10000 count=5 \
		conv=fsync 2>/dev/null"
	inside[$file]=$(g "read_back $sd")
	lun=$((lun + 1))
done
said=$(host disk resize 0:0 64M 2>&1)
like "$said" 'only raw files' 'an image cannot be resized, which the host says'

ro=$(g 'disk 0 3')
is "$(g "read_back $ro")" "$(hash_of plain)" 'a read-only image is read'
not_in_guest 'and not written' \
	"dd if=/dev/zero of=/dev/$ro bs=4k count=1 conv=fsync 2>/dev/null"

# hvhost's children are the servers
server=$(pgrep -P "$vm_pid" -f dies.vhdx)
sd=$(g 'disk 0 4')
in_guest 'a server serves' "dd if=/dev/$sd of=/dev/null bs=4k count=1 \
	iflag=direct 2>/dev/null"
holds 'it is killed' kill -9 "$server"
not_in_guest 'reads of its disk fail' "timeout 60 dd if=/dev/$sd of=/dev/null \
	bs=4k count=1 iflag=direct 2>/dev/null"
is "$(g "timeout 60 dd if=/dev/$sd of=/dev/null bs=4k count=1 iflag=direct \
	2>/dev/null; echo \$?")" 1 'with an error, not after a time limit'
in_guest 'the others go on' "dd if=/dev/$(g 'disk 0 1') of=/dev/null bs=64k \
	count=16 iflag=direct 2>/dev/null"

vm_check_log 'no complaint in the guest log'
vm_stop

for file in "${!inside[@]}"; do
	is "$(outside "$file")" "${inside[$file]}" \
		"$file: others read what the guest wrote"
done
holds 'the VHDX is sound' qemu-img check -q -f vhdx grows.vhdx
isnt "${inside[grows.vhdx]}" "${inside[fixed.vhd]}" 'and they do differ'
is "$(pgrep -f "qemu-nbd.*$scratch")" '' 'no server is left'
done_testing
