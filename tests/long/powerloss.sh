# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-only
#
# What tests/long/tree.t does, on top of tests/vm/common.sh: a tree of files on
# ext4 and one on xfs that must survive the loss of power.  The guest's program
# (tests/guest/tree.c) says which files are safe; that is written down here,
# outside the guest.  Both disks have a volatile cache: what was not flushed is
# lost.

# shellcheck disable=SC2034 # common.sh's
power_disks()	# CACHE: hvhost's options
{
	disk_options=(--disk "$scratch/ext4,cache=$1"
		--disk "$scratch/xfs,lun=1,cache=$1")
}

# power_begin NAME FILES: a guest, two fresh file systems
power_begin()
{
	power_files=$2
	: >"$scratch/ledger"
	images "$scratch" 192M ext4
	images "$scratch" 320M xfs
	power_disks volatile
	start_loaded "$1" --with proof --cpus 2 "${disk_options[@]}"
	in_guest 'file systems are made' 'modprobe ext4; modprobe xfs
		mkfs.ext4 -q -F -N 30000 -E nodiscard /dev/$(disk 0 0) &&
		mkfs.xfs -q -K /dev/$(disk 0 1) && sync'
}

# The last generation that is safe of each file of tree $1: "FIRST COUNT
# GENERATION" of files in a row, since each byte that goes to a guest costs
power_safe()
{
	awk -v tree="$1" -v files="$power_files" '
		$1 == "ack" && $2 == tree && $6 == "ok" {
			for (i = $3; i < $3 + $4; i++)
				last[i] = $5
		}
		END {
			for (i = 0; i <= files; i++) {
				if (n && last[i] == last[i - 1]) {
					n++
					continue
				}
				if (n)
					print i - n, n, last[i - 1]
				n = last[i] ? 1 : 0
			}
		}' "$scratch/ledger"
}

# How many files those are
power_safe_files()
{
	power_safe "$1" | awk '{ n += $2 } END { print n + 0 }'
}

# Disks are named anew at each boot; what is mounted, stays
power_mount='modprobe ext4; modprobe xfs; mkdir -p /mnt/ext4 /mnt/xfs
	mount -t ext4 /dev/$(disk 0 0) /mnt/ext4 &&
	mount -t xfs /dev/$(disk 0 1) /mnt/xfs'

# power_sound: both mount, are consistent then, and mount again; says why not
power_sound()
{
	g "set -e; $power_mount; umount /mnt/ext4; umount /mnt/xfs
	e2fsck -f -n /dev/\$(disk 0 0) >/tmp/fsck 2>&1 ||
		{ cat /tmp/fsck; false; }
	xfs_repair -n /dev/\$(disk 0 1) >/tmp/fsck 2>&1 ||
		{ cat /tmp/fsck; false; }
	$power_mount"
}

# power_check: everything that is safe is there; says what is not
power_check()
{
	local tree said

	for tree in ext4 xfs; do
		power_safe $tree >"$scratch/safe"
		guest -t 200 -i 'cat >/tmp/safe' <"$scratch/safe" || return
		said=$(g "tree $tree /mnt/$tree $power_files 0 </tmp/safe")
		echo "$said" | tee -a "$scratch/checks"
		[[ $said == *"checked $tree good $(power_safe_files $tree) bad 0"* ]] ||
			return
	done
}

# power_summary: for whoever reads the log
power_summary()
{
	diag "$(power_acks) syncs confirmed; $(awk '$1 == "checked" {
			checks++; good += $4; newer += $8
		} END { printf "%d checks of a tree, %d files, %d of them newer than confirmed",
			checks, good, newer }' "$scratch/checks")"
}

# power_work LIFE: both trees are worked on, in the background.  Nothing but
# this may add to the ledger.
power_work()
{
	local tree

	for tree in ext4 xfs; do
		power_safe $tree | guest -i "cat >/tmp/safe-$tree" || return
	done
	guest_aside -t 800 "for t in ext4 xfs; do
			tree \$t /mnt/\$t $power_files $(($1 * 1000000 + 1)) \
				</tmp/safe-\$t &
		done; wait" >>"$scratch/ledger" 2>/dev/null &
	power_worker=$!
}

# Lines in the ledger, of tree $1 or of both
power_acks()
{
	grep -c "^ack ${1:-[a-z0-9]*} .* ok$" "$scratch/ledger"
}

# power_await N [TREE]: until there are so many lines in the ledger.  No event
# stands for a line in a file.
power_await()
{
	local tries=6000

	until [ "$(power_acks "${2-}")" -ge "$1" ]; do
		kill -0 "$power_worker" 2>/dev/null && [ $((tries -= 1)) -gt 0 ] ||
			return 1
		sleep 0.1
	done
}

# power_pull: now.  The guest boots again, with its drivers.
power_pull()
{
	host power reset || return
	# It would go on waiting for an answer
	if [ -n "${power_worker-}" ]; then
		kill "$power_worker" 2>/dev/null
		wait "$power_worker" 2>/dev/null
	fi
	power_worker=
	# A line that was cut off must not swallow the next
	echo >>"$scratch/ledger"
	power_up
}

power_up()
{
	host wait reboot 60 >/dev/null && vm_await_agent && g lis-load &&
		disks_found
}

# A moment between 0 and $1 seconds
power_moment()
{
	sleep "$(awk -v max="$1" -v seed=$RANDOM$RANDOM \
		'BEGIN { srand(seed); print rand() * max }')"
}

# power_life LIFE MOMENT: work, the power goes, all is there.  Says what went
# wrong.
power_life()
{
	local before

	before=$(power_acks)
	if ! { power_work "$1" && power_await $((before + 2)); }; then
		echo "no work is done: $(tail -3 "$scratch/ledger")"
		return 1
	fi
	power_moment "$2"
	power_pull || return
	power_sound && power_check
}

# power_liar LIFE: the same with disks that lie must fail, else the checks
# above prove nothing
power_liar()
{
	vm_stop
	power_disks lying
	start_loaded "$tap_name-liar" --with proof --cpus 2 \
		"${disk_options[@]}"
	holds 'a disk that lies: the tree is there' eval 'power_sound && power_check'
	said=$(power_life "$1" 1)
	like "$said" 'bad (ext4|xfs) file|Structure needs cleaning|is missing' \
		'after a loss of power it is not, which this test sees'
}
