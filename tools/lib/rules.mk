# SPDX-License-Identifier: GPL-2.0-only
# The daemons and lis: build/NAME for this machine, build/guest/NAME static for
# an initramfs.
#help make tools              build lsvmbus, lis and the daemons hv_{kvp,vss,fcopy}_daemon
TOOL_LIB := $(wildcard tools/lib/*.c)
TOOL_CFLAGS := -std=gnu11 -D_GNU_SOURCE -O2 -g -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
	-Wall -Wextra -Wshadow -Werror -I. -DLIS_VERSION='"$(VERSION)"'

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
