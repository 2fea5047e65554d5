/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What vmbus/ needs of newer kernels, for kernels that lack it.
 *
 * A callback whose type changed is written in its newest form; the macro named
 * after it stands behind the function and, on older kernels, makes a wrapper
 * of the older form.  LIS_COMPAT_NAME(f) is what goes into the ops table.
 *
 * Only names that nothing else uses are defined here: no kernel header is
 * included, so that files that need none of this do not pay for it.
 */
#ifndef LIS_COMPAT_SHIMS_VMBUS_H
#define LIS_COMPAT_SHIMS_VMBUS_H

/* v5.15, in <linux/pci_ids.h> */
#define PCI_VENDOR_ID_MICROSOFT	0x1414

/* v5.12; where there is none, only devices with short DMA masks bounce */
#ifndef HAVE_DMA_MIN_ALIGN_MASK
#define dma_set_min_align_mask(dev, mask)	do { } while (0)
#endif

#ifndef HAVE_TASKLET_SETUP		/* v5.9: told the tasklet, not a number */
#define tasklet_setup(t, fn)						\
	tasklet_init(t, (void (*)(unsigned long))(void *)(fn), (unsigned long)(t))
#endif

#ifndef HAVE_SYSFS_EMIT			/* v5.10 */
#define sysfs_emit(buf, ...)	scnprintf(buf, PAGE_SIZE, __VA_ARGS__)
#define sysfs_emit_at(buf, at, ...)					\
	scnprintf((buf) + (at), PAGE_SIZE - (at), __VA_ARGS__)
#endif

/* after v5.14; where missing, the kernel says how often it said nothing */
#ifndef HAVE_RATELIMIT_INIT_FLAGS
#define RATELIMIT_STATE_INIT_FLAGS(name, interval, burst, flags)	\
	RATELIMIT_STATE_INIT(name, interval, burst)
#endif

#ifndef HAVE_IMPORT_GUID		/* v5.6 */
#define import_guid(to, from)	memcpy(to, from, sizeof(guid_t))
#endif

#ifndef HAVE_VIRT_BARRIERS		/* v4.7 */
/* the comments about pairs are where they are used */
#define virt_mb()			mb()			/* not smp_ */
#define virt_load_acquire(p)		smp_load_acquire(p)	/* as x86 is */
#define virt_store_release(p, v)	smp_store_release(p, v)	/* as x86 is */
#endif

#ifndef HAVE_ATOMIC64_TRY_CMPXCHG	/* v4.12 */
#define atomic64_try_cmpxchg(v, old, new) ({				\
	s64 *old_ = (old), was_ = *old_;				\
									\
	*old_ = atomic64_cmpxchg(v, was_, new);				\
	*old_ == was_;							\
})
#endif

/* v4.2; before, a driver's devices are probed one after the other */
#ifdef HAVE_DRIVER_PROBE_TYPE
#define LIS_COMPAT_SET_PROBE_TYPE(type)	.probe_type = type,
#else
#define LIS_COMPAT_SET_PROBE_TYPE(type)
#endif

#ifndef HAVE_TIMER_DELETE_SYNC		/* v6.2 */
#define timer_delete_sync(t)	del_timer_sync(t)
#endif

#define LIS_COMPAT_NAME(fn)	fn##_compat

/* v6.11: int match(struct device *, const struct device_driver *) */
#ifdef HAVE_BUS_MATCH_CONST_DRV
#define LIS_COMPAT_BUS_MATCH(fn)					\
static int fn##_compat(struct device *dev,				\
		       const struct device_driver *drv)			\
{									\
	return fn(dev, drv);						\
}
#else
#define LIS_COMPAT_BUS_MATCH(fn)					\
static int fn##_compat(struct device *dev, struct device_driver *drv)	\
{									\
	return fn(dev, drv);						\
}
#endif

/* v6.3: int uevent(const struct device *, struct kobj_uevent_env *) */
#ifdef HAVE_BUS_UEVENT_CONST_DEV
#define LIS_COMPAT_BUS_UEVENT(fn)					\
static int fn##_compat(const struct device *dev,			\
		       struct kobj_uevent_env *env)			\
{									\
	return fn(dev, env);						\
}
#else
#define LIS_COMPAT_BUS_UEVENT(fn)					\
static int fn##_compat(struct device *dev, struct kobj_uevent_env *env)	\
{									\
	return fn(dev, env);						\
}
#endif

/* v5.15: void remove(struct device *) */
#ifdef HAVE_BUS_REMOVE_VOID
#define LIS_COMPAT_BUS_REMOVE(fn)					\
static void fn##_compat(struct device *dev)				\
{									\
	fn(dev);							\
}
#else
#define LIS_COMPAT_BUS_REMOVE(fn)					\
static int fn##_compat(struct device *dev)				\
{									\
	fn(dev);							\
	return 0;							\
}
#endif

/* v6.11: void remove(struct platform_device *) */
#ifdef HAVE_PLATFORM_REMOVE_VOID
#define LIS_COMPAT_PLATFORM_REMOVE(fn)					\
static void fn##_compat(struct platform_device *pdev)			\
{									\
	fn(pdev);							\
}
#else
#define LIS_COMPAT_PLATFORM_REMOVE(fn)					\
static int fn##_compat(struct platform_device *pdev)			\
{									\
	fn(pdev);							\
	return 0;							\
}
#endif

/* v6.4: ssize_t show(const struct bus_type *, char *) */
#ifdef HAVE_BUS_ATTR_CONST_BUS
#define LIS_COMPAT_BUS_ATTR_RO(name)	static BUS_ATTR_RO(name)
#else
#define LIS_COMPAT_BUS_ATTR_RO(name)					\
static ssize_t name##_compat(struct bus_type *bus, char *buf)		\
{									\
	return name##_show(bus, buf);					\
}									\
static struct bus_attribute bus_attr_##name =				\
	__ATTR(name, 0444, name##_compat, NULL)
#endif

#endif
