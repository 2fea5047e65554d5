#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# modname.sh CONFIG MODULE: the name under which a module of modules.list is
# built for a kernel with that configuration (its auto.conf or .config).
#
# A kernel that has a driver built in has /sys/module/NAME for it, whether that
# driver is active or not: it refuses to load another module of that name, and
# modprobe thinks that it is loaded.  For such a kernel hv_NAME is lis_NAME.
# What decides is the first of the driver's symbols in modules.list that is set.
set -u

list=${0%/*}/../modules.list
for symbol in $(awk -v m="$2" '!/^#/ && $1 == m { $1 = $2 = $3 = ""; print }' "$list"); do
	value=$(sed -n "s/^$symbol=//p" "$1")
	[ -n "$value" ] || continue
	[ "$value" != y ] || { echo "lis_${2#hv_}"; exit; }
	break
done
echo "$2"
