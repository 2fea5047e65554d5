#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 90 seconds
# stacks: ours
#
# Promise: a host that lies about frames, messages and buffers of a network
# adapter harms nobody: what is wrong is dropped, a channel that nothing can be
# believed of any more is given up, an adapter that cannot be set up does not come
# up, and with the truth all is well again.

# shellcheck source=tests/vm/net.sh
. "$(dirname "$0")/net.sh"

start net-hostile --cpus 2 --nic tap=lis0,queues=2
cable 0 lis0
g 'lis-load && modprobe hv_netvsc && within 30 "nic 0"' ||
	bail 'the drivers do not load'

up()
{
	in_guest "$1" 'n=$(nic 0) && ip addr flush dev $n &&
		ip link set $n up && ip addr add 10.9.0.2/24 dev $n &&
		within 20 "ping -c 1 -W 2 10.9.0.1"'
}

up 'the adapter works'

# told COMMAND: one more lie is told while that runs again and again
lies=0
told()
{
	lies=$((lies + 1))
	holds "$lie: it is told" within 30 "$1; [ \$(nic_says 0 lies) -ge $lies ]"
}

# --- frames -------------------------------------------------------------------

for lie in net_type net_data net_short net_info; do
	host hostile $lie nic0 || bail "no lie $lie"
	told 'busybox ping -c 1 -W 1 10.9.0.2'
	in_guest "$lie: then the truth is heard" \
		'within 20 "ping -c 1 -W 2 10.9.0.1"'
done
in_guest 'each of them was counted' "within 20 '[ \$(ethtool -S \$(nic 0) |
	awk \"/rx_malformed|odd_messages/ { n += \\\$2 } END { print n }\") -ge 4 ]'"

# What the host says of its own buffer cannot be sorted out by frames: ours has
# no more to do with such a channel; an adapter whose first one it is wants to be
# bound anew.
for lie in net_range net_range_length net_length net_set; do
	host hostile $lie nic0 || bail "no lie $lie"
	told 'busybox ping -c 1 -W 1 10.9.0.2'
	# The adapter with it, if it is not a sub-channel
	in_guest "$lie: the channel is given up" 'n=$(nic 0)
		within 20 "ethtool -S $n | grep -q \"channels_lost: [1-9]\""'
	g 'd=$(cd /sys/class/net/$(nic 0)/device && pwd -P)
		cd /sys/bus/vmbus/drivers/hv_netvsc &&
		echo ${d##*/} >unbind && echo ${d##*/} >bind'
	up "$lie: bound anew, it works again"
done
crosses 'a stream' 10.9.0.2 10.9.0.1

# --- while it is set up -------------------------------------------------------

for lie in net_section net_send_section net_answer_length; do
	g 'rmmod hv_netvsc'
	host hostile $lie nic0
	told 'g "modprobe hv_netvsc"'
	not_in_guest "$lie: then there is no adapter" 'nic 0'
done
for lie in net_mac net_table net_table_entry; do
	g 'rmmod hv_netvsc'
	host hostile $lie nic0
	told 'g "modprobe hv_netvsc"'
	in_guest "$lie: there is an adapter all the same" 'within 20 "nic 0"'
done
g 'rmmod hv_netvsc; modprobe hv_netvsc; within 30 "nic 0"'
up 'with the truth it works as before'
is "$(g 'nic_attr 0 address')" 00:15:5d:4c:53:00 'under its own address'
vm_check_log 'no complaint in the guest log'
vm_stop
is "$VM_STATUS" 0 'nor any in the host'
done_testing
