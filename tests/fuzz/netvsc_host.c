// SPDX-License-Identifier: GPL-2.0-only
/* srcs: netvsc/receive.c netvsc/coalesce.c netvsc/nvsp.c netvsc/control.c netvsc/offload.c */
/*
 * Any bytes as a receive buffer with a range in it, or as a message on the
 * channel: what is accepted must lie where the driver then reads.
 */
#include <stdlib.h>
#include <string.h>

#include "netvsc/pure.h"

#define LONGEST	1518u

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void look_at_answer(const u8 *msg, u32 len)
{
	struct netvsc_offload o;
	u32 status = 1, n = 0, m = 0;
	const u8 *info;

	(void)netvsc_answer_id(msg, len);
	(void)netvsc_check_set(msg, len, &status);
	(void)netvsc_check_indicate(msg, len, &status);
	(void)netvsc_check_initialize(msg, len, &status, &n);
	status = 1;
	if (netvsc_check_query(msg, len, &status, &info, &n) || status)
		return;
	require(info >= msg && info <= msg + len && n <= msg + len - info);
	if (!netvsc_check_offload(info, n, &o))
		require(o.tso_bytes >= NETVSC_TSO_MIN &&
			o.tso_bytes <= NETVSC_TSO_MAX);
	if (!netvsc_check_rss_caps(info, n, &n, &m))
		require(n && m && m <= LIS_NDIS_RSS_TABLE_ENTRIES &&
			!(m & (m - 1)));
}

/* Parts of one run after the other, as they come */
static void look_at_part(const struct netvsc_frame *f)
{
	static struct netvsc_parts p;
	bool complete;

	if (netvsc_parts_add(&p, f, &complete)) {
		require(!p.open && !complete);
		return;
	}
	require(p.open != complete);
	require(p.count && p.count <= NETVSC_PARTS_MAX);
	require(p.whole.bytes && p.whole.bytes <= NETVSC_WHOLE_MAX);
	require(p.part[p.count - 1].bytes == f->bytes);
}

static void look_at_buffer(const u8 *buf, u32 bytes,
			   const struct lis_pkt_xfer_range *range)
{
	u64 copy[NETVSC_CONTROL_MAX / sizeof(u64)];
	struct netvsc_rx_msg m;
	struct netvsc_frame f;
	u8 *exact;
	u32 len;

	if (netvsc_rx_open(buf, bytes, range, &m))
		return;
	if (!netvsc_rx_frame(&m, LONGEST, &f)) {
		require(f.bytes >= (f.has_part ? 1 : NETVSC_ETH_HEADER) &&
			f.bytes <= LONGEST);
		require(f.data >= buf && f.data <= buf + bytes &&
			f.bytes <= buf + bytes - f.data);
		if (f.has_part)
			look_at_part(&f);
	}
	len = netvsc_rx_control(&m, copy);
	require(len >= sizeof(struct lis_rndis_hdr) && len <= sizeof(copy));
	/* its own allocation, so that a read beyond it is seen */
	exact = malloc(len);
	memcpy(exact, copy, len);
	look_at_answer(exact, len);
	free(exact);
}

static void look_at_message(const u8 *msg, u32 len)
{
	u16 table[LIS_NVSP_TABLE_ENTRIES];
	u32 status = 0, n = 0, i;

	(void)netvsc_check_init(msg, len, &status);
	(void)netvsc_check_sent(msg, len, &status);
	(void)netvsc_check_recv_buf(msg, len, 1 << 20, LONGEST, &status);
	if (!netvsc_check_send_buf(msg, len, 1 << 20, &status, &n) && status == 1)
		require(n && n <= 1 << 20);
	if (!netvsc_check_subchannels(msg, len, 7, &status, &n) && status == 1)
		require(n <= 7);
	if (!netvsc_check_table(msg, len, 8, table))
		for (i = 0; i < LIS_NVSP_TABLE_ENTRIES; i++)
			require(table[i] < 8);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lis_pkt_xfer_range range;
	u32 len;
	u8 *copy;

	if (size < sizeof(range) || size > 4096)
		return 0;
	memcpy(&range, data, sizeof(range));
	len = size - sizeof(range);
	copy = malloc(len ? len : 1);
	memcpy(copy, data + sizeof(range), len);
	look_at_buffer(copy, len, &range);
	look_at_message(copy, len);
	free(copy);
	return 0;
}
