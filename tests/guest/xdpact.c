// SPDX-License-Identifier: GPL-2.0-only
/*
 * xdpact: puts a program of a few instructions on a network interface, by XDP of
 * its driver, for as long as it lives.
 *
 * No compiler, no library: the programs are written down here.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INSNS_MAX	32

struct program {
	struct bpf_insn insn[INSNS_MAX];
	unsigned int count;
};

static void add(struct program *p, uint8_t code, uint8_t dst, uint8_t src,
		int16_t off, int32_t imm)
{
	p->insn[p->count++] = (struct bpf_insn){
		.code = code, .dst_reg = dst, .src_reg = src, .off = off,
		.imm = imm,
	};
}

static void set(struct program *p, uint8_t reg, int32_t value)
{
	add(p, BPF_ALU64 | BPF_MOV | BPF_K, reg, 0, 0, value);
}

static void leave(struct program *p)
{
	add(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Sender and receiver change places; frames too short for that are dropped. */
static void turn_around(struct program *p)
{
	add(p, BPF_LDX | BPF_MEM | BPF_W, 2, 1, offsetof(struct xdp_md, data),
	    0);
	add(p, BPF_LDX | BPF_MEM | BPF_W, 3, 1,
	    offsetof(struct xdp_md, data_end), 0);
	add(p, BPF_ALU64 | BPF_MOV | BPF_X, 4, 2, 0, 0);
	add(p, BPF_ALU64 | BPF_ADD | BPF_K, 4, 0, 0, 14);
	add(p, BPF_JMP | BPF_JLE | BPF_X, 4, 3, 2, 0);
	set(p, 0, XDP_DROP);
	leave(p);
	for (int i = 0; i < 6; i += 2) {
		add(p, BPF_LDX | BPF_MEM | BPF_H, 5, 2, i, 0);
		add(p, BPF_LDX | BPF_MEM | BPF_H, 0, 2, i + 6, 0);
		add(p, BPF_STX | BPF_MEM | BPF_H, 2, 0, i, 0);
		add(p, BPF_STX | BPF_MEM | BPF_H, 2, 5, i + 6, 0);
	}
	set(p, 0, XDP_TX);
	leave(p);
}

static void redirect(struct program *p, int ifindex)
{
	set(p, 1, ifindex);
	set(p, 2, 0);
	add(p, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_redirect);
	leave(p);
}

static long bpf(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int load(const struct program *p)
{
	static char log[16384];
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_XDP,
		.insns = (uintptr_t)p->insn,
		.insn_cnt = p->count,
		.license = (uintptr_t)"GPL",
		.log_buf = (uintptr_t)log,
		.log_size = sizeof(log),
		.log_level = 1,
		.expected_attach_type = BPF_XDP,
	};
	int fd = bpf(BPF_PROG_LOAD, &attr);

	if (fd < 0)
		fprintf(stderr, "xdpact: program: %s\n%s", strerror(errno),
			log);
	return fd;
}

static int attach(int program, int ifindex)
{
	union bpf_attr attr = {
		.link_create = {
			.prog_fd = program,
			.target_ifindex = ifindex,
			.attach_type = BPF_XDP,
			.flags = XDP_FLAGS_DRV_MODE,
		},
	};
	int fd = bpf(BPF_LINK_CREATE, &attr);

	if (fd < 0)
		fprintf(stderr, "xdpact: attach: %s\n", strerror(errno));
	return fd;
}

static int usage(FILE *to)
{
	fprintf(to, "usage: xdpact INTERFACE pass|drop|abort|odd|tx|redirect [TO]\n"
		"\n"
		"Runs a program on each frame that comes in, and prints \"ready\".  The program\n"
		"is gone when xdpact is.  tx sends a frame back to where it came from, redirect\n"
		"sends it out by the interface TO, odd returns what is no action.\n");
	return to == stdout ? 0 : 2;
}

static int write_program(struct program *p, int argc, char **argv)
{
	static const struct { const char *name; int act; } simple[] = {
		{ "pass", XDP_PASS }, { "drop", XDP_DROP },
		{ "abort", XDP_ABORTED }, { "odd", 77 },
	};
	const char *name = argv[2];

	for (unsigned int i = 0; i < sizeof(simple) / sizeof(*simple); i++) {
		if (strcmp(name, simple[i].name) || argc != 3)
			continue;
		set(p, 0, simple[i].act);
		leave(p);
		return 0;
	}
	if (!strcmp(name, "tx") && argc == 3) {
		turn_around(p);
		return 0;
	}
	if (!strcmp(name, "redirect") && argc == 4 &&
	    if_nametoindex(argv[3])) {
		redirect(p, if_nametoindex(argv[3]));
		return 0;
	}
	return -1;
}

int main(int argc, char **argv)
{
	struct program p = { .count = 0 };
	int fd;

	if (argc == 2 && !strcmp(argv[1], "--help"))
		return usage(stdout);
	if (argc < 3 || write_program(&p, argc, argv))
		return usage(stderr);
	if (!if_nametoindex(argv[1])) {
		fprintf(stderr, "xdpact: no interface %s\n", argv[1]);
		return 1;
	}
	fd = load(&p);
	if (fd < 0 || attach(fd, if_nametoindex(argv[1])) < 0)
		return 1;
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}
