/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel files.  Main thread only, no lock.  The file is the user's, not the
 * guest's, but a wrong one must end in a sentence, so all of it is checked.
 */
#include "core/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BZIMAGE_ENTRY_64	0x200
#define HEADER_AT		0x1f1
#define MAGIC_HDRS		0x53726448	/* "HdrS" */
#define PROTOCOL_64		0x020c
#define PROTOCOL_PREFERRED	0x020a	/* pref_address, init_size */
#define MAX_SEGMENTS		16

int image_read(int fd, uint64_t from, void *to, uint64_t len)
{
	ssize_t n;

	while (len) {
		n = pread(fd, to, len, from);
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return -1;
		to = (char *)to + n;
		from += n;
		len -= n;
	}
	return 0;
}

/* --- bzImage -------------------------------------------------------------- */

static const char *open_bzimage(struct image *k)
{
	const struct setup_header *h = &k->hdr;

	if (image_read(k->fd, HEADER_AT, &k->hdr, sizeof(k->hdr)) ||
	    h->header != MAGIC_HDRS)
		return "not a bzImage or vmlinux";
	if (h->version < PROTOCOL_PREFERRED)
		return "a kernel too old to say where it wants to be";
	k->bits32 = h->version < PROTOCOL_64 ||
		    !(h->xloadflags & XLF_KERNEL_64);
	k->payload = ((h->setup_sects ? h->setup_sects : 4) + 1) * 512ull;
	if (k->payload >= k->size)
		return "truncated bzImage";
	k->start = h->pref_address;
	k->end = k->start + h->init_size;
	if (k->size - k->payload > h->init_size || k->end < k->start)
		return "damaged bzImage";
	k->entry = k->start + (k->bits32 ? 0 : BZIMAGE_ENTRY_64);
	k->hdr.code32_start = k->start;
	return NULL;
}

/* --- vmlinux -------------------------------------------------------------- */

static int read_segments(const struct image *k, Elf64_Phdr *ph)
{
	Elf64_Ehdr eh;

	if (image_read(k->fd, 0, &eh, sizeof(eh)))
		return -1;
	if (eh.e_phnum > MAX_SEGMENTS || eh.e_phentsize != sizeof(*ph)) {
		errno = EINVAL;
		return -1;
	}
	if (image_read(k->fd, eh.e_phoff, ph, eh.e_phnum * sizeof(*ph)))
		return -1;
	return eh.e_phnum;
}

static bool segment_sane(const struct image *k, const Elf64_Phdr *ph)
{
	return ph->p_filesz <= ph->p_memsz && ph->p_memsz <= GIB4 &&
	       ph->p_paddr <= GIB4 && ph->p_filesz <= k->size &&
	       ph->p_offset <= k->size - ph->p_filesz;
}

/* What a boot loader may rely on in any kernel of our days */
static void make_header(struct image *k)
{
	k->hdr = (struct setup_header) {
		.boot_flag = 0xaa55, .header = MAGIC_HDRS, .version = 0x20f,
		.loadflags = LOADED_HIGH, .initrd_addr_max = 0x7fffffff,
		.kernel_alignment = 1 << 21, .cmdline_size = 2047,
		.xloadflags = XLF_KERNEL_64, .pref_address = k->start,
		.init_size = k->end - k->start,
	};
}

static const char *open_vmlinux(struct image *k, const Elf64_Ehdr *eh)
{
	Elf64_Phdr ph[MAX_SEGMENTS];
	int i, n = read_segments(k, ph);

	if (eh->e_machine != EM_X86_64 || eh->e_type != ET_EXEC)
		return "not an x86-64 vmlinux";
	if (n < 0)
		return "damaged ELF program headers";
	k->start = UINT64_MAX;
	for (i = 0; i < n; i++) {
		if (ph[i].p_type != PT_LOAD)
			continue;
		if (!segment_sane(k, &ph[i]))
			return "damaged ELF segment";
		if (ph[i].p_paddr < k->start)
			k->start = ph[i].p_paddr;
		if (ph[i].p_paddr + ph[i].p_memsz > k->end)
			k->end = ph[i].p_paddr + ph[i].p_memsz;
	}
	k->entry = eh->e_entry;
	if (k->entry < k->start || k->entry >= k->end)
		return "entry point outside of the kernel";
	make_header(k);
	return NULL;
}

static int load_vmlinux(const struct image *k, const struct memory *mem)
{
	Elf64_Phdr ph[MAX_SEGMENTS];
	int i, n = read_segments(k, ph);
	void *to;

	for (i = 0; i < n; i++) {
		if (ph[i].p_type != PT_LOAD || !ph[i].p_filesz)
			continue;
		to = memory_ptr(mem, ph[i].p_paddr, ph[i].p_filesz);
		if (!to || image_read(k->fd, ph[i].p_offset, to,
				      ph[i].p_filesz))
			return -1;
	}
	return n < 0 ? -1 : 0;
}

/* --- either --------------------------------------------------------------- */

static const char *examine(struct image *k)
{
	Elf64_Ehdr eh;
	struct stat st;

	if (fstat(k->fd, &st) || !S_ISREG(st.st_mode))
		return "not a regular file";
	k->size = st.st_size;
	if (!image_read(k->fd, 0, &eh, sizeof(eh)) &&
	    !memcmp(eh.e_ident, ELFMAG, SELFMAG))
		return open_vmlinux(k, &eh);
	return open_bzimage(k);
}

const char *image_open(struct image *k, const char *path)
{
	const char *wrong;

	*k = (struct image) { .fd = open(path, O_RDONLY | O_CLOEXEC) };
	if (k->fd < 0)
		return strerror(errno);
	wrong = examine(k);
	if (wrong)
		close(k->fd);
	return wrong;
}

void image_close(struct image *k)
{
	close(k->fd);
}

int image_load(const struct image *k, const struct memory *mem)
{
	uint64_t len = k->size - k->payload;

	errno = ENOMEM;
	if (!memory_ptr(mem, k->start, k->end - k->start))
		return -1;
	if (!k->payload)
		return load_vmlinux(k, mem);
	return image_read(k->fd, k->payload, mem->base + k->start, len);
}
