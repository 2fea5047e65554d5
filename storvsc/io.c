// SPDX-License-Identifier: GPL-2.0-only
/*
 * The I/O path: from queuecommand to the ring, from the ring to scsi_done.
 *
 * No locks of ours and no allocation.  queuecommand runs under RCU (see
 * storvsc_int.h); completions run in hard interrupt on the channel's CPU, or
 * where they are polled for (poll.c).
 *
 * When the host is signalled
 * --------------------------
 * A signal costs the guest an exit, often more than the rest of the request.
 * While requests of a LUN are in flight, the next completion brings us back
 * here anyway, so a few more requests may wait for it in the ring without a
 * signal ("quiet"), as long as they are few compared with what the host is
 * working on: storvsc_may_defer().  A request alone in its LUN never waits.
 * A host that looks at the ring for reasons of its own takes quiet requests
 * along, and then the bus saves the signal altogether.
 *
 * No request waits for ever, and that does not hang on the counters, which
 * are only hints read without order:
 *  (1) A packet is sent quiet for one of two reasons.
 *      (a) The block layer said more follow (no SCMD_LAST).  It then sends
 *          one with SCMD_LAST or calls commit_rqs.  commit_rqs kicks.  If the
 *          last one is not sent (ring full, error) queuecommand kicks.  If it
 *          is sent loud, that signals for all before it.  If it is sent
 *          quiet, (b) holds for it, and the kick of (b) is for the channel,
 *          not for a packet.
 *      (b) storvsc_may_defer().  After the packet is in the ring arm_timer()
 *          makes sure that kick_timer is pending, or arms it.  The timer
 *          kicks whatever the counters say.
 *  (2) arm_timer() may find the timer pending while it is about to run on
 *      another CPU.  Both sides have a full barrier: we put the packet in the
 *      ring, barrier, look whether it is pending; the other side unmarks it,
 *      barrier, kicks.  Either we see it unmarked and arm it again, or its
 *      kick sees our packet.
 * So a quiet packet is announced at the latest when the timer fires: within
 * two ticks.  Usually the next completion or the next command comes first.
 */
#include <linux/blk-mq.h>
#include <scsi/scsi_dbg.h>
#include "storvsc_int.h"
#include "trace.h"

static void kick(struct storvsc_chan *chan)
{
	atomic_set(&chan->quiet, 0);
	lis_channel_kick(chan->ch);
}

/* Before the channel is closed the timer is deleted, so chan->ch is valid. */
void storvsc_kick_timer(struct timer_list *t)
{
	struct storvsc_chan *chan =
		container_of(t, struct storvsc_chan, kick_timer);

	smp_mb();	/* pairs with arm_timer() */
	kick(chan);
}

static void arm_timer(struct storvsc_chan *chan)
{
	smp_mb();	/* pairs with storvsc_kick_timer() */
	if (!timer_pending(&chan->kick_timer))
		mod_timer(&chan->kick_timer, jiffies + 1);
}

/* Commands nobody waits for one by one; a flush, say, is never held back. */
static bool is_plain_io(struct scsi_cmnd *cmd)
{
	switch (req_op(scsi_cmd_to_rq(cmd))) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		return true;
	default:
		return false;
	}
}

enum announce { LOUD, MORE_FOLLOW, DEFERRED };

static enum announce how_to_announce(struct storvsc_chan *chan,
				     struct scsi_cmnd *cmd, u32 busy)
{
	u32 quiet = atomic_read(&chan->quiet) + 1;

	if (!lis_compat_is_last(cmd))
		return MORE_FOLLOW;
	if (is_plain_io(cmd) && storvsc_may_defer(quiet, busy))
		return DEFERRED;
	return LOUD;
}

static u8 direction_of(struct scsi_cmnd *cmd)
{
	if (!scsi_bufflen(cmd))
		return LIS_STOR_DIR_NONE;
	return cmd->sc_data_direction == DMA_TO_DEVICE ? LIS_STOR_DIR_OUT :
							 LIS_STOR_DIR_IN;
}

static u32 build_packet(struct storvsc_host *host, struct scsi_cmnd *cmd,
			struct lis_stor_packet *pkt)
{
	struct storvsc_request rq = {
		.cdb = cmd->cmnd,
		.cdb_length = min_t(u32, cmd->cmd_len, 255),
		.path = host->place.path + cmd->device->channel,
		.target = cmd->device->id,
		.lun = cmd->device->lun,
		.direction = direction_of(cmd),
		.bytes = scsi_bufflen(cmd),
		.timeout = scsi_cmd_to_rq(cmd)->timeout / HZ,
	};

