# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For tests of disks that fail: were writes that the guest reports as done
# written?  The disk is $sd in the guest, whose file is $scratch/victim.  To be
# sourced when the guest runs.

guest -i 'cat >>/tmp/guest.sh' <<'END'
# writes DEVICE TAG COUNT: single 4 KiB writes, the numbers of those that were
# reported as done
writes()
{
	_i=0
	while [ $_i -lt $3 ]; do
		echo "$2 $_i" | dd of=/dev/$1 bs=4096 seek=$_i conv=sync \
			oflag=direct 2>/dev/null && echo $_i
		_i=$((_i + 1))
	done
	true
}

# read_one DEVICE N: the Nth 4 KiB are read past the page cache
read_one()
{
	dd if=/dev/$1 of=/dev/null bs=4096 skip=$2 count=1 iflag=direct \
		2>/dev/null
}

# short_timeouts DEVICE SECONDS; ours wait on several times that long
short_timeouts()
{
	_p=/sys/module/hv_storvsc/parameters/storvsc_reset_after
	[ ! -e $_p ] || echo $(($2 * 4)) >$_p || return
	echo $2 >/sys/block/$1/device/timeout &&
		echo $2 >/sys/block/$1/device/eh_timeout
}
END

# Blocks among those on standard input that do not hold what they should
not_written()
{
	local tag=$1 n text

	while read -r n; do
		[ -n "$n" ] || continue		# none was reported
		text=$(dd if="$scratch/victim" bs=4096 skip="$n" count=1 \
			2>/dev/null | tr -d '\0')
		[ "$text" = "$tag $n" ] || echo "block $n holds '$text'"
	done
}

# told_the_truth NAME TAG COUNT WANT LIST: of COUNT writes, WANT are in the
# LIST of those that were reported as done, and these are in the host's file
told_the_truth()
{
	is "$(grep -c . <<<"$5") $(not_written "$2" <<<"$5")" "$4 " \
		"$1: $4 of $3 writes are reported as done, and are"
}

# truthful NAME TAG COUNT [WANT]: the same for COUNT writes now, by default
# all of them succeed
truthful()
{
	told_the_truth "$1" "$2" "$3" "${4:-$3}" "$(g "writes $sd '$2' $3")"
}

# From here on in the guest's log
mark()
{
	guest "echo 'mark: $1' >/dev/kmsg"
}
# What the log says since then
since()
{
	guest "dmesg | sed '1,/mark: $1\$/d'"
}
