/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CPUID as a Hyper-V guest sees it: the processor as KVM supports it, with
 * APIC ids and topology of this vCPU, and Hyper-V's leaves in place of KVM's.
 * KVM's own signature must never show: Linux would take it for the better
 * offer.  The Hyper-V leaves are KVM's list of what it can do, narrowed to
 * what this host wants to offer (shared facts: TLFS, protocol.md 1.1).
 */
#include "hv/cpuid.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "core/vm.h"

#define MAX_ENTRIES	256

#define HV_LEAF_VENDOR		0x40000000
#define HV_LEAF_INTERFACE	0x40000001
#define HV_LEAF_VERSION		0x40000002
#define HV_LEAF_FEATURES	0x40000003
#define HV_LEAF_HINTS		0x40000004
#define HV_LEAF_LIMITS		0x40000005
#define HV_LEAF_HARDWARE	0x40000006
#define HV_LEAF_LAST		HV_LEAF_HARDWARE

/* Leaf 3 EAX */
#define PRIV_VP_RUNTIME		(1u << 0)
#define PRIV_REFERENCE_COUNT	(1u << 1)
#define PRIV_SYNIC		(1u << 2)
#define PRIV_STIMER		(1u << 3)
#define PRIV_APIC_MSRS		(1u << 4)
#define PRIV_HYPERCALL		(1u << 5)
#define PRIV_VP_INDEX		(1u << 6)
#define PRIV_RESET		(1u << 7)
#define PRIV_REFERENCE_TSC	(1u << 9)
#define PRIV_FREQUENCIES	(1u << 11)
#define PRIV_TSC_INVARIANT	(1u << 15)
/* Leaf 3 EBX */
#define PRIV_POST_MESSAGES	(1u << 4)
#define PRIV_SIGNAL_EVENTS	(1u << 5)
/* Leaf 3 EDX */
#define FEAT_FREQUENCIES	(1u << 8)
#define FEAT_CRASH_MSRS		(1u << 10)
#define FEAT_DIRECT_STIMER	(1u << 19)
/* Leaf 4 EAX */
#define HINT_RELAXED_TIMING	(1u << 5)
#define HINT_NO_AUTO_EOI	(1u << 9)
#define SPIN_NEVER_NOTIFY	0xffffffffu

#define CPUID1_ECX_TSC_DEADLINE	(1u << 24)	/* Hyper-V has none */
#define CPUID1_ECX_HYPERVISOR	(1u << 31)
#define CPUID1_EDX_HTT		(1u << 28)
#define CPUID_EXT1_ECX_TOPOEXT	(1u << 22)

struct cpuid_table {
	struct kvm_cpuid2 head;
	struct kvm_cpuid_entry2 e[MAX_ENTRIES];
};

static const struct {
	const char *generation;
	uint16_t major, minor;
	uint32_t build;
} versions[] = {
	{ "ws2008r2", 6, 1, 7601 }, { "ws2012", 6, 2, 9200 },
	{ "ws2012r2", 6, 3, 9600 }, { "ws2016", 10, 0, 14393 },
	{ "ws2019", 10, 0, 17763 }, { "ws2022", 10, 0, 20348 },
	{ "ws2025", 10, 0, 26100 },
};

/* Feature bits KVM can emulate: leaf 3 of its Hyper-V list */
static int kvm_features(struct vcpu *v, struct kvm_cpuid_entry2 *features)
{
	static struct cpuid_table t;
	uint32_t i;

	t.head.nent = MAX_ENTRIES;
	if (ioctl(v->fd, KVM_GET_SUPPORTED_HV_CPUID, &t))
		return -1;
	for (i = 0; i < t.head.nent; i++) {
		if (t.e[i].function == HV_LEAF_FEATURES) {
			*features = t.e[i];
			return 0;
		}
	}
	errno = ENODATA;
	return -1;
}

static struct kvm_cpuid_entry2 *add(struct cpuid_table *t, uint32_t leaf)
{
	struct kvm_cpuid_entry2 *e = &t->e[t->head.nent++];

	memset(e, 0, sizeof(*e));
	e->function = leaf;
	return e;
}

static void add_version(struct cpuid_table *t, const char *generation)
{
	struct kvm_cpuid_entry2 *e = add(t, HV_LEAF_VERSION);
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		if (strcmp(versions[i].generation, generation))
			continue;
		e->eax = versions[i].build;
		e->ebx = (uint32_t)versions[i].major << 16 | versions[i].minor;
	}
}