	if (cmd->sc_data_direction == DMA_BIDIRECTIONAL)
		return 0;
	return storvsc_build_srb(host->version, &rq, pkt);
}

static int send_packet(struct storvsc_chan *chan, struct scsi_cmnd *cmd,
		       const struct lis_stor_packet *pkt, u32 len, int nents,
		       u32 flags)
{
	u32 slot = scsi_cmd_to_rq(cmd)->tag;
	int err;

	WRITE_ONCE(chan->inflight[slot], cmd);
	if (nents)
		err = lis_send_sg(chan->ch, pkt, len, scsi_sglist(cmd), nents,
				  scsi_bufflen(cmd), slot, flags);
	else
		err = lis_send(chan->ch, pkt, len, slot, flags);
	if (err)
		WRITE_ONCE(chan->inflight[slot], NULL);
	return err;
}

/* Put a mapped command on a channel.  Return: 0, or as lis_send(). */
static int submit(struct storvsc_chan *chan, struct scsi_cmnd *cmd,
		  const struct lis_stor_packet *pkt, u32 len, int nents)
{
	atomic_t *busy = &chan->busy[storvsc_lun_slot(cmd->device)];
	struct storvsc_cmd *priv = scsi_cmd_priv(cmd);
	enum announce how;
	int err;

	priv->chan = chan;
	how = how_to_announce(chan, cmd, atomic_inc_return(busy));
	/* not later: once it is in the ring, @cmd may complete elsewhere */
	trace_storvsc_send(chan, cmd, len, how);
	err = send_packet(chan, cmd, pkt, len, nents,
			  how == LOUD ? 0 : LIS_SEND_QUIET);
	if (err) {
		atomic_dec(busy);
		return err;
	}
	if (chan->polled)
		storvsc_cast_net(chan);
	if (how == LOUD) {
		atomic_set(&chan->quiet, 0);
	} else {
		atomic_inc(&chan->quiet);
		if (how == DEFERRED)
			arm_timer(chan);
	}
	return 0;
}

/*
 * The ring of its own channel is full: any other will do that interrupts, too,
 * or is polled, too.  That one is kicked at once, since the end of a burst is
 * announced on the queue's own channel.
 */
static int submit_elsewhere(struct storvsc_host *host,
			    struct storvsc_chan *full, struct scsi_cmnd *cmd,
			    const struct lis_stor_packet *pkt, u32 len,
			    int nents)
{
	struct storvsc_chan *tried = full;
	u32 i;
	int err;

	for (i = 0; i < host->nr_queues + host->nr_poll; i++) {
		struct storvsc_chan *chan = READ_ONCE(host->queue[i]);

		if (chan == full || chan == tried ||
		    chan->polled != full->polled)
			continue;
		err = submit(chan, cmd, pkt, len, nents);
		kick(chan);
		if (!err) {
			atomic_inc(&host->count[STORVSC_CNT_ELSEWHERE]);
			return 0;
		}
		tried = chan;	/* neighbouring queues share a channel */
	}
	return -EAGAIN;
}

/* Finish a command that was not sent; the caller has kicked its channel. */
static scsi_qc_t refuse(struct scsi_cmnd *cmd, int host_byte)
{
	struct storvsc_host *host = storvsc_host(cmd->device->host);

	if (host_byte == DID_BAD_TARGET)
		atomic_inc(&host->count[STORVSC_CNT_REFUSED]);
	cmd->result = host_byte << 16;
	scsi_done(cmd);
	return 0;
}

static scsi_qc_t queue_on(struct storvsc_host *host, struct storvsc_chan *chan,
			  struct scsi_cmnd *cmd)
{
	struct lis_stor_packet pkt;
	u32 len = build_packet(host, cmd, &pkt);
	int nents, err;

	if (!len) {
		kick(chan);
		return refuse(cmd, DID_BAD_TARGET);
	}
	nents = scsi_dma_map(cmd);
	if (nents < 0) {
		kick(chan);
		return SCSI_MLQUEUE_HOST_BUSY;
	}
	err = submit(chan, cmd, &pkt, len, nents);
	if (!err)
		return 0;
	/* Whatever is in the ring must get the host's attention. */
	kick(chan);
	if (err == -EAGAIN) {
		atomic_inc(&host->count[STORVSC_CNT_RING_FULL]);
		err = submit_elsewhere(host, chan, cmd, &pkt, len, nents);
	}
	if (!err)
		return 0;
	scsi_dma_unmap(cmd);
	if (err == -EINVAL)	/* a request that no ring can hold */
		return refuse(cmd, DID_BAD_TARGET);
	/*
	 * A full ring has requests in flight, whose completion runs the queue
	 * again.  A dead channel is on its way out: storvsc_gone() is about to
	 * put another in its place, or to fail all commands.
	 */
	return SCSI_MLQUEUE_HOST_BUSY;
}

