// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be seen of a controller: counters in debugfs, beside those that the
 * bus keeps of its channels, and the tracepoints.
 *
 * Counters of LUNs have one writer for each channel, its receive callback; the
 * others are atomic.  Readers add up without locks: what they see is only
 * shown.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "storvsc_int.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static const char * const counter_name[STORVSC_CNT_COUNT] = {
	[STORVSC_CNT_RING_FULL]	= "ring_full",
	[STORVSC_CNT_ELSEWHERE]	= "sent_elsewhere",
	[STORVSC_CNT_REFUSED]	= "refused",
	[STORVSC_CNT_TIMEOUTS]	= "timeouts",
	[STORVSC_CNT_RESETS]	= "resets",
	[STORVSC_CNT_REOPENS]	= "reopens",
	[STORVSC_CNT_LOST]	= "channels_lost",
	[STORVSC_CNT_MALFORMED]	= "malformed",
	[STORVSC_CNT_ODD]	= "odd",
	[STORVSC_CNT_EVENTS]	= "events",
	[STORVSC_CNT_LOOKS]	= "looks",
	[STORVSC_CNT_CAUGHT]	= "not_polled",
};

static const char * const outcome_name[STORVSC_OUTCOMES] = {
	[STORVSC_OK]		= "ok",
	[STORVSC_RETRY]		= "retry",
	[STORVSC_BUSY]		= "busy",
	[STORVSC_RESET]		= "reset",
	[STORVSC_LINK]		= "link",
	[STORVSC_GONE]		= "gone",
	[STORVSC_REJECTED]	= "rejected",
};

/**
 * storvsc_count_reply - a command completed.
 * @chan: the channel, in its receive callback
 * @cmd: the command
 * @r: what the host said
 * @v: what that means
 */
void storvsc_count_reply(struct storvsc_chan *chan, struct scsi_cmnd *cmd,
			 const struct storvsc_reply *r,
			 const struct storvsc_verdict *v)
{
	struct storvsc_lun_stats *s = &chan->lun[storvsc_lun_slot(cmd->device)];

	trace_storvsc_done(chan, cmd, r, v->outcome);
	s->done++;
	s->outcome[v->outcome]++;
	if (unlikely(v->use_sense || v->outcome != STORVSC_OK)) {
		s->sense += v->use_sense;
		return;
	}
	if (cmd->sc_data_direction == DMA_TO_DEVICE)
		s->out_bytes += r->transferred;
	else
		s->in_bytes += r->transferred;
}

static void add(struct storvsc_lun_stats *sum,
		const struct storvsc_lun_stats *s)
{
	u32 i;

	sum->done += s->done;
	sum->in_bytes += s->in_bytes;
	sum->out_bytes += s->out_bytes;
	sum->sense += s->sense;
	for (i = 0; i < STORVSC_OUTCOMES; i++)
		sum->outcome[i] += s->outcome[i];
}

static void show_lun(struct seq_file *s, const struct storvsc_host *host,
		     u32 lun)
{
	struct storvsc_lun_stats sum = {};
	u32 i;

	for (i = 0; i < host->max_chan; i++)
		add(&sum, &host->chan[i].lun[lun]);
	if (!sum.done)
		return;
	seq_printf(s, "lun %u commands %llu in_bytes %llu out_bytes %llu sense %u",
		   lun, sum.done, sum.in_bytes, sum.out_bytes, sum.sense);
	for (i = 0; i < STORVSC_OUTCOMES; i++)
		seq_printf(s, " %s %u", outcome_name[i], sum.outcome[i]);
	seq_putc(s, '\n');
}

static void show_queues(struct seq_file *s, struct storvsc_host *host)
{
	u32 i;

	rcu_read_lock();
	for (i = 0; i < host->nr_queues + host->nr_poll; i++) {
		const struct storvsc_chan *chan = READ_ONCE(host->queue[i]);

		if (chan)	/* NULL until it is live */
			seq_printf(s, "%s %u channel %u cpu %u\n",
				   i < host->nr_queues ? "queue" : "poll_queue",
				   i, chan->index, READ_ONCE(chan->cpu));
	}
	rcu_read_unlock();
}

static int storvsc_stats_show(struct seq_file *s, void *unused)
{
	struct storvsc_host *host = s->private;
	u16 version = READ_ONCE(host->version);
	u32 i;

	seq_printf(s, "%-16s %u.%u\n", "version", version >> 8,
		   version & 0xff);
	seq_printf(s, "%-16s %s\n", "state", READ_ONCE(host->dead) ? "dead" :
		   READ_ONCE(host->state) == STORVSC_LIVE ? "live" : "down");
	seq_printf(s, "%-16s %u\n", "channels", READ_ONCE(host->nr_chan));
	seq_printf(s, "%-16s %u\n", "queues", host->nr_queues);
	seq_printf(s, "%-16s %u\n", "poll_queues", host->nr_poll);
	seq_printf(s, "%-16s %u\n", "slots", host->slots);
	for (i = 0; i < STORVSC_CNT_COUNT; i++)
		seq_printf(s, "%-16s %u\n", counter_name[i],
			   (u32)atomic_read(&host->count[i]));
	show_queues(s, host);
	for (i = 0; i < STORVSC_MAX_LUNS; i++)
		show_lun(s, host, i);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(storvsc_stats);

/**
 * storvsc_show - show a controller in debugfs.
 * @host: the controller
 */
void storvsc_show(struct storvsc_host *host)
{
	host->debugfs = debugfs_create_file("storvsc", 0444,
					    lis_device_debugfs(host->dev), host,
					    &storvsc_stats_fops);
}

/**
 * storvsc_show_no_more - no longer; waits for readers.
 * @host: the controller
 */
void storvsc_show_no_more(struct storvsc_host *host)
{
	debugfs_remove(host->debugfs);
}
