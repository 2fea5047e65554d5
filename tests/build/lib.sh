# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What compat.sh and build.sh share: which kernels, and counting.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
log=tests/out/build
mkdir -p "$log"
passed=0 failed=0

ok() { echo "ok     $1"; passed=$((passed + 1)); }
not_ok() { echo "not ok $1"; failed=$((failed + 1)); }

# Modules for tests are built in a shadow tree a kernel, apart from anybody's.
shadow() { echo "build/check/$1"; }

# kernels [LINE...]: the releases to build for, of the named lines or of all
kernels()
{
	local line kver lines=("$@")
	[ $# -gt 0 ] || mapfile -t lines < <(sed '/^#/d' tests/kernels.list)
	for line in "${lines[@]}"; do
		kver=$(tests/box/kernel --kver "$line") || kver=
		if [ -z "$kver" ]; then
			echo "check: no such kernel: $line" >&2
			return 1
		fi
		echo "$kver"
	done
}

finish()
{
	echo "$passed passed, $failed failed, 0 skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
