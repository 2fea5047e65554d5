// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open, close and modify of one channel: the state machine around its worker.
 *
 *	CLOSED --OPEN--> OPEN --CLOSE, rescind, leave--> CLOSING --+
 *	   ^                                                       |
 *	   +------------- the worker has ended --------------------+
 *
 * Locking: every function runs with server.lock held, except as noted.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "server_int.h"

void channel_kick(struct vmbus_channel *ch)
{
	if (ch->signal_fd >= 0)
		eventfd_write(ch->signal_fd, CHANNEL_KICK);
}

/* Host to guest; runs in the worker, unlocked */
void channel_interrupt(struct vmbus_channel *ch)
{
	struct vmbus_server *s = ch->server;
	uint32_t vp = atomic_load_explicit(&ch->target_vp,
					   memory_order_relaxed);
	uint32_t flag = ch->relid;

	if (vp == LIS_VP_NO_INTERRUPT)
		return;
	stat_add(&ch->stats.host_interrupts, 1);
	if (vmbus_channel_mischief(ch, MISCHIEF_WRONG_VP))
		vp = (vp + 1) % s->fx->vp_count;
	if (s->conn.version < LIS_VMBUS_V2_4) {
		uint32_t *page = s->fx->guest_memory(s->fx->ctx,
						     s->conn.interrupt_page,
						     LIS_HV_PAGE_SIZE);

		if (!page)
			return;
		__atomic_fetch_or(page + flag / 32, 1u << (flag % 32),
				  __ATOMIC_SEQ_CST);
		flag = 0;
		vp = 0;
	}
	s->fx->set_event(s->fx->ctx, vp, LIS_HV_SINT_VMBUS, flag);
}

/* --- open ----------------------------------------------------------------- */

static void send_open_result(struct vmbus_server *s,
			     const struct lis_msg_open *m, uint32_t status)
{
	struct lis_msg_open_result r = {
		.hdr.type = LIS_MSG_OPEN_RESULT,
		.relid = m->relid,
		.open_id = m->open_id,
		.status = status,
	};

	server_post(s, &r, sizeof(r));
}

static const char *open_error(struct vmbus_server *s,
			      const struct lis_msg_open *m,
			      const struct gpadl *g)
{
	uint32_t pages;

	if (!g || g->relid != m->relid || !g->created || g->tearing)
		return "ring GPADL is not a live one of this channel";
	pages = g->bytes / LIS_HV_PAGE_SIZE;
	if (g->byte_offset || g->bytes % LIS_HV_PAGE_SIZE)
		return "ring GPADL is not whole pages";
	if (m->downstream_page < RING_MIN_PAGES ||
	    m->downstream_page > pages ||
	    pages - m->downstream_page < RING_MIN_PAGES)
		return "downstream page leaves a ring under 2 pages";
	if (m->target_vp >= s->fx->vp_count &&
	    m->target_vp != LIS_VP_NO_INTERRUPT)
		return "target VP does not exist";
	return NULL;
}

static bool map_rings(struct vmbus_channel *ch, const struct gpadl *g,
		      uint32_t split)
{
	struct vmbus_server *s = ch->server;
	uint32_t n = g->bytes / LIS_HV_PAGE_SIZE;
	struct ring *bad = NULL;

	ch->pages = calloc(n, sizeof(*ch->pages));
	/* A packet cannot be longer than its ring */
	ch->packet = malloc((size_t)split * LIS_HV_PAGE_SIZE);
	if (!ch->pages || !ch->packet)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		ch->pages[i] = s->fx->guest_memory(s->fx->ctx,
				g->list[i + 1] << LIS_HV_PAGE_SHIFT,
				LIS_HV_PAGE_SIZE);
		if (!ch->pages[i])
			return false;
	}
	if (!ring_attach(&ch->in, RING_CONSUMER, ch->pages, split))
		bad = &ch->in;
	else if (!ring_attach(&ch->out, RING_PRODUCER, ch->pages + split,
			      n - split))
		bad = &ch->out;
	if (bad)
		server_violation(s, "%s relid %u OPEN_CHANNEL: %s %#x",
				 ch->dev->name, ch->relid, bad->fault,
				 bad->fault_value);
	return !bad;
}

static void unmap_rings(struct vmbus_channel *ch)
{
	free(ch->pages);
	free(ch->packet);
	ch->pages = NULL;
	ch->packet = NULL;
}

static void close_signal(struct vmbus_channel *ch)
{
	const struct hv_effects *fx = ch->server->fx;

	if (ch->signal_fd >= 0)
		fx->unbind_signal(fx->ctx, ch->connection_id, ch->signal_fd);
	ch->signal_fd = ch->watch_fd = -1;
}

