/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vCPU threads: enter the guest, hand each exit to the part that knows it.
 *
 * A kick is "publish the work, set immediate_exit, send the signal".  The
 * thread clears immediate_exit before it looks for work, so work published
 * at any moment is either seen or makes the next KVM_RUN return at once.
 */
#include "core/vcpu.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/io.h"
#include "core/vm.h"
#include "hv/cpuid.h"
#include "hv/hypercall.h"
#include "hv/synic.h"

#define KICK_SIGNAL	SIGUSR1

#define MSR_MISC_ENABLE		0x1a0
#define MSR_MTRR_DEF_TYPE	0x2ff
#define MTRR_ENABLED_WB		0x806
#define RESET_RIP		0xfff0
#define HV_MSR_CRASH_P0		0x40000100
#define HV_MSR_CRASH_CTL	0x40000105

static const char *const exit_names[VCPU_EXIT_KINDS] = {
	[KVM_EXIT_UNKNOWN] = "unknown",
	[KVM_EXIT_IO] = "io",
	[KVM_EXIT_DEBUG] = "debug",
	[KVM_EXIT_HLT] = "hlt",
	[KVM_EXIT_MMIO] = "mmio",
	[KVM_EXIT_IRQ_WINDOW_OPEN] = "irq_window",
	[KVM_EXIT_SHUTDOWN] = "shutdown",
	[KVM_EXIT_FAIL_ENTRY] = "fail_entry",
	[KVM_EXIT_INTR] = "intr",
	[KVM_EXIT_INTERNAL_ERROR] = "internal_error",
	[KVM_EXIT_SYSTEM_EVENT] = "system_event",
	[KVM_EXIT_HYPERV] = "hyperv",
};

const char *vcpu_exit_name(unsigned int reason)
{
	return reason < VCPU_EXIT_KINDS ? exit_names[reason] : NULL;
}

static void on_kick(int sig)
{
	(void)sig;
}

void vcpu_init_signal(void)
{
	struct sigaction sa = { .sa_handler = on_kick };

	sigaction(KICK_SIGNAL, &sa, NULL);
}

void vcpu_kick(struct vcpu *v)
{
	pthread_mutex_lock(&v->kick_lock);
	if (v->alive && !pthread_equal(v->thread, pthread_self())) {
		__atomic_store_n(&v->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
		pthread_kill(v->thread, KICK_SIGNAL);
	}
	pthread_mutex_unlock(&v->kick_lock);
}

static void count_exit(struct vcpu *v, unsigned int reason)
{
	atomic_ullong *n = &v->exits[reason < VCPU_EXIT_KINDS ? reason : 0];

	/* One writer, so no locked instruction is needed */
	atomic_store_explicit(n, atomic_load_explicit(n, memory_order_relaxed)
			      + 1, memory_order_relaxed);
}

void vcpu_say_where(struct vcpu *v)
{
	struct kvm_mp_state mp = { };
	struct kvm_regs regs = { };

	ioctl(v->fd, KVM_GET_REGS, &regs);
	ioctl(v->fd, KVM_GET_MP_STATE, &mp);
	say("vCPU %u: rip 0x%llx, %s", v->id, (unsigned long long)regs.rip,
	    mp.mp_state == KVM_MP_STATE_RUNNABLE ? "running" :
	    mp.mp_state == KVM_MP_STATE_HALTED ? "halted" : "not started");
}

static void fatal(struct vcpu *v, enum vm_request what, const char *why)
{
	enum vm_request counts = vm_request(v->vm, what);
	struct kvm_regs regs = { };

	ioctl(v->fd, KVM_GET_REGS, &regs);
	say("vCPU %u: %s at rip 0x%llx%s%s%s", v->id, why,
	    (unsigned long long)regs.rip,
	    /* On AMD's processors KVM resets the vCPU before it tells */
	    regs.rip == RESET_RIP ? " (or before a reset of it)" : "",
	    counts == what ? "" : "; ignored after ",
	    counts == what ? "" : request_name(counts));
}

/* KVM does not tell whether the guest left a text at P3, so none is printed;
 * it does not offer the guest to leave one either.
 */
static void report_crash(struct vcpu *v)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry p[5];
	} msrs = { .head.nmsrs = 5 };
	int i;

	for (i = 0; i < 5; i++)
		msrs.p[i].index = HV_MSR_CRASH_P0 + i;
	if (ioctl(v->fd, KVM_GET_MSRS, &msrs) != 5)
		say("vCPU %u: cannot read the crash MSRs", v->id);
	say("guest crashed: P0=0x%llx P1=0x%llx P2=0x%llx P3=0x%llx P4=0x%llx",
	    (unsigned long long)msrs.p[0].data,
	    (unsigned long long)msrs.p[1].data,
	    (unsigned long long)msrs.p[2].data,
	    (unsigned long long)msrs.p[3].data,
	    (unsigned long long)msrs.p[4].data);
	vm_crash_seen(v->vm);
}

