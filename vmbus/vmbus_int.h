/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Private to hv_vmbus.
 *
 * LOCK TABLE, outermost first
 *
 * lock               kind      protects                          order
 * -----------------  --------  --------------------------------  -----
 * cpu hotplug lock   rwsem     taken by the kernel around           1
 *                              synic.c's callbacks
 * dev->announce_lock mutex     announcing sub-channels to the       2
 *                              driver, dev->announce
 * ch->lock           mutex     ch->state and what open and close    3
 *                              change; held while waiting for
 *                              the host
 * bus.offer_lock     mutex     bus.devices, bus.parked, dev->subs,  4
 *                              writers of bus.relid[]
 * bus.target_lock    mutex     bus.synic_cpus, bus.cpu_load,        4
 *                              writers of ch->cpu
 * ch->tx_lock        irqsave   ch->out, ch->req, LIS_CH_LIVE        5
 * bus.wait_lock      raw, irq  bus.waiters, bus.late                6
 * bus.fifo_lock      raw, irq  the FIFO of control messages         6
 *
 * Without a lock: bus.relid[] is read under RCU; a channel found there lives
 * until the end of the read side, or while a reference is held.  ch->in, its
 * copy buffer and counters belong to the owner of ch->rx (owner.c).
 * ch->flags are atomic bits.
 *
 * Because CPU hotplug comes first, nothing that holds a ch->lock may take
 * cpus_read_lock() or wait for work that does; and because sysfs files take
 * ch->lock, nothing that holds one may remove such files.
 */
#ifndef LIS_VMBUS_INT_H
#define LIS_VMBUS_INT_H

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/kobject.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <lis/proto/vmbus.h>
#include <lis/vmbus.h>

#include "message.h"
#include "requests.h"
#include "ring.h"

/* How long the host may take to answer before we stop waiting */
#define LIS_ANSWER_TIME		(10 * HZ)
/* Packets that one call of ops->receive() may take */
#define LIS_RX_BUDGET		64
/* Control messages that may wait for the offer work; a power of two */
#define LIS_FIFO_LEN		128
/* Sub-channels one binding of a device may see: bounds what a host can cost */
#define LIS_SUBS_MAX		1024

enum lis_counter {
	LIS_CNT_MESSAGES,
	LIS_CNT_MSG_MALFORMED,
	LIS_CNT_MSG_UNEXPECTED,
	LIS_CNT_MSG_DEFERRED,
	LIS_CNT_EVENT_UNKNOWN,
	LIS_CNT_POST_RETRIES,
	LIS_CNT_SIGNALS_REFUSED,
	LIS_CNT_OFFERS,
	LIS_CNT_OFFERS_DROPPED,
	LIS_CNT_RESCINDS,
	LIS_CNT_TIMEOUTS,
	LIS_CNT_LEAKED_BYTES,
	LIS_CNT_COUNT
};

struct lis_bus_device;

/**
 * struct lis_bus - the connection to the host; there is one.
 * @dev:	the platform device of the ACPI device
 * @version:	negotiated, or being asked for
 * @msg_conn:	connection that control messages go to
 * @connect_cpu: CPU that the host sends them to
 * @monitor:	monitor pages, host->guest and guest->host
 * @connected:	messages may be posted
 * @closing:	the module goes: offers are dropped, CPUs never refused
 * @asleep:	hibernation: what the host offers and takes back means nothing
 * @event_words: longs of event flags that can be set
 */
struct lis_bus {
	struct device *dev;
	u32 version;
	u32 msg_conn;
	int connect_cpu;
	void *monitor[2];
	bool connected;
	bool closing;
	bool asleep;
	unsigned int event_words;

	struct lis_channel __rcu *relid[LIS_RELID_MAX + 1];
	struct mutex offer_lock;
	struct list_head devices;	/* lis_bus_device.node */
	struct list_head parked;	/* lis_channel.node, without a device */
	struct completion all_offers;

	struct mutex target_lock;
	cpumask_var_t synic_cpus;	/* CPUs whose SynIC is on */
	unsigned int *cpu_load;		/* channels aimed at each CPU */

	raw_spinlock_t wait_lock;
	struct list_head waiters;
	struct list_head late;		/* lis_waiter.node, answered late */
	struct work_struct late_work;
	atomic_t next_handle;

	raw_spinlock_t fifo_lock;
	union lis_host_msg *fifo;
	unsigned int fifo_head, fifo_tail;
	bool fifo_stuck;		/* a message stayed in its slot */
	struct work_struct fifo_work;

