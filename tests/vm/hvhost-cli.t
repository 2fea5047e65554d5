#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# stacks: ours
#
# Promise: whatever is wrong with hvhost's or hvctl's command line ends in one
# line that names it, exit status 2, and nothing is started or left behind.

# shellcheck source=tests/vm/common.sh
. "$(dirname "$0")/common.sh"

hvhost=$top/build/hvhost
hvctl=$top/build/hvctl
truncate -s 1M "$scratch/disk" "$scratch/kernel"
echo 'not a kernel' >"$scratch/text"

# refuses STATUS REGEX NAME COMMAND...: one line on standard error that
# matches, nothing on standard output.  Builtins only: this runs in a box where
# each process takes its time to start.
refuses()
{
	local want=$1 regex=$2 name=$3 status said err

	shift 3
	timeout 20 "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
	mapfile -t said <"$scratch/out"
	mapfile -t err <"$scratch/err"
	if [ $status -eq "$want" ] && [ ${#err[@]} -eq 1 ] &&
		[ ${#said[@]} -eq 0 ] && [[ ${err[0]} =~ $regex ]]; then
		passes "$name"
	else
		fails "$name" "status $status, want $want; want no output and" \
			"one line like /$regex/ on stderr:" "${err[@]}" \
			"on stdout:" "${said[@]}"
	fi
}

bad()
{
	local regex=$1

	shift
	refuses 2 "^hvhost: .*$regex" "hvhost $*" "$hvhost" "$@"
}

bad_disk()
{
	bad "$1" --kernel "$scratch/kernel" --disk "$2"
}

bad '--nonsense'		--nonsense
bad 'stray'			--kernel "$scratch/kernel" stray
bad '--kernel'			--cpus 1
bad '--kernel'			--kernel
bad "$scratch/nowhere"		--kernel "$scratch/nowhere"
bad "$scratch"			--kernel "$scratch"
bad "$scratch/text"			--kernel "$scratch/text"
bad "$scratch/noinitrd"		--kernel "$scratch/kernel" --initrd "$scratch/noinitrd"
bad '--cpus'			--kernel "$scratch/kernel" --cpus 0
bad '--cpus'			--kernel "$scratch/kernel" --cpus many
bad '--cpus'			--kernel "$scratch/kernel" --cpus 2x
bad '--mem'			--kernel "$scratch/kernel" --mem 5
bad '--mem'			--kernel "$scratch/kernel" --mem 12Q
bad '--mem'			--kernel "$scratch/kernel" --mem -1
bad '--generation.*ws1999'	--kernel "$scratch/kernel" --generation ws1999
bad '--vmbus-version.*9.9'	--kernel "$scratch/kernel" --vmbus-version 9.9
bad '--vp-index'		--kernel "$scratch/kernel" --vp-index upside-down
bad '--mmio-gap'		--kernel "$scratch/kernel" --mmio-gap 0
bad '--subchannels'		--kernel "$scratch/kernel" --subchannels -3
bad '--direct-timers'		--kernel "$scratch/kernel" --direct-timers maybe
bad '--resume.*nosaved'		--kernel "$scratch/kernel" --resume "$scratch/nosaved"
bad '--resume.*not a saved'	--kernel "$scratch/kernel" --resume "$scratch/text"
bad '--timeout'			--kernel "$scratch/kernel" --timeout 0
bad '--boot-limit'		--kernel "$scratch/kernel" --boot-limit soon
bad '/nodir/log'		--kernel "$scratch/kernel" --serial /nodir/log
bad '/nodir/agent'		--kernel "$scratch/kernel" --agent /nodir/agent
bad '/nodir/control'		--kernel "$scratch/kernel" --control /nodir/control
bad '/nodir/trace'		--kernel "$scratch/kernel" --trace /nodir/trace
bad '--ic .*nothing'		--kernel "$scratch/kernel" --ic kvp,nothing
bad '--ic .*it is there'	--kernel "$scratch/kernel" --ic kvp,kvp
bad '--ic .*no period'		--kernel "$scratch/kernel" --ic kvp=3
bad '--ic .*bad period'		--kernel "$scratch/kernel" --ic heartbeat=x
bad '--ic .*this generation'	--kernel "$scratch/kernel" --generation ws2012 --ic fcopy
bad_disk "$scratch/nodisk"		"$scratch/nodisk"
bad_disk 'controller'		"$scratch/disk,controller=99"
bad_disk 'lun'			"$scratch/disk,lun=64"
bad_disk 'lun'			"$scratch/disk,lun=one"
bad_disk 'sectors'		"$scratch/disk,sectors=100"
bad_disk 'bus=sata'		"$scratch/disk,bus=sata"
bad_disk 'one disk'		"$scratch/disk,bus=ide,lun=1"
bad_disk 'target'		"$scratch/disk,target=1"
bad '--fc.*9'			--kernel "$scratch/kernel" --fc 9
bad '--fc.*wwpn=12'		--kernel "$scratch/kernel" --fc 0,wwpn=12
bad_disk 'colour'		"$scratch/disk,colour=red"
bad 'lun'			--kernel "$scratch/kernel" \
	--disk "$scratch/disk,lun=1" --disk "$scratch/disk,lun=1"

leftover=$(find "$scratch" -type s)
is "$leftover" '' 'no socket is left behind'

out=$(timeout 20 "$hvhost" --help 2>&1)
is $? 0 'hvhost --help succeeds'
for option in --kernel --initrd --append --cpus --mem --serial --agent \
	--control --disk --fc --generation --vmbus-version --vp-index --mmio-gap \
	--subchannels --resume --timeout --boot-limit --trace --no-reboot --stats --direct-timers; do
	like "$out" "[[:space:]]$option\\b" "hvhost --help tells of $option"
done

bad_ctl()
{
	local status=$1 regex=$2

	shift 2
	refuses "$status" "^hvctl: .*$regex" "hvctl $*" \
		env -u HVHOST_CONTROL "$hvctl" "$@"
}

bad_ctl 2 'HVHOST_CONTROL|-s'	ping
bad_ctl 2 '--nonsense|-n'	--nonsense
bad_ctl 2 '-s'			-s
bad_ctl 2 'verb|--help'		-s "$scratch/nosocket"
bad_ctl 1 "$scratch/nosocket"	-s "$scratch/nosocket" ping
bad_ctl 1 "$scratch/text"		-s "$scratch/text" ping
out=$(timeout 20 "$hvctl" --help 2>&1)
is $? 0 'hvctl --help succeeds'
for verb in ping power save stats disk bus hostile wait; do
	like "$out" "\\b$verb\\b" "hvctl --help tells of $verb"
done

done_testing
