/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Order matters to KVM when state is put back (its Documentation/virt/kvm/api):
 * CPUID is there already, then special registers, which say what kind of APIC
 * there is, MSRs, the APIC, and at last what may run or be injected.
 */
#include "core/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "core/vm.h"

#define IRQCHIPS	3
#define MSRS_MAX	512
#define XSAVE_MAX	16384

#define MSR_TSC		0x10
#define MSR_KVM_OLD	0x11		/* and 0x12 */
#define MSR_KVM_FIRST	0x4b564d00
#define MSR_KVM_LAST	0x4b564dff
/* Of the synthetic timers KVM's list has only the first one's configuration */
#define MSR_STIMER0	0x400000b0
#define MSR_STIMERS	8

struct vcpu_state {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_xcrs xcrs;
	struct kvm_debugregs debug;
	struct kvm_vcpu_events events;
	struct kvm_mp_state mp;
	struct kvm_lapic_state lapic;
	uint8_t xsave[XSAVE_MAX];
	uint32_t msr_count;
	struct kvm_msr_entry msrs[MSRS_MAX];
};

struct vm_state {
	struct kvm_irqchip chips[IRQCHIPS];
	struct kvm_clock_data clock;
	struct uart_regs com1, com2;
	uint16_t pm_status, pm_enable, pm_control;
	uint8_t cmos_index, cmos_a, cmos_b, cmos_ram[128];
	struct vcpu_state vcpus[];
};

size_t state_size(uint32_t cpus)
{
	return sizeof(struct vm_state) + cpus * sizeof(struct vcpu_state);
}

/* ---- MSRs ---------------------------------------------------------------- */

struct one_msr {
	struct kvm_msrs head;
	struct kvm_msr_entry e;
};

/* KVM's own paravirtual ones are not for a guest that sees Hyper-V */
static bool msr_wanted(uint32_t index)
{
	return index != MSR_KVM_OLD && index != MSR_KVM_OLD + 1 &&
	       index - MSR_STIMER0 >= MSR_STIMERS &&
	       (index < MSR_KVM_FIRST || index > MSR_KVM_LAST);
}

static struct kvm_msr_list *msr_list(struct vm *vm)
{
	struct kvm_msr_list *list = calloc(1, sizeof(*list) +
					   MSRS_MAX * sizeof(__u32));

	if (!list)
		return NULL;
	list->nmsrs = MSRS_MAX;
	if (!ioctl(vm->kvm_fd, KVM_GET_MSR_INDEX_LIST, list))
		return list;
	free(list);
	return NULL;
}

/* One at a time: those that this processor does not have are left out */
static void get_msr(struct vcpu *v, uint32_t index, struct vcpu_state *s)
{
	struct one_msr m = { .head.nmsrs = 1, .e.index = index };

	if (s->msr_count < MSRS_MAX && ioctl(v->fd, KVM_GET_MSRS, &m) == 1)
		s->msrs[s->msr_count++] = m.e;
}

static void get_msrs(struct vcpu *v, const struct kvm_msr_list *list,
		     struct vcpu_state *s)
{
	uint32_t i;

	for (i = 0; i < list->nmsrs; i++)
		if (msr_wanted(list->indices[i]))
			get_msr(v, list->indices[i], s);
	/* Configuration first, then the count, which starts a timer */
	for (i = 0; i < MSR_STIMERS; i++)
		get_msr(v, MSR_STIMER0 + i, s);
}

/* A refusal is of no interest where the value is what was asked for */
static int set_msr(struct vcpu *v, struct kvm_msr_entry e)
{
	struct one_msr m = { .head.nmsrs = 1, .e = e };

	if (ioctl(v->fd, KVM_SET_MSRS, &m) == 1)
		return 0;
	m.e.data = ~e.data;
	if (ioctl(v->fd, KVM_GET_MSRS, &m) == 1 && m.e.data == e.data)
		return 0;
	say("vCPU %u: MSR 0x%x does not take 0x%llx", v->id, e.index,
	    (unsigned long long)e.data);
	errno = EINVAL;
	return -1;
}

/* All processors get one time, or the guest would find its clock broken */
static int set_msrs(struct vcpu *v, const struct vcpu_state *s, uint64_t tsc)
{
	struct kvm_msr_entry e;
	uint32_t i;

	for (i = 0; i < s->msr_count && i < MSRS_MAX; i++) {
		e = s->msrs[i];
		if (e.index == MSR_TSC)
			e.data = tsc;
		if (set_msr(v, e))
			return -1;
	}
	return 0;
}

static uint64_t tsc_of(const struct vcpu_state *s)
{
	uint32_t i;

	for (i = 0; i < s->msr_count && i < MSRS_MAX; i++)
		if (s->msrs[i].index == MSR_TSC)
			return s->msrs[i].data;
	return 0;
}

/* ---- processors ---------------------------------------------------------- */

static int get_xsave(struct vcpu *v, struct vcpu_state *s)
{
	int size = ioctl(v->vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_XSAVE2);

	if (size > XSAVE_MAX) {
		errno = E2BIG;
		return -1;
	}
	return ioctl(v->fd, size > 0 ? KVM_GET_XSAVE2 : KVM_GET_XSAVE,
		     s->xsave);
}

