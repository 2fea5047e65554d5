# SPDX-License-Identifier: GPL-2.0-only

demo:
	@tests/demo/demo $(if $(KERNEL),--kernel '$(KERNEL)')
.PHONY: demo
