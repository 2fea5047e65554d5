#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# build.sh [KERNEL...]: every module builds for every kernel with W=1 and sparse
# and not one warning, and says of itself what it should.
set -u
. "$(dirname "$0")/lib.sh"
case ${1:-} in
-h | --help)
	echo "usage: tests/build/build.sh [KERNEL...]"
	echo
	echo "Builds every module for these kernels (default: tests/kernels.list), W=1, sparse."
	exit 0
	;;
esac
mapfile -t kvers < <(kernels "$@")
[ ${#kvers[@]} -gt 0 ] || { not_ok build.kernels; finish; exit 1; }

# modinfo_right MODULE KVER FILE
modinfo_right()
{
	local bad=0
	[ "$(modinfo -F version "$3")" = "$(cat VERSION)" ] || { echo "$3: version is not VERSION's"; bad=1; }
	[ "$(modinfo -F name "$3")" = "$1" ] || { echo "$3: name is not $1"; bad=1; }
	[[ $(modinfo -F vermagic "$3") == "$2 "* ]] || { echo "$3: vermagic is not for $2"; bad=1; }
	[ "$(modinfo -F license "$3")" = GPL ] || { echo "$3: license is not GPL"; bad=1; }
	[ -n "$(modinfo -F description "$3")" ] || { echo "$3: no description"; bad=1; }
	return $bad
}

for kver in "${kvers[@]}"; do
	out=$(shadow "$kver")
	this=$log/build-$kver.log
	command -v sparse >/dev/null || { echo "sparse is not installed (package sparse)"; not_ok "build.$kver"; continue; }
	make modules -k -j"$(nproc)" KVER="$kver" OUT="$out" W=1 C=2 LIS_WERROR=y >"$this" 2>&1
	rc=$?
	if [ $rc -ne 0 ] || grep -qE '(warning|error):|WARNING' "$this"; then
		grep -E -A 4 '(warning|error|Error|openlis|compat):|WARNING|\*\*\*' "$this" | head -n 60
		echo "the whole log: $this"
		not_ok "build.$kver"
		continue
	fi
	ok "build.$kver"
	while read -r module dir _; do
		case $module in '' | '#'*) continue ;; esac
		ko=$out/$dir/$module.ko
		if [ ! -e "$ko" ]; then
			echo "$ko was not built"
			not_ok "build.${module}_$kver"
		elif modinfo_right "$module" "$kver" "$ko"; then
			ok "build.${module}_$kver"
		else
			not_ok "build.${module}_$kver"
		fi
	done <modules.list
done

finish
