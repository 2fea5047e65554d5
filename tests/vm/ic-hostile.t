#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# takes: 60 seconds
# stacks: ours
#
# Promise: a host whose services send frames that are too short, too long, of no
# known type or version, or that contradict themselves, negotiate nonsense, repeat
# themselves or send ten thousand requests without waiting harms nobody: the guest
# goes on, and with the truth all services work as before.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

known='shutdown timesync heartbeat vss'

# about SERVICE KEY: what the host knows of it
about()
{
	host ic list | jq -r ".services[] | select(.service == \"$1\") | .$2"
}

# told SERVICE NUMBER: so many lies have been told there
told()
{
	local tries=150

	while [ "$(about "$1" lies)" -lt "$2" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.1
	done
}

all_ready()
{
	local s

	for s in $known; do
		host ic negotiate "$s" && host ic wait "$s" ready --limit 60 ||
			return
	done
}

# sent SERVICE NUMBER: so many messages have been sent there
sent()
{
	local tries=300

	while [ "$(about "$1" sent)" -lt "$2" ]; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.1
	done
}

start ic-hostile --cpus 2 --ic heartbeat=200,timesync=1,all
g 'lis-load && modprobe hv_utils' || bail 'the drivers do not load'
holds 'all services are ready' all_ready

lies=0
for lie in short pipe_length pipe_type size size_zero type cut long version \
	flags response repeat; do
	for s in heartbeat timesync; do
		host hostile "ic_$lie" "$s" || bail "no lie ic_$lie"
	done
	lies=$((lies + 1))
	holds "$lie: it is told" told heartbeat $lies
	holds "$lie: then the truth is heard" host ic wait heartbeat contact
done
holds 'the same about the time' told timesync $lies
holds 'all services are ready' all_ready
is "$(about heartbeat heartbeat)" ok 'the heart beats'

for lie in counts counts_zero no_version; do
	for s in $known kvp; do
		host hostile "ic_$lie" "$s"
	done
	holds "$lie: then versions can be agreed on" all_ready
done

for s in $known; do
	n=$(about "$s" sent)
	holds "$s: ten thousand requests at once" host hostile ic_burst "$s" 10000
	holds "$s: the guest reads them" sent "$s" $((n + 10000))
done
holds 'all services are ready' all_ready

for s in $known; do
	host bus rescind "$s" && host ic wait "$s" closed && host bus reoffer "$s"
	holds "$s is there again when it was taken away" \
		host ic wait "$s" ready
done
holds 'a heartbeat is answered' host ic wait heartbeat contact
is "$(about heartbeat heartbeat)" ok 'the heart beats'
vm_check_log 'a clean log'
vm_stop
is "$VM_STATUS" 0 'no complaint of the host'
done_testing