scsi_qc_t storvsc_queuecommand(struct Scsi_Host *shost, struct scsi_cmnd *cmd)
{
	struct storvsc_host *host = storvsc_host(shost);
	u32 unique = blk_mq_unique_tag(scsi_cmd_to_rq(cmd));
	struct storvsc_cmd *priv = scsi_cmd_priv(cmd);
	u32 hwq = blk_mq_unique_tag_to_hwq(unique);
	scsi_qc_t ret;

	priv->sent = jiffies;
	priv->polled = hwq >= host->nr_queues;
	rcu_read_lock();
	if (unlikely(READ_ONCE(host->dead)))
		ret = refuse(cmd, DID_NO_CONNECT);
	else if (unlikely(READ_ONCE(host->state) != STORVSC_LIVE))
		ret = SCSI_MLQUEUE_HOST_BUSY;
	else
		ret = queue_on(host, storvsc_chan_of(host, hwq), cmd);
	rcu_read_unlock();
	return ret;
}

void storvsc_commit_rqs(struct Scsi_Host *shost, u16 hwq)
{
	struct storvsc_host *host = storvsc_host(shost);

	rcu_read_lock();
	if (!READ_ONCE(host->dead) && READ_ONCE(host->state) == STORVSC_LIVE)
		kick(storvsc_chan_of(host, hwq));
	rcu_read_unlock();
}

/* --- completion ------------------------------------------------------------ */

static void finish(struct scsi_cmnd *cmd, int host_byte, u8 status)
{
	struct storvsc_cmd *priv = scsi_cmd_priv(cmd);

	scsi_dma_unmap(cmd);
	cmd->result = host_byte << 16 | status;
	if (unlikely(priv->polled && in_interrupt()))
		storvsc_finish_later(cmd);
	else
		scsi_done(cmd);
}

/* Midlayer's word for an outcome; the policy is in error.c. */
static int host_byte_of(enum storvsc_outcome outcome)
{
	switch (outcome) {
	case STORVSC_OK:
	case STORVSC_BUSY:
		return DID_OK;
	case STORVSC_RETRY:
		return DID_ERROR;
	case STORVSC_RESET:
		return DID_RESET;
	case STORVSC_LINK:
		return DID_TRANSPORT_DISRUPTED;
	case STORVSC_GONE:
		return DID_NO_CONNECT;
	case STORVSC_REJECTED:
		return DID_BAD_TARGET;
	case STORVSC_OUTCOMES:
		break;
	}
	return DID_ERROR;
}

static void log_failure(struct storvsc_host *host, struct scsi_cmnd *cmd,
			const struct storvsc_reply *r)
{
	if (storvsc_log(host, 2))
		scmd_printk(KERN_WARNING, cmd,
			    "cmd 0x%02x: srb %s (0x%02x), scsi status 0x%02x\n",
			    cmd->cmnd[0], storvsc_srb_name(r->srb_code),
			    r->srb_code, r->scsi_status);
}

static void complain_of(struct storvsc_host *host, const char *odd)
{
	atomic_inc(&host->count[STORVSC_CNT_ODD]);
	if (storvsc_log(host, 1))
		dev_warn(&host->dev->dev, "host sent %s\n", odd);
}

static void apply_reply(struct storvsc_chan *chan, struct scsi_cmnd *cmd,
			const struct storvsc_reply *r)
{
	struct storvsc_verdict v = storvsc_judge(r, cmd->underflow);
	struct storvsc_host *host = chan->host;

	storvsc_count_reply(chan, cmd, r, &v);
	if (unlikely(r->odd))
		complain_of(host, r->odd);
	scsi_set_resid(cmd, scsi_bufflen(cmd) - r->transferred);
	if (v.use_sense)
		memcpy(cmd->sense_buffer, r->sense, r->sense_len);
	if (unlikely(v.actions)) {
		if (v.actions & STORVSC_LOG)
			log_failure(host, cmd, r);
		storvsc_look_at(host, cmd->device, v.actions);
	}
	if (v.outcome == STORVSC_BUSY)
		v.scsi_status = SAM_STAT_BUSY;
	finish(cmd, host_byte_of(v.outcome), v.scsi_status);
}