static void add_features(struct cpuid_table *t, const struct options *opt,
			 const struct kvm_cpuid_entry2 *can)
{
	struct kvm_cpuid_entry2 *e = add(t, HV_LEAF_FEATURES);

	e->eax = can->eax &
		 (PRIV_VP_RUNTIME | PRIV_REFERENCE_COUNT | PRIV_SYNIC |
		  PRIV_STIMER | PRIV_APIC_MSRS | PRIV_HYPERCALL |
		  PRIV_VP_INDEX | PRIV_RESET | PRIV_REFERENCE_TSC |
		  PRIV_FREQUENCIES | PRIV_TSC_INVARIANT);
	/* Not KVM's business: user space answers these hypercalls */
	e->ebx = PRIV_POST_MESSAGES | PRIV_SIGNAL_EVENTS;
	e->edx = can->edx & (FEAT_FREQUENCIES | FEAT_CRASH_MSRS |
			     (opt->direct_timers ? FEAT_DIRECT_STIMER : 0));
}

static void add_hyperv(struct cpuid_table *t, const struct options *opt,
		       const struct kvm_cpuid_entry2 *can)
{
	struct kvm_cpuid_entry2 *e = add(t, HV_LEAF_VENDOR);

	e->eax = HV_LEAF_LAST;
	memcpy(&e->ebx, "Micr", 4);
	memcpy(&e->ecx, "osof", 4);
	memcpy(&e->edx, "t Hv", 4);
	e = add(t, HV_LEAF_INTERFACE);
	memcpy(&e->eax, "Hv#1", 4);
	add_version(t, opt->generation);
	add_features(t, opt, can);
	e = add(t, HV_LEAF_HINTS);
	e->eax = HINT_RELAXED_TIMING | HINT_NO_AUTO_EOI;
	e->ebx = SPIN_NEVER_NOTIFY;
	e = add(t, HV_LEAF_LIMITS);
	e->eax = HVHOST_MAX_CPUS;
	e->ebx = HVHOST_MAX_CPUS;
	add(t, HV_LEAF_HARDWARE);
}

static void set_topology(struct kvm_cpuid_entry2 *e, uint32_t id,
			 uint32_t cpus)
{
	uint32_t bits = 0;

	while (1u << bits < cpus)
		bits++;
	memset(&e->eax, 0, 4 * sizeof(uint32_t));
	e->ecx = e->index;
	e->edx = id;
	if (e->index == 0) {		/* one thread a core */
		e->ebx = 1;
		e->ecx |= 1 << 8;
	} else if (e->index == 1) {	/* all cores in one package */
		e->eax = bits;
		e->ebx = cpus;
		e->ecx |= 2 << 8;
	}
}

static void adapt(struct vcpu *v, struct kvm_cpuid_entry2 *e)
{
	uint32_t cpus = v->vm->opt->cpus;

	switch (e->function) {
	case 1:
		e->ebx = (e->ebx & 0xffff) | cpus << 16 | v->id << 24;
		e->ecx |= CPUID1_ECX_HYPERVISOR;
		e->ecx &= ~CPUID1_ECX_TSC_DEADLINE;
		e->edx &= ~CPUID1_EDX_HTT;
		if (cpus > 1)
			e->edx |= CPUID1_EDX_HTT;
		break;
	case 4:		/* Intel caches: cores sharing, cores in package */
		e->eax &= 0x3fff;
		e->eax |= (cpus - 1) << 26;
		break;
	case 0xb:
	case 0x1f:
		set_topology(e, v->id, cpus);
		break;
	case 0x80000001:
		e->ecx &= ~CPUID_EXT1_ECX_TOPOEXT;
		break;
	case 0x80000008:
		e->ecx = cpus - 1;
		break;
	}
}

static bool is_hypervisor_leaf(uint32_t leaf)
{
	return leaf >= HV_LEAF_VENDOR && leaf < HV_LEAF_VENDOR + 0x10000;
}

static bool is_amd_topology(uint32_t leaf)
{
	return leaf == 0x8000001d || leaf == 0x8000001e;
}

int hv_set_cpuid(struct vcpu *v)
{
	static struct cpuid_table t;
	struct kvm_cpuid_entry2 can;
	uint32_t i, kept = 0;

	if (kvm_features(v, &can))
		return -1;
	t.head.nent = MAX_ENTRIES - 16;
	if (ioctl(v->vm->kvm_fd, KVM_GET_SUPPORTED_CPUID, &t))
		return -1;
	for (i = 0; i < t.head.nent; i++) {
		if (is_hypervisor_leaf(t.e[i].function) ||
		    is_amd_topology(t.e[i].function))
			continue;
		t.e[kept] = t.e[i];
		adapt(v, &t.e[kept++]);
	}
	t.head.nent = kept;
	add_hyperv(&t, v->vm->opt, &can);
	return ioctl(v->fd, KVM_SET_CPUID2, &t);
}
