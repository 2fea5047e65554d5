# SPDX-License-Identifier: GPL-2.0-only
# Scenario tests: a stock kernel on hvhost, with our drivers and the
# distribution's.  Without KERNEL: all tests on 6.12, smoke on the other rows; without
# STACK: ours, then inbox.
#help make check-vm           scenario tests on hvhost (KERNEL=6.12 STACK=ours|inbox T='stor*')

check-vm:
	+@tests/run-vm $(if $(KERNEL),--kernel '$(KERNEL)') \
		$(if $(STACK),--stack '$(STACK)') $(T)
.PHONY: check-vm