	struct workqueue_struct *offer_wq;	/* one at a time, in order */
	struct workqueue_struct *dev_wq;	/* probe, remove */
	struct workqueue_struct *chan_wq;	/* sub-channels, ops->gone() */

	struct dentry *debugfs;
	atomic64_t counter[LIS_CNT_COUNT];
};

extern struct lis_bus lis_bus;

static inline void lis_count(enum lis_counter c)
{
	atomic64_inc(&lis_bus.counter[c]);
}

/**
 * struct lis_bus_device - a device and what only the bus knows of it.
 * @d:		what drivers see
 * @node:	in bus.devices
 * @subs:	sub-channels, lis_channel.node
 * @sub_count:	their number, released ones included
 * @dead:	the primary was rescinded; written under bus.offer_lock
 * @added:	device_add() succeeded; of @work alone
 * @ready:	drivers may match
 * @gone:	was removed; of @work alone
 * @registered:	sysfs directories are there, or never will be; of @work alone,
 *		read by lis_sub_work()
 * @announce:	the primary is open: its driver wants sub-channels
 * @work:	adds the device, later removes it
 * @before:	device of the same instance that must be gone first, or NULL
 * @channels:	sysfs directory of the channels
 * @debugfs:	directory of the channels there
 */
struct lis_bus_device {
	struct lis_device d;
	struct list_head node;
	struct list_head subs;
	unsigned int sub_count;
	bool dead;
	bool added;
	bool ready;
	bool gone;
	bool registered;
	struct mutex announce_lock;
	bool announce;
	struct work_struct work;
	struct lis_bus_device *before;
	struct kset *channels;
	struct dentry *debugfs;
	u64 dma_mask;
	struct device_dma_parameters dma_parms;
};

static inline struct lis_bus_device *to_bus_device(struct lis_device *d)
{
	return container_of(d, struct lis_bus_device, d);
}

enum lis_chan_state {
	LIS_CHAN_CLOSED,
	LIS_CHAN_OPENING,
	LIS_CHAN_OPEN,
	LIS_CHAN_CLOSING,
};

/* Bits of ch->flags */
enum {
	LIS_CH_LIVE,		/* rings exist, callbacks may be called */
	LIS_CH_TELL,		/* opened: the driver hears when it is gone */
	LIS_CH_RESCINDED,	/* the host took the channel back: no waiting */
	LIS_CH_RELEASABLE,	/* ... and it is that rescind's turn */
	LIS_CH_BROKEN,		/* the host lied on this channel */
	LIS_CH_TOLD,		/* ... it did, or will in a moment */
	LIS_CH_ANNOUNCED,	/* the driver knows of this sub-channel */
	LIS_CH_RELEASED,	/* the host may use the relid again */
	LIS_CH_ID_BACK,		/* ... and was told so */
	LIS_CH_PARTING,		/* its device ends it: no work of its own */
	LIS_CH_IN_SYSFS,
	LIS_CH_UNSEATED,	/* hibernation: not offered again yet */
};

/* Values of ch->rx: who may touch the receive ring */
enum { LIS_RX_IDLE, LIS_RX_OWNED };

/**
 * struct lis_ring_mem - the pages of both rings.
 * @pages:	guest->host ring first; shared with the host
 * @count:	their number
 * @send_pages:	how many of them are the guest->host ring's
 * @map:	mappings of the two rings, data pages twice
 */
struct lis_ring_mem {
	struct page **pages;
	u32 count;
	u32 send_pages;
	void *map[2];
};

/* Counters of one channel; who writes them says the comment */
struct lis_rx_stats {		/* owner of ch->rx */
	u64 packets;
	u64 bytes;
	u64 interrupts;
	u64 polls;		/* went on in softirq */
	u64 intr_in_full;	/* signals because the host waited for room */
	u64 late;		/* completions of cancelled requests */
};

struct lis_tx_stats {		/* ch->tx_lock */
	u64 packets;
	u64 bytes;
	u64 intr_out_empty;	/* signals because the ring was empty */
	u64 out_full_first;
	u64 out_full_total;
	u64 stalls;		/* the host forgot to say that there is room */
};

struct lis_channel {
	/* interrupt and receive; written in open, or by the owner of rx */
	unsigned long flags;
	atomic_t rx;
	bool hardirq;
	const struct lis_channel_ops *ops;
	void *ctx;
	struct lis_ring_in in;
	void *copy;			/* the packet being looked at */
	u32 copy_size;
	struct lis_packet pkt;
	struct tasklet_struct tasklet;
	struct lis_rx_stats rx_stats;

