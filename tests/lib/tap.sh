# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Checks that print TAP, for tests/vm/*.t.  A check that tests/vm/
# exceptions.list expects the distribution's drivers to fail is reported as
# TODO when it fails and as a failure when it passes.
#
#   passes NAME            fails NAME [DETAIL...]      diag TEXT...
#   ok STATUS NAME         is GOT WANT NAME            isnt GOT UNWANTED NAME
#   like GOT REGEX NAME    unlike GOT REGEX NAME
#   skip NAME REASON       skip_all REASON             bail REASON
#   done_testing           plan N (instead of done_testing: N was promised)

tap_count=0
tap_failed=0
tap_planned=
tap_name=$(basename "$0" .t)
tap_exceptions=${BASH_SOURCE[0]%/lib/tap.sh}/vm/exceptions.list

diag()
{
	printf '%s\n' "$@" | sed 's/^/# /' >&2
}

# The reason why this check may fail here, if the list has one
tap_exception()
{
	local name=$1 test kernel pattern reason

	[ "${STACK:-ours}" = inbox ] && [ -r "$tap_exceptions" ] ||
		return 1	# a bare return would mean another thing in a trap
	while IFS='|' read -r test kernel pattern reason; do
		read -r test <<<"$test"
		read -r kernel <<<"$kernel"
		read -r pattern <<<"$pattern"
		read -r reason <<<"$reason"
		[ "$test" = "$tap_name" ] || continue
		# shellcheck disable=SC2053,SC2153 # both are patterns
		[[ $kernel = '*' || $KERNEL == $kernel* ]] || continue
		# shellcheck disable=SC2053
		[[ $name == $pattern ]] && echo "$reason" && return 0
	done < <(grep -v '^#' "$tap_exceptions")
	return 1
}

passes()
{
	local reason

	if reason=$(tap_exception "$1"); then
		fails "$1" "passes, but tests/vm/exceptions.list says: $reason"
		return
	fi
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s\n' $tap_count "${1//#/\\#}"
}

fails()
{
	local reason todo=''

	if reason=$(tap_exception "$1") && [[ ${2-} != passes,* ]]; then
		todo=" # TODO $reason"
	else
		tap_failed=$((tap_failed + 1))
	fi
	tap_count=$((tap_count + 1))
	printf 'not ok %d - %s%s\n' $tap_count "${1//#/\\#}" "$todo"
	shift
	[ $# -eq 0 ] || diag "$@"
	return 1
}

ok()
{
	if [ "$1" -eq 0 ]; then
		passes "$2"
	else
		fails "$2" "status $1"
	fi
}

is()
{
	if [ "$1" = "$2" ]; then
		passes "$3"
	else
		fails "$3" "got  '$1'" "want '$2'"
	fi
}

isnt()
{
	if [ "$1" != "$2" ]; then
		passes "$3"
	else
		fails "$3" "got '$1', which it should not be"
	fi
}

like()
{
	if [[ $1 =~ $2 ]]; then
		passes "$3"
	else
		fails "$3" "no match for /$2/ in" "$1"
	fi
}

unlike()
{
	if [[ ! $1 =~ $2 ]]; then
		passes "$3"
	else
		fails "$3" "'${BASH_REMATCH[0]}' matches /$2/"
	fi
}

skip()
{
	tap_count=$((tap_count + 1))
	printf 'ok %d - %s # SKIP %s\n' $tap_count "${1//#/\\#}" "$2"
}

skip_all()
{
	printf '1..0 # SKIP %s\n' "$1"
	tap_planned=0
	exit 0
}

bail()
{
	fails "goes on" "$@"
	done_testing
	exit 1
}

plan()
{
	tap_planned=$1
	printf '1..%d\n' "$1"
}

# Run by done_testing before it counts: what else must be true
tap_at_end=()

done_testing()
{
	local f

	for f in "${tap_at_end[@]}"; do
		"$f"
	done
	[ -n "$tap_planned" ] || printf '1..%d\n' $tap_count
	tap_planned=$tap_count
	[ $tap_failed -eq 0 ]
}
