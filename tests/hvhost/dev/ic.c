// SPDX-License-Identifier: GPL-2.0-only
/*
 * Integration components, what all of them share: a channel's life, messages
 * and their answers, negotiation, and the one request that is under way.
 * Locking: see ic.h.
 */
#include "ic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../vmbus/generation.h"
#include "../vmbus/server.h"

static const struct lis_ic_version frameworks[] = { { 1, 0 }, { 3, 0 } };

#define FRAMEWORKS	(sizeof(frameworks) / sizeof(frameworks[0]))
#define OFFERED_MAX	8		/* of both kinds together */

uint64_t ic_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

bool ic_speaks(const struct ic *ic, unsigned int major, unsigned int minor)
{
	return ic->version.major > major || (ic->version.major == major &&
					     ic->version.minor >= minor);
}

/* --- to the guest ---------------------------------------------------------- */

/* One that no answer is owed for, unless all are in use */
static uint8_t next_transaction(const struct ic *ic)
{
	uint8_t n = ic->transaction + 1;

	while (ic->owed[n] && n != ic->transaction)
		n++;
	return n == ic->transaction ? ic->transaction + 1 : n;
}

uint32_t ic_build(struct ic *ic, uint16_t type, const void *body,
		  uint32_t bytes)
{
	struct lis_ic_pipe pipe = {
		.type = LIS_IC_PIPE_DATA,
		.bytes = sizeof(struct lis_ic_header) + bytes,
	};
	struct lis_ic_header h = {
		.type = type,
		.bytes = bytes,
		.transaction = next_transaction(ic),
		.flags = LIS_IC_FLAG_TRANSACTION | LIS_IC_FLAG_REQUEST,
	};

	ic->transaction = h.transaction;
	if (type != LIS_IC_NEGOTIATE) {
		h.framework = ic->framework;
		h.version = ic->version;
	}
	memcpy(ic->packet, &pipe, sizeof(pipe));
	memcpy(ic->packet + sizeof(pipe), &h, sizeof(h));
	memcpy(ic->packet + IC_HEAD, body, bytes);
	return IC_HEAD + bytes;
}

/* false: no room in the ring */
static bool send_built(struct ic *ic, uint32_t bytes)
{
	bool repeat = false;

	bytes = ic_lie(ic, bytes, &repeat);
	if (!vmbus_channel_send(ic->ch, LIS_PKT_INBAND, 0, 0, ic->packet,
				bytes))
		return false;
	ic->counts.sent++;
	ic->owed[ic->transaction]++;
	if (repeat && vmbus_channel_send(ic->ch, LIS_PKT_INBAND, 0, 0,
					 ic->packet, bytes))
		ic->owed[ic->transaction]++;
	return true;
}

/* What is waiting for an answer gets none any more. */
static void give_up(struct ic *ic)
{
	struct ic_pending *p = &ic->pending;

	if (p->ask) {
		p->ask->state = ASK_LOST;
		ic->ask = NULL;
		pthread_cond_broadcast(&ic->changed);
	}
	p->valid = false;
	p->ask = NULL;
}

static bool send_message(struct ic *ic, uint16_t type, const uint8_t *body,
			 uint32_t bytes, unsigned int limit_ms)
{
	struct ic_pending *p = &ic->pending;
	uint32_t bytes_built;
	uint16_t before;

	bytes_built = ic_build(ic, type, body, bytes);
	before = ic->owed[ic->transaction];
	if (!send_built(ic, bytes_built))
		return false;
	give_up(ic);
	p->valid = true;
	p->before = before;
	p->transaction = ic->transaction;
	p->type = type;
	p->sent_ms = ic_now_ms();
	p->limit_ms = limit_ms ? p->sent_ms + limit_ms : 0;
	p->bytes = bytes;
	memcpy(p->body, body, bytes);
	return true;
}

/* The versions that a host of this generation has; how many bytes */
static uint32_t versions_body(struct ic *ic, uint8_t *body)
{
	uint32_t vmbus = vmbus_server_generation(ic->dev.server)->vmbus;
	struct lis_ic_negotiate n = { .frameworks = FRAMEWORKS };
	struct lis_ic_version v[OFFERED_MAX];
	const struct ic_since *since;

	memcpy(v, frameworks, sizeof(frameworks));
	for (since = ic->service->versions; since->version.major; since++)
		if (since->vmbus <= vmbus)
			v[FRAMEWORKS + n.messages++] = since->version;
	memcpy(body, &n, sizeof(n));
	memcpy(body + sizeof(n), v, (FRAMEWORKS + n.messages) * sizeof(*v));
	return sizeof(n) + (FRAMEWORKS + n.messages) * sizeof(*v);
}

