#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 90 seconds
# stacks: ours
#
# Promise: our daemons work with our hv_utils and, unchanged, with the kernel's
# own.  Pairs that the host sets are kept, read back, listed and forgotten, at
# their limits and in any script; the guest tells its name, system and addresses.
# What writes to a frozen file system waits for the thaw.  A file from the host
# arrives as it is, is not written over unless that was said, and goes nowhere
# but where the guest lets it.  A daemon that hangs makes the host's request fail
# in time, one that was killed and started again goes on.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

# The kernel has given its driver for file copy away in 6.10
files=
[ "$STACK" = inbox ] || files=1

# value KEY [HVCTL-OPTIONS]: what the guest says of it
value()
{
	host kvp get "$@" | jq -r .value
}

# fact KEY: the same of what it knows by itself
fact()
{
	host kvp list --pool auto |
		jq -r ".pairs[] | select(.key == \"$1\") | .value"
}

# refused NAME REGEX VERB...: the host gets that for an answer
refused()
{
	local name=$1 regex=$2

	shift 2
	like "$(host "$@" 2>&1)" "$regex" "$name"
}

truncate -s 64M "$scratch/disk"
start ic-daemons --with daemons --cpus 2 --disk "$scratch/disk" --nic sink \
	--ic all
g 'lis-load && modprobe -a hv_utils hv_netvsc' || bail 'the drivers do not load'
in_guest 'the daemons start' 'mkdir -p /var/lib /etc
	echo 12.3 >/etc/debian_version; hostname guest.example
	for d in kvp vss; do hv_${d}_daemon || exit; done'
[ -z "$files" ] || in_guest 'the one for files, too' hv_fcopy_daemon

# --- pairs ------------------------------------------------------------------------

holds 'data exchange is ready' host ic wait kvp ready
like "$(host ic list | jq -r '.services[] | select(.service == "kvp").version')" \
	'^4\.[01]$' 'in version 4'
is "$(fact FullyQualifiedDomainName)" guest.example 'the guest tells its name'
is "$(fact OSBuildNumber)" "$(g 'uname -r')" 'its kernel'
is "$(fact ProcessorArchitecture)" x86_64 'its processor'
is "$(host kvp list | jq '.pairs | length')" 10 'ten such facts in all'

holds 'a pair is set' host kvp set Colour 'Grün ✓'
is "$(value Colour)" 'Grün ✓' 'and read'
printf -v long '%01023d' 7
printf -v key '%0255d' 8
holds 'the longest pair is set' host kvp set "$key" "$long"
is "$(value "$key")" "$long" 'and read'
holds 'a number is set' host kvp set Number 4711 --type dword
is "$(value Number)" 4711 'and read, as text or number'
holds 'a pair is set anew' host kvp set Colour blue
is "$(value Colour)" blue 'and read'
is "$(host kvp list --pool external | jq '.pairs | length')" 3 \
	'three pairs are listed'
is "$(g 'wc -c </var/lib/hyperv/.kvp_pool_0')" $((3 * 2560)) \
	'and kept where others look for them'
holds 'one is deleted' host kvp delete Colour
refused 'and gone' 'guest answers 0x8' kvp get Colour
refused 'it cannot be deleted twice' 'guest answers 0x8' kvp delete Colour

# --- addresses ----------------------------------------------------------------------

g 'n=$(nic 0); ip link set $n up; ip addr add 10.9.0.2/24 dev $n'
addresses=$(host kvp ip-get nic0)
like "$(jq -r .addresses <<<"$addresses")" '10\.9\.0\.2' \
	'the host can see an address'
like "$(jq -r .subnets <<<"$addresses")" '255\.255\.255\.0' 'with its mask'
like "$(fact NetworkAddressIPv4)" '10\.9\.0\.2' 'it is among the facts'
refused 'an adapter that is not there has none' 'guest answers 0x8' \
	kvp ip-get 00:11:22:33:44:55

# --- a daemon that does not answer -----------------------------------------------

g 'kill -STOP $(pidof hv_kvp_daemon)'
refused 'a hanging daemon is waited for no longer than that' \
	'not answered in time|guest answers 0x8' kvp get Number --limit 3
