#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Promise: as bus-cpus.t, with eight CPUs and more CPUs than channels.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 64M disk

start_loaded bus-cpus-8 --cpus 8 --vp-index permuted --subchannels 3 \
	--options "$CHANNEL_PER_CPU" --disk "$scratch/disk"
sd=$(g 'disk 0 0')
is "$(g nproc)" 8 'eight CPUs'
is "$(g 'wc -l <$(controller 0)/channel_vp_mapping')" 4 \
	'the three sub-channels that the host grants, and the primary'
is "$(g 'cut -d: -f2 $(controller 0)/channel_vp_mapping | sort -u | wc -l')" 4 \
	'on four CPUs'
in_guest 'all eight CPUs do I/O that verifies' "
	fio --name=all --filename=/dev/$sd --rw=randwrite --bs=4k --direct=1 \
		--ioengine=libaio --iodepth=4 --numjobs=8 --size=2m \
		--offset_increment=4m --cpus_allowed=0-7 \
		--cpus_allowed_policy=split --verify=crc32c --do_verify=1 \
		--verify_fatal=1 --output-format=terse"
same_content 'the host has the same' "$sd" "$scratch/disk"

vm_check_log 'no complaint in the guest log'
vm_stop
done_testing
