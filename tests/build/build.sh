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
part=build
choose_kernels "$@"

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

# Does the sparse at hand know the language that the kernel's headers are written
# in?  (7.3 with Debian 13's own 0.6.4: it does not.)
sparse_reads()
{
	[ ! -e "/lib/modules/$1/build/Makefile" ] || return 0
	# shellcheck disable=SC2016 # expanded in there
	$matrix shell "$1" sh -c '
		src=$(sed -n "s|^include \(.*\)/Makefile|\1|p" "/lib/modules/$1/build/Makefile")
		grep -qsw __typeof_unqual__ "$src/include/linux/compiler_types.h" || exit 0
		echo "extern __typeof_unqual__(int) t;" | sparse - 2>&1 | grep -q error: && exit 1
		exit 0' sh "$1"
}

# build_kernel KVER: prints lines "ok NAME", "not ok NAME", "skip NAME # REASON"
# KBUILD_CHECKSRC: 7.x do without sparse if scripts/checker-valid.sh does not
# approve of it, which Debian's headers lack.
build_kernel()
{
	local kver=$1 out this rc module dir _ ko name sparse

	out=$(shadow "$kver")
	this=$log/build-$kver.log
	sparse=C=2
	if ! sparse_reads "$kver"; then
		skip "build.sparse_$kver" "the sparse of its root cannot read these headers"
		sparse=C=0
	fi
	# From the beginning: kernel-doc, objtool and modpost say things once, of what
	# is made anew.  What ccache knows costs little.
	find "$out" -mindepth 1 -maxdepth 1 ! -name compat -exec rm -rf {} + 2>/dev/null
	$matrix make "$kver" modules -k OUT="$out" W=1 $sparse \
		KBUILD_CHECKSRC=${sparse#C=} LIS_WERROR=y >"$this" 2>&1
	rc=$?
	if [ $rc -ne 0 ] || grep -qE '(warning|error):|WARNING' "$this"; then
		grep -E -A 4 '(warning|error|Error|openlis|compat|matrix):|WARNING|\*\*\*' "$this" | head -n 60
		echo "the whole log: $this"
		not_ok "build.$kver"
		return
	fi
	if [ $sparse != C=0 ] && ! grep -q '^ *CHECK ' "$this" && [ -n "$(find "$out" -newer "$log/begin" -name '*.o' -print -quit)" ]; then
		echo "sparse did not run: $this"
		not_ok "build.$kver"
		return
	fi
	ok "build.$kver"
	while read -r module dir _; do
		case $module in '' | '#'*) continue ;; esac
		# hv_NAME, or lis_NAME for a kernel with that one built in
		name=$(sed -nE "s,^(.*/)?$dir/((hv|lis)_${module#hv_})\.k?o\$,\2,p" "$out/modules.order")
		ko=$out/$dir/$name.ko
		if [ ! -e "$ko" ]; then
			echo "$out/$dir has no $module.ko, and says so in modules.order: '$name'"
			not_ok "build.${module}_$kver"
		elif modinfo_right "$name" "$kver" "$ko"; then
			ok "build.${module}_$kver"
		else
			not_ok "build.${module}_$kver"
		fi
	done <modules.list
}

command -v sparse >/dev/null || { echo "sparse is not installed (package sparse)"; not_ok build.sparse; finish; exit 1; }
touch "$log/begin"
each_kernel build_kernel "${kvers[@]}"
finish
