// SPDX-License-Identifier: GPL-2.0-only
/*
 * Can /dev/kvm of this machine carry hvhost?  Asks for KVM's Hyper-V SynIC
 * and then tries it: a VM with one vCPU that has SynIC switched on must run
 * one OUT instruction to its exit.  Exit status 0 and silence when it can, 1
 * and the reason on standard output when not.
 *
 * With --hold it stays, holding what makes KVM patch its own code when the
 * first or last VM of a kind comes or goes: QEMU before 8.1 can translate such
 * code in the middle of the patching ("Oops: int3" in kvm_arch_vcpu_ioctl_run
 * of the nested machine).  Single-threaded, no locks.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define CODE_ADDR	0x1000
#define CODE_SIZE	0x1000

static const struct {
	int cap;
	const char *name;
} needed[] = {
	{ KVM_CAP_IRQCHIP, "KVM_CAP_IRQCHIP" },
	{ KVM_CAP_HYPERV_SYNIC2, "KVM_CAP_HYPERV_SYNIC2" },
	{ KVM_CAP_HYPERV_EVENTFD, "KVM_CAP_HYPERV_EVENTFD" },
	{ KVM_CAP_HYPERV_VP_INDEX, "KVM_CAP_HYPERV_VP_INDEX" },
};

static void cannot(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static int xioctl(int fd, unsigned long request, void *arg, const char *what)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		cannot(what);
	return ret;
}

static int make_vm(int kvm)
{
	static const unsigned char out_al[] = { 0xe6, 0x80 };
	struct kvm_userspace_memory_region ram = {
		.guest_phys_addr = CODE_ADDR,
		.memory_size = CODE_SIZE,
	};
	int vm = xioctl(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	void *mem;

	xioctl(vm, KVM_CREATE_IRQCHIP, NULL, "KVM_CREATE_IRQCHIP");
	mem = mmap(NULL, CODE_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		cannot("mmap");
	memcpy(mem, out_al, sizeof(out_al));
	ram.userspace_addr = (unsigned long)mem;
	xioctl(vm, KVM_SET_USER_MEMORY_REGION, &ram, "guest memory");
	return vm;
}

static int make_vcpu(int vm)
{
	int vcpu = xioctl(vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
	struct kvm_enable_cap synic = { .cap = KVM_CAP_HYPERV_SYNIC2 };
	struct kvm_regs regs = { .rip = CODE_ADDR, .rflags = 2 };
	struct kvm_sregs sregs;

	xioctl(vcpu, KVM_ENABLE_CAP, &synic, "switching SynIC on");
	xioctl(vcpu, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	xioctl(vcpu, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
	xioctl(vcpu, KVM_SET_REGS, &regs, "KVM_SET_REGS");
	return vcpu;
}

/*
 * KVM has static keys for: any VM at all, any vCPU without in-kernel APIC, any
 * with its APIC off in hardware, any with it off in software (as after reset).
 */
static void hold(int kvm)
{
	int vm = xioctl(kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	struct kvm_sregs sregs;
	int vcpu;

	xioctl(vm, KVM_CREATE_VCPU, NULL, "a vCPU without APIC");
	vm = make_vm(kvm);
	xioctl(vm, KVM_CREATE_VCPU, (void *)1L, "a vCPU with its APIC off");
	vcpu = xioctl(vm, KVM_CREATE_VCPU, NULL, "a vCPU without APIC");
	xioctl(vcpu, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	sregs.apic_base &= ~(1ULL << 11);
	xioctl(vcpu, KVM_SET_SREGS, &sregs, "switching the APIC off");
	puts("holding");
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	struct kvm_run *run;
	int kvm, vm, vcpu;
	size_t i;

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		cannot("/dev/kvm");
	if (argc == 2 && !strcmp(argv[1], "--hold"))
		hold(kvm);
	alarm(5);	/* a /dev/kvm that hangs is not usable either */
	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (ioctl(kvm, KVM_CHECK_EXTENSION, needed[i].cap) > 0)
			continue;
		printf("/dev/kvm has no %s\n", needed[i].name);
		return 1;
	}

	vm = make_vm(kvm);
	vcpu = make_vcpu(vm);
	run = mmap(NULL, xioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL, "vCPU"),
		   PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		cannot("mmap of a vCPU");
	xioctl(vcpu, KVM_RUN, NULL, "KVM_RUN");
	if (run->exit_reason != KVM_EXIT_IO) {
		printf("a first instruction ended with exit reason %u\n",
		       run->exit_reason);
		return 1;
	}
	return 0;
}
