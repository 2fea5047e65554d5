# SPDX-License-Identifier: GPL-2.0-only
# make help says what there is to make.  VERSION and modules.list are the only
# places that know the version and the modules.

# kbuild prefers Kbuild; where it reads this file all the same, nothing but
# Kbuild counts.
ifneq ($(and $(KERNELRELEASE),$(obj)),)
include $(src)/Kbuild
else

VERSION := $(shell cat VERSION)
ROOMS   := $(shell awk '!/^\#/ && NF { print $$2 }' modules.list)

# The kernel to build for: KVER names an installed one, KDIR any build tree.
KVER    ?= $(shell uname -r)
KDIR    ?= /lib/modules/$(KVER)/build
# Where modules are built: beside their sources, or in a shadow of the tree
# (OUT=dir), so that modules of several kernels can exist at once.
OUT     ?= $(BUILDDIR)
M_DIR    = $(abspath $(or $(OUT),.))
DEPMOD  ?= depmod
# The release that modules carry.  Neither "make kernelrelease" nor
# kernel.release is it: Debian 6.1 headers say 6.1.192 for 6.1.0-56-amd64.
REL      = $(or $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' $(KDIR)/include/generated/utsrelease.h 2>/dev/null),$(KVER))
KBUILD   = $(MAKE) --no-print-directory -C $(KDIR) M=$(M_DIR)

all: modules

modules: tree shadow
	+@$(KBUILD) modules

tree:
	@sh compat/checktree.sh $(KDIR) $(REL)

# Links instead of copies: what is compiled is always the tree's own text.
SHADOWED = VERSION modules.list Kbuild $(shell find include compat \
	$(wildcard $(ROOMS)) -name out -prune -o -type f ! -name compat_gen.h \
	! -name '*.mod.c' \( -name '*.[chS]' -o -name '*.sh' -o -name Kbuild \) -print)
shadow:
ifneq ($(OUT),)
	@mkdir -p $(addprefix $(OUT)/,$(sort $(dir $(SHADOWED))))
	@find $(OUT) -xtype l -delete
	@for f in $(SHADOWED); do \
		[ -e "$(OUT)/$$f" ] || ln -s "$(CURDIR)/$$f" "$(OUT)/$$f" || exit; \
	done
endif

# Header packages name the key of their own kernel's build, which nobody else
# has: sign only with a key that exists.
SIGKEY = $(shell sed -n 's/^CONFIG_MODULE_SIG_KEY="\(.*\)"/\1/p' $(KDIR)/include/config/auto.conf)
have-key = $(or $(filter pkcs11:%,$(SIGKEY)),$(shell cd $(KDIR) && ls $(or $(SIGKEY),/nowhere) 2>/dev/null))
# depmod is ours to run: kbuild's own needs a System.map, which they lack too.
modules_install: tree
	+@$(KBUILD) KERNELRELEASE=$(REL) cmd_depmod=: \
		$(if $(have-key),,CONFIG_MODULE_SIG_ALL=) \
		INSTALL_MOD_DIR=updates/openlis modules_install
	$(DEPMOD) -a $(if $(INSTALL_MOD_PATH),-b $(INSTALL_MOD_PATH)) $(REL)

# Without kbuild, since the headers that modules were built with may be gone.
clean:
	@find compat $(wildcard $(ROOMS)) -name '*.o' -o -name '*.ko' -o -name '*.mod' \
		-o -name '*.mod.c' -o -name '.*.cmd' -o -name modules.order | xargs -r rm -f
	rm -rf compat/out compat/compat_gen.h Module.symvers modules.order \
		.module-common.o .*.cmd .tmp_versions build tests/out

# What the probes found is kept for each kernel, so that a changed answer shows
# up as a changed line.
GOLDEN = compat/golden/$(REL).h
probe: tree shadow
	+@$(KBUILD) compat/
golden: probe
	cp $(M_DIR)/compat/compat_gen.h $(GOLDEN)

help:
	@echo 'OpenLIS $(VERSION): Hyper-V guest drivers.  Modules: $(ROOMS)'
	@echo
	@echo '  make                   build the modules for the running kernel'
	@echo '  make modules_install   install them into updates/openlis of that kernel'
	@echo '  make clean             remove what was built'
	@echo
	@echo '  KVER=6.1.0-56-amd64    build for another installed kernel'
	@echo '  KDIR=/path             build against this kernel build tree'
	@echo '  OUT=build/kmod/NAME    build in a shadow of the tree, not in place'
	@echo '  INSTALL_MOD_PATH=/mnt  install below this directory'
	@echo
	@echo '  make demo              our drivers at work on our own Hyper-V host'
	@echo '  make check             every test: $(CHECKS:check-%=%)'
	@echo
	@echo 'For developers:'
	@sed -n 's/^#help \(.*\)/  \1/p' $(wildcard tests/*/rules.mk tools/*/rules.mk) | sort

# Quick parts first, so that a slip shows before the machines boot.
CHECKS = check-style check-unit check-fuzz check-compat check-build check-vm
check: deps
	@tests/check.sh $(CHECKS)
deps:
	@scripts/deps.sh check

.PHONY: check deps
.PHONY: all modules tree shadow modules_install clean probe golden help
-include $(sort $(wildcard tests/*/rules.mk tools/*/rules.mk))
endif
