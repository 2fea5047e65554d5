#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run.sh long NAME SECONDS: fuzz one target, keeping what it learns.
# run.sh short: every target over its seeds and a fixed number of inputs made
# from a fixed seed; one closing line.  A crash's input is left in tests/out/fuzz.
set -u
cd "$(dirname "$0")/../.." || exit 1
mkdir -p tests/out/fuzz

RUNS=20000
case ${1:-} in
long)
	name=$2 seconds=$3
	case $seconds in
	'' | *[!0-9]*) echo "make fuzz: S=$seconds is not a number of seconds" >&2; exit 2 ;;
	esac
	mkdir -p "build/fuzz/corpus/$name"
	seeds=tests/fuzz/seeds/$name
	[ -d "$seeds" ] || seeds=
	# shellcheck disable=SC2086 # $seeds may be nothing at all
	exec "build/fuzz/$name" -max_total_time="$seconds" -timeout=10 -print_final_stats=1 \
		-artifact_prefix="tests/out/fuzz/$name-" "build/fuzz/corpus/$name" $seeds
	;;
short) ;;
-h | --help)
	echo "usage: tests/fuzz/run.sh long NAME SECONDS | tests/fuzz/run.sh short"
	echo
	echo "long: one target for that long, keeping what it learns in build/fuzz/corpus;"
	echo "short: every target over its seeds and $RUNS inputs.  make check-fuzz builds them."
	exit 0
	;;
*)
	echo "usage: run.sh long NAME SECONDS | run.sh short" >&2
	exit 2
	;;
esac

passed=0 failed=0
for src in tests/fuzz/*.c; do
	[ -e "$src" ] || continue
	name=$(basename "$src" .c)
	log=tests/out/fuzz/$name.log
	seeds=tests/fuzz/seeds/$name
	scratch=$(mktemp -d) || exit 1
	[ ! -d "$seeds" ] || cp "$seeds"/* "$scratch"
	if timeout -k 5 180 "build/fuzz/$name" -runs=$RUNS -seed=1 -timeout=10 \
		-artifact_prefix="tests/out/fuzz/$name-" "$scratch" >"$log" 2>&1; then
		passed=$((passed + 1))
		echo "$name: $(grep -a 'Done' "$log" | tail -n 1)"
	else
		failed=$((failed + 1))
		tail -n 40 "$log"
		echo "$name: failed; again: build/fuzz/$name tests/out/fuzz/$name-*"
	fi
	rm -rf "$scratch"
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
