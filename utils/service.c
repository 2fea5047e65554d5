// SPDX-License-Identifier: GPL-2.0-only
/*
 * A service and its channel: messages in, answers out, one after the other.
 *
 * Everything here runs in process context with svc->lock, but what says
 * otherwise; see utils_int.h.
 */
#define pr_fmt(fmt) "hv_utils: " fmt

#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "utils_int.h"

/* Each way; the longest message fits, with another behind it */
#define RING_BYTES	SZ_32K
#define PACKET_MAX	(sizeof(struct utils_frame) + SZ_64)
/* Messages of one service before others get the thread */
#define IN_ONE_GO	64

/* Any context that may print: one line for each lie, but not too many. */
void utils_complain(struct utils_service *svc, enum utils_counter count,
		    const char *why)
{
	svc->count[count]++;
	svc->last_error = why;
	if (__ratelimit(&svc->log_limit))
		dev_warn(&svc->dev->dev, "%s: %s\n", svc->kind->name, why);
}

/* --- out ------------------------------------------------------------------- */

static void send(struct utils_service *svc, u32 bytes)
{
	int err = lis_send(svc->dev->channel, svc->msg, bytes, LIS_NO_REQUEST,
			   0);

	svc->unsent = err == -EAGAIN ? bytes : 0;
	if (err == -EAGAIN) {
		svc->count[UTILS_CNT_NO_ROOM]++;
		return;
	}
	if (!err)
		svc->count[UTILS_CNT_ANSWERS]++;
	if (svc->kind->answered)
		svc->kind->answered(svc);
}

/**
 * utils_finish - svc->msg has been dealt with.
 * @svc: locked
 * @status: for the host
 */
void utils_finish(struct utils_service *svc, u32 status)
{
	lockdep_assert_held(&svc->lock);
	svc->busy = false;
	if (!svc->live)
		return;
	send(svc, utils_answer(svc->msg, status));
	/* there may be a message behind it */
	queue_work(utils_wq, &svc->work);
}

/* --- in -------------------------------------------------------------------- */

static bool same(struct lis_ic_version a, struct lis_ic_version b)
{
	return utils_version(a) == utils_version(b);
}

/* The host begins anew, whatever was under way. */
static void negotiate(struct utils_service *svc)
{
	struct utils_terms was = svc->terms;
	const char *wrong;
	bool agreed;

	svc->count[UTILS_CNT_NEGOTIATIONS]++;
	svc->busy = false;
	agreed = utils_negotiate(svc->msg, &svc->kind->versions, &svc->terms,
				 &wrong);
	if (svc->kind->daemon)
		utils_relay_forget(svc);
	if (svc->kind->begin)
		svc->kind->begin(svc);
	if (wrong)
		utils_complain(svc, UTILS_CNT_MALFORMED, wrong);
	else if (!agreed)
		utils_complain(svc, UTILS_CNT_REFUSED,
			       "the host knows no version that we know");
	else if (!same(was.message, svc->terms.message) ||
		 __ratelimit(&svc->log_limit))
		pr_info("%s IC version %u.%u\n", svc->kind->name,
			svc->terms.message.major, svc->terms.message.minor);
	send(svc, utils_answer(svc->msg, wrong ? LIS_IC_E_INVALID :
			       LIS_IC_S_OK));
}

static void handle(struct utils_service *svc)
{
	u32 status = LIS_IC_E_NOT_SUPPORTED;

	if (svc->msg->head.type == LIS_IC_NEGOTIATE) {
		negotiate(svc);
		return;
	}
	if (svc->msg->head.type != svc->kind->type) {
		utils_complain(svc, UTILS_CNT_REFUSED,
			       "message of another service");
	} else if (!utils_agreed(svc)) {
		status = LIS_IC_E_NOT_CONNECTED;
		utils_complain(svc, UTILS_CNT_REFUSED,
			       "message before a version was agreed on");
	} else {
		svc->busy = true;
		status = svc->kind->message(svc);
		if (status == UTILS_LATER)
			return;
	}
	utils_finish(svc, status);
}

/* In lis_channel_poll(), hence with the lock, and one packet at a time. */
static unsigned int utils_receive(struct lis_channel *ch, void *ctx,
				  unsigned int budget)
{
	struct utils_service *svc = ctx;
	const struct lis_packet *pkt = lis_packet_next(ch);
	const char *wrong;
	u32 len;

	if (!pkt)
		return 0;
	svc->last = jiffies;
	svc->count[UTILS_CNT_MESSAGES]++;
	len = min_t(u32, pkt->len, sizeof(*svc->next));
	memcpy(svc->next, pkt->payload, len);
	if (pkt->want_completion)
		lis_complete(ch, pkt->id, NULL, 0);
	wrong = pkt->type == LIS_PKT_INBAND ?
		utils_check_frame(svc->next, len) : "packet of an odd kind";
	if (wrong)
		utils_complain(svc, UTILS_CNT_MALFORMED, wrong);
	else
		svc->next_bytes = len;
	return 1;
}

