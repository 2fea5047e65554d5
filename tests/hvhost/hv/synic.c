/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SynIC on KVM.  KVM holds the MSRs and raises the vectors; the pages' data
 * is ours.  A message that finds its slot taken marks it "more pending" and
 * waits for the guest's EOM, which KVM reports through the resample eventfd
 * of the VP's VMBus SINT; that fd also fires at every interrupt's end, so it
 * is watched only while something waits.  Other SINTs, and a SINT that the
 * guest has not unmasked yet, are retried by a timer.
 */
#include "hv/synic.h"

#include <errno.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>

#include "core/vm.h"

#define MSR_VP_INDEX	0x40000002
#define MSR_SCONTROL	0x40000080
#define MSR_SINT0	0x40000090
#define SINT_MASKED	(1u << 16)
#define SINT_POLLED	(1u << 18)
#define SINT_VECTOR	0xffu
#define PAGE_ENABLED	1ull

#define RETRY_MS	10
#define IOAPIC_PINS	24

static uint32_t sint_gsi(uint32_t vp, uint32_t sint)
{
	return IOAPIC_PINS + vp * LIS_HV_SINT_COUNT + sint;
}

/* A derangement for two and more: no CPU has its own number */
static uint32_t vp_of_cpu(const struct options *opt, uint32_t cpu)
{
	return opt->vp_permuted ? (cpu + 1) % opt->cpus : cpu;
}

static void queue_init(struct synic_queue *q)
{
	q->head = NULL;
	q->tail = &q->head;
}

static void queue_pop(struct synic_queue *q)
{
	struct synic_message *m = q->head;

	q->head = m->next;
	if (!q->head)
		q->tail = &q->head;
	free(m);
}

/* The guest's page, zeroed as an overlay page of a real host would be */
static uint8_t *enable_page(struct vm *vm, uint64_t msr, uint64_t *gpa,
			    uint8_t *old)
{
	uint8_t *page;

	if (!(msr & PAGE_ENABLED)) {
		*gpa = 0;
		return NULL;
	}
	page = memory_ptr(&vm->mem, msr & ~0xfffull, LIS_HV_PAGE_SIZE);
	if (page && (!old || *gpa != msr))
		memset(page, 0, LIS_HV_PAGE_SIZE);
	*gpa = msr;
	return page;
}

void synic_exit(struct synic_vp *vp, const struct kvm_run *run)
{
	const struct kvm_hyperv_exit *e = &run->hyperv;
	bool on = e->u.synic.control & 1;

	vm_alive(vp->vm);
	trace("vp %u: synic msr 0x%x control 0x%llx events 0x%llx messages 0x%llx",
	      vp->index, e->u.synic.msr,
	      (unsigned long long)e->u.synic.control,
	      (unsigned long long)e->u.synic.evt_page,
	      (unsigned long long)e->u.synic.msg_page);
	atomic_store(&vp->events,
		     enable_page(vp->vm, on ? e->u.synic.evt_page : 0,
				 &vp->event_gpa, atomic_load(&vp->events)));
	atomic_store(&vp->messages,
		     enable_page(vp->vm, on ? e->u.synic.msg_page : 0,
				 &vp->message_gpa,
				 atomic_load(&vp->messages)));
}

static bool sint_ready(struct synic_vp *vp, uint32_t sint)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry e;
	} m = { .head.nmsrs = 1, .e.index = MSR_SINT0 + sint };

	if (ioctl(vp->vcpu->fd, KVM_GET_MSRS, &m) != 1)
		return false;
	return m.e.data & SINT_POLLED ||
	       (!(m.e.data & SINT_MASKED) && m.e.data & SINT_VECTOR);
}

/* TLFS: mark the message in the slot, then look again, so that a guest which
 * frees the slot meanwhile either sees the mark or is seen by us.
 */
static bool slot_free(struct lis_hv_message *slot)
{
	if (!__atomic_load_n(&slot->type, __ATOMIC_ACQUIRE))
		return true;
	__atomic_fetch_or(&slot->flags, LIS_HV_MSG_PENDING, __ATOMIC_SEQ_CST);
	return !__atomic_load_n(&slot->type, __ATOMIC_SEQ_CST);
}

