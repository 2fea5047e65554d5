// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mapped disks.  A read of 4 KiB through the kernel costs six times the
 * instructions of the copy alone, which would drown what the benchmarks want
 * to see of the guest.  Somebody may truncate the file under us: the SIGBUS
 * that follows becomes an I/O error of that request.
 *
 * Locking: see disk_map.h; the signal's state is per thread.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "disk_map.h"

static __thread sigjmp_buf *copying;

static void on_sigbus(int sig)
{
	if (copying)
		siglongjmp(*copying, 1);
	/* Not ours: as if there were no handler */
	signal(sig, SIG_DFL);
}

static void catch_sigbus(void)
{
	struct sigaction sa = {
		.sa_handler = on_sigbus,
		.sa_flags = SA_NODEFER,
	};

	sigaction(SIGBUS, &sa, NULL);
}

void disk_map_open(struct disk_map *m, int fd, bool read_only)
{
	struct stat st;
	void *memory;

	m->memory = NULL;
	/* Reading a hole through a mapping would fill it */
	if (fstat(fd, &st) || !st.st_size ||
	    (uint64_t)st.st_blocks * 512 < (uint64_t)st.st_size)
		return;
	memory = mmap(NULL, st.st_size, PROT_READ |
		      (read_only ? 0 : PROT_WRITE), MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return;
	/* Now rather than during the first requests; may fail */
	madvise(memory, st.st_size, MADV_POPULATE_READ);
	catch_sigbus();
	m->memory = memory;
	m->bytes = st.st_size;
}

void disk_map_close(struct disk_map *m)
{
	if (m->memory)
		munmap(m->memory, m->bytes);
	m->memory = NULL;
}

static void copy(uint8_t *disk, const struct disk_io *io)
{
	for (unsigned int i = 0; i < io->iov_count; i++) {
		const struct iovec *v = &io->iov[i];

		if (io->op == DISK_READ)
			memcpy(v->iov_base, disk, v->iov_len);
		else
			memcpy(disk, v->iov_base, v->iov_len);
		disk += v->iov_len;
	}
}

bool disk_map_copy(const struct disk_map *m, struct disk_io *io)
{
	sigjmp_buf env;

	if (!m->memory || io->offset > m->bytes ||
	    io->bytes > m->bytes - io->offset)
		return false;
	if (!sigsetjmp(env, 0)) {
		copying = &env;
		copy(m->memory + io->offset, io);
		io->result = 0;
	} else {
		io->result = -EIO;
	}
	copying = NULL;
	return true;
}