	/* send; tx_lock */
	spinlock_t tx_lock ____cacheline_aligned_in_smp;
	u32 conn_id;
	u8 monitor_id;
	bool monitored;
	struct lis_ring_out out;
	struct lis_requests req;
	u32 out_want;			/* packet that found no room */
	struct timer_list room_timer;
	struct lis_tx_stats tx_stats;

	/* the rest: ch->lock, or written once before the channel is known */
	struct mutex lock ____cacheline_aligned_in_smp;
	enum lis_chan_state state;
	struct kref ref;
	struct rcu_head rcu;
	struct lis_msg_offer offer;
	u32 relid;
	u16 subindex;
	int cpu;			/* bus.target_lock */
	bool loaded;			/* counted in bus.cpu_load */
	bool cpu_chosen;		/* while closed: ch->lock */
	struct lis_bus_device *dev;	/* bus.offer_lock; NULL when parked */
	struct list_head node;		/* bus.offer_lock */
	struct lis_ring_mem mem;
	u32 ring_gpadl;
	struct lis_lent *lent;		/* for the rings' way back */
	atomic_t out_on_loan;		/* GPADLs the host has not given back */
	struct work_struct work;	/* sub-channels: announce, release */
	struct work_struct gone_work;
	struct task_struct *gone_task;
	struct completion closed;	/* whoever made it CLOSING is done */
	struct kobject kobj;
	struct dentry *debugfs;
	u32 malformed;
	char last_error[64];
};

/* main.c */
extern unsigned int lis_max_version;

/* bus.c */
extern struct bus_type lis_bus_type;

/* platform.c: everything that the kernel's own Hyper-V support gives us */
int lis_platform_detect(void);
int lis_platform_taken(void);
int lis_platform_start(void (*isr)(void));
void lis_platform_stop(void);
int lis_platform_vector(void);
u32 lis_hv_post(u32 conn, const void *payload, u32 len);
u32 lis_hv_signal(u32 conn);
u32 lis_hv_vp(int cpu);
void lis_hv_eom(void);
void lis_hv_synic_on(phys_addr_t messages, phys_addr_t events);
void lis_hv_synic_off(void);
bool lis_hv_timers_by_message(void);
void lis_hv_timers_on(unsigned int cpu);
void lis_hv_timers_off(unsigned int cpu);
void lis_hv_timers_stop_here(unsigned int cpu);
void lis_hv_timers_stop_all(void);
void lis_hv_timer_isr(void);
#define LIS_HV_SINT_TIMER	4
bool lis_hv_hibernation(void);
bool lis_hv_crash_msrs(void);
void lis_hv_report_panic(void);
void lis_platform_set_exits(void (*kexec)(void),
			    void (*crash)(struct pt_regs *regs));
void lis_platform_clear_exits(void);

/* synic.c */
struct lis_synic {
	struct lis_hv_message *messages;
	struct lis_hv_event_flags *events;
};

int lis_synic_start(void);
void lis_synic_start_timers(void);
void lis_synic_off_everywhere(void);
void lis_synic_stop(void);
struct lis_synic *lis_synic_of(int cpu);

/* dispatch.c */
void lis_isr(void);
bool lis_slot_ack(struct lis_hv_message *slot, u32 type);
void lis_poll_slot(void *unused);
int lis_fifo_alloc(void);
void lis_fifo_free(void);
void lis_signal_host(struct lis_channel *ch);

/* owner.c */
void lis_rx_interrupt(struct lis_channel *ch);
bool lis_rx_poke(struct lis_channel *ch);
void lis_rx_tasklet(struct tasklet_struct *t);

/* wait.c */
struct lis_waiter {
	struct list_head node;
	u32 type;			/* answer waited for */
	u32 relid;			/* 0: any */
	u32 key;			/* open id or handle, 0: any */
	const struct lis_channel *ch;	/* its rescind ends the wait; or NULL */
	void (*late)(struct lis_waiter *w);	/* in work, or NULL */
	bool left;			/* its time was up */
	struct completion done;
	int err;
	union lis_host_msg msg;
};

void lis_wait_start(struct lis_waiter *w);
int lis_wait_end(struct lis_waiter *w, int posted);
bool lis_wait_answer(const union lis_host_msg *msg, u32 relid, u32 key);
void lis_wait_rescind(const struct lis_channel *ch);
void lis_wait_no_more(void);
void lis_wait_init(void);

/* connection.c */
int lis_post(const void *msg, u32 len);
int lis_connect(bool same_version);
int lis_request_offers(void);
int lis_say_goodbye(void);
void lis_disconnect(void);

