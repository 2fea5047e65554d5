#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# compat.sh [KERNEL...]: what the probes find in each kernel is what
# compat/golden says, and nothing is believed that cannot be.
set -u
. "$(dirname "$0")/lib.sh"
case ${1:-} in
-h | --help)
	echo "usage: tests/build/compat.sh [KERNEL...]"
	echo
	echo "Compares what the probes find in these kernels (default: tests/kernels.list) with compat/golden."
	exit 0
	;;
esac
part=compat
choose_kernels "$@"

here=()

# The golden file of this release, or of the nearest one of the same line and
# flavour, or else, for a line that is new, of the newest: what changed since
# shows, and what has not changed needs no file.
golden_of()
{
	local flavour=${1##*-} line
	line=$(echo "$1" | sed 's/^\([0-9]*\.[0-9]*\)\..*/\1/')
	if [ -e "compat/golden/$1.h" ]; then
		echo "compat/golden/$1.h"
		return
	fi
	{
		find compat/golden -name "[0-9]*-$flavour.h" | sort -V | tail -n 1
		find compat/golden -name "$line.*-$flavour.h" | sort -V | tail -n 1
	} | tail -n 1
}

probe_kernel()
{
	local kver=$1 out golden
	out=$(shadow "$kver")
	if ! $matrix make "$kver" -s probe OUT="$out" >"$log/probe-$kver.log" 2>&1; then
		cat "$log/probe-$kver.log"
		not_ok "compat.probe_$kver"
		return
	fi
	cat "$log/probe-$kver.log"
	golden=$(golden_of "$kver")
	if [ -z "$golden" ]; then
		echo "no golden file yet for $kver: look at $out/compat/compat_gen.h, then $matrix make $kver golden OUT=$out"
		not_ok "compat.golden_$kver"
	elif diff -u -I 'written by' "$golden" "$out/compat/compat_gen.h"; then
		ok "compat.golden_$kver"
	else
		echo "the kernel's APIs changed, or a probe did: if the new answers are right, $matrix make $kver golden OUT=$out"
		not_ok "compat.golden_$kver"
	fi
}
each_kernel probe_kernel "${kvers[@]}"

# What follows is about the build, not about kernels: those that this machine
# has the headers of will do.
for kver in "${kvers[@]}"; do
	[ ! -e "/lib/modules/$kver/build/Makefile" ] || here+=("$kver")
done
[ ${#here[@]} -gt 0 ] || { finish; exit; }
kvers=("${here[@]}")

# refuses NAME SENTENCE MAKE-ARGUMENT...: the build must stop, saying so, and
# if it is the kernel tree's fault, before a compiler could say anything.
refuses()
{
	local name=$1 sentence=$2
	shift 2
	if make -s OUT="$tmp/out" "$@" >"$log/$name.log" 2>&1; then
		echo "the build went on; it should have stopped with: $sentence"
		not_ok "compat.$name"
	elif [[ $name = tree_* ]] && [ "$(grep -vc '^make' "$log/$name.log")" -ne 1 ]; then
		cat "$log/$name.log"
		echo "the build stopped, but with more than one sentence"
		not_ok "compat.$name"
	elif ! grep -q "$sentence" "$log/$name.log"; then
		cat "$log/$name.log"
		echo "the build stopped, but did not say: $sentence"
		not_ok "compat.$name"
	else
		ok "compat.$name"
	fi
}

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
kver=${kvers[0]}
kdir=$(readlink -f "/lib/modules/$kver/build")

# A row whose release has gone on to other kernels
echo 'gone bookworm amd64 3.99' >"$tmp/list"
if LIS_KERNELS_LIST=$tmp/list $matrix kver gone >"$log/gone.log" 2>&1 ||
	! grep -qE 'row gone: Debian bookworm has no kernel 3.99 for amd64; it has( [0-9]+\.[0-9]+)+: correct its line' "$log/gone.log"; then
	cat "$log/gone.log"
	not_ok compat.row_that_moved_on
else
	ok compat.row_that_moved_on
fi

# A copy of the kernel tree, as links, from which something can be taken away.
mkdir "$tmp/kdir"
cp -rs "$kdir/." "$tmp/kdir"
refuses gate_silenced_compiler 'a probe that must not compile did' KVER="$kver" KCFLAGS=-w
refuses gate_broken_headers 'the plainest module does not compile' KVER="$kver" \
	KCFLAGS='-include\ /lis-no-such-header.h'
refuses tree_absent 'install the package .*-9.9.9-none' KVER=9.9.9-none
mkdir "$tmp/empty"
refuses tree_empty "no kernel build tree at $tmp/empty" KDIR="$tmp/empty"

# Answers are those of the kernel and the probes of now, not of the last build.
# A few probes will do, best those that tell these kernels apart.
few=$tmp/few
mkdir "$few"
cp -r Makefile Kbuild VERSION modules.list include compat "$few"
rm -rf "$few/compat/out" "$few/compat/compat_gen.h"
{
	for k in "${kvers[@]}"; do
		cat "$(shadow "$k")/compat/compat_gen.h"
	done | grep HAVE_ | sort | uniq -c |
		awk -v n=${#kvers[@]} '$1 < n' | grep -oE 'HAVE_\w+' | uniq | head -n 6
	sed -nE 's/^#define (HAVE_\w+) 1/\1/p' "$(shadow "$kver")/compat/compat_gen.h" | head -n 2
} >"$tmp/few.list"
for probe in "$few"/compat/probes/[!s]*.c "$few"/compat/probes/s[!a]*.c; do
	have=$(basename "$probe" .c | tr '[:lower:]' '[:upper:]')
	grep -qx "HAVE_$have" "$tmp/few.list" || rm "$probe"
done

# asked_again KVER [SED-COMMAND]: these answers, now, with that difference
asked_again()
{
	local all
	all=$(shadow "$1")/compat/compat_gen.h
	{ head -n 2 "$all"; grep -wFf "$tmp/few.list" "$all"; } | sed "${2-}" >"$tmp/expected.h"
	make -s -j"$(nproc)" -C "$few" probe KVER="$1" >"$log/again.log" 2>&1 || cat "$log/again.log"
	[ "$(grep -c HAVE_ "$tmp/expected.h")" -eq "$(sort -u "$tmp/few.list" | wc -l)" ] &&
		diff "$tmp/expected.h" "$few/compat/compat_gen.h"
}
switched=1
for k in "${kvers[@]}" "$kver"; do
	asked_again "$k" || switched=0
done
if [ $switched -eq 1 ]; then ok compat.switching_kernels_asks_again; else not_ok compat.switching_kernels_asks_again; fi

have=$(tail -n 1 "$tmp/few.list")
echo '#error changed' >"$few/compat/probes/$(tr '[:upper:]' '[:lower:]' <<<"${have#HAVE_}").c"
if asked_again "$kver" "s|^#define $have 1|/* #undef $have */|"; then ok compat.changed_probe_asks_again; else not_ok compat.changed_probe_asks_again; fi

rm "$tmp/kdir/Module.symvers"
refuses tree_without_symvers 'no list of exported symbols' KDIR="$tmp/kdir"
rm "$tmp/kdir/include/generated/autoconf.h"
refuses tree_half_prepared 'is not prepared for building modules' KDIR="$tmp/kdir"
cp -rsf "$kdir/." "$tmp/kdir"
rm "$tmp/kdir/include/config/auto.conf"
grep -v '^CONFIG_HYPERV=' "$kdir/include/config/auto.conf" >"$tmp/kdir/include/config/auto.conf"
refuses tree_without_hyperv 'built without Hyper-V support' KDIR="$tmp/kdir"

# cannot_boot NAME SENTENCE DIRECTORY: run-vm must say so, in one line, at once
cannot_boot()
{
	local status
	tests/run-vm --list --kernel "$3" smoke >"$log/$1.log" 2>&1
	status=$?
	if [ $status -eq 2 ] && [ "$(wc -l <"$log/$1.log")" -eq 1 ] &&
		grep -q "$2" "$log/$1.log"; then
		ok "compat.$1"
	else
		cat "$log/$1.log"
		echo "status $status; it should be 2, with one line: $2"
		not_ok "compat.$1"
	fi
}
cannot_boot boot_tree_absent "no directory $tmp/none" "$tmp/none"
cannot_boot boot_tree_empty 'is no build tree of a kernel' "$tmp/empty"
cannot_boot boot_tree_without_image 'it has no arch/x86/boot/bzImage' "$tmp/kdir"

finish
