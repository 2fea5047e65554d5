// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be seen of a NIC: its counters, for ip -s link, ethtool -S and
 * debugfs, and the tracepoints.
 *
 * A queue's counters have one writer.  Readers add up without locks.
 */
#include <linux/debugfs.h>
#include <linux/ethtool.h>
#include <linux/seq_file.h>
#include "netvsc_int.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

/* The first ten are known to users by these names. */
static const char * const counter_name[NETVSC_CNT_COUNT] = {
	[NETVSC_CNT_TX_SCATTERED]	= "tx_scattered",
	[NETVSC_CNT_TX_NO_MEMORY]	= "tx_no_memory",
	[NETVSC_CNT_TX_NO_SPACE]	= "tx_no_space",
	[NETVSC_CNT_TX_TOO_BIG]		= "tx_too_big",
	[NETVSC_CNT_TX_BUSY]		= "tx_busy",
	[NETVSC_CNT_TX_SEND_FULL]	= "tx_send_full",
	[NETVSC_CNT_RX_COMP_BUSY]	= "rx_comp_busy",
	[NETVSC_CNT_RX_NO_MEMORY]	= "rx_no_memory",
	[NETVSC_CNT_STOP_QUEUE]		= "stop_queue",
	[NETVSC_CNT_WAKE_QUEUE]		= "wake_queue",
	[NETVSC_CNT_TX_REFUSED]		= "tx_refused",
	[NETVSC_CNT_RX_MALFORMED]	= "rx_malformed",
	[NETVSC_CNT_RX_WHILE_DOWN]	= "rx_while_down",
	[NETVSC_CNT_ODD]		= "odd_messages",
	[NETVSC_CNT_LOST]		= "channels_lost",
	[NETVSC_CNT_RESETS]		= "resets",
	[NETVSC_CNT_COALESCED]		= "rx_coalesced",
};

/* A copy that belongs together; its @sync is of no use */
static void read_stats(const struct netvsc_stats *s, struct netvsc_stats *copy)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&s->sync);
		memcpy(copy, s, offsetof(struct netvsc_stats, sync));
	} while (u64_stats_fetch_retry(&s->sync, start));
}

static u64 tx_dropped(const struct netvsc_nic *nic)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(nic->cpu, cpu)->tx_dropped;
	return sum;
}

void netvsc_get_stats64(struct net_device *ndev, struct rtnl_link_stats64 *s)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	u32 i;

	for (i = 0; i < nic->max_chan; i++) {
		struct netvsc_stats q;

		read_stats(&nic->chan[i].tx_stats, &q);
		s->tx_packets += q.packets;
		s->tx_bytes += q.bytes;
		read_stats(&nic->chan[i].rx_stats, &q);
		s->rx_packets += q.packets;
		s->rx_bytes += q.bytes;
		s->multicast += q.multicast;
	}
	s->tx_dropped = tx_dropped(nic);
	s->tx_errors = atomic_read(&nic->count[NETVSC_CNT_TX_REFUSED]);
	s->rx_dropped = atomic_read(&nic->count[NETVSC_CNT_RX_NO_MEMORY]);
	s->rx_errors = atomic_read(&nic->count[NETVSC_CNT_RX_MALFORMED]);
}

/* --- ethtool -S ---------------------------------------------------------------- */

static const char * const queue_name[] = {
	"tx_queue_%u_packets", "tx_queue_%u_bytes",
	"rx_queue_%u_packets", "rx_queue_%u_bytes",
	"tx_queue_%u_xdp_xmit", "rx_queue_%u_xdp_drop",
	"rx_queue_%u_xdp_redirect", "rx_queue_%u_xdp_tx",
};

static const char * const cpu_name[] = {
	"cpu%u_rx_packets", "cpu%u_rx_bytes",
	"cpu%u_tx_packets", "cpu%u_tx_bytes",
};

int netvsc_stats_count(struct netvsc_nic *nic)
{
	return NETVSC_CNT_COUNT + nic->nr_chan * ARRAY_SIZE(queue_name) +
	       nic->cpus * ARRAY_SIZE(cpu_name);
}

/* @count names with a number; returns the place for the next */
static u8 *put_names(u8 *data, const char * const *name, u32 count, u32 number)
{
	u32 i;

	for (i = 0; i < count; i++, data += ETH_GSTRING_LEN)
		snprintf((char *)data, ETH_GSTRING_LEN, name[i], number);
	return data;
}


