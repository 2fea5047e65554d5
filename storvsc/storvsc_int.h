/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of hv_storvsc share: the controller, its channels, locks.
 *
 * lock            | kind      | protects                        | order
 * ----------------+-----------+---------------------------------+------
 * host->life      | mutex     | connecting, resetting, closing; | 1
 *                 |           | version, limits, state          |
 * host->route     | spin irq  | chan->open and cpu, nr_chan,    | 2
 *                 |           | what is written to queue[],     |
 *                 |           | sub_*                           |
 * host->ctl.lock  | spin irq  | the one control operation       | 2
 * chan->polling   | spin, try | taking packets of a polled      | 1
 *                 | only      | channel                         |
 * RCU read side   | rcu       | users of state, dead, queue[]   | inside
 *                 |           | and of the channels behind them |
 *
 * The bus's callbacks take none but the spin locks: host->life is held while
 * waiting for the host, and for these callbacks.
 *
 * The I/O path takes no lock of ours.  It reads host->dead, ->state and
 * ->queue[] under RCU; whoever closes a channel first makes it unreachable
 * there, waits for a grace period, closes it (after which the bus calls us no
 * more) and only then ends what was in flight: see end_channel().
 *
 * chan->inflight[slot] has one owner at a time.  queuecommand sets it before
 * the send and takes it back only when the send failed; the completion handler
 * takes it, once for each send (the bus reports a slot once); after the
 * channel was closed nobody but the closer looks at it.  Both go on with the
 * command for a moment after its place is empty, under RCU: the error handler,
 * which may use it anew then, first waits for a grace period.
 */
#ifndef STORVSC_INT_H
#define STORVSC_INT_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/completion.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <scsi/scsi.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_devinfo.h>
#include <scsi/scsi_host.h>
#include "../compat/shims/scsi_calls.h"
#include <lis/vmbus.h>
#include "pure.h"

#define STORVSC_MAX_CHANNELS	64
#define STORVSC_MAX_LUNS	64
#define STORVSC_MAX_SLOTS	2048
/* Longest packet a host sends here: descriptor and 64 bytes; some slack. */
#define STORVSC_MAX_PACKET	256
/* For an answer of a host that had started well before */
#define STORVSC_PATIENCE	(10 * HZ)

struct storvsc_host;

/* What is counted for a whole controller; stats.c has the names */
enum storvsc_counter {
	STORVSC_CNT_RING_FULL,		/* commands that found no room */
	STORVSC_CNT_ELSEWHERE,		/* ... and went by another channel */
	STORVSC_CNT_REFUSED,		/* commands that cannot be sent at all */
	STORVSC_CNT_TIMEOUTS,		/* time limits of commands that ran out */
	STORVSC_CNT_RESETS,
	STORVSC_CNT_REOPENS,		/* ... that had to close the channels */
	STORVSC_CNT_LOST,		/* channels rescinded or broken */
	STORVSC_CNT_MALFORMED,		/* answers nobody can believe */
	STORVSC_CNT_ODD,		/* answers with something wrong in them */
	STORVSC_CNT_EVENTS,		/* packets the host sent unasked */
	STORVSC_CNT_LOOKS,		/* times that disks were looked at again */
	STORVSC_CNT_CAUGHT,		/* completions nobody polled for */
	STORVSC_CNT_COUNT
};

/**
 * struct storvsc_lun_stats - commands of a LUN that completed on a channel.
 * @done:	all of them
 * @in_bytes:	read by those that succeeded
 * @out_bytes:	written
 * @sense:	ended with a CHECK CONDITION
 * @outcome:	by what became of them
 *
 * One writer: the channel's receive callback.
 */
struct storvsc_lun_stats {
	u64 done;
	u64 in_bytes;
	u64 out_bytes;
	u32 sense;
	u32 outcome[STORVSC_OUTCOMES];
};

/**
 * struct storvsc_chan - one channel of a controller.
 * @ch:		the bus's channel; valid while @open, or while being closed
 * @index:	place in host->chan[]; 0 is the primary
 * @cpu:	where its interrupts go
 * @polled:	or nowhere: it serves a polled queue; fixed
 * @open:	whoever makes it false closes the channel
 * @closed:	that was done
 * @inflight:	command by slot; see the top of this file
 * @quiet:	packets the host was not signalled about (a hint)
 * @busy:	commands in flight by LUN (a hint)
 * @lun:	what completed here, by LUN
 * @kick_timer:	signals the host about forgotten quiet packets
 * @net:	looks after packets of a polled channel that nobody polls for
 * @looked:	when a polled one was polled last, in jiffies (a hint)
 */
