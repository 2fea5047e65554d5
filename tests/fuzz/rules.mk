# SPDX-License-Identifier: GPL-2.0-only
# libFuzzer on the pure cores: tests/fuzz/NAME.c, seeds in tests/fuzz/seeds/NAME.
# What a long run learns is kept in build/fuzz/corpus/NAME.
#help make fuzz T=NAME S=60   fuzz one target for S seconds (no T: name them)
#help make check-fuzz         every fuzz target, briefly and always the same way

FUZZ_BUILD = $(MAKE) --no-print-directory -j2 -f tests/unit/build.mk

fuzz:
ifeq ($(T),)
	@echo 'make fuzz T=NAME [S=seconds], with NAME one of:' \
		$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)) >&2; exit 2
else
	@[ -e tests/fuzz/$(T).c ] || { echo 'make fuzz: no tests/fuzz/$(T).c' >&2; exit 2; }
	+@$(FUZZ_BUILD) build/fuzz/$(T)
	@tests/fuzz/run.sh long '$(T)' '$(or $(S),60)'
endif

check-fuzz:
	+@$(FUZZ_BUILD) -s fuzz
	@tests/fuzz/run.sh short
.PHONY: fuzz check-fuzz
