#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 100 seconds
#
# Promise: our daemons serve the host, on our hv_utils and on the kernel's own:
# pairs go both ways, a disk that is frozen is at rest and never stays frozen,
# files arrive whole and only where they may, and all goes on after the host
# has taken a service away and given it back.

VM_SETS=fs,misc,daemons
# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

images "$scratch" 64M disk
head -c 3000000 /dev/urandom >"$scratch/file"

start_loaded daemons --cpus 2 --ic kvp,vss,fcopy,heartbeat \
	--disk "$scratch/disk"
g 'modprobe hv_utils && modprobe ext4 &&
	mkdir -p /etc/openlis /mnt /tmp/in /var &&
	echo "allow = /tmp/in" >/etc/openlis/fcopy.conf &&
	echo "thaw-after = 20" >/etc/openlis/vss.conf &&
	mkfs.ext4 -q -E lazy_itable_init=0 /dev/$(disk 0 0) &&
	mount /dev/$(disk 0 0) /mnt' || bail 'the guest is not as the test wants it'

# Daemons in the background, whose log is a file
g 'for d in kvp vss fcopy; do
		hv_${d}_daemon -n >/tmp/$d.log 2>&1 </dev/null &
	done
	within 30 "lis status | grep -q \"hv_kvp_daemon runs.*connected\"" &&
	within 30 "lis status | grep -q \"hv_vss_daemon runs.*connected\""' ||
	bail "the daemons do not come up: $(g 'cat /tmp/*.log')"

# Is there a device for files?  The kernel's own driver since 6.10 has none.
files=$(g '[ ! -e /dev/vmbus/hv_fcopy ] || echo yes')

# --- pairs --------------------------------------------------------------------

holds 'the host agrees with the guest about pairs' host ic wait kvp ready --limit 60
like "$(host kvp list)" "OSBuildNumber.*$(g 'uname -r')" 'it sees the kernel of the guest'
like "$(host kvp list)" 'FullyQualifiedDomainName' 'and its name'
holds 'it sets a pair' host kvp set greeting 'grüße; $(reboot)'
is "$(g 'lis kvp get greeting')" 'grüße; $(reboot)' 'the guest has it as it was'
in_guest 'the guest sets 300' 'i=0; while [ $i -lt 300 ]; do
	lis kvp set key-$i value-$i || exit; i=$((i + 1)); done'
is "$(host kvp list --pool guest | grep -c 'key-[0-9]*.*value-[0-9]*')" 300 'the host sees all of them'
holds 'the host deletes its pair' host kvp delete greeting
not_in_guest 'it is gone' 'lis kvp get greeting'
like "$(host kvp delete greeting 2>&1)" 0x80041002 'deleting it again is answered with "not found"'
like "$(host kvp set mine no --pool guest 2>&1)" 0x80070057 'what is the guest'"'"'s the host does not write'

# --- backup -------------------------------------------------------------------

holds 'a backup is possible' host vss check
in_guest 'something writes all the time' 'echo before >/mnt/before &&
	{ while [ ! -e /tmp/stop ]; do date >>/mnt/log; done >/dev/null 2>&1 & }'
holds 'the host freezes' host vss freeze
cp --sparse=always "$scratch/disk" "$scratch/copy"
is "$(hash_of "$scratch/copy")" "$(hash_of "$scratch/disk")" 'the disk is at rest'
holds 'and thaws' host vss thaw
in_guest 'the writer goes on' 'a=$(wc -c </mnt/log)
	within 20 "[ \$(wc -c </mnt/log) -gt $a ]"'
holds 'the copy is clean' /sbin/e2fsck -fn "$scratch/copy"
like "$(dumpe2fs -h "$scratch/copy" 2>/dev/null | grep -c needs_recovery)" '^0$' 'and needs no recovery'

holds 'the host freezes, and the daemon is killed' host vss freeze
in_guest 'the writer goes on' 'kill -9 $(pidof hv_vss_daemon); a=$(wc -c </mnt/log)
	within 20 "[ \$(wc -c </mnt/log) -gt $a ]"'
host vss thaw >/dev/null 2>&1
in_guest 'a new daemon comes up' 'hv_vss_daemon -n >/tmp/vss.log 2>&1 </dev/null &
	within 30 "lis status | grep -q \"hv_vss_daemon runs.*connected\""'

holds 'the host freezes, and says nothing more' host vss freeze
in_guest 'all is thawed all the same' 'within 60 "grep -q \"did not say thaw\" /tmp/vss.log"'
like "$(host vss thaw 2>&1)" 0x80004005 'the host hears that its copy is worth nothing'
holds 'the next freeze is as the first' host vss freeze
holds 'and the thaw' host vss thaw
g 'touch /tmp/stop'

# --- files --------------------------------------------------------------------

if [ -n "$files" ]; then
	holds 'the host copies a file' host fcopy "$scratch/file" /tmp/in
	is "$(g 'xxhsum -q -H1 </tmp/in/file | cut -d" " -f1')" "$(hash_of "$scratch/file")" 'it is what it was'
	like "$(host fcopy "$scratch/file" /tmp/in 2>&1)" 0x80070050 'not twice'
	holds 'but over it' host fcopy "$scratch/file" /tmp/in --overwrite
	like "$(host fcopy "$scratch/file" /tmp 2>&1)" 0x80004005 'not where it may not be'
	not_in_guest 'nothing is there' '[ -e /tmp/file ]'
	is "$(g 'ls -A /tmp/in | wc -l')" 1 'and nothing else where it may'
fi

# --- taken away and given back ------------------------------------------------

for service in kvp vss ${files:+fcopy}; do
	host bus rescind "$service" >/dev/null
	in_guest "$service is taken away" \
		"within 20 'grep -q \"went away\" /tmp/$service.log'"
	host bus reoffer "$service" >/dev/null
	holds "and is there again" host ic wait "$service" ready --limit 60
done
holds 'pairs go on' host kvp set again yes
is "$(g 'lis kvp get again')" yes 'as before'
holds 'freezing, too' host vss freeze
holds 'and thawing' host vss thaw
in_guest 'lis status has nothing to say' "lis status || ${files:-true}"

g 'umount /mnt; kill $(pidof hv_kvp_daemon hv_vss_daemon hv_fcopy_daemon)'
vm_check_log
vm_stop
done_testing
