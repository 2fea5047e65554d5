#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 120 seconds
# stacks: ours
#
# Promise: while a connection carries data both ways, queues, their table, ring
# sizes, offloads, MTU and link may change, and no byte of it is lost or wrong.
# The driver can be unloaded in the midst of it, the host may take the adapter
# away, and nothing stays behind.

# shellcheck source=tests/vm/net.sh
. "$(dirname "$0")/net.sh"

start net-change --cpus 2 --nic tap=lis0,queues=2
cable 0 lis0
ip link set lis0 mtu 4000
g 'lis-load && modprobe hv_netvsc && within 30 "nic 0"' ||
	bail 'the drivers do not load'
plugged 0
in_guest 'the host answers' 'within 20 "ping -c 1 -W 2 10.9.0.1"'

# --- what ethtool shows -------------------------------------------------------

tool()
{
	g "ethtool $* \$(nic 0)"
}

like "$(tool -i)" '^driver: hv_netvsc' 'ethtool knows the driver'
is "$(tool -l | awk '/^Combined:/ { print $2 }' | xargs)" '2 2' \
	'two channels of two are in use'
like "$(tool -x)" 'indirection table .* with 2 RX ring' \
	'there is a table'
is "$(tool -S | grep -cE '^ +(tx_scattered|tx_no_memory|tx_no_space|tx_too_big|tx_busy|tx_send_full|rx_comp_busy|rx_no_memory|stop_queue|wake_queue|[tr]x_queue_[01]_(packets|bytes)):')" \
	18 'the statistics have the names that users know'
is "$(tool -S | grep -cE '^ +cpu[01]_[rt]x_(packets|bytes):')" 8 \
	'also those of each CPU'
