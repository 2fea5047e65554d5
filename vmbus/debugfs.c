// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/hyperv/: "bus" with the counters of the connection, and
 * <device>/<relid>/stats for every channel.  Counters are read without locks:
 * they are only shown.
 */
#include <linux/debugfs.h>
#include <linux/export.h>
#include <linux/seq_file.h>

#include "vmbus_int.h"

static const char * const counter_name[LIS_CNT_COUNT] = {
	[LIS_CNT_MESSAGES]		= "messages",
	[LIS_CNT_MSG_MALFORMED]		= "messages_malformed",
	[LIS_CNT_MSG_UNEXPECTED]	= "messages_unexpected",
	[LIS_CNT_MSG_DEFERRED]		= "messages_deferred",
	[LIS_CNT_EVENT_UNKNOWN]		= "events_unknown",
	[LIS_CNT_POST_RETRIES]		= "post_retries",
	[LIS_CNT_SIGNALS_REFUSED]	= "signals_refused",
	[LIS_CNT_OFFERS]		= "offers",
	[LIS_CNT_OFFERS_DROPPED]	= "offers_dropped",
	[LIS_CNT_RESCINDS]		= "rescinds",
	[LIS_CNT_TIMEOUTS]		= "timeouts",
	[LIS_CNT_LEAKED_BYTES]		= "leaked_bytes",
};

