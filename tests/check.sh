#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check.sh PART...: makes each part, shows its progress, and sums the closing
# lines "N passed, N failed, N skipped" into one.  A part that ends badly, or
# without such a line, counts as a failure.
set -u -o pipefail
cd "$(dirname "$0")/.." || exit 1
mkdir -p tests/out

passed=0 failed=0 skipped=0
table=
begin=$SECONDS
for part; do
	log=tests/out/$part.log
	echo "=== $part"
	start=$SECONDS
	make --no-print-directory "$part" 2>&1 | tee "$log"
	rc=$?
	line=$(grep -aE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
	if [ -z "$line" ]; then
		line="0 passed, 1 failed, 0 skipped"
		echo "check: $part ended with status $rc before it could say its results (log: $log)"
	fi
	read -r p _ f _ s _ <<<"$line"
	if [ $rc -ne 0 ] && [ "$f" -eq 0 ]; then
		echo "check: $part ended with status $rc (log: $log)"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	table+=$(printf '%-14s %4d passed %4d failed %4d skipped %5d s' "$part" "$p" "$f" "$s" $((SECONDS - start)))$'\n'
done

echo "=== summary, $((SECONDS - begin)) s"
printf '%s' "$table"
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