static void fill_slot(struct lis_hv_message *slot,
		      const struct synic_message *m)
{
	slot->payload_size = m->len;
	slot->flags = m->next ? LIS_HV_MSG_PENDING : 0;
	slot->reserved = 0;
	slot->sender = 0;
	memcpy(slot->payload, m->payload, m->len);
	__atomic_store_n(&slot->type, LIS_HV_MSG_VMBUS, __ATOMIC_RELEASE);
}

/* Called with vp->lock held; true when nothing of @sint waits any more */
static bool deliver_sint(struct synic_vp *vp, uint8_t *page, uint32_t sint)
{
	struct lis_hv_message *slot = (void *)page;
	struct synic_queue *q = &vp->queues[sint];

	if (!sint_ready(vp, sint) || !slot_free(&slot[sint]))
		return false;
	fill_slot(&slot[sint], q->head);
	queue_pop(q);
	vm_irq_line(vp->vm, sint_gsi(vp->index, sint), 1);
	return !q->head;
}

static void wait_for_slot(struct synic_vp *vp)
{
	event_change(&vp->vm->loop, &vp->eom, EPOLLIN | EPOLLONESHOT);
	event_timer_arm(vp->vm->synic.retry.fd, RETRY_MS);
}

void synic_deliver(struct synic_vp *vp)
{
	uint8_t *page = atomic_load(&vp->messages);
	uint32_t sint;

	if (!atomic_load(&vp->pending) || !page)
		return;
	pthread_mutex_lock(&vp->lock);
	for (sint = 0; sint < LIS_HV_SINT_COUNT; sint++) {
		if (atomic_load(&vp->pending) & 1u << sint &&
		    deliver_sint(vp, page, sint))
			atomic_fetch_and(&vp->pending, ~(1u << sint));
	}
	if (atomic_load(&vp->pending))
		wait_for_slot(vp);
	pthread_mutex_unlock(&vp->lock);
}

void synic_post(struct vm *vm, uint32_t vp_index, uint32_t sint,
		const void *payload, size_t len)
{
	struct synic_message *m = malloc(sizeof(*m));
	struct synic_vp *vp;
	struct synic_queue *q;

	if (!m || vp_index >= vm->opt->cpus || sint >= LIS_HV_SINT_COUNT ||
	    len > sizeof(m->payload)) {
		say("message for VP %u SINT %u of %zu bytes dropped", vp_index,
		    sint, len);
		free(m);
		return;
	}
	m->next = NULL;
	m->len = len;
	memcpy(m->payload, payload, len);
	vp = &vm->synic.vps[vp_index];
	q = &vp->queues[sint];
	pthread_mutex_lock(&vp->lock);
	*q->tail = m;
	q->tail = &m->next;
	atomic_fetch_or(&vp->pending, 1u << sint);
	pthread_mutex_unlock(&vp->lock);
	vcpu_kick(vp->vcpu);
}

bool synic_set_event(struct vm *vm, uint32_t vp_index, uint32_t sint,
		     uint32_t flag)
{
	struct lis_hv_event_flags *groups;
	uint64_t bit = 1ull << flag % 64;
	uint64_t old;

	if (vp_index >= vm->opt->cpus || sint >= LIS_HV_SINT_COUNT ||
	    flag >= LIS_HV_EVENT_FLAGS)
		return false;
	groups = (void *)atomic_load(&vm->synic.vps[vp_index].events);
	if (!groups)
		return false;
	old = __atomic_fetch_or(&groups[sint].bits[flag / 64], bit,
				__ATOMIC_SEQ_CST);
	/* A flag that was still set has its interrupt under way */
	if (old & bit)
		return true;
	return vm_irq_line(vm, sint_gsi(vp_index, sint), 1) >= 0;
}

/* Main thread: a slot may be free, or the guest may have unmasked a SINT */
static void eom_ready(struct event_source *src, uint32_t events)
{
	struct synic_vp *vp = src->ctx;

	(void)events;
	event_fd_drain(src->fd);
	if (atomic_load(&vp->pending))
		vcpu_kick(vp->vcpu);
}

static void retry_ready(struct event_source *src, uint32_t events)
{
	struct vm *vm = src->ctx;
	uint32_t i;

	(void)events;
	event_fd_drain(src->fd);
	for (i = 0; i < vm->opt->cpus; i++) {
		struct synic_vp *vp = &vm->synic.vps[i];

		if (atomic_load(&vp->pending) && atomic_load(&vp->messages))
			vcpu_kick(vp->vcpu);
	}
}

