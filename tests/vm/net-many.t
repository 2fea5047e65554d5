#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 60 seconds
#
# Promise: adapters of every protocol version work side by side, each with its
# own cable; more come while the guest runs, with the cable in or out, and go,
# in the middle of a transfer, too, and come again, and the others do not care.

# shellcheck source=tests/vm/net.sh
. "$(dirname "$0")/net.sh"

NET_DATA=400K
versions=(1 2 4 5 6 6.1)
agreed=(0x2 0x30002 0x40000 0x50000 0x60000 0x60001)

nics=()
for n in 0 1 2 3 4 5; do
	nics+=(--nic "tap=lis$n,queues=2,nvsp=${versions[n]}")
done
start net-many --cpus 2 "${nics[@]}"
for n in 0 1 2 3 4 5; do
	cable $n lis$n
done
g 'lis-load && modprobe hv_netvsc' || bail 'the drivers do not load'
in_guest 'six adapters come up' \
	'within 60 "nic 0 && nic 1 && nic 2 && nic 3 && nic 4 && nic 5"'
plugged 0 1 2 3 4 5

# --- every version ------------------------------------------------------------

in_guest 'all of them reach the host' 'for n in 0 1 2 3 4 5; do
	within 20 "ping -c 1 -W 2 10.9.$n.1" || { echo $n; exit 1; }; done'
for n in 0 1 2 3 4 5; do
	is "$(nic_says $n nvsp)" ${agreed[n]} "version ${versions[n]} is spoken"
	crosses "a stream by it" 10.9.$n.2 10.9.$n.1
done
is "$(host nic list | jq -c '[.nics[].queues]')" '[1,1,1,2,2,2]' \
	'with several queues from version 5 on'

# --- come and go --------------------------------------------------------------

host nic add tap=lis6,link=down || fails 'an adapter is plugged in'
cable 6 lis6
in_guest 'one that is plugged in comes up' 'within 30 "nic 6"'
plugged 6
is "$(g 'nic_attr 6 carrier')" 0 'without a link, for it has no cable'
host nic link 6 up
in_guest 'with the cable it works' 'within 20 "ping -c 1 -W 2 10.9.6.1"'

# A transfer through the last that ends with its adapter
timeout 100 busybox nc -l -p 5003 <>"$scratch/never" >/dev/null 2>&1 &
within 20 'ss -ltn | grep -q :5003'
g '(dd if=/dev/zero bs=64k | nc 10.9.5.1 5003; touch /tmp/cut) \
	>/dev/null 2>&1 </dev/null &'
before=$(nic_says 5 tx_bytes)
holds 'a transfer is under way' \
	within 20 "[ \$(nic_says 5 tx_bytes) -gt $((before + 1000000)) ]"
# The in-box driver waits for ever for sends that nobody answers any more
[ "$STACK" = ours ] && how=vanish || how=rescind
holds 'its adapter is taken away' host bus $how nic5
in_guest 'it goes' 'within 60 "! nic 5"'
holds 'another is taken away' host bus rescind nic6
in_guest 'it goes, too' 'within 60 "! nic 6"'
in_guest 'the others are still there' \
	'ping -c 1 -W 5 10.9.0.1 && ping -c 1 -W 5 10.9.4.1'
host bus reoffer nic5
host bus reoffer nic6
in_guest 'both come back' 'within 60 "nic 5 && nic 6"'
plugged 5 6
in_guest 'and work' 'within 20 "ping -c 1 -W 2 10.9.5.1" &&
	within 20 "ping -c 1 -W 2 10.9.6.1"'
crosses 'a stream through one of them' 10.9.5.2 10.9.5.1

in_guest 'the driver is unloaded' 'killall -q nc dd; rmmod hv_netvsc && ! nic 0'
is "$(host nic list | jq '[.nics[].tx_errors] | add')" 0 \
	'the host has nothing to complain about'
vm_check_log 'no complaint in the guest log'
vm_stop
is "$VM_STATUS" 0 'nor any in the host'
done_testing
