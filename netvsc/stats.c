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
};

static void read_stats(const struct netvsc_stats *s, u64 *packets, u64 *bytes,
		       u64 *multicast)
{
	unsigned int start;

	do {
		start = u64_stats_fetch_begin(&s->sync);
		*packets = s->packets;
		*bytes = s->bytes;
		*multicast = s->multicast;
	} while (u64_stats_fetch_retry(&s->sync, start));
}

static u64 tx_dropped(const struct netvsc_nic *nic)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += *per_cpu_ptr(nic->tx_dropped, cpu);
	return sum;
}

void netvsc_get_stats64(struct net_device *ndev, struct rtnl_link_stats64 *s)
{
	struct netvsc_nic *nic = netdev_priv(ndev);
	u32 i;

	for (i = 0; i < nic->max_chan; i++) {
		u64 packets, bytes, multicast;

		read_stats(&nic->chan[i].tx_stats, &packets, &bytes,
			   &multicast);
		s->tx_packets += packets;
		s->tx_bytes += bytes;
		read_stats(&nic->chan[i].rx_stats, &packets, &bytes,
			   &multicast);
		s->rx_packets += packets;
		s->rx_bytes += bytes;
		s->multicast += multicast;
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
};

int netvsc_stats_count(struct netvsc_nic *nic)
{
	return NETVSC_CNT_COUNT + nic->nr_chan * ARRAY_SIZE(queue_name);
}

void netvsc_stats_strings(struct netvsc_nic *nic, u8 *data)
{
	u32 i, q;

	for (i = 0; i < NETVSC_CNT_COUNT; i++, data += ETH_GSTRING_LEN)
		strscpy((char *)data, counter_name[i], ETH_GSTRING_LEN);
	for (q = 0; q < nic->nr_chan; q++)
		for (i = 0; i < ARRAY_SIZE(queue_name);
		     i++, data += ETH_GSTRING_LEN)
			snprintf((char *)data, ETH_GSTRING_LEN, queue_name[i],
				 q);
}

void netvsc_stats_values(struct netvsc_nic *nic, u64 *data)
{
	u64 unused;
	u32 i;

	for (i = 0; i < NETVSC_CNT_COUNT; i++)
		*data++ = (u32)atomic_read(&nic->count[i]);
	for (i = 0; i < nic->nr_chan; i++, data += ARRAY_SIZE(queue_name)) {
		read_stats(&nic->chan[i].tx_stats, &data[0], &data[1],
			   &unused);
		read_stats(&nic->chan[i].rx_stats, &data[2], &data[3],
			   &unused);
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