/* offer.c */
void lis_handle_message(const union lis_host_msg *msg);
void lis_channel_put(struct lis_channel *ch);
struct lis_channel *lis_channel_get(u32 relid);
void lis_mark_rescinded(u32 relid);
void lis_forget_channel(struct lis_channel *ch);
void lis_channel_loan_back(struct lis_channel *ch);
void lis_drop_everything(void);
void lis_unseat_channels(void);
void lis_drop_unseated(void);

/* device.c */
struct lis_bus_device *lis_device_new(struct lis_channel *primary);
void lis_sub_work(struct work_struct *work);
void lis_announce_subs(struct lis_bus_device *bd);
void lis_stop_announcing(struct lis_bus_device *bd);
struct lis_channel *lis_find_sub(struct lis_bus_device *bd,
				 bool (*fits)(struct lis_channel *ch));
void lis_purge_subs(struct lis_bus_device *bd);
void lis_part_with_subs(struct lis_bus_device *bd);
void lis_device_renumber(struct lis_channel *ch);

/* channel.c */
void lis_channel_init(struct lis_channel *ch, const struct lis_msg_offer *o);
void lis_channel_tell_gone(struct lis_channel *ch);
void lis_channel_renumber(struct lis_channel *ch,
			  const struct lis_msg_offer *o);
void lis_close_all(struct lis_bus_device *bd);

/* target.c */
void lis_target_choose(struct lis_channel *ch, int wish);
void lis_target_forget(struct lis_channel *ch);
int lis_target_move(struct lis_channel *ch, int cpu);
int lis_target_evacuate(unsigned int cpu);
void lis_target_settle(void);

/* ring_mem.c */
int lis_ring_mem_alloc(struct lis_ring_mem *m, u32 send_bytes, u32 recv_bytes);
void lis_ring_mem_free(struct lis_ring_mem *m);
void lis_ring_mem_unmap(struct lis_ring_mem *m);

/* gpadl.c */
int lis_gpadl_share(struct lis_channel *ch, u32 bytes,
		    u64 (*pfn)(void *ctx, u32 i), void *ctx, u32 *handle);
struct lis_lent *lis_lent_alloc(void);
void lis_gpadl_take_back(struct lis_channel *ch, struct lis_lent *l,
			 u32 handle, struct lis_ring_mem *mem);

/* room.c */
void lis_room_expect(struct lis_channel *ch);
void lis_room_timer(struct timer_list *t);
bool lis_room_awaited(struct lis_channel *ch);

/* mmio.c */
void lis_mmio_start(struct device *dev);
void lis_mmio_stop(void);

/* sysfs.c, sysfs_channel.c */
enum lis_override { LIS_OVERRIDE_NONE, LIS_OVERRIDE_THIS, LIS_OVERRIDE_OTHER };
enum lis_override lis_device_override(const struct lis_device *d,
				      const char *driver);
extern const struct attribute_group *lis_device_groups[];
extern const struct attribute_group *lis_bus_groups[];
int lis_sysfs_add_channel(struct lis_channel *ch, struct kset *where);
void lis_sysfs_remove_channel(struct lis_channel *ch);
u32 lis_monitor_pending(const struct lis_channel *ch, int page);
u32 lis_monitor_latency(const struct lis_channel *ch, int page);
u32 lis_monitor_conn(const struct lis_channel *ch, int page);

/* debugfs.c */
void lis_debugfs_start(void);
void lis_debugfs_stop(void);
void lis_debugfs_add_device(struct lis_bus_device *bd);
void lis_debugfs_remove_device(struct lis_bus_device *bd);
void lis_debugfs_add_channel(struct lis_channel *ch, struct dentry *where);
void lis_debugfs_remove_channel(struct lis_channel *ch);

/* crash.c */
void lis_crash_start(void);
void lis_crash_stop(void);

/* pm.c */
extern const struct dev_pm_ops lis_device_pm;
extern const struct dev_pm_ops lis_bus_pm;
void lis_pm_start(void);
void lis_pm_stop(void);

/*
 * What the host did wrong: twice a minute from each place, and no word about
 * the words not said, for a counter tells how often.
 */
#define lis_host_warn(fmt, ...) do {					\
	static struct ratelimit_state _rs = RATELIMIT_STATE_INIT_FLAGS(	\
		_rs, 60 * HZ, 2, RATELIMIT_MSG_ON_RELEASE);		\
									\
	if (__ratelimit(&_rs))						\
		pr_warn(fmt, ##__VA_ARGS__);				\
} while (0)

static inline bool lis_rescinded(const struct lis_channel *ch)
{
	return test_bit(LIS_CH_RESCINDED, &ch->flags);
}

#endif
