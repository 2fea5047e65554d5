/* SPDX-License-Identifier: GPL-2.0-only */
/* /dev/kvm: what it must be able to do, and how a VM of ours begins. */
#include "core/kvm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/log.h"

/* Three pages that Intel needs and no guest uses, near the end of 4 GiB */
#define TSS_ADDRESS		0xfffbd000ul
#define IDENTITY_MAP_ADDRESS	0xfffbc000ull

static const struct {
	int cap;
	const char *name;
} needed[] = {
	{ KVM_CAP_HYPERV_SYNIC2, "KVM_CAP_HYPERV_SYNIC2" },
	{ KVM_CAP_HYPERV_VP_INDEX, "KVM_CAP_HYPERV_VP_INDEX" },
	{ KVM_CAP_HYPERV_EVENTFD, "KVM_CAP_HYPERV_EVENTFD" },
	{ KVM_CAP_HYPERV_CPUID, "KVM_CAP_HYPERV_CPUID" },
	{ KVM_CAP_IRQFD_RESAMPLE, "KVM_CAP_IRQFD_RESAMPLE" },
	{ KVM_CAP_IMMEDIATE_EXIT, "KVM_CAP_IMMEDIATE_EXIT" },
};

int kvm_open(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	size_t i;

	if (fd < 0)
		die(EXIT_INTERNAL, "/dev/kvm: %s; tests/box/box runs hvhost without it",
		    strerror(errno));
	if (ioctl(fd, KVM_GET_API_VERSION, 0) != KVM_API_VERSION)
		die(EXIT_INTERNAL, "/dev/kvm: unknown API version");
	for (i = 0; i < sizeof(needed) / sizeof(*needed); i++)
		if (ioctl(fd, KVM_CHECK_EXTENSION, needed[i].cap) <= 0)
			die(EXIT_INTERNAL, "/dev/kvm: no %s; tests/box/box runs hvhost without it",
			    needed[i].name);
	return fd;
}

int kvm_create_vm(int kvm_fd)
{
	__u64 identity_map = IDENTITY_MAP_ADDRESS;
	int fd = ioctl(kvm_fd, KVM_CREATE_VM, 0);

	if (fd < 0) {
		say("KVM_CREATE_VM: %s", strerror(errno));
		return -1;
	}
	if (ioctl(fd, KVM_SET_IDENTITY_MAP_ADDR, &identity_map) ||
	    ioctl(fd, KVM_SET_TSS_ADDR, TSS_ADDRESS) ||
	    ioctl(fd, KVM_CREATE_IRQCHIP, 0)) {
		say("KVM_CREATE_IRQCHIP: %s", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}
