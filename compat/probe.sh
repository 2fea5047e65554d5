#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The three steps of probing, called by compat/Kbuild only:
#   gate STAMP KEY PROBES -- COMPILER...	can probes be believed at all?
#   try  SOURCE ANSWER SYMVERS -- COMPILER...	does the kernel have this API?
#   join HEADER RELEASE DIR ANSWER...		all answers as one header
#
# A probe that needs more than a declaration names the symbols that must be
# exported, in a line "exports: NAME..." of its opening comment.
set -u

step=$1
shift

gate()
{
	stamp=$1 key=$2 probes=$3
	shift 4
	if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ]; then
		return 0
	fi
	mkdir -p "${stamp%/*}"
	rm -f "$stamp"
	if ! "$@" "$probes/sane_pass.c" 2>"${stamp%/*}/sane_pass.err"; then
		cat "${stamp%/*}/sane_pass.err" >&2
		echo "compat: the plainest module does not compile with this kernel tree and compiler (see above); reinstall the kernel's header package and the compiler it was built with" >&2
		return 1
	fi
	if "$@" "$probes/sane_fail.c" 2>"${stamp%/*}/sane_fail.err"; then
		echo "compat: a probe that must not compile did, so no probe can be believed; look for -w or -fpermissive in the compiler flags (KCFLAGS, CFLAGS_MODULE)" >&2
		return 1
	fi
	echo "$key" >"$stamp"
}

# True if every symbol that the probe names is exported by the kernel.
exported()
{
	# shellcheck disable=SC2013 # words are what is wanted
	for sym in $(sed -n '/^#include/q; s/.*exports: *\([A-Za-z0-9_ ]*\).*/\1/p' "$1"); do
		if ! awk -v s="$sym" '$2 == s { found = 1; exit } END { exit !found }' "$2"; then
			echo "$sym is not exported ($2)"
			return 1
		fi
	done
}

try()
{
	src=$1 answer=$2 symvers=$3
	shift 4
	err=${answer%.h}.err
	name=${answer##*/}
	name=HAVE_$(echo "${name%.h}" | tr '[:lower:]' '[:upper:]')
	if "$@" "$src" 2>"$err" && exported "$src" "$symvers" >>"$err"; then
		echo "#define $name 1" >"$answer"
	else
		echo "/* #undef $name */" >"$answer"
	fi
}

join()
{
	header=$1 release=$2 dir=$3
	shift 3
	{
		echo "/* SPDX-License-Identifier: GPL-2.0-only */"
		echo "/* written by compat/Kbuild for $release */"
		[ $# -eq 0 ] || cat "$@"
	} >"$header.tmp"
	have=$(grep -c '^#define' "$header.tmp")
	echo "  compat: $have of $# APIs present in $release (why not: $dir/*.err)"
	if cmp -s "$header.tmp" "$header"; then
		rm -f "$header.tmp"
	else
		mv "$header.tmp" "$header"
	fi
}

case $step in
gate | try | join) "$step" "$@" ;;
*) echo "probe.sh: unknown step $step" >&2; exit 2 ;;
esac
