# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The packages of any Debian release, without touching this machine's own apt:
# an apt with its own lists and an empty set of installed packages, kept in
# $cache/apt/RELEASE.  Sourced by tests/matrix/matrix and tests/box/qemu, which
# set $cache and $MIRROR; one caller at a time.  Works without root.  $began: when
# this run began.

: "${cache:?}" "${MIRROR:?}" "${began:=$(date +%s)}"

# Nothing here may hang: a dead mirror is a failure, and soon.
APT_LIMIT=${LIS_APT_LIMIT:-240}		# seconds for one apt command
APT_FRESH=1440				# minutes that package lists are good for
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# What suites make up a release: what was released, fixes, newer kernels
suites_of()
{
	case $1 in
	sid)		echo "debian $1" ;;
	bullseye)	echo "debian $1"; echo "debian-security $1-security" ;;
	*)		echo "debian $1"; echo "debian-security $1-security"
			echo "debian $1-backports" ;;
	esac
}

# The same whoever asks: settings that change make lists be fetched again
arches_of()
{
	case $1 in
	bullseye|bookworm)	echo amd64,i386 ;;	# the last with 32-bit kernels
	*)			echo amd64 ;;
	esac
}

apt_configure()
{
	local release=$1 arches dir=$cache/apt/$1 area suite arch

	arches=$(arches_of "$release")
	mkdir -p "$dir"/{lists/partial,archives/partial,etc/none,etc/apt.conf.d} ||
		return
	: >>"$dir/status"
	suites_of "$release" | while read -r area suite; do
		# 32-bit kernels: what the mirrors have of the others' is
		# often lists of packages that are not there
		[ "$suite" = "$release" ] && arch=$arches ||
			arch=amd64
		echo "deb [arch=$arch signed-by=$KEYRING] $MIRROR/$area $suite main"
	done >"$dir/etc/sources.list.new"
	# Suites that are frozen, or whose mirror lags, are past "Valid-Until"
	cat >"$dir/apt.conf.new" <<-CONF
		APT::Architecture "amd64";
		APT::Architectures { "${arches//,/\"; \"}"; };
		APT::Sandbox::User "";
		APT::Install-Recommends "false";
		APT::Get::AllowUnauthenticated "false";
		APT::Update::Post-Invoke-Success "";
		#clear APT::Update;
		#clear DPkg;
		Acquire::Check-Valid-Until "false";
		Acquire::Languages "none";
		Acquire::Retries "2";
		Acquire::http::Timeout "20";
		Acquire::https::Timeout "20";
		Dir::State "$dir";
		Dir::State::lists "$dir/lists";
		Dir::State::status "$dir/status";
		Dir::Cache "$dir";
		Dir::Cache::archives "$dir/archives";
		Dir::Etc "$dir/etc";
		Dir::Etc::sourcelist "$dir/etc/sources.list";
		Dir::Etc::sourceparts "none";
		Dir::Etc::preferencesparts "none";
		Dir::Etc::trusted "none.gpg";
		Dir::Etc::trustedparts "none";
		Dir::Log "$dir";
	CONF
	# Lists that were fetched with the same settings are as good as before
	cmp -s "$dir/etc/sources.list.new" "$dir/etc/sources.list" &&
		cmp -s "$dir/apt.conf.new" "$dir/apt.conf" && return
	mv "$dir/etc/sources.list.new" "$dir/etc/sources.list" &&
		mv "$dir/apt.conf.new" "$dir/apt.conf"
}

# release_apt RELEASE apt-get|apt-cache ARGUMENT...
release_apt()
{
	local conf=$cache/apt/$1/apt.conf tool=$2

	shift 2
	APT_CONFIG=$conf timeout -k 10 "$APT_LIMIT" "$tool" -q "$@"
}

# The package lists of a release are there, fetched once if two ask for them
apt_ready()
{
	mkdir -p "$cache/apt" && (
		flock 8
		apt_configure "$1" && apt_update "$1"
	) 8>"$cache/apt/$1.lock"
}

# Have this run's own lists been asked for, or are they not a day old?
apt_fresh()
{
	local updated=$1/updated conf=$1/apt.conf

	[ "$updated" -nt "$conf" ] || return
	if [ -n "${refresh-}" ]; then
		[ "$(stat -c %Y "$updated")" -ge "$began" ]
	else
		[ -n "$(find "$updated" -mmin -$APT_FRESH)" ]
	fi
}

# Fetch the package lists of a release unless they are fresh enough, or once if
# $refresh is set.  With an old copy at hand a dead mirror is only a warning.
apt_update()
{
	local release=$1 dir=$cache/apt/$1 log

	! apt_fresh "$dir" || return 0
	log=$dir/update.log
	if release_apt "$release" apt-get update >"$log" 2>&1 &&
		! grep -qE '^(W: Failed to fetch|E:)' "$log"; then
		touch "$dir/updated"
	elif [ -e "$dir/updated" ]; then
		echo "apt: warning: $MIRROR does not give the package lists of $release ($(apt_complaint "$log")): using those of $(date -r "$dir/updated" +%F)" >&2
	else
		echo "matrix: cannot have Debian $release from $MIRROR: $(apt_complaint "$log"); \$LIS_MIRROR may name another mirror (archive.debian.org has what left the others)" >&2
		return 1
	fi
}

apt_complaint()
{
	local line

	line=$(grep -m 1 '^E:' "$1")
	echo "${line:-no answer within $APT_LIMIT s}"
}

# field RELEASE PACKAGE FIELD: empty if there is no such package
apt_field()
{
	release_apt "$1" apt-cache --no-all-versions show "$2" 2>/dev/null |
		sed -n "s/^$3: //p" | head -n 1
}