struct storvsc_chan {
	struct storvsc_host *host;
	struct lis_channel *ch;
	u32 index;
	u32 cpu;
	bool open;
	bool polled;
	struct completion closed;
	struct scsi_cmnd **inflight;
	struct storvsc_lun_stats *lun;
	struct timer_list kick_timer;
	struct delayed_work net;
	spinlock_t polling;
	unsigned long looked;
	/* hot, written by every command */
	atomic_t quiet ____cacheline_aligned_in_smp;
	atomic_t busy[STORVSC_MAX_LUNS];
};

enum storvsc_state {
	STORVSC_DOWN,		/* not connected now: commands wait */
	STORVSC_LIVE,
};

/* The control operation in progress; one at a time, under host->life. */
struct storvsc_control {
	spinlock_t lock;
	bool waiting;
	int error;
	u32 len;
	struct lis_stor_packet reply;
	struct completion done;
};

/**
 * struct storvsc_host - a controller; lives in the Scsi_Host.
 * @kind:	what it is
 * @place:	where its first target is; only IDE does not begin at 0
 * @names:	of a Fibre Channel adapter; under life
 * @fc_added:	the FC transport shows it
 * @slots:	request slots 0..n-1 = block layer tags; slot n is for control
 * @max_chan:	entries of @chan, fixed at probe
 * @nr_queues:	hardware queues with interrupts, fixed at probe; first in @queue
 * @max_poll:	channels 1..n are polled, if the host has so many; fixed at probe
 * @nr_poll:	polled hardware queues, next in @queue, which has room for
 *		@max_poll; fixed when the SCSI host is added
 * @queue:	channel of each hardware queue; RCU, never NULL while LIVE
 * @dead:	for good: commands fail; never becomes false again
 * @patience:	jiffies to wait for the answer to a control operation
 * @nr_chan:	entries of @chan in use since connecting, open or lost
 * @sub_room:	sub-channels we still take
 * @sub_opening: sub-channels being opened right now
 */
struct storvsc_host {
	struct Scsi_Host *shost;
	struct lis_device *dev;
	enum storvsc_kind kind;
	const struct storvsc_limits *limits;
	struct storvsc_place place;
	struct storvsc_names names;
	bool fc_added;
	u32 slots;
	u32 max_chan;
	u32 nr_cpus;
	u32 nr_queues;
	u32 max_poll;
	u32 nr_poll;
	struct storvsc_chan *chan;
	struct storvsc_chan **queue;
	bool dead;

	/* under life; the I/O path reads state and version */
	struct mutex life;
	enum storvsc_state state;
	u16 version;
	u16 max_subchannels;
	u32 max_transfer;
	unsigned long patience;

	spinlock_t route;
	u32 nr_chan;
	u32 sub_room;
	u32 sub_opening;
	wait_queue_head_t sub_wait;

	struct storvsc_control ctl;

	/* poll.c: done, but not to be told here */
	struct llist_head finished;
	struct work_struct finish_work;

	/* scan.c: what to look at again */
	struct delayed_work look_work;
	bool no_looking;
	unsigned long last_look;
	unsigned long see_bus;
	DECLARE_BITMAP(see_lun, STORVSC_MAX_LUNS);

	struct ratelimit_state log_limit;
	atomic_t count[STORVSC_CNT_COUNT];
	struct dentry *debugfs;
};

/* Lives behind each scsi_cmnd (cmd_size) */
struct storvsc_cmd {
	struct storvsc_chan *chan;
	unsigned long sent;		/* jiffies */
	bool polled;
	/* poll.c, once it is done */
	struct scsi_cmnd *cmd;
	struct llist_node later;
};

static inline struct storvsc_host *storvsc_host(struct Scsi_Host *shost)
{
	return shost_priv(shost);
}

/* Index into chan->busy[] and host->see_lun */
static inline u32 storvsc_lun_slot(const struct scsi_device *sdev)
{
	return (u32)sdev->lun & (STORVSC_MAX_LUNS - 1);
}

