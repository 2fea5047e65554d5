# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only
#
# The guest's side of tests/vm/common.sh: sourced by every command that the
# tests run in the guest, by busybox' shell.

bus=/sys/bus/vmbus

# within SECONDS COMMAND: the command comes true in that time.  No single
# event stands for what these commands look at, hence polling.
within()
{
	_left=$(($1 * 20))
	shift
	while ! eval "$*" >/dev/null 2>&1; do
		_left=$((_left - 1))
		[ $_left -gt 0 ] || return 1
		usleep 50000
	done
}

# controller N, ideN or fcN: its folder in sysfs, which is named by its
# instance GUID
controller()
{
	case $1 in
	ide*)	set -- "${1#ide}"
		printf '%s/devices/%08x-%04x-8899-0000-000000000000\n' \
			$bus $(($1 / 2)) $(($1 % 2)) ;;
	fc*)	printf '%s/devices/4c495300-5c51-4000-8000-6669627265%02x\n' \
			$bus "${1#fc}" ;;
	*)	printf '%s/devices/4c495300-5c51-4000-8000-6f70656e6c%02x\n' \
			$bus "$1" ;;
	esac
}

# disk N LUN, disk fcN TARGET:LUN: its name, sda or so; fails when there is none
disk()
{
	for _d in "$(controller "$1")"/host*/target*/*:"$2"/block/*; do
		[ -e "$_d" ] && echo "${_d##*/}" && return
	done
	return 1
}

# write_through DISK: the kernel shall take it for one without a cache, which
# needs no flush when it leaves
write_through()
{
	echo 'temporary write through' \
		>"$(echo "/sys/block/$1/device/scsi_disk/"*)/cache_type"
}

# disks: how many the guest sees
disks()
{
	set -- /sys/block/sd*
	[ -e "$1" ] || set --
	echo $#
}

# read_back DEVICE [DD-OPTIONS]: hash of its content, past the page cache
read_back()
{
	_dev=$1
	shift
	dd if="/dev/$_dev" bs=1M iflag=direct "$@" 2>/dev/null |
		xxhsum -q -H1 | cut -d' ' -f1
}

# hyp_interrupts: one number for each CPU, interrupts of the hypervisor
hyp_interrupts()
{
	sed -n 's/^ *HYP: *\([0-9 ]*[0-9]\).*/\1/p' /proc/interrupts
}

# Not modprobe -r: with hv_storvsc it takes away hv_vmbus, too, and then fails
# to find that one
reload_modules()
{
	rmmod hv_storvsc && rmmod hv_vmbus && lis-load
}

# load_starts FILE: writes there, all verified, round after round, until
# load_ends
load_starts()
{
	rm -f /tmp/stop /tmp/bad /tmp/ended /tmp/rounds
	(while ! [ -e /tmp/stop ]; do
		fio --name=load --filename="$1" --rw=randwrite --bs=4k --size=1m \
			--direct=1 --ioengine=libaio --iodepth=16 \
			--rate_iops=150 --verify=crc32c --do_verify=1 \
			--verify_fatal=1 >/tmp/fio 2>&1 ||
			touch /tmp/bad /tmp/stop
		echo >>/tmp/rounds
	done; touch /tmp/ended) </dev/null >/dev/null 2>&1 &
	within 60 '[ -e /tmp/rounds ]'
}

load_ends()
{
	touch /tmp/stop
	within 100 '[ -e /tmp/ended ]' && [ ! -e /tmp/bad ] ||
		{ cat /tmp/fio; false; }
}

# nic N: the name of its interface; nic_attr N NAME: an attribute of it
nic()
{
	for _n in $bus/devices/4c495300-4e49-4300-8000-6f70656e6c0$1/net/*; do
		[ -e "$_n" ] && echo "${_n##*/}" && return
	done
	return 1
}

nic_attr()
{
	cat "/sys/class/net/$(nic "$1")/$2"
}

# takes PORT: listens, keeps what comes in /tmp/got.  Its own input has no end,
# or it would end the connection.  taken: waits for the end, prints the hash.
takes()
{
	rm -f /tmp/got /tmp/all
	[ -p /tmp/never ] || mkfifo /tmp/never
	(nc -l -p "$1" <>/tmp/never >/tmp/got; touch /tmp/all) >/dev/null 2>&1 &
	within 20 "netstat -ltn | grep -q :$1"
}

taken()
{
	within 60 '[ -e /tmp/all ]'
	xxhsum -q -H1 </tmp/got | cut -d' ' -f1
}
