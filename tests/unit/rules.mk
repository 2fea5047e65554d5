# SPDX-License-Identifier: GPL-2.0-only
# Pure cores in user space: every tests/unit/NAME.c is a cmocka program, linked
# with the shipped sources it names, run under ASan and UBSan.
#help make check-unit         unit tests of the pure cores (T='ring*' chooses)

check-unit:
	+@$(MAKE) --no-print-directory -s -j2 -f tests/unit/build.mk unit
	@tests/unit/run.sh $(if $(T),'$(T)')
.PHONY: check-unit