/* The channel of a hardware queue; RCU read side, and only while it is LIVE */
static inline struct storvsc_chan *storvsc_chan_of(struct storvsc_host *host,
						   u32 hwq)
{
	u32 last = host->nr_queues + host->nr_poll - 1;

	return READ_ONCE(host->queue[min(hwq, last)]);
}

/* main.c */
extern struct workqueue_struct *storvsc_wq;
extern unsigned int storvsc_ringbuffer_size;
extern unsigned int storvsc_vcpus_per_sub_channel;
extern unsigned int storvsc_init_timeout;
extern unsigned int storvsc_reset_after;
extern unsigned int storvsc_poll_queues;
extern int storvsc_max_hw_queues;
extern int logging_level;
bool storvsc_log(struct storvsc_host *host, int level);

/* proto.c: under host->life */
int storvsc_handshake(struct storvsc_host *host);
int storvsc_end_init(struct storvsc_host *host);
int storvsc_create_subchannels(struct storvsc_host *host, u16 count);
int storvsc_reset_bus(struct storvsc_host *host);
void storvsc_control_done(struct storvsc_host *host,
			  const struct lis_packet *pkt);
void storvsc_control_abort(struct storvsc_host *host, int why);

/* queues.c */
int storvsc_alloc_channels(struct storvsc_host *host);
void storvsc_free_channels(struct storvsc_host *host);
int storvsc_connect(struct storvsc_host *host);
int storvsc_reconnect(struct storvsc_host *host);
void storvsc_go_live(struct storvsc_host *host);
void storvsc_disconnect(struct storvsc_host *host);
void storvsc_die(struct storvsc_host *host);
void storvsc_subchannel(struct lis_channel *primary, struct lis_channel *sub,
			void *ctx);
void storvsc_gone(struct lis_channel *ch, void *ctx, int why);
void storvsc_moved(struct lis_channel *ch, void *ctx);
void storvsc_map_queues(struct Scsi_Host *shost);
void storvsc_settle_poll_queues(struct storvsc_host *host);

/* io.c */
extern const struct lis_channel_ops storvsc_channel_ops;
extern const struct lis_channel_ops storvsc_polled_ops;
scsi_qc_t storvsc_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *cmd);
void storvsc_commit_rqs(struct Scsi_Host *shost, u16 hwq);
void storvsc_kick_timer(struct timer_list *t);
void storvsc_end_inflight(struct storvsc_chan *chan, int host_byte);
bool storvsc_has_inflight(struct storvsc_host *host);

/* poll.c */
int storvsc_poll_init(void);
void storvsc_poll_exit(void);
void storvsc_poll_prepare(struct storvsc_host *host);
void storvsc_poll_prepare_channel(struct storvsc_chan *chan);
int storvsc_mq_poll(struct Scsi_Host *shost, unsigned int hwq);
void storvsc_wake(struct lis_channel *ch, void *ctx);
void storvsc_cast_net(struct storvsc_chan *chan);
void storvsc_drop_net(struct storvsc_chan *chan);
void storvsc_finish_later(struct scsi_cmnd *cmd);
void storvsc_finish_now(struct storvsc_host *host);

/* scan.c */
void storvsc_look_at(struct storvsc_host *host, struct scsi_device *sdev,
		     u32 actions);
void storvsc_look_work(struct work_struct *work);
void storvsc_stop_looking(struct storvsc_host *host);

/* stats.c */
void storvsc_count_reply(struct storvsc_chan *chan, struct scsi_cmnd *cmd,
			 const struct storvsc_reply *r,
			 const struct storvsc_verdict *v);
void storvsc_show(struct storvsc_host *host);
void storvsc_show_no_more(struct storvsc_host *host);

/* fc.c: they do nothing for other kinds */
int storvsc_fc_init(void);
void storvsc_fc_exit(void);
int storvsc_fc_prepare(struct storvsc_host *host);
int storvsc_fc_add(struct storvsc_host *host);
void storvsc_fc_renamed(struct storvsc_host *host);
void storvsc_fc_remove(struct storvsc_host *host);

/* eh.c */
enum scsi_timeout_action storvsc_eh_timed_out(struct scsi_cmnd *cmd);
int storvsc_eh_abort(struct scsi_cmnd *cmd);
int storvsc_eh_host_reset(struct scsi_cmnd *cmd);

#endif