static void take_next(struct utils_service *svc)
{
	swap(svc->msg, svc->next);
	svc->next_bytes = 0;
	handle(svc);
}

/* The ring is the bus's again, unless it is ours once more: true. */
static bool give_back(struct utils_service *svc, bool no_room)
{
	struct lis_channel *ch = svc->dev->channel;

	/* before it is: wake() may come at once */
	WRITE_ONCE(svc->owned, false);
	if (!(no_room ? lis_channel_poll_wait(ch) : lis_channel_poll_end(ch)))
		return false;
	WRITE_ONCE(svc->owned, true);
	return true;
}

/* An answer that found no room: true when it is gone, or may find some now. */
static bool send_again(struct utils_service *svc)
{
	send(svc, svc->unsent);
	if (!svc->unsent)
		return true;
	return READ_ONCE(svc->owned) && give_back(svc, true);
}

/* Is there anything that can be done now?  Does it. */
static bool step(struct utils_service *svc)
{
	if (svc->unsent)
		return send_again(svc);
	if (svc->next_bytes) {
		/* one that begins anew does not wait for an answer */
		if (svc->busy && svc->next->head.type != LIS_IC_NEGOTIATE)
			return false;
		take_next(svc);
		return true;
	}
	if (!READ_ONCE(svc->owned))
		return false;
	return lis_channel_poll(svc->dev->channel, 1) || give_back(svc, false);
}

static void utils_work(struct work_struct *work)
{
	struct utils_service *svc = container_of(work, struct utils_service,
						 work);
	u32 left = IN_ONE_GO;

	mutex_lock(&svc->lock);
	while (svc->live && left && step(svc))
		left--;
	if (svc->live && !left)
		queue_work(utils_wq, &svc->work);
	mutex_unlock(&svc->lock);
}

/* Any context */
static void utils_wake(struct lis_channel *ch, void *ctx)
{
	struct utils_service *svc = ctx;

	WRITE_ONCE(svc->owned, true);
	queue_work(utils_wq, &svc->work);
}

/* --- the channel's life ----------------------------------------------------- */

/* Nobody takes or sends after this.  The channel may still be open. */
static void die(struct utils_service *svc)
{
	mutex_lock(&svc->lock);
	svc->live = false;
	mutex_unlock(&svc->lock);
	cancel_work_sync(&svc->work);
	mutex_lock(&svc->lock);
	svc->owned = false;
	svc->busy = false;
	svc->unsent = 0;
	svc->next_bytes = 0;
	memset(&svc->terms, 0, sizeof(svc->terms));
	if (svc->kind->daemon)
		utils_relay_forget(svc);
	if (svc->kind->begin)
		svc->kind->begin(svc);
	mutex_unlock(&svc->lock);
}

static void utils_gone(struct lis_channel *ch, void *ctx, int why)
{
	die(ctx);
}

static const struct lis_channel_ops utils_channel_ops = {
	.receive	= utils_receive,
	.wake		= utils_wake,
	.gone		= utils_gone,
};

int utils_service_open(struct utils_service *svc)
{
	struct lis_open_params p = {
		.send_bytes	= RING_BYTES,
		.recv_bytes	= RING_BYTES,
		.max_packet	= PACKET_MAX,
		.target_cpu	= -1,
		.ops		= &utils_channel_ops,
		.ctx		= svc,
	};
	int err;

	/* the host may speak before open returns */
	mutex_lock(&svc->lock);
	svc->owned = false;
	svc->live = true;
	mutex_unlock(&svc->lock);
	err = lis_channel_open(svc->dev->channel, &p);
	if (err)
		die(svc);
	return err;
}

void utils_service_close(struct utils_service *svc)
{
	die(svc);
	lis_channel_close(svc->dev->channel);
	/* a signal that came meanwhile has queued it once more */
	cancel_work_sync(&svc->work);
}

/* --- memory ---------------------------------------------------------------- */

struct utils_service *utils_service_alloc(struct lis_device *dev,
					  const struct utils_kind *kind)
{
	struct utils_service *svc = kzalloc(sizeof(*svc), GFP_KERNEL);

	if (!svc)
		return NULL;
	svc->kind = kind;
	svc->dev = dev;
	get_device(&dev->dev);
	kref_init(&svc->refs);
	mutex_init(&svc->lock);
	INIT_WORK(&svc->work, utils_work);
	ratelimit_state_init(&svc->log_limit, 5 * HZ, 10);
	svc->msg = vzalloc(sizeof(*svc->msg));
	svc->next = vzalloc(sizeof(*svc->next));
	if (svc->msg && svc->next)
		return svc;
	utils_service_put(svc);
	return NULL;
}

static void release(struct kref *refs)
{
	struct utils_service *svc = container_of(refs, struct utils_service,
						 refs);

	vfree(svc->msg);
	vfree(svc->next);
	vfree(svc->relay.out);
	put_device(&svc->dev->dev);
	kfree(svc);
}

void utils_service_put(struct utils_service *svc)
{
	kref_put(&svc->refs, release);
}
