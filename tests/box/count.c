/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A TCG plugin for QEMU: counts the instructions that the nested machine
 * executes, and those of guests inside it, and writes the sum so far to a file,
 * a line each time somebody in there executes the marker instruction
 * (tests/box/mark.c).
 *
 * QEMU calls us from the threads of its processors.  Each adds to a counter of
 * its own; the file has a lock of stdio's.  A translated block counts as a
 * whole, also where a fault ends it early: too many by a few in a thousand.
 *
 * The declarations are QEMU's plugin interface (its documentation, "QEMU TCG
 * Plugins"); Debian has no package of the header.  PLUGIN_API is its version:
 * 4 for QEMU 10, 7 from QEMU 11 on, which hands each callback a pointer of ours.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "mark.h"

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_scoreboard;
typedef struct {
	struct qemu_plugin_scoreboard *score;
	size_t offset;
} qemu_plugin_u64;
enum { INLINE_ADD_U64 = 0, CB_NO_REGS = 0 };

struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t size);
uint64_t qemu_plugin_u64_sum(qemu_plugin_u64 entry);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb,
						 size_t idx);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *insn, void *to,
			     size_t len);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(
	struct qemu_plugin_tb *tb, int op, qemu_plugin_u64 entry, uint64_t imm);
void qemu_plugin_register_vcpu_insn_exec_cb(
	struct qemu_plugin_insn *insn,
	void (*cb)(unsigned int vcpu, void *data), int flags, void *data);
#if PLUGIN_API >= 7
void qemu_plugin_register_vcpu_tb_trans_cb(
	uint64_t id, void (*cb)(struct qemu_plugin_tb *tb, void *data),
	void *data);
#else
void qemu_plugin_register_vcpu_tb_trans_cb(
	uint64_t id, void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
#endif

__attribute__((visibility("default"))) int qemu_plugin_version = PLUGIN_API;
__attribute__((visibility("default"))) int
qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

static qemu_plugin_u64 executed;
static FILE *out;

static void marked(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	fprintf(out, "%" PRIu64 "\n", qemu_plugin_u64_sum(executed));
	fflush(out);
}

static bool is_marker(const struct qemu_plugin_insn *insn)
{
	static const uint8_t marker[] = { MARK_BYTES };
	uint8_t code[sizeof(marker)];

	return qemu_plugin_insn_size(insn) == sizeof(code) &&
	       qemu_plugin_insn_data(insn, code, sizeof(code)) == sizeof(code) &&
	       !memcmp(code, marker, sizeof(code));
}

static void count_block(struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, INLINE_ADD_U64,
							  executed, n);
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);

		if (is_marker(insn))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, marked,
							       CB_NO_REGS, NULL);
	}
}

#if PLUGIN_API >= 7
static void translated(struct qemu_plugin_tb *tb, void *data)
{
	(void)data;
	count_block(tb);
}

static void watch(uint64_t id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated, NULL);
}
#else
static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	count_block(tb);
}

static void watch(uint64_t id)
{
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
}
#endif

/* The one argument is out=FILE */
int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4)) {
		fprintf(stderr, "count: usage: -plugin FILE,out=FILE\n");
		return -1;
	}
	out = fopen(argv[0] + 4, "w");
	if (!out) {
		perror(argv[0] + 4);
		return -1;
	}
	executed.score = qemu_plugin_scoreboard_new(sizeof(uint64_t));
	watch(id);
	return 0;
}
