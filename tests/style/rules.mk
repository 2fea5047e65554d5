# SPDX-License-Identifier: GPL-2.0-only
#help make check-style        walls: compat only in compat/, budgets, SPDX, checkpatch, shellcheck

check-style:
	@tests/style/run.sh
.PHONY: check-style
