/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * COM1's output.  Bytes are written out a line at a time or when the guest's
 * driver pauses; a panic line is repeated on stderr and told to the VM, so
 * that a crash is noticed also when the guest cannot report it.
 */
#include "core/console.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/log.h"
#include "core/vm.h"

static void flush(void *ctx)
{
	struct console *c = ctx;
	size_t done = 0;
	ssize_t n;

	while (done < c->out_len) {
		n = write(c->fd, c->out + done, c->out_len - done);
		if (n < 0 && errno != EINTR)
			break;	/* a full disk must not stop the guest */
		if (n > 0)
			done += n;
	}
	c->out_len = 0;
}

static void inspect(struct console *c)
{
	c->line[c->line_len] = '\0';
	if (strstr(c->line, "Kernel panic - not syncing")) {
		say("guest: %s", c->line);
		vm_crash_seen(c->vm);
	} else if (strstr(c->line, "Linux version ")) {
		vm_kernel_seen(c->vm);
	}
	c->line_len = 0;
}

static bool put(void *ctx, uint8_t byte)
{
	struct console *c = ctx;

	c->out[c->out_len++] = byte;
	if (byte == '\n') {
		inspect(c);
		flush(c);
	} else if (byte >= ' ' && c->line_len < sizeof(c->line) - 1) {
		c->line[c->line_len++] = byte;
	}
	if (c->out_len == sizeof(c->out))
		flush(c);
	return true;
}

void console_reset(struct console *c)
{
	flush(c);
	c->line_len = 0;
}

void console_init(struct console *c, struct vm *vm, const char *path)
{
	c->vm = vm;
	c->backend = (struct uart_backend) {
		.ctx = c, .put = put, .flush = flush,
	};
	c->fd = STDOUT_FILENO;
	if (strcmp(path, "-"))
		c->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			     0666);
	if (c->fd < 0)
		die(EXIT_USAGE, "--serial %s: %s", path, strerror(errno));
}
