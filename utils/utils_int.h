/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of hv_utils share: a service, its daemon if it has one, locks.
 *
 * lock      | kind  | protects
 * ----------+-------+------------------------------------------------------
 * svc->lock | mutex | everything of a service but what is said to be free
 *           |       | of it below
 *
 * A service is served in process context: ops->wake() queues svc->work, which
 * takes one message after the other, each answered before the next is looked
 * at.  While the daemon has one (svc->busy) a second is taken from the ring, to
 * see whether the host begins anew, and no more: what else a host sends waits
 * where it is.  svc->owned says that the ring is ours to take from; only wake()
 * makes it true without the lock, and not while it is.
 *
 * The lock is not held while a channel is opened or closed, nor for work to end,
 * nor while a daemon's memory is touched.
 *
 * A service lives as long as its device is bound or its character device open.
 */
#ifndef UTILS_INT_H
#define UTILS_INT_H

#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/ratelimit.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "../compat/shims/utils.h"
#include <lis/vmbus.h>
#include "pure.h"

struct utils_service;

/* What is counted; stats.c has the names */
enum utils_counter {
	UTILS_CNT_MESSAGES,
	UTILS_CNT_ANSWERS,
	UTILS_CNT_NEGOTIATIONS,
	UTILS_CNT_MALFORMED,	/* messages nobody can believe */
	UTILS_CNT_REFUSED,	/* answered with an error by ourselves */
	UTILS_CNT_NO_ROOM,	/* times an answer had to wait for room */
	UTILS_CNT_REGISTERED,	/* daemons that came */
	UTILS_CNT_ASKED,	/* requests that a daemon read */
	UTILS_CNT_TIMEOUTS,	/* it did not answer in time */
	UTILS_CNT_LOST,		/* it died over a request */
	UTILS_CNT_LATE,		/* answers nobody waited for any more */
	UTILS_CNT_ODD,		/* writes that answer nothing */
	UTILS_CNT_COUNT
};

/* Not an HRESULT of any answer: there will be one later. */
#define UTILS_LATER	0x20000001u

/**
 * struct utils_daemon - how a service speaks to its daemon.
 * @node:	its character device
 * @room:	longest message to it
 * @patience:	seconds it may take over svc->relay.out
 * @registers:	@len bytes of a daemon that has not registered: -EINVAL, or the
 *		length of the greeting in svc->relay.greeting, or 0 for none
 * @answer_bytes: length of an answer
 * @answer:	to svc->msg; a status for the host
 * @lost:	there will be no answer in time, or never; optional
 * @late:	it came all the same; optional
 * @idle:	the daemon has nothing to do: may ask it by itself; optional
 * All with the lock held.
 */
struct utils_daemon {
	const char *node;
	u32 room;
	unsigned int (*patience)(struct utils_service *svc);
	int (*registers)(struct utils_service *svc, const void *data, u32 len);
	u32 answer_bytes;
	u32 (*answer)(struct utils_service *svc, const void *data);
	void (*lost)(struct utils_service *svc);
	void (*late)(struct utils_service *svc, const void *data);
	void (*idle)(struct utils_service *svc);
};

/**
 * struct utils_kind - a service.
 * @name:	as in the log line of its version, which people look for
 * @type:	of its messages, enum lis_ic_type
 * @versions:	of these
 * @daemon:	or NULL
 * @start:	the device is being bound; optional
 * @stop:	undoes that; optional
 * @begin:	a version was agreed on, the channel was closed: forget what was
 *		under way; lock held, optional
 * @message:	svc->msg came; a status, or UTILS_LATER; lock held
 * @answered:	what @message returned was sent; lock held, optional
 */
struct utils_kind {
	const char *name;
	u16 type;
	struct utils_versions versions;
	const struct utils_daemon *daemon;
	int (*start)(struct utils_service *svc);
	void (*stop)(struct utils_service *svc);
	void (*begin)(struct utils_service *svc);
	u32 (*message)(struct utils_service *svc);
	void (*answered)(struct utils_service *svc);
};

/**
 * struct utils_relay - between a service and its daemon.
 * @misc:	the character device
 * @wait:	for something to read; looks without the lock
 * @hand:	who owes whom what
 * @opened:	by its one opener
 * @gone:	the device was unbound
 * @alone:	nobody came when one was waited for: the next is not waited for
 * @waiting:	@out is to be offered as soon as may be
 * @own:	what was asked is not the host's
 * @old:	the daemon registered in the old way
 * @deadline:	of @waiting, or of the answer; jiffies
 * @patience:	runs then
 * @out:	message to the daemon, @out_bytes of it
 * @greeting:	the first one, @greeting_bytes of it
 */
