#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 150 seconds
#
# Promise: four controllers with 64 disks each, all that there is place for, are
# found, each where it is and with its size, and can be read; they go again
# without a complaint.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/../vm/common.sh"

VM_SETS=misc
# Disk N has 8 KiB and N sectors more, and says who it is in its last sector
mkdir "$scratch/disks"
options=()
for controller in 0 1 2 3; do
	for lun in {0..63}; do
		n=$((controller * 64 + lun)) file=$scratch/disks/$controller.$lun
		truncate -s $((8192 + n * 512 + 512)) "$file"
		echo "disk $controller $lun" |
			dd of="$file" bs=512 seek=$((16 + n)) conv=notrunc,sync \
				2>/dev/null
		options+=(--disk "$file,controller=$controller,lun=$lun,physical=512")
	done
done

start_loaded many-disks --cpus 2 --mem 768M "${options[@]}"
is "$(g disks)" 256 'all 256 disks come up'

guest -i 'cat >>/tmp/guest.sh' <<'END'
# wrong: disks that are not what they should be
wrong()
{
	for _c in 0 1 2 3; do
		for _dir in $(controller $_c)/host*/target*/*/block/sd*; do
			_lun=${_dir%/block/*}
			_lun=${_lun##*:}
			_n=$((_c * 64 + _lun))
			read -r _size <$_dir/size
			_is=$(dd if=/dev/${_dir##*/} bs=512 skip=$((16 + _n)) \
				count=1 2>/dev/null | tr -d '\0')
			[ "$_size $_is" = "$((17 + _n)) disk $_c $_lun" ] ||
				echo "$_dir: $_size $_is"
			echo >>/tmp/looked
		done
	done
}
END
is "$(g wrong)" '' 'each is where it should be, with its size and content'
is "$(g 'wc -l </tmp/looked')" 256 'and all of them were looked at'

in_guest 'the driver goes' 'rmmod hv_storvsc'
is "$(g disks)" 0 'and all disks with it'

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
