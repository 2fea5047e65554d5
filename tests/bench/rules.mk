# SPDX-License-Identifier: GPL-2.0-only
# Speed as a ratio to the in-box drivers on the same host in the same run.
#help make bench KERNEL=6.12  ours against in-box: table, tests/out/bench.json, .png (ROUNDS=5)
#help make bench ROWS=storage the long list, with latencies and costs, half an hour

bench:
	@scripts/deps.sh bench
	@tests/bench/run --kernel $(or $(KERNEL),6.12) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(ROWS),--rows $(ROWS))
.PHONY: bench
