/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Life of the VM: boot, wait for a request, boot again or end.  Everything
 * here runs in the main thread but vm_request(), vm_irq_line(), vm_stats()
 * and the vm_..._seen() calls.  Locks: see vm.h.
 */
#include "core/vm.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "core/acpi.h"
#include "core/boot.h"
#include "core/kvm.h"
#include "core/save.h"
#include "hv/effects.h"
#include "hv/synic.h"
#include "vmbus/server.h"

/* For a crash kernel to get as far as its serial ports, also where the
 * processor is emulated and shared
 */
#define CRASH_GRACE_MS	90000

enum vm_request vm_request(struct vm *vm, enum vm_request request)
{
	uint64_t one = 1;
	int old = atomic_load(&vm->request);

	do {
		if (!request_outdoes(old, request))
			return old;
	} while (!atomic_compare_exchange_weak(&vm->request, &old, request));
	trace("request %s", request_name(request));
	if (write(vm->wake.fd, &one, sizeof(one)) < 0)
		say("cannot wake the main thread");
	return request;
}

const char *vm_save(struct vm *vm, const char *path)
{
	const char *why = save_refused(vm);
	const char *none = NULL;
	char *copy;

	if (why)
		return why;
	copy = strdup(path);
	if (!copy)
		return "out of memory";
	if (!atomic_compare_exchange_strong(&vm->save_path, &none, copy)) {
		free(copy);
		return "it is being saved already";
	}
	return vm_request(vm, VM_SAVE) == VM_SAVE ? NULL : "the guest ends";
}

void vm_crash_seen(struct vm *vm)
{
	if (atomic_exchange(&vm->crashed, true))
		return;
	trace("guest crashed");
	event_timer_arm(vm->grace.fd, CRASH_GRACE_MS);
}

void vm_kernel_seen(struct vm *vm)
{
	if (!atomic_exchange(&vm->crashed, false))
		return;
	say("a crash kernel took over");
	event_timer_arm(vm->grace.fd, 0);
}

int vm_irq_line(struct vm *vm, uint32_t gsi, int level)
{
	struct kvm_irq_level irq = { .irq = gsi, .level = level };
	int err;

	pthread_rwlock_rdlock(&vm->life);
	err = ioctl(vm->fd, KVM_IRQ_LINE_STATUS, &irq);
	pthread_rwlock_unlock(&vm->life);
	return err < 0 ? err : (int)irq.status;
}

static void wake_ready(struct event_source *src, uint32_t events)
{
	struct vm *vm = src->ctx;

	(void)events;
	event_fd_drain(src->fd);
	if (atomic_load(&vm->request) != VM_RUN)
		event_quit(&vm->loop);
}

static void signal_ready(struct event_source *src, uint32_t events)
{
	struct signalfd_siginfo info;
	struct vm *vm = src->ctx;

	(void)events;
	if (read(src->fd, &info, sizeof(info)) != sizeof(info))
		return;
	vm->signal = info.ssi_signo;
	vm_request(vm, VM_SIGNAL);
}

static void watchdog_ready(struct event_source *src, uint32_t events)
{
	struct vm *vm = src->ctx;

	(void)events;
	event_fd_drain(src->fd);
	say("time limit of %u seconds reached (--timeout)", vm->opt->timeout);
	vm_request(vm, VM_TIMEOUT);
}

static void grace_ready(struct event_source *src, uint32_t events)
{
	struct vm *vm = src->ctx;

	(void)events;
	event_fd_drain(src->fd);
	if (atomic_load(&vm->crashed))
		vm_request(vm, VM_CRASH);
}

static void birth_ready(struct event_source *src, uint32_t events)
{
	struct vm *vm = src->ctx;

	(void)events;
	event_fd_drain(src->fd);
	if (atomic_load(&vm->alive))
		return;
	say("boot %u: no sign of life for %u seconds (--boot-limit)",
	    atomic_load(&vm->boots), vm->opt->boot_limit);
	vm_request(vm, VM_STUCK);
}

