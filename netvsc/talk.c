// SPDX-License-Identifier: GPL-2.0-only
/*
 * Talking with the host beside the data: NVSP messages that are answered by
 * their completion, and RNDIS requests that are answered by a message in the
 * receive buffer.  All on the primary channel.
 *
 * Process context under nic->ctl.mutex, one question at a time.  Every wait
 * ends by the answer, by NETVSC_PATIENCE, or when the channel goes away.  An
 * answer is taken only while it is waited for, and only once.
 */
#include "netvsc_int.h"
#include "trace.h"

static struct lis_channel *primary(struct netvsc_nic *nic)
{
	return nic->chan[0].ch;
}

static u32 arm(struct netvsc_nic *nic, u32 waiting)
{
	struct netvsc_control *ctl = &nic->ctl;
	u32 id;

	lockdep_assert_held(&ctl->mutex);
	spin_lock_bh(&ctl->lock);
	reinit_completion(&ctl->done);
	ctl->waiting = waiting;
	ctl->error = 0;
	ctl->len = 0;
	id = ++ctl->id ?: ++ctl->id;	/* never 0 */
	spin_unlock_bh(&ctl->lock);
	return id;
}

/* The last thing that is waited for wakes the waiter. */
static void arrived(struct netvsc_control *ctl, u32 what)
{
	lockdep_assert_held(&ctl->lock);
	ctl->waiting &= ~what;
	if (!ctl->waiting)
		complete(&ctl->done);
}

/**
 * netvsc_talk_abort - no answer will come.
 * @nic: the NIC
 * @why: -errno
 *
 * Context: process or softirq.
 */
void netvsc_talk_abort(struct netvsc_nic *nic, int why)
{
	struct netvsc_control *ctl = &nic->ctl;

	spin_lock_bh(&ctl->lock);
	if (ctl->waiting) {
		ctl->error = why;
		arrived(ctl, ctl->waiting);
	}
	spin_unlock_bh(&ctl->lock);
	wake_up_all(&ctl->room);
}

static int wait_answer(struct netvsc_nic *nic, u32 slot)
{
	struct netvsc_control *ctl = &nic->ctl;

	if (wait_for_completion_timeout(&ctl->done, NETVSC_PATIENCE))
		return ctl->error;
	lis_request_cancel(primary(nic), slot);
	netvsc_talk_abort(nic, -ETIMEDOUT);
	return ctl->error ?: -ETIMEDOUT;
}

struct outgoing {
	const struct lis_nvsp_msg *msg;
	const struct lis_span *span;
	u32 slot;
	int err;
};

/* False: the ring is full, and polling wakes us when that changes. */
static bool try_send(struct netvsc_nic *nic, struct outgoing *o)
{
	u32 len = netvsc_msg_bytes(nic->version);

	if (o->span)
		o->err = lis_send_spans(primary(nic), o->msg, len, o->span, 1,
					o->slot, 0);
	else
		o->err = lis_send(primary(nic), o->msg, len, o->slot, 0);
	return o->err != -EAGAIN;
}

static int put(struct netvsc_nic *nic, struct outgoing *o)
{
	trace_netvsc_control(nic, o->msg->type, 1);
	if (!wait_event_timeout(nic->ctl.room, try_send(nic, o),
				NETVSC_PATIENCE))
		return -ETIMEDOUT;
	return o->err;
}

/**
 * netvsc_nvsp_send - send a message that is not answered.
 * @nic: the NIC
 * @msg: the message
 *
 * Context: process, under ctl.mutex.
 * Return: 0 or -errno.
 */
int netvsc_nvsp_send(struct netvsc_nic *nic, const struct lis_nvsp_msg *msg)
{
	struct outgoing o = { .msg = msg, .slot = LIS_NO_REQUEST };

	lockdep_assert_held(&nic->ctl.mutex);
	return put(nic, &o);
}

/**
 * netvsc_nvsp_ask - send a message and wait for its completion.
 * @nic: the NIC
 * @msg: the message
 * @answer: the completion, nothing of it checked
 * @len: its bytes, at most as many as @answer has
 *
 * Context: process, under ctl.mutex.
 * Return: 0 or -errno.
 */
int netvsc_nvsp_ask(struct netvsc_nic *nic, const struct lis_nvsp_msg *msg,
		    struct lis_nvsp_msg *answer, u32 *len)
{
	struct outgoing o = { .msg = msg, .slot = NETVSC_SLOT_NVSP };
	int err;

	arm(nic, NETVSC_WAIT_NVSP);
	err = put(nic, &o);
	if (err)
		netvsc_talk_abort(nic, err);
	else
		err = wait_answer(nic, NETVSC_SLOT_NVSP);
	if (err)
		return err;
	memset(answer, 0, sizeof(*answer));
	*len = min_t(u32, nic->ctl.len, sizeof(*answer));
	memcpy(answer, nic->ctl.answer, *len);
	return 0;
}

