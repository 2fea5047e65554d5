/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User-space stand-ins for kernel services, so that files that are not pure
 * (vmbus/offer.c, device.c, channel.c, ...) can be tested with the shipped
 * text.  Mutexes, spin locks and completions are real (pthread): a lock that
 * is taken twice, or not held where it must be, ends the test.  Work does not
 * run by itself: flush_work() and fake_run_work() run it, in the order in which
 * it was queued.
 *
 * Each header of the kernel that is replaced is one line in linux/ that
 * includes this file.
 */
#ifndef LIS_FAKE_KERNEL_H
#define LIS_FAKE_KERNEL_H

#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wsign-compare"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/types.h>

#define __rcu
#define __init
#define __exit
#define PAGE_SHIFT	12
#define PAGE_SIZE	4096ul
#define PAGE_ALIGNED(p)	(!((uintptr_t)(p) % PAGE_SIZE))
#define ____cacheline_aligned_in_smp
#define HZ		1000
#define current		((struct task_struct *)pthread_self())
#define cond_resched()	do { } while (0)
#define might_sleep()	do { } while (0)
#define jiffies		fake_jiffies()
#define time_after(a, b)	((long)((b) - (a)) < 0)

struct task_struct;
struct module;
struct pt_regs;
typedef u64 dma_addr_t;
struct scatterlist { dma_addr_t addr; u32 len; };
#define sg_dma_address(s)	((s)->addr)
#define sg_dma_len(s)	((s)->len)
#define for_each_sg(list, s, n, i) \
	for ((i) = 0, (s) = (list); (i) < (n); (i)++, (s)++)
struct attribute_group;
struct dentry;
struct kset { int nothing; };
struct dev_pm_ops { int nothing; };
struct resource { u64 start, end; };
typedef u64 resource_size_t;
typedef unsigned short umode_t;

static inline unsigned long fake_jiffies(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * HZ + t.tv_nsec / 1000000;
}

static inline void usleep_range(unsigned long from, unsigned long to)
{
	nanosleep(&(struct timespec){ .tv_nsec = from * 1000 }, NULL);
}

/* --- what the log gets: counted, so that tests can ask --------------------- */

__attribute__((weak)) unsigned int fake_warnings;

static inline void __printf(1, 2) fake_print(const char *fmt, ...)
{
	fake_warnings++;
}

#define pr_info(...)	do { if (0) fake_print(__VA_ARGS__); } while (0)
#define pr_warn(...)	fake_print(__VA_ARGS__)
#define pr_err(...)	fake_print(__VA_ARGS__)
#define dev_dbg(d, ...)	do { if (0) fake_print(__VA_ARGS__); } while (0)
#define dev_warn(d, ...)	((void)(d), fake_print(__VA_ARGS__))
#define dev_err(d, ...)	((void)(d), fake_print(__VA_ARGS__))
#define dev_warn_ratelimited	dev_warn
#define dev_err_ratelimited	dev_err
#define pr_warn_ratelimited	pr_warn

struct ratelimit_state { int nothing; };
#define RATELIMIT_MSG_ON_RELEASE	0
#define RATELIMIT_STATE_INIT_FLAGS(name, interval, burst, flags)	{ 0 }
#define __ratelimit(rs)	((void)(rs), true)

/* --- memory ---------------------------------------------------------------- */

#define GFP_KERNEL	0u
#define __GFP_ZERO	0u

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return calloc(1, size);
}

static inline void *kvzalloc(size_t size, gfp_t gfp)
{
	return calloc(1, size);
}

static inline void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
	return calloc(n, size);
}

#define kfree(p)	free((void *)(p))
#define kvfree(p)	free((void *)(p))
#define kfree_rcu(p, field)	free(p)

/* --- locks ----------------------------------------------------------------- */

struct mutex {
	pthread_mutex_t lock;
	pthread_t holder;
	bool held;
};

typedef struct mutex spinlock_t;
typedef struct mutex raw_spinlock_t;

static inline void mutex_init(struct mutex *m)
{
	pthread_mutex_init(&m->lock, NULL);
	m->held = false;
}

static inline bool fake_held(const struct mutex *m)
{
	return m->held && pthread_equal(m->holder, pthread_self());
}

