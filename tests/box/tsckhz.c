// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the frequency of this machine's TSC in kHz.  QEMU's emulation hands
 * the TSC through, and a nested kernel that calibrates it while the machine is
 * busy gets it wrong by factors: all its time limits are then too short.
 * Single-threaded, no locks.
 */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <x86intrin.h>

struct moment {
	uint64_t tsc;
	uint64_t ns;
};

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Both clocks at once: of some pairs, the one that took the shortest time */
static struct moment look(void)
{
	struct moment best = { 0, 0 };
	uint64_t shortest = UINT64_MAX;

	for (int i = 0; i < 50; i++) {
		uint64_t before = __rdtsc(), ns = now_ns(), after = __rdtsc();

		if (after - before >= shortest)
			continue;
		shortest = after - before;
		best = (struct moment) { before + shortest / 2, ns };
	}
	return best;
}

int main(void)
{
	struct moment a = look(), b;

	usleep(50000);
	b = look();
	printf("%llu\n", (unsigned long long)((b.tsc - a.tsc) * 1000000 /
					      (b.ns - a.ns)));
	return 0;
}