static void send_versions(struct ic *ic)
{
	uint8_t body[IC_BODY_MAX];
	uint32_t bytes = versions_body(ic, body);

	bytes = ic_lie_versions(ic, body, bytes);
	if (!send_message(ic, LIS_IC_NEGOTIATE, body, bytes, 0))
		return;
	ic->negotiate = false;
	ic->state = IC_NEGOTIATING;
	pthread_cond_broadcast(&ic->changed);
}

static void send_periodic(struct ic *ic)
{
	uint8_t body[IC_BODY_MAX];
	uint32_t bytes = ic->service->periodic(ic, body);

	if (ic->service->stamp)
		ic->service->stamp(ic, body, bytes);
	if (!send_message(ic, ic->service->type, body, bytes, ic->period_ms ?:
			  ic->service->period_ms))
		return;
	ic->periodic_now = false;
	ic->next_ms = ic_now_ms() + ic->period_ms;
}

static void send_ask(struct ic *ic)
{
	struct ic_ask *ask = ic->ask;

	if (ic->service->stamp)
		ic->service->stamp(ic, ask->body, ask->bytes);
	/* Whoever waits for the answer looks at the clock */
	if (!send_message(ic, ic->service->type, ask->body, ask->bytes, 0))
		return;
	ic->pending.ask = ask;
	ask->state = ASK_SENT;
}

/* --- from the guest -------------------------------------------------------- */

