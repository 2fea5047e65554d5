# SPDX-License-Identifier: GPL-2.0-only
# Builds tests/unit/*.c (goal "unit") and tests/fuzz/*.c (goal "fuzz").  A file
# names the shipped sources it is linked with, and libraries, among its first
# lines: "srcs: vmbus/ring.c" and "libs: -ljson-c", each ended by the line's or
# the comment's end.

UNIT := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))
FUZZ := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))

SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=undefined
TEST_CFLAGS := -std=gnu11 -D_GNU_SOURCE= -O1 -g -fno-omit-frame-pointer -Wall -Wextra -Werror \
	-Itests/unit/stubs -Itests/unit/stubs/fake -Iinclude -Itests/hvhost -Itests/hvhost/include -I.
CLANG ?= clang
Q := $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)	$(2)')

unit: $(addprefix build/unit/,$(UNIT))
fuzz: $(addprefix build/fuzz/,$(FUZZ))
.PHONY: unit fuzz
.DELETE_ON_ERROR:

# $(call named,srcs,FILE): the words behind "srcs:" in FILE
named = $(shell sed -n '1,20s|.*[ /*]$(1):\(.*\)|\1|p' $(2) | sed 's|\*/.*||')

build/unit/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(TEST_CFLAGS) $(SANITIZE) -MMD -c -o $@ $<

build/fuzz/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CLANG,$<)
	$(Q)$(CLANG) $(TEST_CFLAGS) $(SANITIZE) -fsanitize=fuzzer-no-link -MMD -c -o $@ $<

# program: $(1) unit|fuzz, $(2) name, $(3) linker, $(4) libraries
define program
build/$(1)/$(2): $(addprefix build/$(1)/obj/,tests/$(1)/$(2).o \
		$(patsubst %.c,%.o,$(call named,srcs,tests/$(1)/$(2).c)))
	@mkdir -p $$(@D)
	$$(call say,LD,$$@)
	$$(Q)$(3) $$(SANITIZE) -o $$@ $$^ $(4) $(call named,libs,tests/$(1)/$(2).c)
endef
# Only what is asked for is parsed.
ifneq ($(filter unit build/unit/%,$(MAKECMDGOALS)),)
$(foreach t,$(UNIT),$(eval $(call program,unit,$(t),$$(CC),-lcmocka -lpthread)))
endif
ifneq ($(filter fuzz build/fuzz/%,$(MAKECMDGOALS)),)
$(foreach t,$(FUZZ),$(eval $(call program,fuzz,$(t),$$(CLANG) -fsanitize=fuzzer,-lpthread)))
endif

-include $(shell find build/unit/obj build/fuzz/obj -name '*.d' 2>/dev/null)
