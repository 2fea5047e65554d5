/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file: a header, the devices, a record for each vCPU, and from
 * RAM_OFFSET on the RAM, in which pages of zeroes are holes.
 *
 * RAM is mapped privately, not read: processes that resume the same file share
 * the pages that no guest writes, and so does an emulator of processors below
 * us what it has translated of the code in them.  See state.c for the rest.
 */
#include "core/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/state.h"
#include "core/vm.h"

#define MAGIC		"hvhost guest 1\n"
#define RAM_OFFSET	(8ull << 20)
#define PAGE		4096

struct header {
	char magic[16];
	uint64_t mem, mmio_gap;
	uint32_t cpus;
	uint32_t state_size;		/* another build's layout may differ */
	uint8_t vp_permuted, direct_timers;
};

static struct header header_of(const struct options *opt)
{
	struct header h;

	memset(&h, 0, sizeof(h));
	memcpy(h.magic, MAGIC, sizeof(MAGIC));
	h.mem = opt->mem;
	h.mmio_gap = opt->mmio_gap;
	h.cpus = opt->cpus;
	h.state_size = state_size(opt->cpus);
	h.vp_permuted = opt->vp_permuted;
	h.direct_timers = opt->direct_timers;
	return h;
}

const char *save_refused(struct vm *vm)
{
	uint32_t i;

	for (i = 0; i < vm->opt->cpus; i++)
		if (atomic_load(&vm->synic.vps[i].messages) ||
		    atomic_load(&vm->synic.vps[i].events))
			return "the guest has begun to use its VMBus";
	if (atomic_load(&vm->crashed))
		return "the guest has crashed";
	return NULL;
}

/* All of it, or -1 */
static int put(int fd, const void *data, size_t len, off_t at)
{
	ssize_t n;

	for (; len; data = (const char *)data + n, len -= n, at += n) {
		n = pwrite(fd, data, len, at);
		if (n <= 0)
			return -1;
	}
	return 0;
}

static int get(int fd, void *data, size_t len, off_t at)
{
	ssize_t n;

	for (; len; data = (char *)data + n, len -= n, at += n) {
		n = pread(fd, data, len, at);
		if (n <= 0) {
			if (!n)
				errno = ENODATA;
			return -1;
		}
	}
	return 0;
}

static bool zero(const uint8_t *page)
{
	return !page[0] && !memcmp(page, page + 1, PAGE - 1);
}

static int put_ram(int fd, const struct memory *m)
{
	uint64_t at, from;

	for (at = 0; at < m->size; at += PAGE) {
		if (zero(m->base + at))
			continue;
		for (from = at; at < m->size && !zero(m->base + at); )
			at += PAGE;
		if (put(fd, m->base + from, at - from, RAM_OFFSET + from))
			return -1;
	}
	return ftruncate(fd, RAM_OFFSET + m->size);
}

static int put_all(struct vm *vm, int fd)
{
	const struct header h = header_of(vm->opt);
	void *state = state_collect(vm);
	int err = -1;

	if (!state)
		return -1;
	if (!put(fd, &h, sizeof(h), 0) &&
	    !put(fd, state, h.state_size, sizeof(h)))
		err = put_ram(fd, &vm->mem);
	free(state);
	return err;
}

int save_write(struct vm *vm, const char *path)
{
	char *part = NULL;
	int fd, err;

	if (asprintf(&part, "%s.part", path) < 0)
		return -1;
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	err = fd < 0 ? -1 : put_all(vm, fd);
	if (fd >= 0 && close(fd))
		err = -1;
	if (!err)
		err = rename(part, path);
	if (err) {
		say("save %s: %s", path, strerror(errno));
		unlink(part);
	}
	free(part);
	return err;
}

static void differs(const char *path, const char *option)
{
	die(EXIT_USAGE, "--resume %s: was saved with another %s", path, option);
}

void save_check(const struct vm *vm)
{
	const char *path = vm->opt->resume;
	const struct header want = header_of(vm->opt);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct header h;
	struct stat st;

	if (fd < 0)
		die(EXIT_USAGE, "--resume %s: %s", path, strerror(errno));
	if (get(fd, &h, sizeof(h), 0) ||
	    memcmp(h.magic, want.magic, sizeof(h.magic)))
		die(EXIT_USAGE, "--resume %s: not a saved guest", path);
	/* What is missing of a file that is mapped would be a SIGBUS later */
	if (fstat(fd, &st) || (uint64_t)st.st_size < RAM_OFFSET + h.mem)
		die(EXIT_USAGE, "--resume %s: is cut off", path);
	close(fd);
	if (h.cpus != want.cpus)
		differs(path, "--cpus");
	if (h.mem != want.mem)
		differs(path, "--mem");
	if (h.mmio_gap != want.mmio_gap)
		differs(path, "--mmio-gap");
	if (h.vp_permuted != want.vp_permuted)
		differs(path, "--vp-index");
	if (h.direct_timers != want.direct_timers)
		differs(path, "--direct-timers");
	if (h.state_size != want.state_size)
		differs(path, "version of hvhost");
}

int save_read(struct vm *vm)
{
	const char *path = vm->opt->resume;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t size = state_size(vm->opt->cpus);
	void *state = malloc(size);
	int err = -1;

	if (fd >= 0 && state && !get(fd, state, size, sizeof(struct header)) &&
	    !memory_map(&vm->mem, fd, RAM_OFFSET))
		err = state_apply(vm, state);
	if (err)
		say("--resume %s: %s", path, strerror(errno));
	free(state);
	if (fd >= 0)
		close(fd);
	return err;
}
