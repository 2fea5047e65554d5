# SPDX-License-Identifier: GPL-2.0-only
# What runs inside a test guest, the client that talks to it, and the archives
# of tools that tests put behind a guest's initramfs.

GUEST_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror
# hyperv, which is fetched, is made when a test wants it: make build/guest/hyperv.cpio
GUEST_SETS   := fs fio scsi kmod misc proof net daemons

guest: build/guest/agent build/guestexec $(GUEST_SETS:%=build/guest/%.cpio)

build/guest/agent: tests/guest/agent.c tests/guest/agent.h
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -static -o $@ $<

build/guestexec: tests/lib/guestexec.c tests/guest/agent.h
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -o $@ $<

build/guest/%.cpio: tests/guest/mkinitrd tests/guest/slimlibs
	@mkdir -p $(@D)
	tests/guest/mkinitrd --set $* -o $@

build/guest/misc.cpio: build/guest/lsvmbus
build/guest/fio.cpio: build/guest/mark
build/guest/proof.cpio: build/guest/tree
build/guest/net.cpio: build/guest/xdpact
build/guest/daemons.cpio: build/guest/lis $(patsubst %,build/guest/hv_%_daemon,kvp vss fcopy)

build/guest/xdpact: tests/guest/xdpact.c
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -static -s -o $@ $<

build/guest/tree: tests/guest/tree.c
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -static -o $@ $<

build/guest/mark: tests/box/mark.c tests/box/mark.h
	@mkdir -p $(@D)
	$(CC) $(GUEST_CFLAGS) -Os -nostdlib -static -o $@ $<

.PHONY: guest