g 'kill -CONT $(pidof hv_kvp_daemon)'
holds 'then it goes on' host kvp set Number 1
in_guest 'it is killed, and started again' 'kill -9 $(pidof hv_kvp_daemon)
	within 10 "! pidof hv_kvp_daemon" && hv_kvp_daemon'
holds 'the host asks again' host ic negotiate kvp
holds 'and data exchange is ready' host ic wait kvp ready
is "$(value Number --limit 60)" 1 'nothing is forgotten'

# --- backup ----------------------------------------------------------------------------

in_guest 'a file system is mounted' 'modprobe ext4 && mkdir -p /mnt &&
	mkfs.ext4 -q /dev/$(disk 0 0) && mount -t ext4 /dev/$(disk 0 0) /mnt'
holds 'backup is ready' host ic wait vss ready
is "$(host vss check | jq .flags)" 5 'it can be done while the guest runs'
holds 'the guest is frozen' host vss freeze
g '(echo data >/mnt/file; sync /mnt/file; touch /tmp/written) \
	</dev/null >/dev/null 2>&1 & sleep 2'
not_in_guest 'a write waits' '[ -e /tmp/written ]'
holds 'the guest is thawed' host vss thaw
in_guest 'and it is done' 'within 20 "[ -e /tmp/written ]"'
holds 'the backup is over' host vss complete
in_guest 'the file system is sane' 'umount /mnt && e2fsck -fn /dev/$(disk 0 0) &&
	mount -t ext4 /dev/$(disk 0 0) /mnt'

# --- files -------------------------------------------------------------------------------

if [ -n "$files" ]; then
	head -c 100000 /dev/urandom >"$scratch/data"
	: >"$scratch/empty"
	holds 'file copy is ready' host ic wait fcopy ready
	g 'mkdir -p /var/lib/openlis/fcopy /tmp/in'
	holds 'a file is sent' host fcopy "$scratch/data" /tmp/in/data
	is "$(g 'xxhsum -q -H1 /tmp/in/data | cut -d" " -f1')" \
		"$(hash_of "$scratch/data")" 'and is there'
	refused 'it is not written over' '0x80070050' \
		fcopy "$scratch/empty" /tmp/in/data
	holds 'unless that is said' \
		host fcopy "$scratch/empty" /tmp/in/data --overwrite
	is "$(g 'wc -c </tmp/in/data')" 0 'by an empty one'
	refused 'a path is not made' 'guest answers 0x8' \
		fcopy "$scratch/data" /tmp/in/a/b/data
	holds 'unless that is said' \
		host fcopy "$scratch/data" /tmp/in/a/b/data --create-path
	refused 'nothing leaves its folder' 'guest answers 0x8' \
		fcopy "$scratch/data" /tmp/in --name ../../etc/data
	not_in_guest 'as one can see' '[ -e /etc/data ]'
fi

# --- lies about what is in the messages ------------------------------------------------

# What becomes of such a request is the guest's affair, as long as it is answered
if [ "$STACK" = ours ]; then
	for lie in op pool index key_size value_size value_type text; do
		host hostile "ic_$lie" kvp
		case $lie in
		index)	set -- list --pool external ;;
		*)	set -- set Colour red ;;
		esac
		unlike "$(host kvp "$@" --limit 30 2>&1)" 'not answered' \
			"kvp, $lie: it is answered"
		is "$(value Number)" 1 "kvp, $lie: then all is as before"
	done
	for lie in op size_inside; do
		host hostile "ic_$lie" vss
		unlike "$(host vss freeze --luns 3 --limit 60 2>&1)" \
			'not answered' "vss, $lie: it is answered"
		host vss thaw >/dev/null 2>&1
	done
	in_guest 'nothing is frozen' 'touch /mnt/file && sync /mnt/file'
	for lie in op text index size_inside offset; do
		host hostile "ic_$lie" fcopy
		unlike "$(host fcopy "$scratch/data" /tmp/in/lie 2>&1)" \
			'not answered' "fcopy, $lie: it is answered"
		g 'rm -f /tmp/in/lie'
		holds "fcopy, $lie: then files arrive" \
			host fcopy "$scratch/data" /tmp/in/truth --overwrite
	done
fi

vm_check_log 'a clean log'
vm_stop
is "$VM_STATUS" 0 'and no complaint of the host'
done_testing
