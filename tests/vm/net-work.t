#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 120 seconds
#
# Promise: what people build on network adapters works on these: many streams at
# once, ssh, short connections, DHCP, the console over the network, tunnels,
# network namespaces, bridges, bonds that fail over.

# shellcheck source=tests/vm/net.sh
. "$(dirname "$0")/net.sh"

NET_DATA=300K
start net-work --cpus 2 --with net --nic tap=lis0,queues=2 \
	--nic tap=lis1,queues=2
cable 0 lis0
cable 1 lis1
g 'lis-load && modprobe hv_netvsc && within 30 "nic 0 && nic 1"' ||
	bail 'the drivers do not load'
# busybox prefers its own
guest 'echo "ip() { /usr/bin/ip \"\$@\"; }" >>/tmp/guest.sh'
plugged 0 1
in_guest 'the host answers' 'within 20 "ping -c 1 -W 2 10.9.0.1" &&
	within 20 "ping -c 1 -W 2 10.9.1.1"'

# --- streams ------------------------------------------------------------------

# iperf NAME OPTIONS...: all of it arrives, of UDP nearly all
iperf()
{
	local name=$1

	shift
	holds "iperf3: $name" timeout 60 iperf3 -c "$@" -t 1 -J \
		--connect-timeout 20000 --logfile "$scratch/iperf" &&
		holds "iperf3: $name: data arrive" jq -e '.end |
			(.sum_received // .sum).bytes > 10000 and
			(.sum.lost_percent // 0) < 50' "$scratch/iperf"
	rm -f "$scratch/iperf"
}

in_guest 'a server of iperf3' 'iperf3 -s -D >/dev/null 2>&1 </dev/null &&
	within 20 "netstat -ltn | grep -q :5201"'
iperf '4 streams' 10.9.0.2 -P 4
iperf '8 streams of IPv6 from the guest' fd09::2 -P 8 -R
iperf 'small packets of UDP' 10.9.0.2 -u -b 500K -l 64
iperf 'UDP of IPv6 from the guest' fd09::2 -u -b 2M -l 1200 -R
g 'killall iperf3'

# --- ssh ----------------------------------------------------------------------

net_data
dropbearkey -t ed25519 -f "$scratch/key" >"$scratch/key.pub" 2>/dev/null
in_guest 'a server of ssh' "mkdir -p /etc/dropbear /root/.ssh /dev/pts
	chmod 755 / /root && chmod 700 /root/.ssh
	echo root:x:0:0::/root:/bin/sh >/etc/passwd
	echo '$(grep ^ssh- "$scratch/key.pub")' >/root/.ssh/authorized_keys
	dropbear -R -s -p 22 >/tmp/ssh 2>&1 </dev/null
	within 20 'netstat -ltn | grep -q :22' || { cat /tmp/ssh; false; }"
to_guest()
{
	HOME=$scratch timeout 100 dbclient -y -i "$scratch/key" \
		root@10.9.0.2 "$@" 2>"$scratch/ssh"
}
is "$(to_guest 'cat >/tmp/copy; xxhsum -q -H1 </tmp/copy' \
	<"$scratch/data" | cut -d' ' -f1)" "$net_sum" 'a file goes there by ssh'
is "$(to_guest 'cat /tmp/copy' </dev/null | hash_of /dev/stdin)" "$net_sum" \
	'and comes back'
g 'killall dropbear'

# --- many short connections ---------------------------------------------------

# get ADDRESS: the page; busybox' wget dies of names, other clients take an emulated
# processor long to start
get()
{
	exec 3<>"/dev/tcp/$1/80" &&
		printf 'GET /page HTTP/1.0\r\nHost: guest\r\n\r\n' >&3 &&
		timeout 60 env LC_ALL=C sed '1,/^\r$/d' <&3 |
		cmp - "$scratch/data"
}

# gets COUNT ADDRESS: so often, four at a time
gets()
{
	local n

	for n in $(seq "$1"); do
		(get "$2") || echo "$n failed" &
		[ $((n % 4)) -ne 0 ] || wait
	done
	wait
}

in_guest 'a server of HTTP' 'mkdir /tmp/www && ln -s /tmp/copy /tmp/www/page &&
	httpd -p 80 -h /tmp/www'
is "$(gets 20 10.9.0.2 2>&1)" '' '20 short connections, each with its page'
is "$(gets 4 fd09::2 2>&1)" '' 'and 4 of IPv6'

# --- DHCP -----------------------------------------------------------------------

cat >"$scratch/udhcpd.conf" <<END
start 10.9.1.50
end 10.9.1.50
interface lis1
option subnet 255.255.255.0
lease_file $scratch/leases
pidfile $scratch/udhcpd.pid
END
touch "$scratch/leases"
busybox udhcpd -f "$scratch/udhcpd.conf" >/dev/null 2>&1 &
dhcpd=$!
in_guest 'an address comes by DHCP' 'ip addr flush dev $(nic 1)
	printf "#!/bin/sh\n[ \"\$1\" != bound ] || %s\n" \
		"busybox ip addr add \$ip/24 dev \$interface" >/tmp/bound
	chmod 755 /tmp/bound
	udhcpc -i $(nic 1) -n -q -t 10 -s /tmp/bound >/dev/null 2>&1 &&
	ping -c 1 -W 5 -I 10.9.1.50 10.9.1.1'
kill $dhcpd

# --- the console over the network -----------------------------------------------

# Not the module socket, which takes an emulated processor long to load
python3 -IS -c 'import _socket
s = _socket.socket(_socket.AF_INET, _socket.SOCK_DGRAM)
s.bind(("10.9.0.1", 6666))
while True:
    print(s.recv(4096).decode(errors="replace"), end="", flush=True)
' >"$scratch/console" 2>&1 &
listener=$!
within 20 'grep -q :1A0A /proc/net/udp'
in_guest 'lines for the console' "modprobe netconsole \
		netconsole=6665@10.9.0.2/\$(nic 0),6666@10.9.0.1/$(ip -j \
		link show lis0 | jq -r '.[].address') &&
	for i in \$(seq 20); do echo \"<1>line \$i goes out\" >/dev/kmsg; done"
holds 'lines for the console arrive' within 20 \
	"[ \$(grep -ac 'line [0-9]* goes out' '$scratch/console') -ge 20 ]"
g 'rmmod netconsole'
kill $listener

# --- tunnels ----------------------------------------------------------------------

ip link add vx0 type vxlan id 42 dev lis0 remote 10.9.0.2 dstport 4789
ip addr add 10.9.42.1/24 dev vx0
ip link set vx0 up
in_guest 'a VXLAN' 'modprobe vxlan && ip link add vx0 type vxlan id 42 \
		dev $(nic 0) remote 10.9.0.1 dstport 4789 &&
	ip addr add 10.9.42.2/24 dev vx0 && ip link set vx0 up &&
	within 20 "ping -c 1 -W 2 10.9.42.1"'
crosses 'a stream in the VXLAN' 10.9.42.2 10.9.42.1
ip link del vx0
g 'ip link del vx0'

# --- namespaces and bridges -------------------------------------------------------

in_guest 'an adapter moves to another namespace' 'n=$(nic 0)
	mkdir -p /var/run/netns && ip netns add inner &&
	ip link set $n netns inner &&
	ip netns exec inner ip addr add 10.9.0.3/24 dev $n &&
	ip netns exec inner ip link set $n up &&
	within 20 "ip netns exec inner ping -c 1 -W 2 10.9.0.1"'
in_guest 'it comes back when that ends' 'ip netns del inner &&
	within 20 "nic 0" && ip addr add 10.9.0.2/24 dev $(nic 0) &&
	ip link set $(nic 0) up && within 20 "ping -c 1 -W 2 10.9.0.1"'
in_guest 'a bridge lets others take part' 'modprobe bridge && modprobe veth &&
	ip addr flush dev $(nic 1) && ip netns add inner &&
	ip link add br0 type bridge && ip link set $(nic 1) master br0 &&
	ip link add va type veth peer name vb && ip link set va master br0 &&
	ip link set vb netns inner && ip link set va up && ip link set br0 up &&
	ip netns exec inner ip addr add 10.9.1.9/24 dev vb &&
	ip netns exec inner ip link set vb up &&
	within 20 "ip netns exec inner ping -c 1 -W 2 10.9.1.1"'
holds 'the host reaches who is behind the bridge' busybox ping -c 2 -W 5 10.9.1.9
g 'ip netns del inner; ip link del br0'

# --- bonds ------------------------------------------------------------------------

ip link add br9 type bridge
for tap in lis0 lis1; do
	ip addr flush dev $tap
	ip link set $tap master br9
done
ip addr add 10.9.9.1/24 dev br9
ip link set br9 up
in_guest 'a bond of both' 'modprobe bonding max_bonds=0 &&
	ip link add bond0 type bond mode active-backup miimon 100 &&
	for i in 0 1; do n=$(nic $i); ip link set $n down &&
		ip addr flush dev $n && ip link set $n master bond0 || exit
	done
	ip addr add 10.9.9.2/24 dev bond0 && ip link set bond0 up &&
	within 30 "ping -c 1 -W 2 10.9.9.1"'
host nic link 0 down
in_guest 'the bond without the link of one' \
	'within 20 "[ \$(nic_attr 0 carrier) = 0 ]" &&
	within 30 "ping -c 1 -W 2 10.9.9.1"'
crosses 'a stream by the other' 10.9.9.2 10.9.9.1
host nic link 0 up
host nic link 1 down
in_guest 'the bond the other way round' \
	'within 20 "[ \$(nic_attr 1 carrier) = 0 ]" &&
	within 30 "ping -c 1 -W 2 10.9.9.1"'
host nic link 1 up
in_guest 'the bond ends' 'ip link del bond0'

is "$(host nic list | jq '[.nics[].tx_errors] | add')" 0 \
	'the host has nothing to complain about'
vm_check_log 'no complaint in the guest log'
vm_stop
is "$VM_STATUS" 0 'nor any in the host'
done_testing
