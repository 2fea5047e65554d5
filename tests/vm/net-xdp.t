#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 60 seconds
# stacks: ours
#
# Promise: programs on the driver's XDP hook get each frame and can drop it, let
# it pass, send it back or out by another adapter, unchanged but for what they
# change; with them gone all is as before.

# shellcheck source=tests/vm/net.sh
. "$(dirname "$0")/net.sh"

NET_DATA=1M
start net-xdp --cpus 2 --with net --nic tap=lis0,queues=2 \
	--nic tap=lis1,queues=1
cable 0 lis0
cable 1 lis1
g 'lis-load && modprobe hv_netvsc && within 30 "nic 0 && nic 1"' ||
	bail 'the drivers do not load'
plugged 0 1
in_guest 'the host answers' 'within 20 "ping -c 1 -W 2 10.9.0.1" &&
	within 20 "ping -c 1 -W 2 10.9.1.1"'
mac=$(g 'nic_attr 0 address')

# xdp ACTION...: from now on; the one before is gone
xdp()
{
	in_guest "a program: $1" "kill \$(cat /tmp/xdp) 2>/dev/null
		rm -f /tmp/said
		xdpact \$(nic 0) $* >/tmp/said 2>&1 </dev/null &
		echo \$! >/tmp/xdp
		within 20 'grep -q ready /tmp/said' || { cat /tmp/said; false; }"
}

# xdp_count WHAT: of all queues of an adapter
xdp_count()
{
	g "ethtool -S \$(nic ${2-0})" |
		awk -v w="_xdp_$1:" 'index($1, w) { n += $2 } END { print n + 0 }'
}

frames()
{
	"$vmdir/net-frames.py" lis0 "$mac" "$@"
}

xdp pass
in_guest 'one that passes all is not noticed' 'ping -c 3 -W 5 10.9.0.1 && ping -c 1 -W 5 fd09::1'
crosses 'not by a stream either' 10.9.0.2 10.9.0.1

# All counts are at least: strays come by, such as router solicitations of the
# host's end
for action in drop abort odd; do
	before=$(xdp_count drop)
	xdp $action
	is "$(frames lis0 --count 20 --patience 1)" 0 "$action: nothing comes back"
	not_in_guest "$action: the guest hears nothing" \
		'ping -c 1 -W 2 10.9.0.1'
	holds "$action: which is counted" \
		within 20 "[ \$((\$(xdp_count drop) - before)) -ge 20 ]"
done

xdp tx
is "$(frames lis0)" 200 'all frames come back'
holds 'what was sent back is counted' within 20 '[ $(xdp_count tx) -ge 200 ]'

xdp redirect '$(nic 1)'
is "$(frames lis1)" 200 'all frames leave by the other adapter'
holds 'what left is counted where it came in' \
	within 20 '[ $(xdp_count redirect) -ge 200 ]'
holds 'and where it went out' within 20 '[ $(xdp_count xmit 1) -ge 200 ]'

not_in_guest 'the MTU cannot be more than a page has room for' \
	'ip link set $(nic 0) mtu 9000 2>/dev/null'
in_guest 'the program goes' 'kill $(cat /tmp/xdp) &&
	within 20 "ping -c 1 -W 2 10.9.0.1"'
in_guest 'then the MTU can be large' 'ip link set $(nic 0) mtu 9000 &&
	within 20 "[ \$(nic_attr 0 carrier) = 1 ]"'
not_in_guest 'with which there can be no program' 'xdpact $(nic 0) pass 2>/dev/null'
in_guest 'without one all is as before' 'ip link set $(nic 0) mtu 1500 &&
	within 20 "ping -c 1 -W 2 10.9.0.1"'
crosses 'a stream' 10.9.0.2 10.9.0.1
in_guest 'a program stays while the driver is unloaded' "$(
	echo 'xdpact $(nic 0) pass >/tmp/said 2>&1 </dev/null & p=$!
	within 20 "grep -q ready /tmp/said" && rmmod hv_netvsc && kill $p')"

vm_check_log 'no complaint in the guest log'
vm_stop
is "$VM_STATUS" 0 'nor any in the host'
done_testing
