#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# checktree.sh KDIR KVER: can modules be built against this kernel tree?
# Says in one sentence what is missing and what to install, before a compiler
# could say it in a thousand.
set -u

kdir=$1
kver=$2

die()
{
	echo "openlis: $*" >&2
	exit 1
}

# Debian and Ubuntu name the header package otherwise than the RHEL family.
package()
{
	if command -v rpm >/dev/null && ! command -v dpkg >/dev/null; then
		echo "kernel-devel-$1"
	else
		echo "linux-headers-$1"
	fi
}

present()
{
	for d in /lib/modules/*/build/Makefile; do
		[ -e "$d" ] || continue
		d=${d#/lib/modules/}
		printf ' %s' "${d%/build/Makefile}"
	done
}

pkg=$(package "$kver")
found=$(present)
if [ ! -e "$kdir/Makefile" ]; then
	die "no kernel build tree at $kdir: install the package $pkg${found:+, or choose a kernel whose headers are here with make KVER=... (one of:$found)}"
fi
for f in include/generated/utsrelease.h include/generated/autoconf.h \
	 include/config/auto.conf scripts/basic/fixdep scripts/mod/modpost; do
	[ -e "$kdir/$f" ] ||
		die "the kernel tree $kdir is not prepared for building modules ($f is missing): install the package $pkg again, or run 'make modules_prepare' there if it is a source tree"
done
[ -s "$kdir/Module.symvers" ] ||
	die "the kernel tree $kdir has no list of exported symbols (Module.symvers): install the package $pkg again, or build that kernel completely if it is a source tree"

conf=$kdir/include/config/auto.conf
has() { grep -q "^$1=" "$conf"; }
has CONFIG_X86 || die "the kernel tree $kdir is not for x86, the only architecture OpenLIS supports so far"
has CONFIG_MODULES || die "the kernel of $kdir has no loadable modules (CONFIG_MODULES): install a distribution's standard kernel with its package $pkg"
has CONFIG_HYPERV || die "the kernel of $kdir was built without Hyper-V support (CONFIG_HYPERV), which OpenLIS builds upon: install a distribution's standard kernel and the header package that belongs to it, and name it with make KVER=..."
has CONFIG_SCSI || die "the kernel of $kdir was built without SCSI (CONFIG_SCSI), which hv_storvsc needs: install a distribution's standard kernel and the header package that belongs to it, and name it with make KVER=..."
exit 0
