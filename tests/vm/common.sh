# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the scenario tests share, on top of tests/lib/vm.sh: guests with the
# drivers loaded, checks that run a command, images, and what a host file holds.

vmdir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=${vmdir%/tests/vm}
# shellcheck source=tests/lib/vm.sh
. "$top/tests/lib/vm.sh"
vm_guest_lib=$vmdir/guest.sh

# Both drivers open a channel for each four CPUs, unless told otherwise
CHANNEL_PER_CPU='hv_storvsc storvsc_vcpus_per_sub_channel=1'

# A folder for images and the like, gone at the end
scratch=$(mktemp -d "${TMPDIR:-/tmp}/test-XXXXXX") || exit 1
at_exit()
{
	local f

	for f in "${tap_at_end[@]}"; do
		"$f"
	done
	rm -rf "$scratch"
}
trap at_exit EXIT

# holds NAME COMMAND...: passes when the command succeeds; prints what it said
# when it does not
holds()
{
	local name=$1 said status

	shift
	said=$("$@" 2>&1)
	status=$?
	if [ $status -eq 0 ]; then
		passes "$name"
	else
		fails "$name" "$* ended with status $status" "$said"
	fi
	return $status
}

# g TEXT: run it in the guest, with guest.sh.  The limit is for what hangs:
# an emulated guest on a busy machine is slow.
g()
{
	guest -t 200 ". /tmp/guest.sh; $1"
}

# in_guest NAME TEXT: passes when TEXT succeeds in the guest
in_guest()
{
	holds "$1" g "$2"
}

# not_in_guest NAME TEXT: passes when TEXT runs and fails in the guest
not_in_guest()
{
	holds "$1" g "if ( $2 ); then echo unexpectedly succeeded; false; fi"
}

# start NAME [hvhost options]: a guest without drivers of ours
start()
{
	vm_start "$@" || bail "the guest $1 does not start"
}

# start_loaded NAME [hvhost options]: and its drivers loaded, disks found
start_loaded()
{
	start "$@"
	g 'lis-load' || bail "the drivers do not load in $1"
	disks_found
}

# Every disk that the host offers, not counting DVD drives, has come up in the
# guest
disks_found()
{
	local want

	want=$(host disk list | jq '[.disks[] | select(.dvd | not)] | length')
	g "within 30 '[ \$(disks) -eq $want ]'" ||
		bail "$(g disks) of $want disks came up"
}

# images DIR SIZE N...: sparse files DIR/N of that size
images()
{
	local dir=$1 size=$2 n

	shift 2
	mkdir -p "$dir"
	for n; do
		truncate -s "$size" "$dir/$n"
	done
}

# KiB that the guest's kernel has for itself, without what it can give up
memory()
{
	g 'sync; echo 3 >/proc/sys/vm/drop_caches
	for s in /sys/kernel/slab/*/shrink; do echo 1 >$s; done 2>/dev/null
	awk "/^(Slab|KernelStack|VmallocUsed|Percpu|PageTables):/ { n += \$2 }
		END { print n }" /proc/meminfo'
}

# no_leak BEFORE LIMIT: memory() has grown by fewer KiB since it was BEFORE.  Some
# is given back late, by RCU and by work items.
no_leak()
{
	local after

	for _ in 1 2 3 4 5; do
		after=$(memory)
		[ $((after - $1)) -ge "$2" ] || break
	done
	holds "no memory is lost ($1 KiB, then $after)" \
		test $((after - $1)) -lt "$2"
}

# Not SHA-256, which costs an emulated processor ten times as much: nobody here
# wants to be deceived
hash_of()
{
	xxhsum -q -H1 <"$1" | cut -d' ' -f1
}

# same_content NAME DEVICE FILE: what the guest reads from the disk is what
# the host has in the file
same_content()
{
	is "$(g "read_back $2")" "$(hash_of "$3")" "$1"
}

# verify NAME DEVICE FIO-OPTIONS...: random writes, each read back and checked
verify()
{
	local name=$1 dev=$2

	shift 2
	in_guest "$name" "fio --name=verify --filename=$dev --rw=randwrite \
		--direct=1 --ioengine=libaio --verify=crc32c --do_verify=1 \
		--verify_fatal=1 --randrepeat=1 --output-format=terse $*"
}

# bus_module: the name of the bus of this stack.  Where the kernel has one built
# in, ours has another name.
bus_module()
{
	if [ "$STACK" = ours ]; then
		sh "$top/compat/modname.sh" "$(dirname "$(vm_kernel)")/config" hv_vmbus
	else
		echo hv_vmbus
	fi
}

# inbox_module NAME: the distribution's module file of $KERNEL, uncompressed
inbox_module()
{
	local kdir ko

	kdir=$("$top/tests/box/kernel" "$KERNEL") &&
		ko=$(find "$kdir/lib/modules" -name "$1.ko*" -path '*/kernel/*') ||
		return
	case $ko in
	*.xz)	xz -dc "$ko" >"${TMPDIR:-/tmp}/$1.ko" &&
			ko=${TMPDIR:-/tmp}/$1.ko ;;
	esac
	[ -s "$ko" ] && echo "$ko"
}

# messages TYPE: how many of that type the guest sent to the host's bus, as
# --trace "$scratch/trace" has them
messages()
{
	grep -c "bus from guest .* type $1 " "$scratch/trace"
}

# Those that say that it unloaded the bus
unloads()
{
	messages 16
}

boot_id()
{
	guest -q -t 20 -w 60 'cat /proc/sys/kernel/random/boot_id' 2>/dev/null
}

# reborn ID: another kernel runs than that with this boot id, which may go on
# answering for a moment
reborn()
{
	local end=$((SECONDS + 400)) id=$1

	while [ -z "$id" ] || [ "$id" = "$1" ]; do
		[ $SECONDS -lt $end ] && vm_running || return 1
		id=$(boot_id)
	done
	guest -i 'cat >/tmp/guest.sh' <"$vmdir/guest.sh"
}