/* Send what is in ctl.page. */
static int put_rndis(struct netvsc_nic *nic, u32 bytes)
{
	const struct lis_nvsp_msg msg = {
		.type = LIS_NVSP_RNDIS,
		.rndis.channel_type = LIS_NVSP_CHANNEL_CONTROL,
		.rndis.section_index = LIS_NVSP_NO_SECTION,
	};
	const struct lis_span span = {
		.addr = nic->ctl.page_dma,
		.bytes = bytes,
	};
	struct outgoing o = {
		.msg = &msg,
		.span = &span,
		.slot = NETVSC_SLOT_RNDIS,
	};
	int err = put(nic, &o);

	if (err)
		netvsc_talk_abort(nic, err);
	else
		err = wait_answer(nic, NETVSC_SLOT_RNDIS);
	return err;
}

static int believe(struct netvsc_nic *nic, const char *wrong, u32 status)
{
	if (wrong) {
		netvsc_count(nic, NETVSC_CNT_RX_MALFORMED);
		if (netvsc_log(nic))
			dev_warn(&nic->dev->dev, "host sent %s\n", wrong);
		return -EPROTO;
	}
	if (status == LIS_RNDIS_STATUS_NOT_SUPPORTED)
		return -EOPNOTSUPP;
	return status ? -EIO : 0;
}

/**
 * netvsc_query - ask for an object.
 * @nic: the NIC
 * @oid: which
 * @info: to be sent along, or NULL
 * @bytes: its bytes
 * @room: for the answer
 * @answer: valid until the next question
 * @len: its bytes
 *
 * Context: process, under ctl.mutex.
 * Return: 0, -EOPNOTSUPP when the host does not know it, or -errno.
 */
int netvsc_query(struct netvsc_nic *nic, u32 oid, const void *info, u32 bytes,
		 u32 room, const u8 **answer, u32 *len)
{
	struct netvsc_control *ctl = &nic->ctl;
	const char *wrong;
	u32 status = 0;
	u32 id;
	int err;

	id = arm(nic, NETVSC_WAIT_SENT | NETVSC_WAIT_RNDIS);
	err = put_rndis(nic, netvsc_build_query(ctl->page, id, oid, info,
						bytes, room));
	if (err)
		return err;
	wrong = netvsc_check_query(ctl->answer, ctl->len, &status, answer,
				   len);
	return believe(nic, wrong, status);
}

/**
 * netvsc_set - set an object.
 * @nic: the NIC
 * @oid: which
 * @info: to what
 * @bytes: its bytes
 *
 * Context: process, under ctl.mutex.
 * Return: as netvsc_query().
 */
int netvsc_set(struct netvsc_nic *nic, u32 oid, const void *info, u32 bytes)
{
	struct netvsc_control *ctl = &nic->ctl;
	const char *wrong;
	u32 status = 0;
	u32 id;
	int err;

	id = arm(nic, NETVSC_WAIT_SENT | NETVSC_WAIT_RNDIS);
	err = put_rndis(nic, netvsc_build_set(ctl->page, id, oid, info,
					      bytes));
	if (err)
		return err;
	wrong = netvsc_check_set(ctl->answer, ctl->len, &status);
	return believe(nic, wrong, status);
}

int netvsc_initialize(struct netvsc_nic *nic)
{
	struct netvsc_control *ctl = &nic->ctl;
	u32 status = 0, shift;
	const char *wrong;
	u32 id;
	int err;

	id = arm(nic, NETVSC_WAIT_SENT | NETVSC_WAIT_RNDIS);
	err = put_rndis(nic, netvsc_build_initialize(ctl->page, id));
	if (err)
		return err;
	wrong = netvsc_check_initialize(ctl->answer, ctl->len, &status,
					&shift);
	return believe(nic, wrong, status);
}

/* The host only says that it has taken this. */
void netvsc_halt(struct netvsc_nic *nic)
{
	u32 id;

	id = arm(nic, NETVSC_WAIT_SENT);
	put_rndis(nic, netvsc_build_halt(nic->ctl.page, id));
}

/* --- what comes in: softirq, in the primary's NAPI ------------------------- */

/**
 * netvsc_nvsp_answer - the completion of an NVSP message came.
 * @nic: the NIC
 * @pkt: the completion
 */
void netvsc_nvsp_answer(struct netvsc_nic *nic, const struct lis_packet *pkt)
{
	struct netvsc_control *ctl = &nic->ctl;

	spin_lock(&ctl->lock);
	if (ctl->waiting & NETVSC_WAIT_NVSP) {
		ctl->len = min_t(u32, pkt->len, sizeof(ctl->answer));
		memcpy(ctl->answer, pkt->payload, ctl->len);
		arrived(ctl, NETVSC_WAIT_NVSP);
	}
	spin_unlock(&ctl->lock);
}