# A frame that comes while they are read is in one sum and not in the other
same_sums()
{
	[ "$(tool -S | awk '$1 ~ /^(cpu.|.x_queue_.)_.*_?packets:/ \
		{ n[substr($1, 1, 3) == "cpu"] += $2 }
		END { print n[0] - n[1] }')" = 0 ]
}
holds 'which sum up to those of the queues' within 20 same_sums
is "$(tool -g | awk '/^TX:/ { print $2 }' | xargs)" '256 256' \
	'and rings have sizes'

in_guest 'tracepoints fire' 'cd /sys/kernel/tracing/events/netvsc || exit
	echo 1 >enable; ping -c 3 10.9.0.1 >/dev/null; echo 0 >enable
	for e in netvsc_xmit netvsc_done netvsc_frame; do
		grep -q "$e: ifindex" ../../trace || exit
	done'

# --- under load ---------------------------------------------------------------

# changes NAME COMMAND: in the guest; the connection goes on
changes()
{
	in_guest "$1" "n=\$(nic 0); $2" && holds "$1: data flow" flows
}

load
holds 'a connection' flows
changes 'one channel' 'ethtool -L $n combined 1'
is "$(tool -l | awk '/^Combined:/ { print $2 }' | xargs)" '2 1' \
	'there is one'
changes 'two again' 'ethtool -L $n combined 2'
is "$(nic_says 0 queues)" 2 'the host knows'
changes 'all in the second' 'ethtool -X $n weight 0 1'
like "$(tool -x)" ' 0: +1 +1 +1 +1' 'as the table says'
in_guest 'ports of UDP do not count' 'n=$(nic 0)
	ethtool -N $n rx-flow-hash udp4 sd &&
	[ $(ethtool -n $n rx-flow-hash udp4 | grep -c "^L4") -eq 0 ] &&
	[ $(ethtool -n $n rx-flow-hash udp6 | grep -c "^L4") -eq 2 ] &&
	[ $(ethtool -n $n rx-flow-hash tcp4 | grep -c "^L4") -eq 2 ]'
is $(($(nic_says 0 hash) & 0xc200)) $((0x8200)) 'which the host was told'
not_in_guest 'ports of bare IP cannot' \
	'ethtool -N $(nic 0) rx-flow-hash ip4 sdfn 2>/dev/null'
changes 'ports count again' 'ethtool -N $n rx-flow-hash udp4 sdfn'
changes 'evenly again' 'ethtool -X $n equal 2'
# The masks of XPS are hexadecimal
changes 'a channel moves to another CPU' \
	'for c in /sys/class/net/$n/device/channels/*; do
		[ "$(cat $c/subchannel_id)" = 0 ] || continue
		cpu=$((1 - $(cat $c/cpu)))
		echo $cpu >$c/cpu
	done
	within 20 "[ \$((0x\$(cat /sys/class/net/$n/queues/tx-0/xps_cpus))) = \
		$((1 << cpu)) ]"'
changes 'smaller rings' 'ethtool -G $n rx 1000 tx 32'
is "$(tool -g | awk '/^TX:/ { print $2 }' | xargs)" '256 32' 'they are'
changes 'no segmentation' 'ethtool -K $n tso off'
changes 'no checksums' 'ethtool -K $n tx off rx off'
changes 'all offloads' 'ethtool -K $n tx on rx on tso on'
changes 'a larger MTU' 'ip link set $n mtu 4000'
changes 'a smaller MTU' 'ip link set $n mtu 1400'
changes 'the usual MTU' 'ip link set $n mtu 1500 && ethtool -G $n tx 256'
changes 'down and up' 'ip link set $n down && ip link set $n up'
host nic link 0 down
in_guest 'no link' 'within 20 "[ \$(nic_attr 0 carrier) = 0 ]"'
host nic link 0 up
holds 'a link again: data flow' flows
host bus stall nic0
in_guest 'a host that does not answer for a while' \
	'ethtool -S $(nic 0) >/dev/null; usleep 500000'
host bus resume nic0
holds 'goes on: data flow' flows
touch "$scratch/stop"
wait "$load_pid"
is "$?$(cat "$scratch/load")" 0 'no byte was lost or wrong'
is "$(tool -S | awk '/rx_malformed|odd_messages|channels_lost|tx_refused/ \
	{ n += $2 } END { print n }')" 0 'nor did the host break the protocol'

# --- the driver leaves --------------------------------------------------------

back()
{
	g 'within 30 "nic 0" && ip addr add 10.9.0.2/24 dev $(nic 0) &&
		ip link set $(nic 0) up &&
		within 20 "ping -c 1 -W 2 10.9.0.1"'
}

# Ends as it may: its other end has no network any more
load_lost()
{
	kill "$load_pid"
	wait "$load_pid" 2>/dev/null
	g 'killall nc cat 2>/dev/null; true'
}

reloads()
{
	g "i=0
	while [ \$i -lt $1 ]; do
		i=\$((i + 1))
		rmmod hv_netvsc && modprobe hv_netvsc &&
			within 30 'nic 0' && ip link set \$(nic 0) up || exit
	done"
}

for i in 1 2; do
	load
	holds "load ($i)" flows
	in_guest 'unload in the midst of it' 'rmmod hv_netvsc && ! nic 0'
	load_lost
	in_guest 'load' 'modprobe hv_netvsc'
	holds 'it works again' back
done

for how in rescind vanish; do
	load
	holds "load ($how)" flows
	holds "the host takes the adapter away: $how" host bus "$how" nic0
	in_guest 'it is gone' 'within 40 "! nic 0"'
	load_lost
	holds 'the host offers it again' host bus reoffer nic0
	holds 'it works again' back
done

holds '3 reloads' reloads 3
in_guest 'unload before memory is looked at' 'rmmod hv_netvsc'
before=$(memory)
in_guest 'load once more' 'modprobe hv_netvsc'
holds '12 reloads' reloads 12
in_guest 'unload after them' 'rmmod hv_netvsc'
no_leak "$before" 400
is "$(g 'grep -E "hv_netvsc|lis_gpadl" /proc/vmallocinfo /proc/modules')" '' \
	'nothing is left in vmalloc space'
in_guest 'the bus unloads, too' 'rmmod hv_storvsc; rmmod hv_vmbus'

vm_check_log 'no complaint in the guest log'
vm_stop
is "$VM_STATUS" 0 'nor any in the host'
done_testing
