# SPDX-License-Identifier: GPL-2.0-only
# KERNEL='6.1 6.12' chooses kernels, by default all of tests/kernels.list.
#help make golden             note what the probes found in one kernel (KVER=...)
#help make check-compat       probes: gates, answers against compat/golden
#help make check-build        all kernels, W=1 and sparse, no warning allowed

check-compat:
	+@tests/build/compat.sh $(KERNEL)
check-build:
	+@tests/build/build.sh $(KERNEL)
.PHONY: check-compat check-build