static void init_vp(struct vm *vm, uint32_t cpu)
{
	uint32_t i, index = vp_of_cpu(vm->opt, cpu);
	struct synic_vp *vp = &vm->synic.vps[index];

	vp->vm = vm;
	vp->index = index;
	vp->vcpu = &vm->vcpus[cpu];
	vm->vcpus[cpu].vp = vp;
	pthread_mutex_init(&vp->lock, NULL);
	for (i = 0; i < LIS_HV_SINT_COUNT; i++)
		queue_init(&vp->queues[i]);
	vp->irqfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	vp->eom = (struct event_source) {
		.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.ready = eom_ready, .ctx = vp,
	};
	if (vp->irqfd < 0 || vp->eom.fd < 0 ||
	    event_add(&vm->loop, &vp->eom, EPOLLONESHOT))
		die(EXIT_INTERNAL, "SynIC: %s", strerror(errno));
}

void synic_init(struct vm *vm)
{
	uint32_t i;

	for (i = 0; i < vm->opt->cpus; i++)
		init_vp(vm, i);
	vm->synic.retry = (struct event_source) {
		.fd = event_timer_new(), .ready = retry_ready, .ctx = vm,
	};
	if (event_add(&vm->loop, &vm->synic.retry, EPOLLIN))
		die(EXIT_INTERNAL, "SynIC timer: %s", strerror(errno));
}

int synic_attach(struct vcpu *v)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_HYPERV_SYNIC2 };
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry e[2];
	} m = {
		.head.nmsrs = 2,
		.e = {
			{ .index = MSR_VP_INDEX, .data = v->vp->index },
			/* A Hyper-V guest finds its SynIC switched on */
			{ .index = MSR_SCONTROL, .data = 1 },
		},
	};

	if (ioctl(v->fd, KVM_ENABLE_CAP, &cap))
		return -1;
	if (ioctl(v->fd, KVM_SET_MSRS, &m) == 2)
		return 0;
	errno = EINVAL;
	return -1;
}

static int set_routes(struct vm *vm)
{
	uint32_t i, n = IOAPIC_PINS + vm->opt->cpus * LIS_HV_SINT_COUNT;
	struct kvm_irq_routing *r = calloc(1, sizeof(*r) +
					   n * sizeof(r->entries[0]));
	struct kvm_irq_routing_entry *e;
	int err;

	if (!r)
		return -1;
	r->nr = n;
	for (i = 0; i < n; i++) {
		e = &r->entries[i];
		e->gsi = i;
		if (i < IOAPIC_PINS) {
			e->type = KVM_IRQ_ROUTING_IRQCHIP;
			e->u.irqchip.irqchip = KVM_IRQCHIP_IOAPIC;
			e->u.irqchip.pin = i;
		} else {
			e->type = KVM_IRQ_ROUTING_HV_SINT;
			e->u.hv_sint.vcpu = (i - IOAPIC_PINS) /
					    LIS_HV_SINT_COUNT;
			e->u.hv_sint.sint = (i - IOAPIC_PINS) %
					    LIS_HV_SINT_COUNT;
		}
	}
	err = ioctl(vm->fd, KVM_SET_GSI_ROUTING, r);
	free(r);
	return err;
}

int synic_connect(struct vm *vm)
{
	uint32_t i;

	if (set_routes(vm))
		return -1;
	for (i = 0; i < vm->opt->cpus; i++) {
		struct kvm_irqfd irqfd = {
			.fd = vm->synic.vps[i].irqfd,
			.gsi = sint_gsi(i, LIS_HV_SINT_VMBUS),
			.flags = KVM_IRQFD_FLAG_RESAMPLE,
			.resamplefd = vm->synic.vps[i].eom.fd,
		};

		if (ioctl(vm->fd, KVM_IRQFD, &irqfd))
			return -1;
	}
	return 0;
}

void synic_reset(struct vm *vm)
{
	uint32_t i, sint;

	for (i = 0; i < vm->opt->cpus; i++) {
		struct synic_vp *vp = &vm->synic.vps[i];

		atomic_store(&vp->messages, NULL);
		atomic_store(&vp->events, NULL);
		vp->message_gpa = vp->event_gpa = 0;
		pthread_mutex_lock(&vp->lock);
		for (sint = 0; sint < LIS_HV_SINT_COUNT; sint++)
			while (vp->queues[sint].head)
				queue_pop(&vp->queues[sint]);
		atomic_store(&vp->pending, 0);
		pthread_mutex_unlock(&vp->lock);
	}
}