/* After a lie the guest's answer may be anything. */
__attribute__((format(printf, 2, 3)))
static void complain(struct ic *ic, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	if (ic->lied) {
		ic->counts.odd++;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	vmbus_channel_violation(ic->ch, "%s", text);
}

struct answer {
	struct lis_ic_header head;
	const uint8_t *body;
};

/* Does it hang together? */
static bool parse_answer(struct ic *ic, const struct vmbus_packet *p,
			 struct answer *a)
{
	struct lis_ic_pipe pipe;
	uint32_t room;

	if (p->type != LIS_PKT_INBAND || p->payload_bytes < IC_HEAD) {
		complain(ic, "packet type %u of %u bytes: no IC message",
			 p->type, p->payload_bytes);
		return false;
	}
	memcpy(&pipe, p->payload, sizeof(pipe));
	room = p->payload_bytes - sizeof(pipe);
	if (pipe.type != LIS_IC_PIPE_DATA || pipe.bytes > room ||
	    pipe.bytes < sizeof(a->head)) {
		complain(ic, "IC answer: pipe type %u, %u of %u bytes",
			 pipe.type, pipe.bytes, room);
		return false;
	}
	memcpy(&a->head, (const uint8_t *)p->payload + sizeof(pipe),
	       sizeof(a->head));
	a->body = (const uint8_t *)p->payload + IC_HEAD;
	if (a->head.bytes > pipe.bytes - sizeof(a->head)) {
		complain(ic, "IC answer: body of %u bytes in a message of %u",
			 a->head.bytes, pipe.bytes);
		return false;
	}
	return true;
}

static bool version_is(struct lis_ic_version a, struct lis_ic_version b)
{
	return a.major == b.major && a.minor == b.minor;
}

/* Is it an answer to something?  *@wanted: to what is waited for. */
static bool check_answer(struct ic *ic, const struct answer *a, bool *wanted)
{
	const struct lis_ic_header *h = &a->head;
	struct ic_pending *p = &ic->pending;

	if (h->flags != (LIS_IC_FLAG_TRANSACTION | LIS_IC_FLAG_RESPONSE))
		complain(ic, "IC answer: flags %#x", h->flags);
	if (!ic->owed[h->transaction]) {
		complain(ic, "IC answer: transaction %u is not outstanding",
			 h->transaction);
		return false;
	}
	ic->owed[h->transaction]--;
	if (!p->valid || h->transaction != p->transaction)
		return true;
	/* Guests answer one after the other */
	*wanted = !p->before;
	if (p->before) {
		p->before--;
		return true;
	}
	if (h->type != p->type) {
		complain(ic, "IC answer: type %u to a message of type %u",
			 h->type, p->type);
		return false;
	}
	if (h->type != LIS_IC_NEGOTIATE && h->bytes != p->bytes) {
		complain(ic, "IC answer: body of %u bytes to one of %u",
			 h->bytes, p->bytes);
		return false;
	}
	if (h->type != LIS_IC_NEGOTIATE &&
	    (!version_is(h->framework, ic->framework) ||
	     !version_is(h->version, ic->version)))
		complain(ic, "IC answer: versions %u.%u and %u.%u",
			 h->framework.major, h->framework.minor,
			 h->version.major, h->version.minor);
	return true;
}

static bool offered(const struct lis_ic_version *list, unsigned int n,
		    struct lis_ic_version v)
{
	for (unsigned int i = 0; i < n; i++)
		if (version_is(list[i], v))
			return true;
	return false;
}

static void refused(struct ic *ic)
{
	ic->state = IC_REFUSED;
}

static void agreed(struct ic *ic, const struct answer *a)
{
	struct lis_ic_negotiate sent, n;
	struct lis_ic_version v[2], list[OFFERED_MAX];

	ic->counts.negotiations++;
	memcpy(&sent, ic->pending.body, sizeof(sent));
	if (a->head.bytes < sizeof(n)) {
		complain(ic, "IC negotiation: answer of %u bytes",
			 a->head.bytes);
		return refused(ic);
	}
	memcpy(&n, a->body, sizeof(n));
	if (!n.frameworks && !n.messages)
		return refused(ic);
	if (n.frameworks != 1 || n.messages != 1 ||
	    a->head.bytes < sizeof(n) + sizeof(v) ||
	    sent.frameworks + sent.messages > OFFERED_MAX) {
		complain(ic, "IC negotiation: %u and %u versions in %u bytes",
			 n.frameworks, n.messages, a->head.bytes);
		return refused(ic);
	}
	memcpy(v, a->body + sizeof(n), sizeof(v));
	memcpy(list, ic->pending.body + sizeof(sent), sizeof(list));
	if (!offered(list, sent.frameworks, v[0]) ||
	    !offered(list + sent.frameworks, sent.messages, v[1])) {
		complain(ic, "IC negotiation: %u.%u and %u.%u were not offered",
			 v[0].major, v[0].minor, v[1].major, v[1].minor);
		return refused(ic);
	}
	ic->framework = v[0];
	ic->version = v[1];
	ic->state = IC_READY;
	ic->next_ms = ic_now_ms();
	if (ic->service->ready)
		ic->service->ready(ic);
}

static void take_answer(struct ic *ic, const struct answer *a)
{
	struct ic_pending *p = &ic->pending;
	const char *wrong = NULL;

	if (a->head.type == LIS_IC_NEGOTIATE) {
		agreed(ic, a);
	} else {
		ic->last_status = a->head.status;
		ic->counts.failed += a->head.status != LIS_IC_S_OK;
		if (ic->service->answer)
			wrong = ic->service->answer(ic, p->body, a->body,
						    p->bytes, a->head.status);
		if (wrong)
			complain(ic, "%s answer: %s", ic->service->name, wrong);
	}
	if (p->ask) {
		memcpy(p->ask->body, a->body, p->bytes);
		p->ask->status = a->head.status;
		p->ask->state = ASK_ANSWERED;
		ic->ask = NULL;
	}
	p->valid = false;
	p->ask = NULL;
	pthread_cond_broadcast(&ic->changed);
}

static void take_packet(struct ic *ic, const struct vmbus_packet *p)
{
	struct answer a;
	bool wanted = false;

	if (!parse_answer(ic, p, &a) || !check_answer(ic, &a, &wanted))
		return;
	ic->contact_ms = ic_now_ms();
	ic->counts.answered++;
	ic->missed = 0;
	if (wanted)
		take_answer(ic, &a);
	else
		ic->counts.late++;
}

/* --- the worker ------------------------------------------------------------ */

static void missed(struct ic *ic)
{
	ic->counts.missed++;
	ic->missed++;
	give_up(ic);
}

static bool due(const struct ic *ic, uint64_t now)
{
	return ic->periodic_now || (ic->period_ms && now >= ic->next_ms);
}

static void send_what_is_due(struct ic *ic)
{
	uint64_t now = ic_now_ms();

	if (ic->pending.valid && ic->pending.limit_ms &&
	    now >= ic->pending.limit_ms)
		missed(ic);
	if (!ic_lie_unasked(ic))
		return;
	if (ic->negotiate)
		send_versions(ic);
	if (ic->pending.valid || ic->state != IC_READY)
		return;
	if (ic->service->periodic && due(ic, now))
		send_periodic(ic);
	else if (ic->ask)
		send_ask(ic);
}

/* Milliseconds until there is something to do, -1: never */
static int until_next(const struct ic *ic)
{
	uint64_t now = ic_now_ms(), at;

	if (ic->pending.valid)
		at = ic->pending.limit_ms;
	else
		at = ic->period_ms && ic->state == IC_READY ? ic->next_ms : 0;
	if (!at)
		return -1;
	return at > now ? (int)(at - now) : 0;
}

static int ic_run(void *state)
{
	struct ic *ic = state;
	struct vmbus_packet p;
	int next = -1;

	pthread_mutex_lock(&ic->lock);
	while (vmbus_channel_receive(ic->ch, &p))
		take_packet(ic, &p);
	if (!vmbus_channel_stopping(ic->ch)) {
		send_what_is_due(ic);
		next = until_next(ic);
	}
	pthread_mutex_unlock(&ic->lock);
	return next;
}

static bool ic_idle(void *state)
{
	(void)state;
	return true;
}

static void *ic_open(struct device *dev, struct vmbus_channel *ch)
{
	struct ic *ic = (struct ic *)dev;

	pthread_mutex_lock(&ic->lock);
	ic->ch = ch;
	ic->state = IC_NEGOTIATING;
	ic->negotiate = true;
	ic->lied = false;
	ic->frozen = false;
	ic->missed = 0;
	ic->periodic_now = false;
	memset(ic->owed, 0, sizeof(ic->owed));
	memset(&ic->heartbeat, 0, sizeof(ic->heartbeat));
	pthread_cond_broadcast(&ic->changed);
	pthread_mutex_unlock(&ic->lock);
	return ic;
}

static void ic_close(void *state)
{
	struct ic *ic = state;

	pthread_mutex_lock(&ic->lock);
	give_up(ic);
	ic->ch = NULL;
	ic->state = IC_CLOSED;
	ic->version = ic->framework = (struct lis_ic_version){ 0, 0 };
	pthread_cond_broadcast(&ic->changed);
	pthread_mutex_unlock(&ic->lock);
}

static void ic_disconnect(struct device *dev)
{
	(void)dev;	/* the channel was closed before */
}

static void ic_destroy(struct device *dev)
{
	struct ic *ic = (struct ic *)dev;

	pthread_cond_destroy(&ic->changed);
	pthread_mutex_destroy(&ic->lock);
	free(ic);
}

const struct device_ops ic_ops = {
	.open = ic_open,
	.run = ic_run,
	.idle = ic_idle,
	.close = ic_close,
	.disconnect = ic_disconnect,
	.destroy = ic_destroy,
};

/* --- requests --------------------------------------------------------------- */

static struct timespec deadline(unsigned int ms)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000l;
	if (t.tv_nsec >= 1000000000) {
		t.tv_nsec -= 1000000000;
		t.tv_sec++;
	}
	return t;
}

