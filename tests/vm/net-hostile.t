#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 60 seconds
# stacks: inbox
#
# Promise: a host that lies about frames, messages and buffers of a network
# adapter harms nobody: what is wrong is dropped, an adapter that cannot be set
# up does not come up, and with the truth all is well again.

# shellcheck source=tests/vm/net.sh
. "$(dirname "$0")/net.sh"

start net-hostile --cpus 2 --nic tap=lis0,queues=2
cable 0 lis0
g 'lis-load && modprobe hv_netvsc && within 30 "nic 0"' ||
	bail 'the drivers do not load'
plugged 0
in_guest 'the host answers' 'within 20 "ping -c 1 -W 2 10.9.0.1"'

# told NAME COUNT COMMAND: after so many lies of that name in all
lies=0
told()
{
	lies=$((lies + $2))
	holds "$1 is told" within 30 "$3; [ \$(nic_says 0 lies) -ge $lies ]"
}

# --- frames -------------------------------------------------------------------

for lie in net_range net_range_length net_set net_type net_length net_data \
	net_short net_info; do
	host hostile $lie nic0 3 || bail "no lie $lie"
	told $lie 3 'busybox ping -c 1 -W 1 10.9.0.2'
	in_guest "then the truth is heard" 'within 20 "ping -c 1 -W 2 10.9.0.1"'
done
crosses 'a stream' 10.9.0.2 10.9.0.1

# --- while it is set up -------------------------------------------------------

for lie in net_section net_send_section net_mac; do
	g 'rmmod hv_netvsc'
	host hostile $lie nic0
	told $lie 1 'g "modprobe hv_netvsc"'
	[ $lie = net_mac ] ||
		not_in_guest 'then there is no adapter' 'nic 0'
done
in_guest 'with the truth it comes up again' \
	'rmmod hv_netvsc; modprobe hv_netvsc && within 30 "nic 0"'
plugged 0
in_guest 'and works' 'within 20 "ping -c 1 -W 2 10.9.0.1"'
vm_check_log 'no complaint in the guest log'
vm_stop
is "$VM_STATUS" 0 'nor any in the host'
done_testing
