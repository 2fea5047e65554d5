# SPDX-License-Identifier: GPL-2.0-only
# build/lsvmbus for this machine, build/guest/lsvmbus static for an initramfs.
LSVMBUS := $(wildcard tools/lsvmbus/*.c)
LSVMBUS_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -DLIS_VERSION='"$(VERSION)"'

tools: build/lsvmbus
build/lsvmbus: $(LSVMBUS) tools/lsvmbus/bus.h VERSION
	@mkdir -p $(@D)
	$(CC) $(LSVMBUS_CFLAGS) -o $@ $(LSVMBUS)
build/guest/lsvmbus: $(LSVMBUS) tools/lsvmbus/bus.h VERSION
	@mkdir -p $(@D)
	$(CC) $(LSVMBUS_CFLAGS) -static -o $@ $(LSVMBUS)
.PHONY: tools