static inline void mutex_lock(struct mutex *m)
{
	WARN_ON(fake_held(m));
	pthread_mutex_lock(&m->lock);
	m->holder = pthread_self();
	m->held = true;
}

static inline void mutex_unlock(struct mutex *m)
{
	WARN_ON(!fake_held(m));
	m->held = false;
	pthread_mutex_unlock(&m->lock);
}

#define lockdep_assert_held(m)	WARN_ON(!fake_held(m))
#define spin_lock_init(l)	mutex_init(l)
#define spin_lock(l)		mutex_lock(l)
#define spin_unlock(l)		mutex_unlock(l)
#define spin_lock_irqsave(l, flags)	((void)((flags) = 0), mutex_lock(l))
#define spin_unlock_irqrestore(l, flags)	((void)(flags), mutex_unlock(l))
#define raw_spin_lock_init(l)	mutex_init(l)
#define raw_spin_lock_irq(l)	mutex_lock(l)
#define raw_spin_unlock_irq(l)	mutex_unlock(l)
#define raw_spin_lock_irqsave	spin_lock_irqsave
#define raw_spin_unlock_irqrestore	spin_unlock_irqrestore

#define rcu_read_lock()		do { } while (0)
#define rcu_read_unlock()	do { } while (0)
#define synchronize_rcu_expedited()	do { } while (0)
#define rcu_dereference(p)	(p)
#define rcu_access_pointer(p)	(p)
#define rcu_assign_pointer(p, v)	((p) = (v))
#define RCU_INIT_POINTER(p, v)	((p) = (v))
struct rcu_head { int nothing; };

/* --- completions ----------------------------------------------------------- */

struct completion {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	unsigned int done;
};

static inline void init_completion(struct completion *c)
{
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->cond, NULL);
	c->done = 0;
}

static inline void reinit_completion(struct completion *c)
{
	c->done = 0;
}

static inline void fake_complete(struct completion *c, unsigned int n)
{
	pthread_mutex_lock(&c->lock);
	c->done = c->done > 1000000 ? c->done : c->done + n;
	pthread_cond_broadcast(&c->cond);
	pthread_mutex_unlock(&c->lock);
}

/* Time limits are so many times shorter than they say */
__attribute__((weak)) unsigned int fake_hurry = 1;

#define complete(c)	fake_complete(c, 1)
#define complete_all(c)	fake_complete(c, 1000001)

static inline bool completion_done(const struct completion *c)
{
	return c->done;
}

static inline unsigned long wait_for_completion_timeout(struct completion *c,
							unsigned long t)
{
	struct timespec end;
	bool done;

	t /= fake_hurry;
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += t / HZ;
	end.tv_nsec += t % HZ * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_nsec -= 1000000000;
		end.tv_sec++;
	}
	pthread_mutex_lock(&c->lock);
	while (!c->done &&
	       !pthread_cond_timedwait(&c->cond, &c->lock, &end))
		;
	done = c->done;
	if (done && c->done <= 1000000)
		c->done--;
	pthread_mutex_unlock(&c->lock);
	return done;
}

/* A wait without a limit has one here: a test never hangs */
static inline void wait_for_completion(struct completion *c)
{
	WARN_ON(!wait_for_completion_timeout(c, 20 * HZ * fake_hurry));
}

/* --- bits, references, lists ----------------------------------------------- */

static inline void atomic_set(atomic_t *v, int n)
{
	__atomic_store_n(&v->counter, n, __ATOMIC_SEQ_CST);
}

#define atomic_set_release(v, n)	atomic_set(v, n)

