# SPDX-License-Identifier: GPL-2.0-only
# The daemons and lis: build/NAME for this machine, build/guest/NAME static for
# an initramfs.
#help make tools              build lsvmbus, lis and the daemons hv_{kvp,vss,fcopy}_daemon
# make tools WERROR=-Werror; the unit tests compile the same with it
WERROR ?=
TOOL_LIB := $(wildcard tools/lib/*.c)
TOOL_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
	-Wall -Wextra -Wshadow $(WERROR) -I. -DLIS_VERSION='"$(VERSION)"'

# tool: $(1) program, $(2) its sources
define tool
build/$(1) build/guest/$(1): $(2) $(TOOL_LIB) $(wildcard tools/*/*.h) VERSION
	@mkdir -p $$(@D)
	$$(CC) $$(TOOL_CFLAGS) $$(if $$(filter build/guest/%,$$@),-static) -o $$@ $(2) $$(TOOL_LIB)
tools: build/$(1)
endef
$(eval $(call tool,hv_kvp_daemon,$(wildcard tools/kvp/*.c)))
$(eval $(call tool,hv_fcopy_daemon,$(wildcard tools/fcopy/*.c)))
$(eval $(call tool,hv_vss_daemon,$(wildcard tools/vss/*.c)))
$(eval $(call tool,lis,$(wildcard tools/lis/*.c) tools/kvp/pool.c tools/kvp/facts.c))

# Where make install puts them; DESTDIR= before all of it.  What is in
# /etc/openlis stays as the administrator has it.
#help make install            install the tools below DESTDIR, units and man pages too (INIT=sysv: scripts)
SBINDIR ?= /usr/sbin
MANDIR ?= /usr/share/man
UNITDIR ?= /usr/lib/systemd/system
UDEVDIR ?= /usr/lib/udev/rules.d
SERVICES := hv_kvp_daemon hv_vss_daemon hv_fcopy_daemon
INSTALL ?= install

install: tools install-$(or $(INIT),systemd)
	$(INSTALL) -d $(addprefix $(DESTDIR),$(SBINDIR) $(MANDIR)/man8 /etc/openlis/vss.d /usr/share/openlis/hooks)
	$(INSTALL) -m 755 $(addprefix build/,$(SERVICES) lis lsvmbus) $(DESTDIR)$(SBINDIR)
	$(INSTALL) -m 644 $(wildcard tools/man/*.8) $(DESTDIR)$(MANDIR)/man8
	$(INSTALL) -m 755 $(wildcard tools/hooks/*) $(DESTDIR)/usr/share/openlis/hooks
	for f in $(notdir $(wildcard tools/conf/*.conf)); do \
		[ -e "$(DESTDIR)/etc/openlis/$$f" ] || $(INSTALL) -m 644 tools/conf/$$f $(DESTDIR)/etc/openlis || exit; \
	done
install-systemd:
	$(INSTALL) -d $(addprefix $(DESTDIR),$(UNITDIR) $(UDEVDIR))
	$(INSTALL) -m 644 $(wildcard tools/systemd/*.service) $(DESTDIR)$(UNITDIR)
	$(INSTALL) -m 644 $(wildcard tools/udev/*.rules) $(DESTDIR)$(UDEVDIR)
install-sysv:
	$(INSTALL) -d $(DESTDIR)/etc/init.d
	for d in $(SERVICES); do $(INSTALL) -m 755 tools/sysv/hv_daemon $(DESTDIR)/etc/init.d/$$d || exit; done
.PHONY: install install-systemd install-sysv
