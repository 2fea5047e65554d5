# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# What compat.sh and build.sh share: which kernels, and counting.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
part=${part:-build}
log=tests/out/build
mkdir -p "$log"
passed=0 failed=0 skipped=0
matrix=tests/matrix/matrix

ok() { echo "ok     $1"; passed=$((passed + 1)); }
not_ok() { echo "not ok $1"; failed=$((failed + 1)); }
skip() { echo "skip   $1 # $2"; skipped=$((skipped + 1)); }

# Modules for tests are built in a shadow tree a kernel, apart from anybody's.
shadow() { echo "build/check/$1"; }

# kernels [ROW|RELEASE...]: the exact releases to build for, of the named rows
# of tests/kernels.list or of all.  One that cannot be had is "-", and the
# others go on.
kernels()
{
	local row kver rows=("$@")

	[ $# -gt 0 ] || mapfile -t rows < <(awk '!/^#/ && NF { print $1 }' tests/kernels.list)
	case "$*" in
	*-amd64* | *-686-pae*)	;;	# an exact release is not prepared for
	*)	$matrix prepare "${rows[@]}" ;;	# each row is asked again below
	esac
	for row in "${rows[@]}"; do
		case $row in
		*-amd64 | *-686-pae) kver=$row ;;
		*) kver=$($matrix kver "$row" 2>/dev/null) || kver=- ;;
		esac
		echo "$kver"
	done
}

# Sets kvers to those that are to be had; those that are not have failed
choose_kernels()
{
	local kver

	kvers=()
	while read -r kver; do
		if [ "$kver" = - ]; then
			not_ok "$part.a_kernel_that_cannot_be_had"
		else
			kvers+=("$kver")
		fi
	done < <(kernels "$@")
	[ ${#kvers[@]} -gt 0 ] || { not_ok "$part.kernels"; finish; exit 1; }
}

# each_kernel FUNCTION KVER...: FUNCTION KVER for each of them, as many at once
# as there are processors; prints what they print, one after the other, and
# counts it.
each_kernel()
{
	local function=$1 kver

	shift
	export log matrix
	# shellcheck disable=SC2163 # its value is a function's name
	export -f ok not_ok skip shadow "$function"
	# what they call, where there is such a thing
	export -f modinfo_right sparse_reads golden_of 2>/dev/null
	rm -f "$log"/result-*
	# shellcheck disable=SC2016 # expanded by that bash
	printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} bash -c '
		"$1" "$2" >"$log/result-$2" 2>&1 </dev/null
		echo "done" >>"$log/result-$2"' _ "$function" {}
	for kver; do
		grep -vx 'done' "$log/result-$kver"
		[ "$(tail -n 1 "$log/result-$kver")" = 'done' ] ||
			not_ok "$function.$kver"
		passed=$((passed + $(grep -c '^ok ' "$log/result-$kver")))
		failed=$((failed + $(grep -c '^not ok ' "$log/result-$kver")))
		skipped=$((skipped + $(grep -c '^skip ' "$log/result-$kver")))
	done
}

finish()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}
