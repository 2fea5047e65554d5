#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 60 seconds
#
# Promise: checksums, large sends, VLAN tags and the coalescing of what arrives
# are left to the host where it offers that, so that the host sees them, and the
# data arrive whole with and without; several queues share what arrives.

# shellcheck source=tests/vm/net.sh
. "$(dirname "$0")/net.sh"

start net-offload --cpus 2 --nic tap=lis0,queues=2
cable 0 lis0
g 'lis-load && modprobe hv_netvsc && within 30 "nic 0"' ||
	bail 'the drivers do not load'
plugged 0
in_guest 'the host answers' 'within 20 "ping -c 1 -W 2 10.9.0.1"'

# counts FIELD...: their values, for "grew"
counts()
{
	host nic list | jq -r ".nics[0] | [$(printf '.%s,' "$@" | sed 's/,$//')] |
		join(\" \")"
}

# grew NAME BEFORE FIELD LEAST: it has by so many
grew()
{
	local now

	now=$(counts "$3")
	if [ $((now - $2)) -ge "$4" ]; then
		passes "$1"
	else
		fails "$1" "$3 was $2, is $now"
	fi
}

# fields of what is sent and taken, before a transfer
before()
{
	read -r large sums rsums coalesced frames < <(counts tx_large \
		tx_checksums rx_checksums rx_coalesced tx_frames)
}

# --- as it comes up -----------------------------------------------------------

for family in 4 6; do
	[ $family = 4 ] && ends='10.9.0.2 10.9.0.1' || ends='fd09::2 fd09::1'
	before
	# shellcheck disable=SC2086 # two words
	crosses "IPv$family" $ends
	grew 'large sends are left to the host' "$large" tx_large 10
	grew 'checksums are, too' "$sums" tx_checksums 10
	grew 'and those of what arrives' "$rsums" rx_checksums 50
done

# --- coalesced ----------------------------------------------------------------

in_guest 'arriving segments may be coalesced' \
	'ethtool -K $(nic 0) lro on && ethtool -k $(nic 0) |
		grep -q "^large-receive-offload: on"'
before
crosses 'a stream of them' 10.9.0.2 10.9.0.1
grew 'the host does' "$coalesced" rx_coalesced 10
before
crosses 'and of IPv6' fd09::2 fd09::1
grew 'the host does' "$coalesced" rx_coalesced 10
in_guest 'a VLAN' 'modprobe 8021q &&
	ip link add link $(nic 0) name vlan7 type vlan id 7 &&
	ip addr add 10.9.7.2/24 dev vlan7 && ip link set vlan7 up'
ip link add link lis0 name lis0.7 type vlan id 7
ip addr add 10.9.7.1/24 dev lis0.7
ip link set lis0.7 up
tagged=$(counts tx_tagged)
before
crosses 'has both, too' 10.9.7.2 10.9.7.1
# No segments in one piece here: a tap does not let its VLANs have them
grew 'with tags that are left to the host' "$tagged" tx_tagged 20
grew 'and large sends' "$large" tx_large 10

# --- without ------------------------------------------------------------------

in_guest 'all of it is switched off' \
	'ethtool -K $(nic 0) lro off tso off tx off rx off'
before
crosses 'the guest does it itself' 10.9.0.2 10.9.0.1
is "$(counts tx_large tx_checksums rx_coalesced)" "$large $sums $coalesced" \
	'and leaves nothing to the host'
grew 'in small frames' "$frames" tx_frames 2000
in_guest 'and on again' 'ethtool -K $(nic 0) tx on rx on tso on'
before
crosses 'which is as before' 10.9.0.2 10.9.0.1
grew 'with large sends' "$large" tx_large 10

is "$(counts tx_errors tx_dropped)" '0 0' 'the host has nothing to complain about'
vm_check_log 'no complaint in the guest log'
vm_stop
is "$VM_STATUS" 0 'nor any in the host'
done_testing