static inline int atomic_cmpxchg(atomic_t *v, int from, int to)
{
	__atomic_compare_exchange_n(&v->counter, &from, to, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return from;
}

static inline int atomic_inc_return(atomic_t *v)
{
	return __atomic_add_fetch(&v->counter, 1, __ATOMIC_SEQ_CST);
}

static inline void atomic_inc(atomic_t *v)
{
	atomic_inc_return(v);
}

static inline bool atomic_dec_and_test(atomic_t *v)
{
	return !__atomic_sub_fetch(&v->counter, 1, __ATOMIC_SEQ_CST);
}

static inline void atomic64_add(s64 n, atomic64_t *v)
{
	__atomic_add_fetch(&v->counter, n, __ATOMIC_SEQ_CST);
}

#define atomic64_inc(v)		atomic64_add(1, v)
#define atomic64_sub(n, v)	atomic64_add(-(s64)(n), v)

struct kref { int n; };

static inline void kref_init(struct kref *k)
{
	k->n = 1;
}

static inline void kref_get(struct kref *k)
{
	WARN_ON(__atomic_fetch_add(&k->n, 1, __ATOMIC_SEQ_CST) < 1);
}

static inline bool kref_get_unless_zero(struct kref *k)
{
	kref_get(k);
	return true;
}

static inline bool kref_put(struct kref *k, void (*release)(struct kref *k))
{
	if (__atomic_sub_fetch(&k->n, 1, __ATOMIC_SEQ_CST))
		return false;
	release(k);
	return true;
}

struct list_head { struct list_head *next, *prev; };
#define LIST_HEAD(name)	struct list_head name = { &name, &name }

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->next = l;
	l->prev = l;
}

static inline void list_add_tail(struct list_head *n, struct list_head *l)
{
	n->next = l;
	n->prev = l->prev;
	l->prev->next = n;
	l->prev = n;
}

static inline void list_del(struct list_head *n)
{
	n->next->prev = n->prev;
	n->prev->next = n->next;
	n->next = NULL;
	n->prev = NULL;
}

static inline void list_del_init(struct list_head *n)
{
	list_del(n);
	INIT_LIST_HEAD(n);
}

static inline bool list_empty(const struct list_head *l)
{
	return l->next == l;
}

static inline void list_move_tail(struct list_head *n, struct list_head *l)
{
	list_del(n);
	list_add_tail(n, l);
}

static inline void list_splice_init(struct list_head *from,
				    struct list_head *to)
{
	while (!list_empty(from))
		list_move_tail(from->next, to);
}

#define list_entry(p, type, field)	container_of(p, type, field)
#define list_first_entry(l, type, field) list_entry((l)->next, type, field)
#define list_for_each_entry(p, l, f)					\
	for (p = list_entry((l)->next, typeof(*p), f); &p->f != (l);	\
	     p = list_entry(p->f.next, typeof(*p), f))
#define list_for_each_entry_reverse(p, l, f)				\
	for (p = list_entry((l)->prev, typeof(*p), f); &p->f != (l);	\
	     p = list_entry(p->f.prev, typeof(*p), f))
#define list_for_each_entry_safe(p, n, l, f)				\
	for (p = list_entry((l)->next, typeof(*p), f),			\
	     n = list_entry(p->f.next, typeof(*p), f); &p->f != (l);	\
	     p = n, n = list_entry(n->f.next, typeof(*n), f))

/* --- work ------------------------------------------------------------------ */

struct work_struct {
	void (*fn)(struct work_struct *work);
	bool queued;
	struct list_head node;
};

struct workqueue_struct { int nothing; };
struct delayed_work { struct work_struct work; };

#define INIT_WORK(w, f)	(*(w) = (struct work_struct){ .fn = (f) })

__attribute__((weak)) struct list_head fake_queue = { &fake_queue, &fake_queue };
__attribute__((weak)) pthread_mutex_t fake_queue_lock =
	PTHREAD_MUTEX_INITIALIZER;

static inline bool queue_work(struct workqueue_struct *wq,
			      struct work_struct *work)
{
	bool was;

	pthread_mutex_lock(&fake_queue_lock);
	was = work->queued;
	work->queued = true;
	if (!was)
		list_add_tail(&work->node, &fake_queue);
	pthread_mutex_unlock(&fake_queue_lock);
	return !was;
}

static inline bool cancel_work_sync(struct work_struct *work)
{
	bool was;

	pthread_mutex_lock(&fake_queue_lock);
	was = work->queued;
	work->queued = false;
	if (was)
		list_del(&work->node);
	pthread_mutex_unlock(&fake_queue_lock);
	return was;
}

static inline bool flush_work(struct work_struct *work)
{
	if (!cancel_work_sync(work))
		return false;
	work->fn(work);
	return true;
}

/* Runs what is queued until nothing is */
static inline void fake_run_work(void)
{
	while (!list_empty(&fake_queue))
		flush_work(list_first_entry(&fake_queue, struct work_struct,
					    node));
}

