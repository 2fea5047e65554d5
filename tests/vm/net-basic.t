#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 90 seconds
# stacks: inbox
#
# Promise: a network adapter comes up with the host's address; what is sent
# through it, small and large, both ways, tagged or not, arrives as it was; link,
# MTU, MAC, filters and queues follow what either side orders; two adapters are
# two; the driver can be unloaded and loaded again.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

[ -e /dev/net/tun ] || skip_all 'there is no /dev/net/tun'
head -c 6M /dev/urandom >"$scratch/data"
sum=$(hash_of "$scratch/data")
mkfifo "$scratch/never"

start net-basic --cpus 2 --nic tap=lis0,queues=2 \
	--nic tap=lis1,mac=00:15:5d:aa:bb:01,queues=1
guest -i 'cat >>/tmp/guest.sh' <<'END_OF_GUEST'
# nic N: the name of its interface
nic()
{
	for _n in $bus/devices/4c495300-4e49-4300-8000-6f70656e6c0$1/net/*; do
		[ -e "$_n" ] && echo "${_n##*/}" && return
	done
	return 1
}

attr()
{
	cat /sys/class/net/$(nic $1)/$2
}

# takes PORT: listens, keeps what comes in /tmp/got.  Its own input has no end,
# or it would end the connection.
takes()
{
	rm -f /tmp/got /tmp/all /tmp/never
	mkfifo /tmp/never
	(nc -l -p $1 <>/tmp/never >/tmp/got; touch /tmp/all) >/dev/null 2>&1 &
	within 20 "netstat -ltn | grep -q :$1"
}
END_OF_GUEST

for n in 0 1; do
	ip addr add 10.9.$n.1/24 dev lis$n
	ip addr add fd09:$n::1/64 dev lis$n nodad
	ip link set lis$n up
done

g 'lis-load && modprobe hv_netvsc' || bail 'the drivers do not load'
in_guest 'both adapters come up' 'within 30 "nic 0 && nic 1"'
is "$(g 'attr 0 address')" 00:15:5d:4c:53:00 'with the address of the host'
is "$(g 'attr 1 address')" 00:15:5d:aa:bb:01 'or the one that was asked for'
in_guest 'they are configured' 'for n in 0 1; do
	echo 0 >/proc/sys/net/ipv6/conf/$(nic $n)/accept_dad &&
	ip addr add 10.9.$n.2/24 dev $(nic $n) &&
	ip link set $(nic $n) up &&
	ip addr add fd09:$n::2/64 dev $(nic $n) || exit 1; done'
in_guest 'the link is up' 'within 20 "[ \$(attr 0 carrier) = 1 ]"'
is "$(g 'attr 0 speed')" 10000 'at the speed of the host'

sent=$(g 'dd if=/dev/urandom of=/tmp/data bs=1M count=6 2>/dev/null
	xxhsum -q -H1 </tmp/data |
	cut -d" " -f1')

# --- frames -------------------------------------------------------------------

for n in 0 1; do
	in_guest "adapter $n: the guest reaches the host" \
		"within 20 'ping -c 1 -W 2 10.9.$n.1'"
	holds "adapter $n: and the host the guest" busybox ping -c 2 -W 5 10.9.$n.2
done
in_guest 'with IPv6, too' 'ping -c 2 -W 5 fd09::1'
in_guest 'and frames of full length' 'ping -c 2 -W 5 -s 1472 10.9.0.1'

# guest_gets NAME ADDRESS, host_gets NAME ADDRESS: the data cross
guest_gets()
{
	g 'takes 5001' || bail 'nobody listens in the guest'
	timeout 100 busybox nc "$2" 5001 <"$scratch/data" >/dev/null
	is "$(g 'within 60 "[ -e /tmp/all ]"; xxhsum -q -H1 </tmp/got |
		cut -d" " -f1')" "$sum" "$1"
}

host_gets()
{
	timeout 100 busybox nc -l -p 5002 <>"$scratch/never" >"$scratch/got" &
	within 20 'ss -ltn | grep -q :5002'
	g "nc $2 5002 </tmp/data" >/dev/null
	wait $!
	is "$(hash_of "$scratch/got")" "$sent" "$1"
}

within()
{
	local left=$(($1 * 20))

	while ! eval "$2" >/dev/null 2>&1; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.05
	done
}

guest_gets 'a stream arrives in the guest' 10.9.0.2
host_gets 'and in the host' 10.9.0.1
guest_gets 'by IPv6, too: in the guest' fd09::2
host_gets 'and in the host' fd09::1

# --- what either side orders --------------------------------------------------

nic0()
{
	host nic list | jq -r ".nics[0].$1"
}

like "$(nic0 nvsp)" '^0x60001$' 'the newest protocol was agreed on'
is "$(nic0 queues)" 2 'with two queues'
is "$(nic0 tx_errors)" 0 'the host has nothing to complain about'

in_guest 'the MTU grows' 'ip link set $(nic 0) mtu 9000 &&
	within 20 "[ \$(attr 0 carrier) = 1 ]"'
ip link set lis0 mtu 9000
is "$(nic0 frame_bytes)" 9014 'which the host was told'
in_guest 'large frames pass' 'within 20 "ping -c 1 -W 2 -s 8972 10.9.0.1"'
guest_gets 'and a stream of them: in the guest' 10.9.0.2
host_gets 'and in the host' 10.9.0.1
in_guest 'it shrinks again' 'ip link set $(nic 0) mtu 1500 &&
	within 20 "ping -c 1 -W 2 10.9.0.1"'
ip link set lis0 mtu 1500

host nic link 0 down
in_guest 'a link that goes down is seen' 'within 20 "[ \$(attr 0 carrier) = 0 ]"'
is "$(g 'attr 1 carrier')" 1 'that of the other adapter stays'
host nic link 0 up
in_guest 'and up again' 'within 20 "[ \$(attr 0 carrier) = 1 ]" &&
	within 20 "ping -c 1 -W 2 10.9.0.1"'

in_guest 'the address is changed' 'n=$(nic 0)
	ip link set $n down && ip link set $n address 00:15:5d:01:02:03 &&
	ip link set $n up'
is "$(nic0 mac)" 00:15:5d:01:02:03 'which the host was told'
ip neigh flush dev lis0
in_guest 'and frames find it' 'within 20 "ping -c 1 -W 2 10.9.0.1"'

# filter BIT NAME: the host's packet filter gets it
filter()
{
	holds "$2" within 20 "[ \$((\$(nic0 filter) & $1)) -ne 0 ]"
}

g 'ip link set $(nic 0) promisc on'
filter 0x20 'promiscuous mode is asked for'
g 'ip link set $(nic 0) promisc off; ifconfig $(nic 0) allmulti'
filter 0x4 'then all multicast'
is $(($(nic0 filter) & 0x20)) 0 'and no more'

in_guest 'a VLAN works' 'modprobe 8021q &&
	ip link add link $(nic 0) name vlan7 type vlan id 7 &&
	ip addr add 10.9.7.2/24 dev vlan7 && ip link set vlan7 up'
ip link add link lis0 name lis0.7 type vlan id 7
ip addr add 10.9.7.1/24 dev lis0.7
ip link set lis0.7 up
in_guest 'with small frames' 'within 20 "ping -c 1 -W 2 10.9.7.1"'
guest_gets 'and a stream: in the guest' 10.9.7.2
host_gets 'and in the host' 10.9.7.1

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