static bool channel_start(struct vmbus_channel *ch,
			  const struct lis_msg_open *m, struct gpadl *g)
{
	struct vmbus_server *s = ch->server;

	atomic_store(&ch->stopping, false);
	atomic_store(&ch->stalled, false);
	atomic_store(&ch->storm, 0);
	ch->out_dead = false;
	atomic_store(&ch->target_vp,
		     s->conn.version < LIS_VMBUS_V2_4 ? 0 : m->target_vp);
	if (!map_rings(ch, g, m->downstream_page))
		goto unmap;
	ch->signal_fd = s->fx->bind_signal(s->fx->ctx, ch->connection_id);
	/* The worker sleeps in a read of it */
	if (ch->signal_fd < 0 || fcntl(ch->signal_fd, F_SETFL, 0))
		goto close;
	if (s->conn.version >= LIS_VMBUS_V2_4)
		ch->out.ctl->features = LIS_RING_FEATURE_PENDING_SIZE;
	ch->dev_state = ch->dev->ops->open(ch->dev, ch);
	if (!ch->dev_state)
		goto close;
	if (worker_start(ch))
		goto device;
	ch->ring_gpadl = g;
	g->refs++;
	ch->state = CHANNEL_OPEN;
	return true;

device:
	ch->dev->ops->close(ch->dev_state);
close:
	close_signal(ch);
unmap:
	unmap_rings(ch);
	return false;
}

static void open_now(struct vmbus_channel *ch, const struct lis_msg_open *m)
{
	struct vmbus_server *s = ch->server;
	struct gpadl *g = gpadl_find(s, m->ring_gpadl);
	const char *error = open_error(s, m, g);
	bool ok = false;

	if (server_mischief(s, BUS_OPEN_FAIL))
		server_trace(s, "open fails by order");
	else if (error)
		server_violation(s, "%s relid %u OPEN_CHANNEL: %s",
				 ch->dev->name, ch->relid, error);
	else
		ok = channel_start(ch, m, g);
	ch->guest_open = ok;
	send_open_result(s, m, ok ? 0 : NT_UNSUCCESSFUL);
	if (ok)
		server_event(s, "opened");
}

void channel_open(struct vmbus_server *s, const struct lis_msg_open *m)
{
	struct vmbus_channel *ch = server_channel(s, "OPEN_CHANNEL", m->relid);

	if (!ch || ch->rescinded)
		return;		/* RESCIND is the answer */
	if (ch->guest_open) {
		server_violation(s, "%s relid %u OPEN_CHANNEL: already open",
				 ch->dev->name, ch->relid);
		return;
	}
	if (ch->state == CHANNEL_CLOSING) {
		ch->guest_open = true;
		ch->reopen_queued = true;
		ch->reopen = *m;
		return;
	}
	open_now(ch, m);
}

/* --- close ---------------------------------------------------------------- */

void channel_stop(struct vmbus_channel *ch)
{
	if (ch->state != CHANNEL_OPEN)
		return;
	ch->state = CHANNEL_CLOSING;
	atomic_store(&ch->stopping, true);
	channel_kick(ch);
}

void channel_close(struct vmbus_server *s, uint32_t relid)
{
	struct vmbus_channel *ch = server_channel(s, "CLOSE_CHANNEL", relid);

	if (!ch)
		return;
	if (!ch->guest_open) {
		server_violation(s, "%s relid %u CLOSE_CHANNEL: not open",
				 ch->dev->name, relid);
		return;
	}
	ch->guest_open = false;
	ch->reopen_queued = false;
	channel_stop(ch);
	server_event(s, "closed");
	if (ch->subchannel || ch->rescinded)
		return;
	/* Sub-channels live no longer than their primary is open */
	for (uint32_t i = 1; i <= LIS_RELID_MAX; i++) {
		struct vmbus_channel *sub = s->channels[i];

		if (!sub || sub->dev != ch->dev || !sub->subchannel)
			continue;
		if (sub->guest_open && !sub->rescinded)
			server_violation(s, "%s relid %u CLOSE_CHANNEL: sub-channel relid %u is open",
					 ch->dev->name, relid, i);
		offer_rescind(s, sub);
		if (s->channels[i] == sub)
			channel_stop(sub);
	}
}

/* Last act of a worker, in its thread */
void channel_ended(struct vmbus_channel *ch)
{
	struct vmbus_server *s = ch->server;
	struct gpadl *g = ch->ring_gpadl;

	close_signal(ch);
	unmap_rings(ch);
	ch->state = CHANNEL_CLOSED;
	ch->ring_gpadl = NULL;
	gpadl_put(s, g);
	if (ch->release_pending)
		offer_released(s, ch->relid);
	else if (ch->reopen_queued) {
		ch->reopen_queued = false;
		open_now(ch, &ch->reopen);
	}
	conn_progress(s);
}

/* --- modify --------------------------------------------------------------- */

void channel_modify(struct vmbus_server *s,
		    const struct lis_msg_modify_channel *m)
{
	struct vmbus_channel *ch = server_channel(s, "MODIFY_CHANNEL",
						  m->relid);
	struct lis_msg_modify_response r = {
		.hdr.type = LIS_MSG_MODIFY_CHANNEL_RESPONSE,
		.relid = m->relid,
	};

	if (!ch)
		return;
	if (!ch->guest_open && !ch->rescinded) {
		server_violation(s, "%s relid %u MODIFY_CHANNEL: not open",
				 ch->dev->name, m->relid);
		r.status = -1;
	} else if (m->target_vp >= s->fx->vp_count) {
		server_violation(s, "%s relid %u MODIFY_CHANNEL: target VP %u of %u",
				 ch->dev->name, m->relid, m->target_vp,
				 s->fx->vp_count);
		r.status = -1;
	} else {
		atomic_store(&ch->target_vp, m->target_vp);
	}
	if (s->conn.version >= LIS_VMBUS_V5_3)
		server_post(s, &r, sizeof(r));
}
