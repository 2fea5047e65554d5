# SPDX-License-Identifier: GPL-2.0-only
# Proofs that take long: data survives the loss of power, again and again.
#help make check-long         survival of power losses, an hour or more (STACK=ours|inbox T='postgres-xfs')

check-long:
	@scripts/deps.sh long
	+@pgroot=$$(tests/long/pgroot) && LIS_PGROOT=$$pgroot tests/run-vm --long \
		$(if $(KERNEL),--kernel '$(KERNEL)') \
		$(if $(STACK),--stack '$(STACK)') $(T)
.PHONY: check-long