struct utils_relay {
	struct miscdevice misc;
	wait_queue_head_t wait;
	struct utils_handoff hand;
	bool opened;
	bool gone;
	bool alone;
	bool waiting;
	bool own;
	bool old;
	unsigned long deadline;
	struct delayed_work patience;
	u32 out_bytes;
	u32 greeting_bytes;
	void *out;
	void *greeting;
};

/**
 * struct utils_time - the last thing the host said of the time.
 * @sample:	with a reference always
 * @valid:	there was one
 * @taken:	when, jiffies
 * @behind_ns:	how far the guest's clock was behind then
 * @steps:	times that the clock was set
 */
struct utils_time {
	struct utils_sample sample;
	bool valid;
	unsigned long taken;
	s64 behind_ns;
	u32 steps;
	struct ptp_clock *ptp;
	struct ptp_clock_info ptp_info;
};

struct utils_power_state {
	enum utils_power what;
	bool accepted;
	struct work_struct work;
};

/**
 * struct utils_backup - a backup under way.
 * @state:	is anything frozen?
 * @asked:	what the daemon was asked last, enum lis_vss_op
 * @owed:	to what it owes a late answer
 * @thaw_due:	without the host
 * @silence:	the host froze and said nothing since
 */
struct utils_backup {
	struct utils_vss state;
	u8 asked;
	u8 owed;
	bool thaw_due;
	struct delayed_work silence;
};

struct utils_copy {
	struct utils_fcopy state;
	u32 asked;
};

/**
 * struct utils_service - a service and its channel.
 * @live:	the channel is open, and whoever makes this false closes it
 * @owned:	see the top of this file
 * @busy:	@msg is to be answered later
 * @unsent:	bytes of @msg, an answer for which there was no room
 * @msg:	in hand, then its answer
 * @next:	the one behind it, if @next_bytes is not 0
 * @terms:	the versions that were agreed on
 * @last:	when the host said something, jiffies, if it ever did
 * @last_error:	what was wrong last
 */
struct utils_service {
	const struct utils_kind *kind;
	struct lis_device *dev;
	struct kref refs;
	struct mutex lock;
	struct work_struct work;
	bool live;
	bool owned;
	bool busy;
	u32 unsent;
	struct utils_frame *msg;
	struct utils_frame *next;
	u32 next_bytes;
	struct utils_terms terms;
	unsigned long last;
	const char *last_error;
	u32 count[UTILS_CNT_COUNT];
	struct ratelimit_state log_limit;
	struct dentry *debugfs;
	struct utils_relay relay;
	union {
		struct utils_time time;
		struct utils_power_state power;
		struct utils_backup vss;
		struct utils_copy fcopy;
		u32 application;
	};
};

extern struct workqueue_struct *utils_wq;

static inline u32 utils_agreed(const struct utils_service *svc)
{
	return utils_version(svc->terms.message);
}

/* service.c */
struct utils_service *utils_service_alloc(struct lis_device *dev,
					  const struct utils_kind *kind);
void utils_service_put(struct utils_service *svc);
int utils_service_open(struct utils_service *svc);
void utils_service_close(struct utils_service *svc);
void utils_finish(struct utils_service *svc, u32 status);
void utils_complain(struct utils_service *svc, enum utils_counter count,
		    const char *why);

/* relay.c */
int utils_relay_start(struct utils_service *svc);
void utils_relay_stop(struct utils_service *svc);
u32 utils_relay_ask(struct utils_service *svc, u32 bytes);
bool utils_relay_idle(const struct utils_service *svc);
void utils_relay_own(struct utils_service *svc, u32 bytes);
void utils_relay_forget(struct utils_service *svc);

/* stats.c */
void utils_show(struct utils_service *svc);
void utils_show_no_more(struct utils_service *svc);

/* ptp.c */
int utils_ptp_start(struct utils_service *svc);
void utils_ptp_stop(struct utils_service *svc);

/* timesync.c */
u64 utils_reference(void);

extern const struct utils_kind utils_heartbeat_kind;
extern const struct utils_kind utils_shutdown_kind;
extern const struct utils_kind utils_timesync_kind;
extern const struct utils_kind utils_kvp_kind;
extern const struct utils_kind utils_vss_kind;
extern const struct utils_kind utils_fcopy_kind;

#endif
