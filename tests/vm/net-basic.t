#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 80 seconds
#
# Promise: a network adapter comes up with the host's address; what is sent
# through it, small and large, both ways, tagged or not, arrives as it was; link,
# MTU, MAC, filters and queues follow what either side orders; two adapters are
# two; the driver can be unloaded and loaded again.

# shellcheck source=tests/vm/net.sh
. "$(dirname "$0")/net.sh"

start net-basic --cpus 2 --nic tap=lis0,queues=2 \
	--nic tap=lis1,mac=00:15:5d:aa:bb:01,queues=1
cable 0 lis0
cable 1 lis1

g 'lis-load && modprobe hv_netvsc' || bail 'the drivers do not load'
in_guest 'both adapters come up' 'within 30 "nic 0 && nic 1"'
is "$(g 'nic_attr 0 address; nic_attr 1 address' | xargs)" \
	'00:15:5d:4c:53:00 00:15:5d:aa:bb:01' \
	'with the address of the host, or the one that was asked for'
plugged 0 1
is "$(g 'within 20 "[ \$(nic_attr 0 carrier) = 1 ]"; nic_attr 0 speed')" \
	10000 'the link is up, at the speed of the host'

# --- frames -------------------------------------------------------------------

for n in 0 1; do
	in_guest "adapter $n: the guest reaches the host" \
		"within 20 'ping -c 1 -W 2 10.9.$n.1'"
	holds "adapter $n: and the host the guest" \
		busybox ping -c 1 -W 5 10.9.$n.2
done
in_guest 'with IPv6, too, and frames of full length' \
	'ping -c 1 -W 5 fd09::1 && ping -c 1 -W 5 -s 1472 10.9.0.1'
crosses 'a stream' 10.9.0.2 10.9.0.1
crosses 'IPv6' fd09::2 fd09::1

# --- what either side orders --------------------------------------------------

is "$(nic_says 0 nvsp)" 0x60001 'the newest protocol was agreed on'
is "$(nic_says 0 queues)" 2 'with two queues'
is "$(nic_says 0 tx_errors)" 0 'the host has nothing to complain about'

in_guest 'the MTU grows' 'ip link set $(nic 0) mtu 9000 &&
	within 20 "[ \$(nic_attr 0 carrier) = 1 ]"'
ip link set lis0 mtu 9000
is "$(nic_says 0 frame_bytes)" 9014 'which the host was told'
in_guest 'large frames pass' 'within 20 "ping -c 1 -W 2 -s 8972 10.9.0.1"'
crosses 'a stream of them' 10.9.0.2 10.9.0.1
in_guest 'it shrinks again' 'ip link set $(nic 0) mtu 1500 &&
	within 20 "ping -c 1 -W 2 10.9.0.1"'
ip link set lis0 mtu 1500

host nic link 0 down
in_guest 'a link that goes down is seen' \
	'within 20 "[ \$(nic_attr 0 carrier) = 0 ]"'
is "$(g 'nic_attr 1 carrier')" 1 'that of the other adapter stays'
host nic link 0 up
in_guest 'and up again' 'within 20 "[ \$(nic_attr 0 carrier) = 1 ]" &&
	within 20 "ping -c 1 -W 2 10.9.0.1"'

in_guest 'the address is changed' 'n=$(nic 0)
	ip link set $n down && ip link set $n address 00:15:5d:01:02:03 &&
	ip link set $n up'
is "$(nic_says 0 mac)" 00:15:5d:01:02:03 'which the host was told'
ip neigh flush dev lis0
in_guest 'and frames find it' 'within 20 "ping -c 1 -W 2 10.9.0.1"'

# filter BIT NAME: the host's packet filter gets it
filter()
{
	holds "$2" within 20 "[ \$((\$(nic_says 0 filter) & $1)) -ne 0 ]"
}

g 'ip link set $(nic 0) promisc on'
filter 0x20 'promiscuous mode is asked for'
g 'ip link set $(nic 0) promisc off; ifconfig $(nic 0) allmulti'
filter 0x4 'then all multicast'
is $(($(nic_says 0 filter) & 0x20)) 0 'and no more'

in_guest 'a VLAN works' 'modprobe 8021q &&
	ip link add link $(nic 0) name vlan7 type vlan id 7 &&
	ip addr add 10.9.7.2/24 dev vlan7 && ip link set vlan7 up'
ip link add link lis0 name lis0.7 type vlan id 7
ip addr add 10.9.7.1/24 dev lis0.7
ip link set lis0.7 up
in_guest 'with small frames' 'within 20 "ping -c 1 -W 2 10.9.7.1"'
crosses 'and a stream' 10.9.7.2 10.9.7.1

# --- again --------------------------------------------------------------------

in_guest 'the driver is unloaded' 'ip link del vlan7; rmmod hv_netvsc &&
	! nic 0'
in_guest 'and loaded' 'modprobe hv_netvsc && within 30 "nic 0 && nic 1" &&
	ip addr add 10.9.0.2/24 dev $(nic 0) && ip link set $(nic 0) up &&
	within 20 "ping -c 1 -W 2 10.9.0.1"'
is "$(host nic list | jq '[.nics[].tx_errors] | add')" 0 \
	'the host has nothing to complain about'
vm_check_log 'no complaint in the guest log'
vm_stop
is "$VM_STATUS" 0 'nor any in the host'
done_testing
