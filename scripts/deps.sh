#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Installs the Debian packages that a purpose needs and that are not there
# yet.  Asks dpkg first: when nothing is missing nothing is done, and neither
# root nor a network is needed.

set -u -o pipefail

usage()
{
	cat <<'END'
usage: scripts/deps.sh [--list] [build|check|demo|bench|fuzz|long|all]...

Installs with apt-get the Debian packages needed to

  build   build the modules and the user-space programs
  demo    make demo
  check   make check, and everything it is made of (default)
  bench   make bench
  fuzz    make fuzz
  long    make check-long
  all     all of these

  --list  print the packages that are missing, install nothing

Made for Debian 12; does nothing if all is there.
END
}

die()
{
	echo "deps: $*" >&2
	exit 1
}

# Kernel headers are there in any form as long as modules can be built with
# them; a line's metapackage brings its newest.
headers()
{
	local dir

	for dir in "/lib/modules/$1."*/build; do
		[ ! -e "$dir/Makefile" ] || return 0
	done
	echo "$2"
}

packages()
{
	local common='gcc make libc6-dev binutils xz-utils kmod'

	case $1 in
	build)
		echo "$common" pkg-config liburing-dev libnbd-dev libjson-c-dev \
			libslirp-dev acpica-tools scdoc
		headers 6.12 linux-headers-6.12-amd64
		headers 6.1 linux-headers-amd64 ;;
	demo)
		packages build
		echo qemu-system-x86 busybox-static e2fsprogs xfsprogs fio \
			sg3-utils xorriso eject kexec-tools util-linux bsdextrautils jq \
			procps qemu-utils xxhash iproute2 ethtool iperf3 dropbear-bin ;;
	fuzz)
		echo "$common" clang libclang-rt-dev llvm ;;
	check)
		packages demo
		packages fuzz
		# what roots of other Debian releases are made with
		echo debian-archive-keyring util-linux xz-utils zstd
		echo ccache sparse shellcheck codespell universal-ctags mandoc \
			libcmocka-dev perl python3 git ;;
	bench)
		packages demo
		echo python3 gnuplot-nox fonts-dejavu-core ;;
	long)
		packages demo
		echo mmdebstrap ;;
	all)
		packages check
		packages long
		packages bench ;;
	*)
		echo "deps: unknown purpose '$1'; see scripts/deps.sh --help" >&2
		return 2 ;;
	esac
}

installed()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = \
		installed ]
}

# The tools themselves may have come by another way than their packages
provided()
{
	case $1 in
	gnuplot-nox)		command -v gnuplot >/dev/null ;;
	qemu-system-x86)	command -v qemu-system-x86_64 >/dev/null ;;
	busybox-static)		installed busybox-static ;;
	gcc|make|git|python3|perl|jq|clang)
				command -v "$1" >/dev/null ;;
	*)			false ;;
	esac
}

known()
{
	apt-cache --no-all-versions show "$1" >/dev/null 2>&1
}

apt()
{
	DEBIAN_FRONTEND=noninteractive apt-get -q \
		-o DPkg::Lock::Timeout=300 "$@"
}

# Does every package have a candidate?  Lists that are old or were never
# fetched are fetched once.
all_known()
{
	local package

	for package in "${missing[@]}"; do
		known "$package" || return 1
	done
}

install_missing()
{
	local log package

	[ "$(id -u)" -eq 0 ] ||
		die "missing: ${missing[*]}; run this as root, or install them yourself"
	log=$(mktemp) || exit 1
	# shellcheck disable=SC2064 # the name is known now
	trap "rm -f '$log'" EXIT
	if ! all_known; then
		echo "deps: fetching package lists"
		apt update >"$log" 2>&1 ||
			die "apt-get update failed: $(grep -m 1 '^E:' "$log")"
		for package in "${missing[@]}"; do
			known "$package" ||
				die "apt knows no package '$package' (this is made for Debian 12)"
		done
	fi
	echo "deps: installing ${missing[*]}"
	apt install -y --no-install-recommends "${missing[@]}" 2>&1 |
		tee "$log" | grep --line-buffered -E '^(Get:|Unpacking|E:)' |
		sed -u 's/^/deps: | /'
	[ "${PIPESTATUS[0]}" -eq 0 ] ||
		die "apt-get failed: $(grep -m 1 '^E:' "$log")"
}

list=
purposes=()
for arg; do
	case $arg in
	--help|-h)	usage; exit 0 ;;
	--list)		list=1 ;;
	-*)		echo "deps: unknown option '$arg'; see scripts/deps.sh --help" >&2
			exit 2 ;;
	*)		purposes+=("$arg") ;;
	esac
done
[ ${#purposes[@]} -gt 0 ] || purposes=(check)

missing=()
wanted=$(for purpose in "${purposes[@]}"; do
	packages "$purpose" || exit
done) || exit
command -v dpkg-query >/dev/null ||
	die "no dpkg here: this needs a Debian system"
# shellcheck disable=SC2086 # one word a package
for package in $(printf '%s\n' $wanted | sort -u); do
	installed "$package" || provided "$package" || missing+=("$package")
done

if [ -n "$list" ]; then
	[ ${#missing[@]} -eq 0 ] || printf '%s\n' "${missing[@]}"
elif [ ${#missing[@]} -gt 0 ]; then
	command -v apt-get >/dev/null ||
		die "missing: ${missing[*]}; there is no apt-get to install them"
	install_missing
fi
