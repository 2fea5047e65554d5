#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# inbox.sh LANE, in the box: takes one test after the other from the queue of
# tests/run-vm and runs it.  A test is taken by renaming its file from todo/ to
# doing/, so several boxes can share a queue, and is over when its result is
# in done/: "passed failed skipped [unstable STACK/TEST]".  The verdict is
# counted from the TAP of each test, not from its exit status alone: a test
# that dies or plans more than it ran has failed.

set -u -o pipefail

lane=$1
queue=tests/out/run-vm
tests=${LIS_TESTS:-tests/vm}
TEST_LIMIT=${LIS_TEST_LIMIT:-900}	# seconds for one test

# Sets p, f, s from a test's TAP.  TODO that fails is as little a pass as SKIP.
count_tap()
{
	local tap=$1 status=$2 plan

	plan=$(sed -n 's/^1\.\.\([0-9]*\).*/\1/p' "$tap" | tail -1)
	read -r p f s < <(awk '
		/^not ok/ { if (/ # TODO /) s++; else f++; next }
		/^ok/ { if (/ # [Ss][Kk][Ii][Pp]/) s++; else p++ }
		/^1\.\.0 # SKIP/ { s++ }
		END { print p + 0, f + 0, s + 0 }' "$tap")
	why=
	if [ "$status" -eq 124 ] || [ "$status" -eq 137 ]; then
		why="time limit of $TEST_LIMIT s"
	elif [ -z "$plan" ]; then
		why="ended early, status $status"
	elif [ "$plan" -ne $((p + f + s)) ] && [ "$plan" -ne 0 ]; then
		why="planned $plan checks, ran $((p + f + s))"
	elif [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then
		why="status $status"
	elif [ $((p + f + s)) -eq 0 ]; then
		why="checked nothing"
	fi
	[ -z "$why" ] || f=$((f + 1))
}

# One go at a test; sets p, f, s
try_test()
{
	local name=$1 tap=$logs/$1.tap began=$SECONDS status

	timeout -k 20 "$TEST_LIMIT" bash "$tests/$name.t" \
		>"$tap" 2>"$logs/$name.err" </dev/null
	status=$?
	count_tap "$tap" $status
	printf '%-6s %-14s %-16s %4d passed %3d failed %3d skipped %5d s%s\n' \
		"$STACK" "${KERNEL%%-*}" "$name" "$p" "$f" "$s" \
		$((SECONDS - began)) "${why:+  $why}"
	grep -aE '^not ok|^ok .* # [Ss][Kk][Ii][Pp]|^1\.\.0 # SKIP' "$tap" |
		sed 's/^/    /'
	# How much was done is part of what a long one says
	[ "$tests" = tests/vm ] || sed -n 's/^# /    # /p' "$logs/$name.err"
	[ "$f" -eq 0 ] || report_failure "$name"
}

# Also what the guests said last: of a run elsewhere the output may be all that
# there is to look at
report_failure()
{
	local keep=tests/out/$1-${KERNEL%%-*}-$STACK serial

	mkdir -p "$keep"
	cp "$logs/$1.tap" "$logs/$1.err" "$keep/"
	sed 's/^/    | /' "$logs/$1.err" | tail -40
	for serial in "$keep"/*.serial; do
		[ -s "$serial" ] || continue
		echo "    last words of ${serial##*/}:"
		tr -d '\r' <"$serial" | tail -12 | cut -c1-160 | sed 's/^/    > /'
	done
	echo "    logs: $keep"
}

# Is /dev/kvm here QEMU's emulation of SVM?
emulated()
{
	grep -q 'QEMU' /sys/class/dmi/id/sys_vendor 2>/dev/null ||
		grep -q '^model name.*QEMU TCG' /proc/cpuinfo
}

# The processor that QEMU emulates is not a perfect one (see docs/testing.md):
# there, and only there, a test that failed gets one more go, and a third if
# it was a guest's processor that broke down.  All are told.  A test that has
# passed in none of them has failed.  In tests/long, which look for what is rare,
# there is but one go.
run_test()
{
	local name=$1 go=$2

	try_test "$name"
	while [ "$f" -gt 0 ] && [ "$tests" = tests/vm ] && emulated && { [ "$go" -lt 2 ] ||
		{ [ "$go" -lt 3 ] && broke_down "$name"; }; }; do
		go=$((go + 1))
		echo "    UNSTABLE? go $go, since this processor is emulated"
		try_test "$name"
	done
	if [ "$f" -eq 0 ] && [ "$go" -gt 1 ]; then
		echo "$p $f $s unstable $STACK/$name"
	else
		echo "$p $f $s"
	fi >"$mine.new"
}

# Did a guest of the last go end in a triple fault?
broke_down()
{
	grep -qs 'triple fault' "tests/out/$1-${KERNEL%%-*}-$STACK"/*.hvhost
}

# Sets $mine to a test of our own, or fails when there is none left
take()
{
	local file

	for file in "$queue/todo"/*; do
		mine=$queue/doing/$lane-${file##*/}
		mv "$file" "$mine" 2>/dev/null && return
	done
	return 1
}

# Where there is no nested machine, several of us share /tmp
TMPDIR=$(mktemp -d) || exit 1
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
logs=$TMPDIR/logs
mkdir "$logs" || exit 1
last=
while take; do
	read -r KERNEL STACK name go <"$mine"
	export KERNEL STACK
	# The initial file system of one kernel and stack fills memory, and so
	# does its saved guest
	[ "$last" = "$KERNEL-$STACK" ] || \
		rm -f "$TMPDIR"/openlis-*
	last=$KERNEL-$STACK
	run_test "$name" "$go"
	mv "$mine.new" "$queue/done/${mine##*-}"
	rm -f "$mine"
	echo @end
done
exit 0