static void system_event(struct vcpu *v)
{
	struct kvm_run *run = v->run;

	switch (run->system_event.type) {
	case KVM_SYSTEM_EVENT_RESET:
		vm_request(v->vm, VM_RESET);
		return;
	case KVM_SYSTEM_EVENT_CRASH:
		report_crash(v);
		return;
	default:
		vm_request(v->vm, VM_POWER_OFF);
	}
}

static void handle_exit(struct vcpu *v)
{
	struct kvm_run *run = v->run;

	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		io_exit(v->vm, run);
		break;
	case KVM_EXIT_MMIO:
		/* No device has memory: reads float, writes vanish */
		if (!run->mmio.is_write)
			memset(run->mmio.data, 0xff, sizeof(run->mmio.data));
		break;
	case KVM_EXIT_HYPERV:
		if (run->hyperv.type == KVM_EXIT_HYPERV_SYNIC)
			synic_exit(v->vp, run);
		else if (run->hyperv.type == KVM_EXIT_HYPERV_HCALL)
			hypercall_exit(v, run);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		system_event(v);
		break;
	case KVM_EXIT_SHUTDOWN:
		fatal(v, VM_CRASH, "triple fault");
		break;
	case KVM_EXIT_FAIL_ENTRY:
		fatal(v, VM_INTERNAL_ERROR, "KVM cannot enter the guest");
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		fatal(v, VM_INTERNAL_ERROR, "KVM internal error");
		break;
	case KVM_EXIT_INTR:
	case KVM_EXIT_IRQ_WINDOW_OPEN:
		break;
	default:
		say("vCPU %u: exit %u is not known", v->id, run->exit_reason);
		vm_request(v->vm, VM_INTERNAL_ERROR);
	}
}

static bool stopping(struct vcpu *v)
{
	return atomic_load(&v->vm->stop) ||
	       atomic_load(&v->vm->request) != VM_RUN;
}

/* What the last exit asked of us takes effect in the registers only when KVM
 * is called again
 */
static void complete_exit(struct vcpu *v)
{
	__atomic_store_n(&v->run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	ioctl(v->fd, KVM_RUN, 0);
}

static void *vcpu_main(void *arg)
{
	struct vcpu *v = arg;

	for (;;) {
		__atomic_store_n(&v->run->immediate_exit, 0, __ATOMIC_SEQ_CST);
		if (stopping(v)) {
			if (atomic_load(&v->vm->request) == VM_SAVE)
				complete_exit(v);
			return NULL;
		}
		if (atomic_exchange(&v->nmi, false))
			ioctl(v->fd, KVM_NMI);
		synic_deliver(v->vp);
		if (ioctl(v->fd, KVM_RUN, 0) == 0) {
			count_exit(v, v->run->exit_reason);
			handle_exit(v);
		} else if (errno == EINTR || errno == EAGAIN) {
			atomic_fetch_add(&v->interrupted, 1);
		} else {
			say("vCPU %u: KVM_RUN: %s", v->id, strerror(errno));
			vm_request(v->vm, VM_INTERNAL_ERROR);
		}
	}
}

/* Memory types as firmware leaves them: write-back unless the guest says */
static int set_msrs(struct vcpu *v)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry e[3];
	} msrs = {
		.head.nmsrs = 3,
		.e = {
			{ .index = MSR_MTRR_DEF_TYPE, .data = MTRR_ENABLED_WB },
			{ .index = MSR_MISC_ENABLE, .data = 1 },
			/* What the guest reads: crashes can be notified */
			{ .index = HV_MSR_CRASH_CTL, .data = 1ull << 63 },
		},
	};

	return ioctl(v->fd, KVM_SET_MSRS, &msrs) == 3 ? 0 : -1;
}

static int failed(struct vcpu *v, const char *what)
{
	say("vCPU %u: %s: %s", v->id, what, strerror(errno));
	return -1;
}

int vcpu_create(struct vm *vm, uint32_t id)
{
	struct vcpu *v = &vm->vcpus[id];
	int size = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);

	v->vm = vm;
	v->id = id;
	atomic_store(&v->nmi, false);
	v->fd = ioctl(vm->fd, KVM_CREATE_VCPU, id);
	if (v->fd < 0)
		return failed(v, "KVM_CREATE_VCPU");
	v->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      v->fd, 0);
	if (v->run == MAP_FAILED)
		return failed(v, "mmap");
	if (hv_set_cpuid(v))
		return failed(v, "KVM_SET_CPUID2");
	if (set_msrs(v))
		return failed(v, "KVM_SET_MSRS");
	if (synic_attach(v))
		return failed(v, "SynIC");
	return 0;
}

int vcpu_start(struct vcpu *v)
{
	int err;

	pthread_mutex_lock(&v->kick_lock);
	err = pthread_create(&v->thread, NULL, vcpu_main, v);
	v->alive = !err;
	pthread_mutex_unlock(&v->kick_lock);
	return err ? -1 : 0;
}

void vcpu_join(struct vcpu *v)
{
	if (!v->alive)
		return;
	pthread_join(v->thread, NULL);
	pthread_mutex_lock(&v->kick_lock);
	v->alive = false;
	pthread_mutex_unlock(&v->kick_lock);
}

void vcpu_close(struct vcpu *v)
{
	munmap(v->run, ioctl(v->vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0));
	close(v->fd);
}