static void add_source(struct vm *vm, struct event_source *src, int fd,
		       void (*ready)(struct event_source *, uint32_t))
{
	*src = (struct event_source) { .fd = fd, .ready = ready, .ctx = vm };
	if (fd < 0 || event_add(&vm->loop, src, EPOLLIN))
		die(EXIT_INTERNAL, "event loop: %s", strerror(errno));
}

/* All other threads inherit the mask: signals arrive here only */
static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void init_devices(struct vm *vm)
{
	console_init(&vm->console, vm, vm->opt->serial);
	uart_init(&vm->com1, vm, IRQ_COM1, &vm->console.backend);
	socket_port_init(&vm->agent, &vm->loop, &vm->com2, vm->opt->agent);
	uart_init(&vm->com2, vm, IRQ_COM2, &vm->agent.backend);
	cmos_init(&vm->cmos);
	power_init(&vm->power, vm);
}

void vm_init(struct vm *vm, const struct options *opt)
{
	uint32_t i;

	vm->opt = opt;
	vm->fd = -1;
	pthread_rwlock_init(&vm->life, NULL);
	for (i = 0; i < opt->cpus; i++)
		pthread_mutex_init(&vm->vcpus[i].kick_lock, NULL);
	memory_init(&vm->mem, opt->mem, opt->mmio_gap);
	vcpu_init_signal();
	if (event_init(&vm->loop))
		die(EXIT_INTERNAL, "event loop: %s", strerror(errno));
	add_source(vm, &vm->wake, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		   wake_ready);
	add_source(vm, &vm->signals, open_signals(), signal_ready);
	add_source(vm, &vm->watchdog, event_timer_new(), watchdog_ready);
	add_source(vm, &vm->grace, event_timer_new(), grace_ready);
	add_source(vm, &vm->birth, event_timer_new(), birth_ready);
	synic_init(vm);
	init_devices(vm);
	effects_init(vm);
}

void vm_prepare(struct vm *vm)
{
	if (vm->opt->resume)
		save_check(vm);
	boot_check(vm->opt, &vm->mem);
	vm->kvm_fd = kvm_open();
}

static void close_kvm(struct vm *vm)
{
	uint32_t i;

	pthread_rwlock_wrlock(&vm->life);
	for (i = 0; i < vm->opt->cpus; i++)
		vcpu_close(&vm->vcpus[i]);
	close(vm->fd);
	vm->fd = -1;
	pthread_rwlock_unlock(&vm->life);
}

static int create_kvm(struct vm *vm)
{
	uint32_t i;
	int err;

	pthread_rwlock_wrlock(&vm->life);
	vm->fd = kvm_create_vm(vm->kvm_fd);
	err = vm->fd < 0 ? -1 : memory_attach(&vm->mem, vm->fd);
	for (i = 0; !err && i < vm->opt->cpus; i++)
		err = vcpu_create(vm, i);
	if (!err && synic_connect(vm)) {
		say("SynIC routes: %s", strerror(errno));
		err = -1;
	}
	pthread_rwlock_unlock(&vm->life);
	return err;
}

static void reset_devices(struct vm *vm)
{
	uart_reset(&vm->com1);
	uart_reset(&vm->com2);
	power_reset(&vm->power);
	console_reset(&vm->console);
	synic_reset(vm);
}

static int load_kernel(struct vm *vm)
{
	uint64_t rsdp = acpi_build(&vm->mem, vm->opt->cpus);
	struct boot_entry entry;

	if (boot_load(vm->opt, &vm->mem, rsdp, &entry))
		return -1;
	if (!boot_set_registers(&vm->vcpus[0], entry))
		return 0;
	say("vCPU 0: registers: %s", strerror(errno));
	return -1;
}

