#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 70 seconds
#
# Promise: the guest takes part in every integration service its driver knows.
# Versions are the newest that both have, for an old host and a new one, and can
# be negotiated again at any time.  Each heartbeat is answered, a hundred at
# once, too.  The clock is set when the host says so, in both forms of that
# message, and not by a sample.  What needs a program that does not run is
# refused, or waits for it.  Services come back after they were taken away, or the
# driver was.  The host's wish to restart and to power off is carried out by the
# guest's own programs.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

# about SERVICE KEY: what the host knows of it
about()
{
	host ic list | jq -r ".services[] | select(.service == \"$1\") | .$2"
}

# services_ready SERVICE...
services_ready()
{
	local s

	for s; do
		host ic wait "$s" ready --limit 60 || return
	done
}

# ends_by COMMAND: what the kernel calls for an orderly end does that, and says
# so on the console
ends_by()
{
	g "printf '#!/bin/sh\necho orderly end >/dev/console\n%s\n' \
		'exec /bin/busybox $1 -f' >/sbin/$1
	chmod 755 /sbin/$1"
}

# clock_is OFFSET: the guest's clock is the host's and so many seconds, give or
# take what it takes to ask
clock_is()
{
	local before after guests tries=20

	while [ $((tries -= 1)) -gt 0 ]; do
		before=$(date +%s)
		guests=$(g 'date +%s') || return
		after=$(date +%s)
		[ "$guests" -lt $((before + $1 - 2)) ] ||
			[ "$guests" -gt $((after + $1 + 2)) ] || return 0
	done
	echo "guest $guests, host $before to $after, wanted $1 more"
	return 1
}

# all_answered SERVICE: nothing that was sent to it is unanswered, but what is
# under way
all_answered()
{
	local tries=100

	while [ $((tries -= 1)) -gt 0 ]; do
		[ "$(about "$1" owed)" -gt 1 ] || return 0
	done
	about "$1" owed
	return 1
}

# --- a host of today ------------------------------------------------------------

known='shutdown timesync heartbeat vss'
start ic --cpus 2 --ic heartbeat=500,all
g lis-load && in_guest 'the driver loads' 'modprobe hv_utils'
# shellcheck disable=SC2086 # words
holds 'all services that need no program are ready' services_ready $known
is "$(about shutdown version)" 3.2 'shutdown is of version 3.2'
is "$(about timesync version)" 4.0 'time of 4.0'
is "$(about heartbeat version)" 3.0 'heartbeat of 3.0'
is "$(about heartbeat framework)" 3.0 'the framework of 3.0'
like "$(about vss version)" '^[567]\.0$' 'backup of 5.0 or newer'

holds 'a heartbeat is answered' host ic wait heartbeat contact
is "$(about heartbeat heartbeat)" ok 'so all is well'
holds 'a hundred are asked for' host hostile ic_burst heartbeat 100
holds 'and answered' all_answered heartbeat
is "$(about heartbeat late)" 100 'each, though nobody waited'

holds 'the clock is to be set an hour ahead' \
	host ic time --offset 3600 --sync
holds 'and is' clock_is 3600
holds 'a sample of another time is sent' host ic time --offset 0 --sample
holds 'and does not set it' clock_is 3600
holds 'it is to be set back' host ic time --sync
holds 'and is' clock_is 0
in_guest 'there is a PTP clock named hyperv' \
	'grep -qx hyperv /sys/class/ptp/ptp*/clock_name'

is "$(host vss check 2>&1)" \
	'hvctl: vss: the guest answers 0x80004005 (failed)' \
	'backup fails without its program'
is "$(host vss freeze 2>&1)" \
	'hvctl: vss: the guest answers 0x80004005 (failed)' \
	'nothing is frozen either'
like "$(host kvp get a --limit 2 2>&1)" \
	'has not agreed|not answered in time|answers 0x8' \
	'data exchange fails, or waits for its program'

for s in $known; do
	holds "$s: versions are offered again" host ic negotiate "$s"
done
# shellcheck disable=SC2086
holds 'and agreed on' services_ready $known
is "$(about shutdown negotiations)" 2 'a second time'

for s in $known kvp; do
	holds "$s is taken away" host bus rescind "$s"
	holds "$s is closed" host ic wait "$s" closed
	holds "$s is given back" host bus reoffer "$s"
done
# shellcheck disable=SC2086
holds 'all are ready again' services_ready $known

in_guest 'the driver is unloaded' 'rmmod hv_utils'
for s in $known kvp; do
	holds "$s is closed" host ic wait "$s" closed --limit 5
done
in_guest 'and loaded again' 'modprobe hv_utils'
# shellcheck disable=SC2086
holds 'all are ready again' services_ready $known
vm_check_log 'a clean log'

ends_by reboot
holds 'the guest agrees to restart' host ic shutdown --reboot
holds 'and does' host wait reboot 60
like "$(<"$VM_DIR/ic.serial")" 'orderly end' 'by its own program'
host power off
vm_wait_exit
is "$VM_STATUS" 0 'without any breach of the protocol'

# --- an old one --------------------------------------------------------------------

start ic-old --cpus 2 --generation ws2012r2 --ic all
g lis-load && in_guest 'the driver loads' 'modprobe hv_utils'
# shellcheck disable=SC2086
holds 'all services that need no program are ready' services_ready $known
is "$(about shutdown version)" 3.0 'shutdown is of version 3.0'
is "$(about timesync version)" 3.0 'time of 3.0'
is "$(about vss version)" 5.0 'backup of 5.0'
holds 'the clock is to be set an hour ahead' \
	host ic time --offset 3600 --sync
holds 'and is' clock_is 3600
like "$(host ic shutdown --reboot 2>&1)" 'has not agreed to version 3.1' \
	'the guest could not be told to restart'
ends_by poweroff
holds 'it agrees to power off' host ic shutdown --force
vm_wait_exit
is "$VM_STATUS" 0 'and does'
like "$(<"$VM_DIR/ic-old.serial")" 'orderly end' 'by its own program'

done_testing
