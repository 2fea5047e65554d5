// SPDX-License-Identifier: GPL-2.0-only
/*
 * MMIO space for devices without a PCI bus: the memory ranges in _CRS of the
 * VMBus device or one of its ancestors, less the boot framebuffer, which only
 * a framebuffer driver may have.
 *
 * The ranges and what was taken from them form a small resource tree of our
 * own; each piece is claimed in the kernel's tree as well, which catches
 * whatever else lives there.  mmio_lock protects the list of ranges.
 */
#define pr_fmt(fmt) "hv_vmbus: " fmt

#include <linux/acpi.h>
#include <linux/ioport.h>
#include <linux/slab.h>

#include "../compat/shims/framebuffer.h"
#include "vmbus_int.h"

/*
 * Places that may turn out to be taken before we give up: a range that lies
 * over all of memory must not keep us busy for ever.
 */
#define MAX_CONFLICTS	65536

struct window {
	struct list_head node;
	struct resource res;
};

static DEFINE_MUTEX(mmio_lock);
static LIST_HEAD(windows);
/* Part of one of the ranges while it is taken by the boot framebuffer */
static struct resource boot_fb = { .name = "boot framebuffer" };

static void add_window(u64 start, u64 end)
{
	struct window *w;

	/* the first megabyte is never ours; 32-bit kernels end early */
	if (start < 0x100000 || end < start || end > (resource_size_t)-1)
		return;
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return;
	w->res.name = "hyperv mmio";
	w->res.start = start;
	w->res.end = end;
	w->res.flags = IORESOURCE_MEM;
	list_add_tail(&w->node, &windows);
}

static acpi_status one_resource(struct acpi_resource *ares, void *unused)
{
	struct acpi_resource_address64 a;

	if (ACPI_FAILURE(acpi_resource_to_address64(ares, &a)))
		return AE_OK;
	if (a.resource_type == ACPI_MEMORY_RANGE && a.address.address_length)
		add_window(a.address.minimum, a.address.maximum);
	return AE_OK;
}

/* The device itself, then its ancestors, until one has memory; not the root */
static void find_windows(acpi_handle handle)
{
	while (handle && handle != ACPI_ROOT_OBJECT) {
		acpi_walk_resources(handle, METHOD_NAME__CRS, one_resource,
				    NULL);
		if (!list_empty(&windows))
			return;
		if (ACPI_FAILURE(acpi_get_parent(handle, &handle)))
			return;
	}
}

static void reserve_boot_framebuffer(void)
{
	struct window *w;
	u64 start, size;

	if (!lis_compat_boot_framebuffer(&start, &size))
		return;
	boot_fb.start = start;
	boot_fb.end = start + size - 1;
	boot_fb.flags = IORESOURCE_MEM;
	list_for_each_entry(w, &windows, node)
		if (boot_fb.start >= w->res.start &&
		    boot_fb.end <= w->res.end &&
		    !request_resource(&w->res, &boot_fb))
			return;
	boot_fb.flags = 0;
}

/**
 * lis_mmio_start - find out what there is.
 * @dev: the platform device
 */
void lis_mmio_start(struct device *dev)
{
	struct window *w;

	mutex_lock(&mmio_lock);
	find_windows(ACPI_HANDLE(dev));
	reserve_boot_framebuffer();
	list_for_each_entry(w, &windows, node)
		dev_dbg(dev, "mmio %pR\n", &w->res);
	if (list_empty(&windows))
		dev_dbg(dev, "no mmio ranges in ACPI\n");
	mutex_unlock(&mmio_lock);
}

/**
 * lis_mmio_stop - forget it; everything was freed.
 */
void lis_mmio_stop(void)
{
	struct window *w, *next;

	mutex_lock(&mmio_lock);
	if (boot_fb.parent)
		release_resource(&boot_fb);
	list_for_each_entry_safe(w, next, &windows, node) {
		list_del(&w->node);
		kfree(w);
	}
	mutex_unlock(&mmio_lock);
}

static struct resource *take(struct resource *from, const char *name,
			     resource_size_t min, resource_size_t max,
			     resource_size_t size, resource_size_t align)
{
	struct resource *res = kzalloc(sizeof(*res), GFP_KERNEL);
	unsigned int tries = MAX_CONFLICTS;

	if (!res)
		return NULL;
	res->name = name;
	res->flags = IORESOURCE_MEM;
	while (tries-- && !allocate_resource(from, res, size, min, max, align,
					     NULL, NULL)) {
		/* free as far as we know; is it so for the whole kernel? */
		if (request_mem_region(res->start, size, name))
			return res;
		min = res->start + align;
		release_resource(res);
		res->start = 0;
		res->end = 0;
		if (min < align || min > max)
			break;
	}
	kfree(res);
	return NULL;
}

/**
 * lis_mmio_alloc - take MMIO space for a device.
 * @res: the result; free it with lis_mmio_free()
 * @dev: for whom
 * @min: lowest address
 * @max: highest address
 * @size: bytes
 * @align: power of two
 * @framebuffer_ok: the boot framebuffer's place may be used, and is preferred
 *
 * Context: process.
 * Return: 0, -EINVAL or -ENOMEM.
 */
int lis_mmio_alloc(struct resource **res, struct lis_device *dev,
		   resource_size_t min, resource_size_t max,
		   resource_size_t size, resource_size_t align,
		   bool framebuffer_ok)
{
	const char *name = dev_name(&dev->dev);
	struct window *w;

	if (!size || !align || align & (align - 1) || min > max)
		return -EINVAL;
	*res = NULL;
	mutex_lock(&mmio_lock);
	if (framebuffer_ok && boot_fb.parent)
		*res = take(&boot_fb, name, min, max, size, align);
	list_for_each_entry(w, &windows, node) {
		if (*res)
			break;
		*res = take(&w->res, name, min, max, size, align);
	}
	mutex_unlock(&mmio_lock);
	return *res ? 0 : -ENOMEM;
}
EXPORT_SYMBOL_GPL(lis_mmio_alloc);

/**
 * lis_mmio_free - give it back.
 * @res: from lis_mmio_alloc(), or NULL
 *
 * Context: process.
 */
void lis_mmio_free(struct resource *res)
{
	if (!res)
		return;
	mutex_lock(&mmio_lock);
	release_mem_region(res->start, resource_size(res));
	release_resource(res);
	mutex_unlock(&mmio_lock);
	kfree(res);
}
EXPORT_SYMBOL_GPL(lis_mmio_free);