static int get_vcpu(struct vcpu *v, const struct kvm_msr_list *list,
		    struct vcpu_state *s)
{
	if (ioctl(v->fd, KVM_GET_MP_STATE, &s->mp) ||
	    ioctl(v->fd, KVM_GET_REGS, &s->regs) ||
	    ioctl(v->fd, KVM_GET_SREGS, &s->sregs) ||
	    ioctl(v->fd, KVM_GET_XCRS, &s->xcrs) ||
	    ioctl(v->fd, KVM_GET_DEBUGREGS, &s->debug) ||
	    ioctl(v->fd, KVM_GET_LAPIC, &s->lapic) || get_xsave(v, s) ||
	    ioctl(v->fd, KVM_GET_VCPU_EVENTS, &s->events))
		return -1;
	get_msrs(v, list, s);
	return 0;
}

static int set_vcpu(struct vcpu *v, const struct vcpu_state *s, uint64_t tsc)
{
	if (ioctl(v->fd, KVM_SET_SREGS, &s->sregs) ||
	    ioctl(v->fd, KVM_SET_REGS, &s->regs) ||
	    ioctl(v->fd, KVM_SET_XCRS, &s->xcrs) ||
	    ioctl(v->fd, KVM_SET_XSAVE, s->xsave) || set_msrs(v, s, tsc) ||
	    ioctl(v->fd, KVM_SET_DEBUGREGS, &s->debug) ||
	    ioctl(v->fd, KVM_SET_LAPIC, &s->lapic) ||
	    ioctl(v->fd, KVM_SET_VCPU_EVENTS, &s->events) ||
	    ioctl(v->fd, KVM_SET_MP_STATE, &s->mp))
		return -1;
	return 0;
}

/* ---- devices ------------------------------------------------------------- */

/* uart_poke() finds out the level of the interrupt wire */
static void set_uart(struct uart *u, const struct uart_regs *r)
{
	u->r = *r;
	if (u->r.rx_len > UART_FIFO)
		u->r.rx_len = 0;
	uart_poke(u);
}

static void get_devices(const struct vm *vm, struct vm_state *s)
{
	s->com1 = vm->com1.r;
	s->com2 = vm->com2.r;
	s->pm_status = vm->power.status;
	s->pm_enable = vm->power.enable;
	s->pm_control = vm->power.control;
	s->cmos_index = vm->cmos.index;
	s->cmos_a = vm->cmos.reg_a;
	s->cmos_b = vm->cmos.reg_b;
	memcpy(s->cmos_ram, vm->cmos.ram, sizeof(s->cmos_ram));
}

static void set_devices(struct vm *vm, const struct vm_state *s)
{
	vm->power.status = s->pm_status;
	vm->power.enable = s->pm_enable;
	vm->power.control = s->pm_control;
	vm->cmos.index = s->cmos_index & 0x7f;
	vm->cmos.reg_a = s->cmos_a;
	vm->cmos.reg_b = s->cmos_b;
	memcpy(vm->cmos.ram, s->cmos_ram, sizeof(s->cmos_ram));
	set_uart(&vm->com1, &s->com1);
	set_uart(&vm->com2, &s->com2);
}

/* ---- all of it ----------------------------------------------------------- */

static int get_vm(struct vm *vm, struct vm_state *s)
{
	struct kvm_msr_list *list = msr_list(vm);
	int err = list ? 0 : -1;
	uint32_t i;

	for (i = 0; !err && i < IRQCHIPS; i++) {
		s->chips[i].chip_id = i;
		err = ioctl(vm->fd, KVM_GET_IRQCHIP, &s->chips[i]);
	}
	if (!err)
		err = ioctl(vm->fd, KVM_GET_CLOCK, &s->clock);
	for (i = 0; !err && i < vm->opt->cpus; i++)
		err = get_vcpu(&vm->vcpus[i], list, &s->vcpus[i]);
	get_devices(vm, s);
	free(list);
	return err;
}

void *state_collect(struct vm *vm)
{
	struct vm_state *s = calloc(1, state_size(vm->opt->cpus));

	if (s && get_vm(vm, s)) {
		free(s);
		s = NULL;
	}
	return s;
}

int state_apply(struct vm *vm, const void *state)
{
	const struct vm_state *s = state;
	struct kvm_clock_data clock = { .clock = s->clock.clock };
	uint64_t tsc = tsc_of(&s->vcpus[0]);
	uint32_t i;

	for (i = 0; i < IRQCHIPS; i++)
		if (ioctl(vm->fd, KVM_SET_IRQCHIP, &s->chips[i]))
			return -1;
	if (ioctl(vm->fd, KVM_SET_CLOCK, &clock))
		return -1;
	for (i = 0; i < vm->opt->cpus; i++)
		if (set_vcpu(&vm->vcpus[i], &s->vcpus[i], tsc))
			return -1;
	set_devices(vm, s);
	return 0;
}