static int boot(struct vm *vm)
{
	bool resumed, first;
	uint32_t i;

	atomic_store(&vm->stop, false);
	atomic_store(&vm->request, VM_RUN);
	atomic_store(&vm->loop.quit, false);
	event_fd_drain(vm->loop.quit_fd);
	if (create_kvm(vm))
		return -1;
	resumed = vm->opt->resume && !atomic_load(&vm->boots);
	if (resumed ? save_read(vm) : load_kernel(vm))
		return -1;
	first = !atomic_fetch_add(&vm->boots, 1);
	if (resumed)
		atomic_store(&vm->alive, true);
	/* To reset over and over again is no sign of life */
	else if (atomic_exchange(&vm->alive, false) || first)
		event_timer_arm(vm->birth.fd, vm->opt->boot_limit * 1000ull);
	for (i = 0; i < vm->opt->cpus; i++)
		if (vcpu_start(&vm->vcpus[i]))
			return -1;
	trace("boot %u", atomic_load(&vm->boots));
	return 0;
}

static void stop_vcpus(struct vm *vm)
{
	uint32_t i;

	atomic_store(&vm->stop, true);
	for (i = 0; i < vm->opt->cpus; i++)
		vcpu_kick(&vm->vcpus[i]);
	for (i = 0; i < vm->opt->cpus; i++)
		vcpu_join(&vm->vcpus[i]);
}

static void say_where(struct vm *vm)
{
	uint32_t i;

	for (i = 0; i < vm->opt->cpus; i++)
		vcpu_say_where(&vm->vcpus[i]);
}

/* One life of the guest; returns what ended it */
static enum vm_request live(struct vm *vm)
{
	enum vm_request why = VM_INTERNAL_ERROR;

	if (!boot(vm)) {
		event_run(&vm->loop);
		why = atomic_load(&vm->request);
	}
	stop_vcpus(vm);
	if (why == VM_TIMEOUT || why == VM_STUCK)
		say_where(vm);
	if (why == VM_SAVE && save_write(vm, atomic_load(&vm->save_path)))
		why = VM_INTERNAL_ERROR;
	if ((why == VM_RESET || why == VM_POWER_OFF) &&
	    atomic_load(&vm->crashed))
		why = VM_CRASH;
	vmbus_server_reset(vm->server);
	reset_devices(vm);
	return why;
}

static int exit_status(const struct vm *vm, enum vm_request why)
{
	switch (why) {
	case VM_CRASH:
		return EXIT_CRASH;
	case VM_TIMEOUT:
		return EXIT_TIMEOUT;
	case VM_STUCK:
		return EXIT_STUCK;
	case VM_INTERNAL_ERROR:
		return EXIT_INTERNAL;
	case VM_SIGNAL:
		return 128 + vm->signal;
	default:
		return atomic_load(&vm->violations) ? EXIT_VIOLATION :
						      EXIT_GUEST_OFF;
	}
}

int vm_run(struct vm *vm)
{
	enum vm_request why;

	event_timer_arm(vm->watchdog.fd, vm->opt->timeout * 1000ull);
	for (;;) {
		why = live(vm);
		if (why != VM_RESET || vm->opt->no_reboot)
			break;
		close_kvm(vm);
		memory_clear(&vm->mem);
		vmbus_server_event(vm->server, "reboot");
	}
	socket_port_close(&vm->agent);
	return exit_status(vm, why);
}

struct json_object *vm_stats(struct vm *vm, bool reset)
{
	struct json_object *all = json_object_new_object();
	struct json_object *exits = json_object_new_object();
	uint64_t n, interrupted = 0;
	uint32_t i, kind;

	for (kind = 0; kind < VCPU_EXIT_KINDS; kind++) {
		n = 0;
		for (i = 0; i < vm->opt->cpus; i++)
			n += reset ?
			     atomic_exchange(&vm->vcpus[i].exits[kind], 0) :
			     atomic_load(&vm->vcpus[i].exits[kind]);
		if (n && vcpu_exit_name(kind))
			json_object_object_add(exits, vcpu_exit_name(kind),
					       json_object_new_int64(n));
	}
	for (i = 0; i < vm->opt->cpus; i++)
		interrupted += reset ?
			atomic_exchange(&vm->vcpus[i].interrupted, 0) :
			atomic_load(&vm->vcpus[i].interrupted);
	json_object_object_add(exits, "kicked",
			       json_object_new_int64(interrupted));
	json_object_object_add(all, "exits", exits);
	json_object_object_add(all, "boots",
			       json_object_new_int(atomic_load(&vm->boots)));
	return all;
}
