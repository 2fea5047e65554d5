# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of network adapters share.  Sourced first: the test starts
# again in a network namespace of its own, in which hvhost makes its taps, and
# then has common.sh.
#
#   cable N TAP        both addresses of the host on this end: 10.9.N.1, fd09:N::1
#   plugged N...       the same for the guest's: 10.9.N.2, fd09:N::2, link up
#   crosses NAME GUEST HOST
#                      two checks: the data arrive whole in the guest, and in
#                      the host when it sends them back
#   nic_says N FIELD   what hvctl says about an adapter
#   load               a connection to and from 10.9.0.2 that carries data both
#                      ways, all of it compared, until "$scratch/stop" is there;
#                      then $load_pid ends, and "$scratch/load" says what was wrong
#   flows              data flow in it
#   within SECONDS COMMAND
#                      as in the guest

if [ -z "${LIS_OWN_NET-}" ]; then
	LIS_OWN_NET=1 exec unshare --net "$0" "$@"
	exit 1
fi

# shellcheck source=tests/vm/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ -e /dev/net/tun ] || bail 'there is no /dev/net/tun'
ip link set lo up

within()
{
	local left=$(($1 * 20))

	while ! eval "$2" >/dev/null 2>&1; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.05
	done
}

cable()
{
	ip link set "$2" up &&
		ip addr add "10.9.$1.1/24" dev "$2" &&
		ip addr add "fd09:$1::1/64" dev "$2" nodad
}

plugged()
{
	in_guest 'they are configured' "for n in $*; do
		i=\$(nic \$n) && [ -n \"\$i\" ] &&
		echo 0 >/proc/sys/net/ipv6/conf/\$i/accept_dad &&
		ip link set \$i up && ip addr add 10.9.\$n.2/24 dev \$i &&
		ip addr add fd09:\$n::2/64 dev \$i || exit 1; done"
}

# The data that cross; made when first wanted
net_data()
{
	[ -e "$scratch/data" ] && return
	head -c "${NET_DATA:-3M}" /dev/urandom >"$scratch/data"
	net_sum=$(hash_of "$scratch/data")
	# Input without an end: at its end nc would end the connection
	mkfifo "$scratch/never"
}

crosses()
{
	local name=$1 listener

	net_data
	g 'takes 5001' || bail 'nobody listens in the guest'
	timeout 60 busybox nc "$2" 5001 <"$scratch/data" >/dev/null
	timeout 120 busybox nc -l -p 5002 <>"$scratch/never" >"$scratch/got" &
	listener=$!
	within 20 'ss -ltn | grep -q :5002' || bail 'nobody listens in the host'
	is "$(g "taken; timeout 60 nc $3 5002 </tmp/got >/dev/null")" \
		"$net_sum" "$name: in the guest"
	within 30 "! kill -0 $listener" || kill "$listener"
	wait "$listener"
	is "$(hash_of "$scratch/got")" "$net_sum" "$name: and back in the host"
}

load_pid=

load()
{
	g '(nc -l -p 5003 -e cat) </dev/null >/dev/null 2>&1 &
		within 20 "netstat -ltn | grep -q :5003"' ||
		bail 'nobody listens in the guest'
	rm -f "$scratch/stop" "$scratch/progress"
	"$vmdir/net-load.py" 10.9.0.2 5003 "$scratch/stop" \
		"$scratch/progress" >"$scratch/load" 2>&1 &
	load_pid=$!
}

# More data came back after this was asked than before
flows()
{
	local before=0

	[ ! -e "$scratch/progress" ] || before=$(cat "$scratch/progress")
	within 60 "[ \$(cat '$scratch/progress') -gt $((before + 100000)) ]"
}

nic_says()
{
	host nic list | jq -r ".nics[$1].$2"
}