void ic_prompt(struct ic *ic)
{
	pthread_mutex_lock(&ic->lock);
	ic->periodic_now = true;
	pthread_mutex_unlock(&ic->lock);
	vmbus_device_kick(&ic->dev);
}

static bool state_error(const struct ic *ic, char *error)
{
	static const char *const why[] = {
		[IC_CLOSED] = "the guest has not opened its channel",
		[IC_NEGOTIATING] = "the guest has not agreed on a version",
		[IC_REFUSED] = "the guest knows no version of it",
		[IC_READY] = "the guest has not answered in time",
	};

	snprintf(error, IC_TEXT, "%s: %s", ic->service->name, why[ic->state]);
	return false;
}

/* Nobody waits for it any more. */
static void withdraw(struct ic *ic, struct ic_ask *ask)
{
	if (ic->pending.ask == ask) {
		ic->counts.missed++;
		ic->pending.ask = NULL;
		ic->pending.valid = false;
	}
	if (ic->ask == ask)
		ic->ask = NULL;
	pthread_cond_broadcast(&ic->changed);
}

/* With the lock held; false: the time was over first */
static bool queue(struct ic *ic, struct ic_ask *ask, const struct timespec *end)
{
	while (ic->ask || ic->state != IC_READY)
		if (pthread_cond_timedwait(&ic->changed, &ic->lock, end))
			return false;
	ic->ask = ask;
	return true;
}

bool ic_ask(struct ic *ic, uint8_t *body, uint32_t bytes, uint32_t *status,
	    unsigned int ms, char *error)
{
	struct ic_ask ask = { .body = body, .bytes = bytes };
	struct timespec end = deadline(ms);
	bool done, late = false;

	pthread_mutex_lock(&ic->lock);
	done = queue(ic, &ask, &end);
	pthread_mutex_unlock(&ic->lock);
	if (done)
		vmbus_device_kick(&ic->dev);
	pthread_mutex_lock(&ic->lock);
	while (done && !late && ask.state < ASK_ANSWERED)
		late = pthread_cond_timedwait(&ic->changed, &ic->lock, &end);
	done = ask.state == ASK_ANSWERED;
	if (ask.state == ASK_LOST)
		snprintf(error, IC_TEXT, "%s: the channel was closed, or versions negotiated again",
			 ic->service->name);
	else if (!done)
		state_error(ic, error);
	withdraw(ic, &ask);
	pthread_mutex_unlock(&ic->lock);
	*status = ask.status;
	return done;
}