/**
 * netvsc_rndis_sent - the host has taken our request; the answer is another
 * matter.
 * @nic: the NIC
 */
void netvsc_rndis_sent(struct netvsc_nic *nic)
{
	struct netvsc_control *ctl = &nic->ctl;

	spin_lock(&ctl->lock);
	if (ctl->waiting & NETVSC_WAIT_SENT)
		arrived(ctl, NETVSC_WAIT_SENT);
	spin_unlock(&ctl->lock);
}

/* Copied under the lock: there is one place for an answer. */
static bool take_answer(struct netvsc_nic *nic, const void *msg, u32 len)
{
	struct netvsc_control *ctl = &nic->ctl;
	u32 id = netvsc_answer_id(msg, len);
	bool ours;

	if (!id)
		return false;
	spin_lock(&ctl->lock);
	ours = ctl->waiting & NETVSC_WAIT_RNDIS && ctl->id == id;
	if (ours) {
		memcpy(ctl->answer, msg, len);
		ctl->len = len;
		arrived(ctl, NETVSC_WAIT_RNDIS);
	}
	spin_unlock(&ctl->lock);
	return ours;
}

/* The carrier follows the host's word; what else changed is asked for later. */
static void indicated(struct netvsc_nic *nic, u32 status)
{
	trace_netvsc_control(nic, status, 0);
	switch (status) {
	case LIS_RNDIS_MEDIA_CONNECT:
	case LIS_RNDIS_MEDIA_DISCONNECT:
	case LIS_RNDIS_LINK_SPEED_CHANGE:
		mod_delayed_work(netvsc_wq, &nic->link_work, 0);
		break;
	case LIS_RNDIS_NETWORK_CHANGE:
		/* another network: those who watch the carrier must notice */
		netif_carrier_off(nic->ndev);
		mod_delayed_work(netvsc_wq, &nic->link_work, HZ);
		break;
	}
}

/* The host wants to know whether we live.  If it has not even taken the last
 * answer, it has one to read.
 */
static const char *still_alive(struct netvsc_nic *nic, const void *msg, u32 len)
{
	const struct lis_nvsp_msg nvsp = {
		.type = LIS_NVSP_RNDIS,
		.rndis.channel_type = LIS_NVSP_CHANNEL_CONTROL,
		.rndis.section_index = LIS_NVSP_NO_SECTION,
	};
	const struct lis_rndis_keepalive *k = msg;
	struct netvsc_control *ctl = &nic->ctl;
	struct lis_span span = { .addr = ctl->page_dma + NETVSC_ALIVE_AT };

	if (len < sizeof(*k))
		return "short question whether we live";
	if (ctl->alive_busy)
		return NULL;
	span.bytes = netvsc_build_keepalive_done(ctl->page + NETVSC_ALIVE_AT,
						 k->request_id);
	ctl->alive_busy = !lis_send_spans(primary(nic), &nvsp,
					  netvsc_msg_bytes(nic->version),
					  &span, 1, NETVSC_SLOT_ALIVE, 0);
	return NULL;
}

void netvsc_alive_sent(struct netvsc_nic *nic)
{
	nic->ctl.alive_busy = false;
}

static const char *judge(struct netvsc_nic *nic, const void *msg, u32 len)
{
	const struct lis_rndis_hdr *h = msg;
	const char *wrong;
	u32 status;

	if (h->type & LIS_RNDIS_COMPLETION)
		return take_answer(nic, msg, len) ? NULL :
		       "answer nobody waits for";
	switch (h->type) {
	case LIS_RNDIS_INDICATE:
		wrong = netvsc_check_indicate(msg, len, &status);
		if (!wrong)
			indicated(nic, status);
		return wrong;
	case LIS_RNDIS_KEEPALIVE:
		return still_alive(nic, msg, len);
	default:
		return "message of an unknown type";
	}
}

/**
 * netvsc_take_control - a control message came in.
 * @chan: where; the host uses the primary alone
 * @m: from netvsc_rx_open()
 */
void netvsc_take_control(struct netvsc_chan *chan,
			 const struct netvsc_rx_msg *m)
{
	struct netvsc_nic *nic = chan->nic;
	const char *wrong;
	u32 len;

	if (chan->index) {
		wrong = "control message on a sub-channel";
	} else {
		len = netvsc_rx_control(m, nic->ctl.scratch);
		wrong = judge(nic, nic->ctl.scratch, len);
	}
	if (!wrong)
		return;
	netvsc_count(nic, NETVSC_CNT_ODD);
	if (netvsc_log(nic))
		dev_warn(&nic->dev->dev, "host sent %s\n", wrong);
}