static int bus_show(struct seq_file *s, void *unused)
{
	unsigned int i;

	seq_printf(s, "%-20s %u.%u\n", "version", lis_bus.version >> 16,
		   lis_bus.version & 0xffff);
	seq_printf(s, "%-20s %u\n", "message_connection", lis_bus.msg_conn);
	seq_printf(s, "%-20s %d\n", "message_cpu", lis_bus.connect_cpu);
	for (i = 0; i < LIS_CNT_COUNT; i++)
		seq_printf(s, "%-20s %lld\n", counter_name[i],
			   (long long)atomic64_read(&lis_bus.counter[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(bus);

static void line(struct seq_file *s, const char *name, u64 value)
{
	seq_printf(s, "%-16s %llu\n", name, (unsigned long long)value);
}

static const char *state_name(const struct lis_channel *ch)
{
	static const char * const names[] = {
		[LIS_CHAN_CLOSED] = "closed",
		[LIS_CHAN_OPENING] = "opening",
		[LIS_CHAN_OPEN] = "open",
		[LIS_CHAN_CLOSING] = "closing",
	};

	if (lis_rescinded(ch))
		return "rescinded";
	if (test_bit(LIS_CH_BROKEN, &ch->flags))
		return "broken";
	return names[READ_ONCE(ch->state)];
}

static void show_rings(struct seq_file *s, struct lis_channel *ch)
{
	mutex_lock(&ch->lock);
	if (ch->state == LIS_CHAN_OPEN) {
		line(s, "out_size", ch->out.size);
		line(s, "out_write", READ_ONCE(ch->out.write));
		line(s, "out_read", READ_ONCE(ch->out.ctl->read_index));
		line(s, "in_size", ch->in.size);
		line(s, "in_write", READ_ONCE(ch->in.ctl->write_index));
		line(s, "in_read", READ_ONCE(ch->in.read));
		line(s, "outstanding", lis_request_count(&ch->req));
	}
	mutex_unlock(&ch->lock);
}

static int stats_show(struct seq_file *s, void *unused)
{
	struct lis_channel *ch = s->private;
	const struct lis_rx_stats *rx = &ch->rx_stats;
	const struct lis_tx_stats *tx = &ch->tx_stats;

	seq_printf(s, "%-16s %s\n", "state", state_name(ch));
	line(s, "subchannel", ch->subindex);
	line(s, "cpu", lis_channel_cpu(ch));
	line(s, "tx_packets", tx->packets);
	line(s, "tx_bytes", tx->bytes);
	line(s, "rx_packets", rx->packets);
	line(s, "rx_bytes", rx->bytes);
	line(s, "signals", tx->intr_out_empty + rx->intr_in_full);
	line(s, "interrupts", rx->interrupts);
	line(s, "polls", rx->polls);
	line(s, "intr_in_full", rx->intr_in_full);
	line(s, "intr_out_empty", tx->intr_out_empty);
	line(s, "out_full_first", tx->out_full_first);
	line(s, "out_full_total", tx->out_full_total);
	line(s, "stalls", tx->stalls);
	line(s, "late", rx->late);
	line(s, "malformed", ch->malformed);
	show_rings(s, ch);
	seq_printf(s, "%-16s %s\n", "last_error",
		   ch->last_error[0] ? ch->last_error : "-");
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/**
 * lis_channel_log - what a channel's rings look like goes to the log.
 * @ch: the channel, open or being closed
 *
 * Context: any.
 */
void lis_channel_log(struct lis_channel *ch)
{
	const struct lis_ring_control *o, *i;
	unsigned long irq;

	spin_lock_irqsave(&ch->tx_lock, irq);
	if (test_bit(LIS_CH_LIVE, &ch->flags)) {
		o = ch->out.ctl;
		i = ch->in.ctl;
		pr_warn("channel %u, CPU %d, %s: out write %u read %u of %u, waits %u, host masked %u; in write %u read %u of %u, masked %u; interrupts %llu, requests %u\n",
			ch->relid, lis_channel_cpu(ch),
			atomic_read(&ch->rx) == LIS_RX_OWNED ? "polled" : "idle",
			READ_ONCE(ch->out.write), READ_ONCE(o->read_index),
			ch->out.size, READ_ONCE(o->pending_send_size),
			READ_ONCE(o->interrupt_mask),
			READ_ONCE(i->write_index), READ_ONCE(ch->in.read),
			ch->in.size, READ_ONCE(i->interrupt_mask),
			ch->rx_stats.interrupts, lis_request_count(&ch->req));
	} else {
		pr_warn("channel %u is closed\n", ch->relid);
	}
	spin_unlock_irqrestore(&ch->tx_lock, irq);
}
EXPORT_SYMBOL_GPL(lis_channel_log);

/**
 * lis_debugfs_start - make the directory.
 */
void lis_debugfs_start(void)
{
	lis_bus.debugfs = debugfs_create_dir("hyperv", NULL);
	debugfs_create_file("bus", 0444, lis_bus.debugfs, NULL, &bus_fops);
}

/**
 * lis_debugfs_stop - remove it and all that is left in it.
 */
void lis_debugfs_stop(void)
{
	debugfs_remove(lis_bus.debugfs);
	lis_bus.debugfs = NULL;
}

/**
 * lis_debugfs_add_device - make a device's directory.
 * @bd: the device
 */
void lis_debugfs_add_device(struct lis_bus_device *bd)
{
	bd->debugfs = debugfs_create_dir(dev_name(&bd->d.dev),
					 lis_bus.debugfs);
}

/**
 * lis_debugfs_remove_device - remove it.
 * @bd: the device
 */
void lis_debugfs_remove_device(struct lis_bus_device *bd)
{
	debugfs_remove(bd->debugfs);
	bd->debugfs = NULL;
}

/**
 * lis_device_debugfs - where a driver may show something of its own.
 * @dev: the device
 *
 * Context: process, from probe() to remove().
 * Return: a directory for debugfs_create_file(), which is gone with the device.
 */
struct dentry *lis_device_debugfs(struct lis_device *dev)
{
	return to_bus_device(dev)->debugfs;
}
EXPORT_SYMBOL_GPL(lis_device_debugfs);

/**
 * lis_debugfs_add_channel - make a channel's directory.
 * @ch: the channel, which stays until the directory is removed
 * @where: the device's directory
 */
void lis_debugfs_add_channel(struct lis_channel *ch, struct dentry *where)
{
	char name[12];

	if (ch->debugfs)
		return;
	snprintf(name, sizeof(name), "%u", ch->relid);
	ch->debugfs = debugfs_create_dir(name, where);
	debugfs_create_file("stats", 0444, ch->debugfs, ch, &stats_fops);
}

/**
 * lis_debugfs_remove_channel - remove it; waits for its readers.
 * @ch: the channel, without its lock
 */
void lis_debugfs_remove_channel(struct lis_channel *ch)
{
	debugfs_remove(ch->debugfs);
	ch->debugfs = NULL;
}
