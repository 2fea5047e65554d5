/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * struct hv_effects on KVM.  Any thread; vm->life keeps the KVM VM from being
 * replaced under the calls that use its file descriptor.
 */
#include "hv/effects.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kvm.h>

#include "core/vm.h"

/* A guest gone mad must not fill the terminal: the rest is only counted */
#define VIOLATIONS_SHOWN	100

static void post_message(void *ctx, uint32_t vp, uint32_t sint,
			 const void *payload, size_t len)
{
	synic_post(ctx, vp, sint, payload, len);
}

static bool set_event(void *ctx, uint32_t vp, uint32_t sint, uint32_t flag)
{
	return synic_set_event(ctx, vp, sint, flag);
}

static void *guest_memory(void *ctx, uint64_t gpa, size_t len)
{
	struct vm *vm = ctx;

	return memory_ptr(&vm->mem, gpa, len);
}

static int hyperv_eventfd(struct vm *vm, uint32_t id, int fd, uint32_t flags)
{
	struct kvm_hyperv_eventfd e = {
		.conn_id = id, .fd = fd, .flags = flags,
	};
	int err;

	pthread_rwlock_rdlock(&vm->life);
	err = ioctl(vm->fd, KVM_HYPERV_EVENTFD, &e);
	pthread_rwlock_unlock(&vm->life);
	return err;
}

static int bind_signal(void *ctx, uint32_t connection_id)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd >= 0 && hyperv_eventfd(ctx, connection_id, fd, 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void unbind_signal(void *ctx, uint32_t connection_id, int fd)
{
	/* Fails only when a reset took the VM and its bindings away */
	hyperv_eventfd(ctx, connection_id, -1, KVM_HYPERV_EVENTFD_DEASSIGN);
	close(fd);
}

/* KVM derives the guest's counter from this clock */
static uint64_t reference_time(void *ctx)
{
	struct kvm_clock_data now = { 0 };
	struct vm *vm = ctx;
	int err;

	pthread_rwlock_rdlock(&vm->life);
	err = ioctl(vm->fd, KVM_GET_CLOCK, &now);
	pthread_rwlock_unlock(&vm->life);
	return err ? 0 : now.clock / 100;
}

static void violation(void *ctx, const char *fmt, ...)
{
	struct vm *vm = ctx;
	char text[512];
	va_list ap;
	unsigned int n;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	n = atomic_fetch_add(&vm->violations, 1) + 1;
	trace("violation: %s", text);
	if (n <= VIOLATIONS_SHOWN)
		say("violation: %s", text);
	if (n == VIOLATIONS_SHOWN)
		say("further violations are counted, not shown");
}

void effects_init(struct vm *vm)
{
	vm->effects = (struct hv_effects) {
		.ctx = vm,
		.post_message = post_message,
		.set_event = set_event,
		.guest_memory = guest_memory,
		.bind_signal = bind_signal,
		.unbind_signal = unbind_signal,
		.reference_time = reference_time,
		.violation = violation,
		.vp_count = vm->opt->cpus,
	};
}
