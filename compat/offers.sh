#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# offers.sh ANSWERS WHAT: prints "y" if the kernel that is built for offers it,
# as compat_gen.h, the file ANSWERS, has it; for the Kbuild of a module, whose
# file for WHAT is left out otherwise.
set -u

case $2 in
xdp)	api=HAVE_XDP_FRAME_SZ ;;
*)	echo "offers.sh: nobody has asked for $2 yet" >&2; exit 2 ;;
esac
[ -e "$1" ] || { echo "offers.sh: no $1: compat/ was not built first" >&2; exit 1; }
! grep -q "^#define $api 1" "$1" || echo y
