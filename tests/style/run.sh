#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh [WALL...]: the rules of the tree that a program can check, all of them
# or the named ones.  Each wall prints what is wrong and where; one closing line.
# A tool that is missing is a failure, not a skip.
set -u
cd "$(dirname "$0")/../.." || exit 1
here=tests/style

# What git knows or would add; without git (a release archive), all there is.
if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
	mapfile -t all < <(git ls-files -co --exclude-standard | while read -r f; do [ -f "$f" ] && echo "$f"; done)
else
	mapfile -t all < <(find . -type f ! -path './build/*' ! -path './tests/out/*' \
		! -name '*.o' ! -name '*.ko' ! -name '*.mod*' ! -name '.*' | sed 's|^\./||')
fi
mapfile -t rooms < <(awk '!/^#/ && NF { print $2 }' modules.list)

# files PATTERN...: the files of the tree whose path matches a shell pattern
files()
{
	local f p
	for f in "${all[@]}"; do
		for p; do
			# shellcheck disable=SC2053 # patterns are the point
			if [[ $f == $p ]]; then
				echo "$f"
				break
			fi
		done
	done
}
mapfile -t c_files < <(files '*.c' '*.h')

scripts()
{
	local f
	for f in "${all[@]}"; do
		case $f in
		*.sh) echo "$f" ;;
		*.[ch] | *.md | *.py | *.mk) ;;
		*) [[ $(head -c 64 "$f" | head -n 1 | tr -d '\0') =~ ^#!.*/(env\ )?(ba|da)?sh ]] && echo "$f" ;;
		esac
	done
}

need()
{
	command -v "$1" >/dev/null || { echo "$1 is not installed (package $2); scripts/deps.sh installs what the tests need"; return 1; }
}

# --- the walls: each prints offenders and fails if there are any -------------

wall_compat()		# which kernel it is built for is asked in compat/ only
{
	! files 'include/*.[ch]' "${rooms[@]/%//*}" |
		xargs -r grep -nE '\b(HAVE_[A-Z]|LINUX_VERSION_CODE|KERNEL_VERSION|RHEL_(MAJOR|MINOR|RELEASE))|linux/version\.h|utsrelease\.h|^[[:space:]]*#[[:space:]]*(el)?if.*\bLIS_COMPAT_' /dev/null
}

wall_probes()		# every probe has a shim that asks it, and the other way round
{
	local asked probed
	asked=$(files 'compat/shims/*.h' 'compat/compat.h' | xargs grep -ohE '\bHAVE_[A-Z0-9_]+' | sort -u)
	probed=$(files 'compat/probes/*.c' | sed 's|.*/|HAVE_|; s|\.c$||' | grep -v 'HAVE_sane_' | tr '[:lower:]' '[:upper:]' | sort -u)
	! diff <(echo "$probed") <(echo "$asked") | sed -n 's/^< /no shim asks for /p; s/^> /no probe finds out /p' | grep .
}

wall_spdx()		# every source names its licence, the same one
{
	local f bad=0
	for f in "${all[@]}"; do
		case $f in
		*.[chS] | *.sh | *.py | *.mk | *.t | *.asl | *Kbuild | *Makefile | Kconfig | dkms.conf | .ci/*) ;;
		*) head -c 2 "$f" | grep -q '^#!' || continue ;;
		esac
		head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' ||
			{ echo "$f: the first lines lack SPDX-License-Identifier: GPL-2.0-only"; bad=1; }
	done
	return $bad
}

wall_opening()		# every C file begins by saying what it is for
{
	local f bad=0
	for f in "${c_files[@]}"; do
		case $f in compat/golden/*) continue ;; esac
		sed -n '2,3p' "$f" | grep -q '^/\*' ||
			{ echo "$f: no comment after the SPDX line says what the file is for"; bad=1; }
	done
	return $bad
}

wall_file_length()	# one file, one subject: at most 600 lines
{
	local f n bad=0 listed
	for f in "${all[@]}"; do
		case $f in
		*.[ch] | *.sh | *.py | *.mk | *Kbuild | Makefile) ;;
		*) head -c 2 "$f" | grep -q '^#!' || continue ;;
		esac
		n=$(wc -l <"$f")
		listed=$(awk -v f="$f" '$1 == f' $here/long-files.list)
		if [ "$n" -gt 600 ] && [ -z "$listed" ]; then
			echo "$f: $n lines, more than 600; split it, or give a reason in $here/long-files.list"
			bad=1
		elif [ "$n" -le 600 ] && [ -n "$listed" ]; then
			echo "$f: $n lines are within the budget, yet $here/long-files.list excuses it"
			bad=1
		fi
	done
	return $bad
}

wall_functions()	# short functions
{
	need ctags universal-ctags || return
	python3 $here/functions.py "${c_files[@]}"
}

wall_wire_headers()	# each stands alone: no kernel, no C library
{
	local f bad=0
	for f in $(files 'include/lis/proto/*.h'); do
		echo "#include <${f#include/}>" |
			${CC:-cc} -std=gnu11 -ffreestanding -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c - || bad=1
	done
	return $bad
}

wall_rooms()		# docs/architecture.md knows every file of the modules
{
	local f bad=0
	for f in $(files "${rooms[@]/%//*.c}"); do
		grep -q "\`${f##*/}\`" docs/architecture.md ||
			{ echo "docs/architecture.md does not say what $f is for"; bad=1; }
	done
	for f in $(files 'README.md' 'docs/*.md' | xargs grep -ohE '\]\([^)#:]+\)' | tr -d '])(' | sort -u); do
		[ -e "$f" ] || [ -e "docs/$f" ] || { echo "README.md or docs/: link to $f, which is not there"; bad=1; }
	done
	return $bad
}

wall_locks()		# docs/locking.md knows every lock
{
	local f name bad=0
	while IFS=: read -r f name; do
		grep -qE "[\`.(]$name\`" docs/locking.md ||
			{ echo "$f: docs/locking.md does not say where the lock $name belongs"; bad=1; }
	done < <(files 'include/lis/*.h' "${rooms[@]/%//*.[ch]}" | xargs -r grep -oE \
		'((struct (mutex|rw_semaphore)|(raw_)?spinlock_t|rwlock_t|seqlock_t) \w+;|DEFINE_(MUTEX|SPINLOCK|RAW_SPINLOCK|RWLOCK|SEQLOCK)\(\w+)' /dev/null |
		sed -E 's/:.*[ (](\w+);?$/:\1/')
	return $bad
}

wall_exports()		# our prefix, GPL only, described
{
	files "${rooms[@]/%//*.c}" | xargs -r python3 $here/exports.py
}

wall_version()		# VERSION is the only place that knows it
{
	local v bad=0
	v=$(cat VERSION)
	if grep -nE 'MODULE_VERSION\("|PACKAGE_VERSION="?[0-9]' "${all[@]}" | grep -v "^$here/"; then
		bad=1
	fi
	if files '*.[ch]' '*.sh' '*.mk' '*.conf' 'README.md' 'docs/*' 'tools/*' | xargs -r grep -nwF "$v" /dev/null |
		grep -vE "[0-9.]${v//./\\.}|${v//./\\.}[0-9.]"; then
		bad=1
	fi
	[ "$(sed -n 's/^## \([0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1)" = "$v" ] ||
		{ echo "CHANGELOG.md: the first heading is not \"## $v\", the version in VERSION"; bad=1; }
	[ $bad -eq 0 ] || echo "the version $v belongs in VERSION and CHANGELOG.md only"
	return $bad
}

wall_built()		# every C file is built by something
{
	local f dir stem bad=0
	for f in $(files '*.c'); do
		dir=$(dirname "$f") stem=$(basename "$f" .c)
		case $dir in
		compat/probes | tests/unit | tests/fuzz) continue ;;
		esac
		grep -qw -- "$stem\.o" "$dir/Kbuild" 2>/dev/null && continue
		# A Makefile, or a script beside it, names the file, or all of
		# its directory.
		files 'Makefile' '*.mk' "$dir/*" | grep -v '\.[chS]$' | xargs -r grep -qE \
			"(^|[[:space:]/(])($(basename "$dir")/\*\.c|$(basename "$dir")/%\.c|$stem\.[co])\b" /dev/null && continue
		echo "$f: no Kbuild, Makefile or rules.mk builds it"
		bad=1
	done
	return $bad
}

wall_whitespace()	# none at line ends, a newline at the end of each file
{
	local f bad=0
	for f in "${all[@]}"; do
		case $f in *.png | *.bin | */seeds/*) continue ;; esac
		if grep -nIE '[[:blank:]]+$' "$f" | sed "s|^|$f:|" | grep .; then bad=1; fi
		[ ! -s "$f" ] || [ -z "$(tail -c 1 "$f")" ] || { echo "$f: no newline at the end"; bad=1; }
	done
	return $bad
}

wall_executable()	# a file that begins with #! can be run
{
	local f bad=0
	for f in "${all[@]}"; do
		case $f in compat/*.sh) continue ;; esac	# run by kbuild's shell
		if [ "$(head -c 2 "$f" | tr -d '\0')" = '#!' ] && [ ! -x "$f" ]; then
			echo "$f: begins with #! but is not executable"
			bad=1
		fi
	done
	return $bad
}

# What checkpatch says of kernel habits does not always fit: prototypes in
# probes, wire headers shared with user space, structures that are const on new
# kernels only, programs without the kernel's headers.  The stand-ins for these headers are not judged at all.
CHECKPATCH_IGNORE=AVOID_EXTERNS,PREFER_DEFINED_ATTRIBUTE_MACRO,SPDX_LICENSE_TAG,FILE_PATH_CHANGES,NEW_TYPEDEFS,CONST_STRUCT
CHECKPATCH_IGNORE_USER=$CHECKPATCH_IGNORE,ARRAY_SIZE,COMPLEX_MACRO,EMBEDDED_FUNCTION_NAME,LINE_SPACING,STRCPY,BRACKET_SPACE,STRNCPY,SUSPECT_COMMA_SEMICOLON,TRAILING_STATEMENTS,VOLATILE

one_checkpatch()
{
	local sum stamp ignore=$CHECKPATCH_IGNORE
	case $1 in
	tests/* | tools/*) ignore=$CHECKPATCH_IGNORE_USER ;;
	compat/*) ignore+=,MACRO_ARG_UNUSED,COMPLEX_MACRO ;;	# members, attributes
	esac
	sum=$({ echo "$1"; cat "$1" "$CHECKPATCH/checkpatch.pl" $here/run.sh $here/types.list; } | sha256sum)
	stamp=$CHECKPATCH/clean/${sum%% *}
	[ ! -e "$stamp" ] || { touch "$stamp"; return 0; }
	perl "$CHECKPATCH/checkpatch.pl" --no-tree --no-summary --quiet --terse --show-types --max-line-length=100 \
		--typedefsfile $here/types.list --ignore "$ignore" --file "$1" 2>&1 && : >"$stamp"
}

wall_checkpatch()	# the kernel's own judge of its style
{
	CHECKPATCH=$($here/fetch-checkpatch.sh) || { echo "checkpatch.pl cannot be had: apt-get download linux-source-6.12 failed"; return 1; }
	# Files that were found clean are noted there, by what they contain, and
	# forgotten when nobody has asked for a month
	mkdir -p "$CHECKPATCH/clean" && find "$CHECKPATCH/clean" -type f -mtime +30 -delete
	export CHECKPATCH CHECKPATCH_IGNORE CHECKPATCH_IGNORE_USER here
	export -f one_checkpatch
	# shellcheck disable=SC2016 # $0 is the inner shell's
	files '*.[ch]' | grep -vE '^(compat/golden|tests/unit/stubs)/' |
		xargs -r -n 1 -P "$(nproc)" bash -c 'one_checkpatch "$0"' >"$tmp/checkpatch" || true
	! sort "$tmp/checkpatch" | grep .
}

wall_shellcheck()
{
	need shellcheck shellcheck || return
	local bad=0
	scripts | grep -v '^tests/vm/' | xargs -r shellcheck -S warning -x -P SCRIPTDIR -e SC1091 || bad=1
	# Scenarios share variables with what they source, and with guests.
	{ scripts; files 'tests/vm/*.t'; } | grep '^tests/vm/' | sort -u |
		xargs -r shellcheck -s bash -S warning -e SC1091,SC2034,SC2154 || bad=1
	return $bad
}

wall_codespell()
{
	need codespell codespell || return
	files '*' | grep -vx COPYING | xargs codespell -q 3 -I $here/words.list
}

wall_python()
{
	local f bad=0
	for f in $(files '*.py'); do
		python3 - "$f" <<-'END' || bad=1
		import ast, sys
		ast.parse(open(sys.argv[1]).read(), sys.argv[1])
		END
	done
	return $bad
}

wall_man()		# man pages are clean mdoc
{
	local f bad=0
	need mandoc mandoc || return
	for f in $(files '*.[18]'); do
		mandoc -T lint -W warning "$f" || bad=1
	done
	return $bad
}

wall_documented()	# parameters, options and verbs are where users look for them
{
	local f name bad=0
	while IFS=: read -r f name; do
		grep -q "^| \`$name\`" docs/parameters.md ||
			{ echo "$f: parameter $name is not in docs/parameters.md"; bad=1; }
		grep -q "MODULE_PARM_DESC($name," "$f" ||
			{ echo "$f: parameter $name has no MODULE_PARM_DESC"; bad=1; }
	done < <(files "${rooms[@]/%//*.c}" | xargs grep -oE '^module_param(_named)?\([a-z_]+' | sed 's/:.*(/:/')
	for name in $(sed -n 's/^	{ "\([a-z-]*\)", [a-z]*_argument.*/\1/p' tests/hvhost/core/options.c); do
		grep -q "^\"  --$name " tests/hvhost/core/options.c ||
			{ echo "hvhost: --help lacks --$name"; bad=1; }
		[ "$name" = help ] || grep -q "^\*--$name\*" tests/hvhost/man/hvhost.1.scd ||
			{ echo "hvhost: the man page lacks --$name"; bad=1; }
	done
	for name in 'disk '{list,add,remove,resize,eject,insert,fail,delay,answer} 'bus '{list,rescind,vanish,reoffer,stall,resume} \
		ping 'power shutdown' stats hostile wait; do
		grep -q "^\"  ${name}[ |]" tests/hvhost/hvctl.c ||
			{ echo "hvctl: --help lacks $name"; bad=1; }
		grep -qE "(^|, )\*$name\*" tests/hvhost/man/hvctl.1.scd ||
			{ echo "hvctl: the man page lacks $name"; bad=1; }
	done
	return $bad
}

# -----------------------------------------------------------------------------

case ${1:-} in
-h | --help)
	echo "usage: tests/style/run.sh [WALL...]"
	echo
	echo "Checks the rules of the tree that a program can check; without arguments all:"
	sed -n 's/^wall_\([a-z_]*\)()[[:space:]]*# \(.*\)/  \1\t\2/p' $here/run.sh | column -t -s "$(printf '\t')"
	exit 0
	;;
esac
if [ $# -eq 0 ]; then
	mapfile -t names < <(sed -n 's/^wall_\([a-z_]*\)().*/\1/p' $here/run.sh)
	set -- "${names[@]}"
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
passed=0 failed=0
for name; do
	declare -F "wall_$name" >/dev/null || { echo "check-style: there is no wall named $name" >&2; exit 2; }
	"wall_$name" >"$tmp/out" 2>&1
	rc=$?
	sed 's/^/    /' "$tmp/out"
	if [ $rc -eq 0 ]; then
		echo "ok     style.$name"
		passed=$((passed + 1))
	else
		echo "not ok style.$name"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
