/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of hv_storvsc share: the controller, its channels, locks.
 *
 * lock            | kind      | protects                        | order
 * ----------------+-----------+---------------------------------+------
 * host->life      | mutex     | connecting, resetting, closing: | 1
 *                 |           | channel table, version, state   |
 * host->ctl.lock  | spin irq  | the one control operation       | 2
 * host->sub_lock  | spin irq  | sub-channels that arrived       | 2
 * RCU read side   | rcu       | users of host->state, ->queue[] | inside
 *                 |           | and of the channels behind them |
 *
 * The I/O path takes no lock of ours.  It reads host->state and host->queue[]
 * under RCU; whoever closes a channel first makes it unreachable there, waits
 * for a grace period, closes it (after which the bus calls us no more) and
 * only then ends what was in flight: see storvsc_close_channel().
 *
 * chan->inflight[slot] has one owner at a time.  queuecommand sets it before
 * the send and takes it back only when the send failed; the completion handler
 * takes it, once for each send (the bus reports a slot once); after the
 * channel was closed nobody but the closer looks at it.
 */
#ifndef STORVSC_INT_H
#define STORVSC_INT_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/completion.h>
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
#include <lis/vmbus.h>
#include "pure.h"

#define STORVSC_MAX_CHANNELS	64
#define STORVSC_MAX_LUNS	64
#define STORVSC_MAX_SLOTS	2048
#define STORVSC_MAX_TRANSFER	SZ_8M
/* Longest packet a host sends here: descriptor and 64 bytes; some slack. */
#define STORVSC_MAX_PACKET	256
/* Per command: time-outs that only re-arm the timer, see eh.c */
#define STORVSC_EXTENSIONS	4

struct storvsc_host;

/**
 * struct storvsc_chan - one channel of a controller.
 * @ch:		the bus's channel; valid while @open
 * @index:	place in host->chan[]; 0 is the primary
 * @open:	written under host->life
 * @inflight:	command by slot; see the top of this file
 * @quiet:	packets the host was not signalled about (a hint)
 * @busy:	commands in flight by LUN (a hint)
 * @kick_timer:	signals the host about forgotten quiet packets
 */
struct storvsc_chan {
	struct storvsc_host *host;
	struct lis_channel *ch;
	u32 index;
	bool open;
	struct scsi_cmnd **inflight;
	struct timer_list kick_timer;
	/* hot, written by every command */
	atomic_t quiet ____cacheline_aligned_in_smp;
	atomic_t busy[STORVSC_MAX_LUNS];
};

enum storvsc_state {
	STORVSC_DOWN,		/* not connected now: commands wait */
	STORVSC_LIVE,
	STORVSC_DEAD,		/* for good: commands fail */
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
 * @slots:	request slots 0..n-1 = block layer tags; slot n is for control
 * @max_chan:	entries of @chan, fixed at probe
 * @nr_queues:	entries of @queue = hardware queues, fixed at probe
 * @nr_open:	channels 0..n-1 that were opened; some may be lost since
 * @queue:	channel of each hardware queue; RCU, never NULL while LIVE
 */
struct storvsc_host {
	struct Scsi_Host *shost;
	struct lis_device *dev;
	u32 slots;
	u32 max_chan;
	u32 nr_cpus;
	u32 nr_queues;

	/* under life; the I/O path reads state and version */
	struct mutex life;
	enum storvsc_state state;
	u16 version;
	u16 max_subchannels;
	u32 max_transfer;
	u32 nr_open;
	struct storvsc_chan *chan;
	struct storvsc_chan **queue;

	struct storvsc_control ctl;

	/* under sub_lock */
	spinlock_t sub_lock;
	u32 sub_wanted;
	u32 sub_arrived;
	struct lis_channel *sub[STORVSC_MAX_CHANNELS];
	wait_queue_head_t sub_wait;

	struct work_struct gone_work;

	/* scan.c: what to look at again */
	struct delayed_work look_work;
	bool no_looking;
	unsigned long see_bus;
	DECLARE_BITMAP(see_lun, STORVSC_MAX_LUNS);

	struct ratelimit_state log_limit;
};

/* Lives behind each scsi_cmnd (cmd_size) */
struct storvsc_cmd {
	struct storvsc_chan *chan;
	u32 extensions;
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

/* main.c */
extern struct workqueue_struct *storvsc_wq;
extern unsigned int storvsc_ringbuffer_size;
extern unsigned int storvsc_vcpus_per_sub_channel;
extern unsigned int storvsc_init_timeout;
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
void storvsc_disconnect(struct storvsc_host *host, enum storvsc_state next);
void storvsc_assign_queues(struct storvsc_host *host);
void storvsc_map_queues(struct Scsi_Host *shost);
void storvsc_gone_work(struct work_struct *work);

/* io.c */
extern const struct lis_channel_ops storvsc_channel_ops;
scsi_qc_t storvsc_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *cmd);
void storvsc_commit_rqs(struct Scsi_Host *shost, u16 hwq);
void storvsc_kick_timer(struct timer_list *t);
void storvsc_end_inflight(struct storvsc_chan *chan, int host_byte);
bool storvsc_has_inflight(struct storvsc_host *host);

/* scan.c */
void storvsc_look_at(struct storvsc_host *host, struct scsi_device *sdev,
		     u32 actions);
void storvsc_look_work(struct work_struct *work);
void storvsc_stop_looking(struct storvsc_host *host);

/* eh.c */
enum scsi_timeout_action storvsc_eh_timed_out(struct scsi_cmnd *cmd);
int storvsc_eh_abort(struct scsi_cmnd *cmd);
int storvsc_eh_host_reset(struct scsi_cmnd *cmd);

#endif
