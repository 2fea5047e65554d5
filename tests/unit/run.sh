#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [GLOB]: runs the built unit tests, each with a time limit; cmocka's
# summary of each, the whole output of one that fails, and one closing line.
# A program that dies, or tests nothing, is a failure.
set -u
cd "$(dirname "$0")/../.." || exit 1

case ${1:-} in
-h | --help)
	echo "usage: tests/unit/run.sh [GLOB]"
	echo
	echo "Runs the unit tests in build/unit whose names match (default: all)."
	echo "\$LIS_UNIT_TIMEOUT: seconds for one of them (120).  make check-unit builds them."
	exit 0
	;;
esac
glob=${1:-*}
passed=0 failed=0 skipped=0 programs=0
mkdir -p tests/out/unit

# summed LOG WORD: the sum of cmocka's "[  WORD  ] N test(s)" lines
summed()
{
	awk -v w="$2" '$1 == "[" && $2 == w && $3 == "]" && $5 ~ /^test/ { n += $4 }
		END { print n + 0 }' "$1"
}

for src in tests/unit/$glob.c; do
	[ -e "$src" ] || continue
	name=$(basename "$src" .c)
	log=tests/out/unit/$name.log
	programs=$((programs + 1))
	timeout -k 5 "${LIS_UNIT_TIMEOUT:-120}" "build/unit/$name" >"$log" 2>&1
	rc=$?
	ok=$(summed "$log" PASSED)
	bad=$(summed "$log" FAILED)
	skip=$(summed "$log" SKIPPED)
	[ $rc -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
	[ $((ok + bad + skip)) -gt 0 ] || bad=1
	if [ "$bad" -gt 0 ]; then
		cat "$log"
		echo "$name: exit status $rc$([ $rc -eq 124 ] && echo ' (time limit)'), $bad failed; again: make -f tests/unit/build.mk build/unit/$name && build/unit/$name"
	else
		echo "$name: $(grep 'test(s) run' "$log" | tr '\n' ' ')$ok passed$([ "$skip" -eq 0 ] || echo ", $skip skipped")"
	fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
done

if [ $programs -eq 0 ]; then
	echo "no unit test matches '$glob'" >&2
	failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