void netvsc_stats_strings(struct netvsc_nic *nic, u8 *data)
{
	int cpu = -1;
	u32 i;

	for (i = 0; i < NETVSC_CNT_COUNT; i++, data += ETH_GSTRING_LEN)
		strscpy((char *)data, counter_name[i], ETH_GSTRING_LEN);
	for (i = 0; i < nic->nr_chan; i++)
		data = put_names(data, queue_name, ARRAY_SIZE(queue_name), i);
	for (i = 0; i < nic->cpus; i++) {
		cpu = cpumask_next(cpu, cpu_possible_mask);
		data = put_names(data, cpu_name, ARRAY_SIZE(cpu_name), cpu);
	}
}

/* In the order of queue_name */
static void put_queue(const struct netvsc_chan *chan, u64 *data)
{
	struct netvsc_stats tx, rx;

	read_stats(&chan->tx_stats, &tx);
	read_stats(&chan->rx_stats, &rx);
	data[0] = tx.packets;
	data[1] = tx.bytes;
	data[2] = rx.packets;
	data[3] = rx.bytes;
	data[4] = tx.xdp_xmit;
	data[5] = rx.xdp_drop;
	data[6] = rx.xdp_redirect;
	data[7] = rx.xdp_tx;
}

static void read_cpu(const struct netvsc_cpu_stats *s, u64 *data)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&s->sync);
		data[0] = s->rx_packets;
		data[1] = s->rx_bytes;
		data[2] = s->tx_packets;
		data[3] = s->tx_bytes;
	} while (u64_stats_fetch_retry(&s->sync, start));
}

void netvsc_stats_values(struct netvsc_nic *nic, u64 *data)
{
	int cpu = -1;
	u32 i;

	for (i = 0; i < NETVSC_CNT_COUNT; i++)
		*data++ = (u32)atomic_read(&nic->count[i]);
	for (i = 0; i < nic->nr_chan; i++, data += ARRAY_SIZE(queue_name))
		put_queue(&nic->chan[i], data);
	for (i = 0; i < nic->cpus; i++, data += ARRAY_SIZE(cpu_name)) {
		cpu = cpumask_next(cpu, cpu_possible_mask);
		read_cpu(per_cpu_ptr(nic->cpu, cpu), data);
	}
}

/* --- debugfs --------------------------------------------------------------------- */

static void show_channels(struct seq_file *s, struct netvsc_nic *nic)
{
	u32 i, n = READ_ONCE(nic->nr_chan);

	for (i = 0; i < n; i++) {
		const struct netvsc_chan *chan = &nic->chan[i];

		seq_printf(s, "channel %u open %u free_slots %u sections %u owed %u\n",
			   i, READ_ONCE(chan->open),
			   READ_ONCE(chan->free_tail) -
			   READ_ONCE(chan->free_head), chan->sections,
			   READ_ONCE(chan->owed_tail) -
			   READ_ONCE(chan->owed_head));
	}
}

static int netvsc_stats_show(struct seq_file *s, void *unused)
{
	struct netvsc_nic *nic = s->private;
	u32 i;

	seq_printf(s, "%-16s %s\n", "name", netdev_name(nic->ndev));
	seq_printf(s, "%-16s 0x%x\n", "version", READ_ONCE(nic->version));
	seq_printf(s, "%-16s %s\n", "state", READ_ONCE(nic->dead) ? "dead" :
		   READ_ONCE(nic->ctl.connected) ? "live" : "down");
	seq_printf(s, "%-16s %u\n", "channels", READ_ONCE(nic->nr_chan));
	seq_printf(s, "%-16s %u\n", "recv_bytes", nic->recv.bytes);
	seq_printf(s, "%-16s %u\n", "send_bytes", nic->send.bytes);
	seq_printf(s, "%-16s %u\n", "section_bytes", nic->section_bytes);
	seq_printf(s, "%-16s 0x%x\n", "offloads", nic->offload.can);
	for (i = 0; i < NETVSC_CNT_COUNT; i++)
		seq_printf(s, "%-16s %u\n", counter_name[i],
			   (u32)atomic_read(&nic->count[i]));
	show_channels(s, nic);
	seq_puts(s, "send_table");
	for (i = 0; i < LIS_NVSP_TABLE_ENTRIES; i++)
		seq_printf(s, " %u", READ_ONCE(nic->table[i]));
	seq_putc(s, '\n');
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(netvsc_stats);

/**
 * netvsc_show - show a NIC in debugfs.
 * @nic: the NIC
 */
void netvsc_show(struct netvsc_nic *nic)
{
	nic->debugfs = debugfs_create_file("netvsc", 0444,
					   lis_device_debugfs(nic->dev), nic,
					   &netvsc_stats_fops);
}

/**
 * netvsc_show_no_more - no longer; waits for readers.
 * @nic: the NIC
 */
void netvsc_show_no_more(struct netvsc_nic *nic)
{
	debugfs_remove(nic->debugfs);
}