#define flush_workqueue(wq)	fake_run_work()

/* --- objects of no consequence --------------------------------------------- */

struct timer_list { bool pending; };
struct tasklet_struct { bool scheduled; };
#define timer_setup(t, fn, flags)	((void)(t), (void)(fn))
/* A test may want to do something just then */
__attribute__((weak)) void (*fake_on_timer_delete)(void);
#define timer_delete_sync(t)	\
	((void)(t), fake_on_timer_delete ? fake_on_timer_delete() : (void)0)
/* A test makes them go off */
#define timer_pending(t)	((t)->pending)
#define mod_timer(t, when)	((void)(when), (t)->pending = true)
#define tasklet_schedule(t)	((void)((t)->scheduled = true))
#define local_bh_disable()	do { } while (0)
#define local_bh_enable()	do { } while (0)
#define tasklet_setup(t, fn)	((void)(t), (void)(fn))
#define tasklet_kill(t)		((void)(t))

typedef struct { unsigned long bits; } cpumask_t;
typedef cpumask_t *cpumask_var_t;
__attribute__((weak)) int nr_cpu_ids = 8;
#define cpumask_test_cpu(cpu, m)	((m)->bits >> (cpu) & 1)
#define cpumask_set_cpu(cpu, m)		((m)->bits |= 1ul << (cpu))
#define cpumask_clear_cpu(cpu, m)	((m)->bits &= ~(1ul << (cpu)))
#define for_each_cpu(cpu, m)				\
	for ((cpu) = 0; (cpu) < nr_cpu_ids; (cpu)++)	\
		if (cpumask_test_cpu(cpu, m))

struct kobject { int nothing; };

typedef struct { u8 b[16]; } guid_t;
#define UUID_SIZE	16

static inline void import_guid(guid_t *to, const u8 *from)
{
	memcpy(to, from, sizeof(*to));
}

struct hv_vmbus_device_id { guid_t guid; };
struct device_dma_parameters {
	unsigned int max_segment_size;
	unsigned int min_align_mask;
};

#define dma_set_min_align_mask(dev, mask) \
	((dev)->dma_parms->min_align_mask = (mask))

struct bus_type { const char *name; };
struct device_driver { const char *name; };
struct device {
	struct kref ref;
	const char *name;
	struct bus_type *bus;
	struct device *parent;
	void (*release)(struct device *dev);
	const struct attribute_group **groups;
	struct device_driver *driver;
	void *drvdata;
	u64 *dma_mask;
	u64 coherent_dma_mask;
	struct device_dma_parameters *dma_parms;
	struct kobject kobj;
};

#define DMA_BIT_MASK(n)	(~0ull)
#define dev_name(d)	((d)->name)
#define dev_set_name(d, ...)	((d)->name = "device", 0)
#define dev_get_drvdata(d)	((d)->drvdata)
#define dev_set_drvdata(d, p)	((d)->drvdata = (p))
#define dev_to_node(d)	0
#define set_dev_node(d, n)	((void)(d))
#define device_initialize(d)	kref_init(&(d)->ref)
#define get_device(d)	kref_get(&(d)->ref)

static inline void fake_device_release(struct kref *ref)
{
	struct device *dev = container_of(ref, struct device, ref);

	dev->release(dev);
}

#define put_device(d)	kref_put(&(d)->ref, fake_device_release)

/* What a test may want to know or steer it defines itself */
int device_add(struct device *dev);
int device_attach(struct device *dev);
void device_release_driver(struct device *dev);
void device_del(struct device *dev);
#define kset_create_and_add(name, ops, parent)	\
	((struct kset *)calloc(1, sizeof(struct kset)))
#define kset_unregister(k)	free(k)

/* Pages are their own frame numbers */
struct page { u8 bytes[PAGE_SIZE]; };
#define page_to_pfn(p)	((uintptr_t)(p))
#define vmalloc_to_pfn(p)	((uintptr_t)(p) >> PAGE_SHIFT)
#define virt_to_page(p)	((struct page *)(p))
#define virt_to_phys(p)	((phys_addr_t)(uintptr_t)(p))
#define is_vmalloc_addr(p)	((void)(p), false)

#define kobject_rename(k, name)	((void)(name), 0)

#endif
