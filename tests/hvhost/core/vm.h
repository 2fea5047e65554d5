/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual machine: its parts, its life and its end.
 *
 * A "boot" is one life of the guest.  At a reset all vCPU threads end, the
 * KVM VM is closed and a new one is made with the same RAM mapping and the
 * same devices: nothing of the old life can leak into the new one.
 *
 * Locks: @life is held for reading around every use of @fd outside the vCPU
 * threads, and for writing while the KVM VM is replaced.  Everything else
 * here is set up before threads start, atomic, or locked inside its own part.
 * Order: a device's own lock, then @life.
 */
#ifndef HVHOST_VM_H
#define HVHOST_VM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <json-c/json.h>

#include "core/cmos.h"
#include "core/console.h"
#include "core/event.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/options.h"
#include "core/power.h"
#include "core/request.h"
#include "core/serial.h"
#include "core/socket.h"
#include "core/vcpu.h"
#include "effects.h"
#include "hv/synic.h"

struct vmbus_server;

struct vm {
	const struct options *opt;
	struct memory mem;
	struct event_loop loop;

	int kvm_fd;
	int fd;				/* this boot's KVM VM */
	pthread_rwlock_t life;

	struct vcpu vcpus[HVHOST_MAX_CPUS];
	atomic_bool stop;		/* vCPU threads leave their loops */
	atomic_int request;		/* enum vm_request */
	int signal;			/* with VM_SIGNAL */
	_Atomic(const char *) save_path;	/* with VM_SAVE */
	struct event_source wake;	/* eventfd: look at @request */
	struct event_source signals;	/* signalfd */
	struct event_source watchdog;	/* timerfd of --timeout */
	struct event_source grace;	/* timerfd: since the guest crashed */
	struct event_source birth;	/* timerfd: since the boot began */
	atomic_bool alive;		/* this boot has shown a sign of life */
	atomic_bool crashed;		/* and no new kernel runs yet */
	atomic_uint boots;
	atomic_uint violations;

	struct synic synic;
	struct hv_effects effects;
	struct vmbus_server *server;

	struct console console;
	struct uart com1;
	struct socket_port agent;
	struct uart com2;
	struct cmos cmos;
	struct power power;
};

/* Everything but the server; then, once all options are known to be good, the
 * kernel file and KVM.  Both end the process on failure.
 */
void vm_init(struct vm *vm, const struct options *opt);
void vm_prepare(struct vm *vm);

/* Boot, run until the end, return the process's exit status */
int vm_run(struct vm *vm);

/* Ask for a reset or an end; any thread.  Returns what counts now: that, or an
 * earlier request that outdoes it.
 */
enum vm_request vm_request(struct vm *vm, enum vm_request request);

/*
 * The guest reported a crash or printed a panic.  It goes on running, as on a
 * real host: its bus wants to unload, a crash kernel may take over, which is
 * seen when it says so on the console or sets up its serial ports.  Without
 * a new kernel its next reset, or the end of a grace time, is the end.
 */
void vm_crash_seen(struct vm *vm);
void vm_kernel_seen(struct vm *vm);

/* The guest has got so far as to look for its devices.  Without that in time
 * --boot-limit ends the run, which tells a guest lost in its boot from a slow
 * one.
 */
static inline void vm_alive(struct vm *vm)
{
	if (!atomic_load_explicit(&vm->alive, memory_order_relaxed))
		atomic_store_explicit(&vm->alive, true, memory_order_relaxed);
}

/* Write the guest to @path and end; NULL, or why it cannot be done */
const char *vm_save(struct vm *vm, const char *path);

/* Level of an interrupt line.  KVM's answer: > 0 delivered, 0 merged with a
 * pending one, < 0 ignored by the guest (masked, disabled).
 */
int vm_irq_line(struct vm *vm, uint32_t gsi, int level);

/* Interrupt wires of the devices, see dsdt.asl and the MADT */
#define IRQ_COM1	4
#define IRQ_COM2	3
#define IRQ_SCI		9

/* {"exits":{...},"boots":N}; with @reset the counters start again */
struct json_object *vm_stats(struct vm *vm, bool reset);

#endif