/* Returns how many commands of the same LUN are still in flight here. */
static u32 complete_one(struct storvsc_chan *chan, const struct lis_packet *pkt)
{
	struct scsi_cmnd *cmd = READ_ONCE(chan->inflight[pkt->slot]);
	struct storvsc_reply reply;
	const char *wrong;
	u32 left;

	/* The bus reports only slots we filled, and each once. */
	if (WARN_ON_ONCE(!cmd))
		return U32_MAX;
	WRITE_ONCE(chan->inflight[pkt->slot], NULL);
	left = atomic_dec_return(&chan->busy[storvsc_lun_slot(cmd->device)]);

	wrong = storvsc_check_reply(chan->host->version, pkt->payload, pkt->len,
				    scsi_bufflen(cmd), &reply);
	if (unlikely(wrong)) {
		atomic_inc(&chan->host->count[STORVSC_CNT_MALFORMED]);
		lis_channel_break(chan->ch, wrong);
		finish(cmd, DID_ERROR, 0);
	} else {
		apply_reply(chan, cmd, &reply);
	}
	return left;
}

static void take_event(struct storvsc_chan *chan, const struct lis_packet *pkt)
{
	struct storvsc_host *host = chan->host;
	int op = storvsc_event_op(pkt->payload, pkt->len);

	atomic_inc(&host->count[STORVSC_CNT_EVENTS]);
	trace_storvsc_event(host->shost->host_no, op);
	switch (op) {
	case -1:
		atomic_inc(&host->count[STORVSC_CNT_MALFORMED]);
		lis_channel_break(chan->ch, "event is too short");
		return;
	case LIS_STOR_ENUMERATE_BUS:
	case LIS_STOR_REMOVE_DEVICE:
	case LIS_STOR_EVENT_NOTIFICATION:
		storvsc_look_at(host, NULL, STORVSC_SEE_BUS);
		break;
	default:
		if (storvsc_log(host, 1))
			dev_warn(&host->dev->dev, "unknown event from host\n");
	}
	if (pkt->want_completion)
		lis_complete(chan->ch, pkt->id, NULL, 0);
}

static void not_for_us(struct storvsc_chan *chan)
{
	atomic_inc(&chan->host->count[STORVSC_CNT_MALFORMED]);
	lis_channel_break(chan->ch, "unexpected packet type");
}

static unsigned int storvsc_receive(struct lis_channel *ch, void *ctx,
				    unsigned int budget)
{
	struct storvsc_chan *chan = ctx;
	const struct lis_packet *pkt;
	unsigned int taken = 0;
	u32 fewest = U32_MAX;
	u32 quiet;

	rcu_read_lock();	/* the error handler waits for us: eh.c */
	while (taken < budget && (pkt = lis_packet_next(ch))) {
		taken++;
		if (pkt->type == LIS_PKT_INBAND)
			take_event(chan, pkt);
		else if (pkt->type != LIS_PKT_COMPLETION)
			not_for_us(chan);
		else if (pkt->slot == chan->host->slots)
			storvsc_control_done(chan->host, pkt);
		else
			fewest = min(fewest, complete_one(chan, pkt));
	}
	rcu_read_unlock();
	/* The completion that quiet requests were waiting for? */
	quiet = atomic_read(&chan->quiet);
	if (quiet && !storvsc_may_defer(quiet, fewest))
		kick(chan);
	return taken;
}

const struct lis_channel_ops storvsc_channel_ops = {
	.receive	= storvsc_receive,
	.subchannel	= storvsc_subchannel,
	.gone		= storvsc_gone,
	.moved		= storvsc_moved,
};

const struct lis_channel_ops storvsc_polled_ops = {
	.receive	= storvsc_receive,
	.wake		= storvsc_wake,
	.gone		= storvsc_gone,
	.moved		= storvsc_moved,
};

/* --- the end of a channel -------------------------------------------------- */

/* The channel is closed: nothing in flight there will complete any more. */
void storvsc_end_inflight(struct storvsc_chan *chan, int host_byte)
{
	u32 i;

	rcu_read_lock();	/* the error handler waits for us: eh.c */
	for (i = 0; i < chan->host->slots; i++) {
		struct scsi_cmnd *cmd = chan->inflight[i];

		if (!cmd)
			continue;
		chan->inflight[i] = NULL;
		finish(cmd, host_byte, 0);
	}
	rcu_read_unlock();
}

bool storvsc_has_inflight(struct storvsc_host *host)
{
	u32 c, i;

	for (c = 0; c < host->max_chan; c++)
		for (i = 0; i < host->slots; i++)
			if (READ_ONCE(host->chan[c].inflight[i]))
				return true;
	return false;
}
