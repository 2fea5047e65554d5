#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Prints the directory of the kernel's checkpatch.pl.  Debian ships it only
# inside the kernel source package, so it is taken out of that once and kept in
# the user's cache, never in this tree.
set -eu

dir=${XDG_CACHE_HOME:-$HOME/.cache}/openlis/checkpatch
files="checkpatch.pl spelling.txt const_structs.checkpatch"
have_all() { for f in $files; do [ -s "$dir/$f" ] || return 1; done; }

if ! have_all; then
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
	cd "$tmp"
	echo "check-style: fetching checkpatch.pl from Debian's kernel source package (once)" >&2
	apt-get -qq download linux-source-6.12 >&2 || apt-get -qq download linux-source-6.1 >&2
	deb=$(echo ./*.deb)
	mkdir -p "$dir"
	dpkg-deb --fsys-tarfile "$deb" | tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		xz -dc -T0 | tar -x --wildcards --strip-components=2 --no-anchored \
			'scripts/checkpatch.pl' 'scripts/spelling.txt' 'scripts/const_structs.checkpatch'
	for f in $files; do
		mv "$f" "$dir/"
	done
	have_all
fi
echo "$dir"
