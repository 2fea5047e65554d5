// SPDX-License-Identifier: GPL-2.0-only
/*
 * netvsp: RNDIS messages from the guest, gathered from the send buffer and
 * from pages, and what becomes of them.
 *
 * Locking: runs in the channel's worker.
 */
#include <string.h>

#include "net_send.h"
#include "netvsp_int.h"

#define MESSAGES_MAX	8		/* in one packet */
#define ALIGNMENT	8		/* of all but the first */

static void count(_Atomic uint64_t *counter, uint64_t n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* --- gathering ------------------------------------------------------------ */

struct gathered {
	uint32_t bytes;
	uint32_t first_bytes;		/* of them in one piece */
	const char *error;
};

static void gather_section(struct netvsp *v, const struct lis_nvsp_rndis *m,
			   struct gathered *g)
{
	struct nic_buffer *b;

	if (m->section_index == LIS_NVSP_NO_SECTION)
		return;
	b = nic_buffer_get(v->nic, &v->nic->send);
	if (!b) {
		g->error = "no send buffer";
		return;
	}
	if (m->section_index >= b->sections)
		g->error = "section index";
	else if (!m->section_bytes || m->section_bytes > b->section_bytes)
		g->error = "section size";
	else {
		vmbus_map_read(b->map, m->section_index * b->section_bytes,
			       v->gather, m->section_bytes);
		g->bytes = g->first_bytes = m->section_bytes;
	}
	nic_buffer_put(v->nic, b);
}

/* One range's pages; the packet's bounds were checked when it was parsed. */
static const uint8_t *gather_range(struct netvsp *v, const uint8_t *at,
				   struct gathered *g)
{
	struct lis_gpa_range range;
	uint32_t offset, left;

	memcpy(&range, at, sizeof(range));
	at += sizeof(range);
	offset = range.byte_offset;
	left = range.byte_count;
	if (left > NETVSP_GATHER_MAX - g->bytes) {
		g->error = "too long";
		return at;
	}
	for (; left; at += 8, offset = 0) {
		uint32_t run = LIS_HV_PAGE_SIZE - offset;
		const void *from;
		uint64_t pfn;

		if (run > left)
			run = left;
		memcpy(&pfn, at, sizeof(pfn));
		from = pfn >> 52 ? NULL :
		       vmbus_channel_memory(v->ch, (pfn << LIS_HV_PAGE_SHIFT) +
					    offset, run);
		if (!from) {
			g->error = "a page is not RAM";
			return at;
		}
		memcpy(v->gather + g->bytes, from, run);
		g->bytes += run;
		left -= run;
	}
	return at;
}

static struct gathered gather(struct netvsp *v, const struct vmbus_packet *p,
			      const struct lis_nvsp_rndis *m)
{
	struct gathered g = { 0 };
	const uint8_t *at = p->ranges;

	gather_section(v, m, &g);
	if (p->type == LIS_PKT_GPA_DIRECT)
		for (uint32_t i = 0; i < p->range_count && !g.error; i++) {
			at = gather_range(v, at, &g);
			if (!g.first_bytes)
				g.first_bytes = g.bytes;
		}
	if (!g.error && !g.bytes)
		g.error = "neither section nor pages";
	return g;
}

/* --- data ----------------------------------------------------------------- */

static void send_frame(struct netvsp *v, const struct net_send *out,
		       unsigned int has)
{
	struct nic *nic = v->nic;

	if (out->h.gso_type)
		count(&nic->counts.tx_large, 1);
	else if (out->h.flags)
		count(&nic->counts.tx_checksums, 1);
	if (has & 1 << INFO_VLAN)
		count(&nic->counts.tx_tagged, 1);
	if (!atomic_load(&nic->link_up) ||
	    !net_backend_send(nic->backend, &out->h, out->frame, out->bytes)) {
		count(&nic->counts.tx_dropped, 1);
		return;
	}
	count(&nic->counts.tx_frames, 1);
	count(&nic->counts.tx_bytes, out->bytes);
}

/* Messages follow each other, each aligned.  All headers are in the first
 * piece: if that is a section, the frame of the last may go on in pages.
 */
static const char *send_all(struct netvsp *v, const struct gathered *g)
{
	uint32_t at = 0;

	for (unsigned int n = 0; at < g->bytes; n++) {
		struct rndis_data d;
		struct net_send out;
		const char *wrong;

		if (n == MESSAGES_MAX)
			return "too many messages";
		wrong = rndis_packet_parse(&d, v->gather + at, g->bytes - at);
		if (!wrong && at + d.data_at > g->first_bytes)
			wrong = "header in more than one piece";
		if (!wrong)
			wrong = net_send_prepare(&out, &v->nic->rndis, &d,
						 v->gather + at + d.data_at);
		if (wrong)
			return wrong;
		send_frame(v, &out, d.has);
		at += d.message_bytes;
		if (at < g->bytes && at % ALIGNMENT)
			return "message not aligned";
	}
	return NULL;
}

/* --- control -------------------------------------------------------------- */

static const char *control(struct netvsp *v, const struct gathered *g)
{
	uint8_t answer[RNDIS_ANSWER_MAX];
	const char *error;
	size_t bytes;

	if (v->index)
		return "control message on a sub-channel";
	bytes = rndis_control(&v->nic->rndis, v->gather, g->bytes, answer,
			      &error);
	netvsp_lie_answer(v, answer, bytes);
	if (bytes && !netvsp_send_control(v, answer, bytes))
		return "more control messages than the guest takes answers for";
	/* Bad values are refused in the answer; this is the sender's fault */
	return error;
}

static const char *serve(struct netvsp *v, const struct vmbus_packet *p,
			 const struct lis_nvsp_rndis *m)
{
	struct gathered g;

	if (m->channel_type > LIS_NVSP_CHANNEL_CONTROL)
		return "channel type";
	if (!p->want_completion)
		vmbus_channel_violation(v->ch, "packet RNDIS: no completion requested");
	g = gather(v, p, m);
	if (g.error)
		return g.error;
	if (m->channel_type == LIS_NVSP_CHANNEL_CONTROL)
		return control(v, &g);
	if (!atomic_load(&v->nic->rndis.initialized))
		return "data before INITIALIZE";
	return send_all(v, &g);
}

void netvsp_rndis(struct netvsp *v, const struct vmbus_packet *p,
		  const struct lis_nvsp_rndis *m)
{
	struct lis_nvsp_msg done = {
		.type = LIS_NVSP_RNDIS_COMPLETE,
		.rndis_complete.status = LIS_NVSP_STATUS_SUCCESS,
	};
	const char *wrong = serve(v, p, m);

	if (wrong) {
		vmbus_channel_violation(v->ch, "packet RNDIS: %s (type %u, section %#x of %u bytes, %u ranges)",
					wrong, m->channel_type,
					m->section_index, m->section_bytes,
					p->range_count);
		done.rndis_complete.status = LIS_NVSP_STATUS_BAD_RNDIS;
		count(&v->nic->counts.tx_errors, 1);
	}
	if (p->want_completion)
		netvsp_complete(v, p, &done);
}
