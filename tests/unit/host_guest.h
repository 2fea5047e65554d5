/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest in a few lines, for tests of hvhost's VMBus server without a VM:
 * plain memory as guest RAM, the effects table, control messages, and the
 * guest's side of a ring (written anew: it shares no code with the host's).
 *
 * Locking: guest.lock protects what effects change from worker threads.
 */
#ifndef HOST_GUEST_H
#define HOST_GUEST_H

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include <lis/proto/ring.h>
#include <lis/proto/storvsp.h>
#include <lis/proto/vmbus.h>

#include "vmbus/server.h"

#define RAM_PAGES	16384u
#define PAGE		4096u
#define PATIENCE	10		/* s; nothing here takes that long */
#define VPS		4
#define INTERRUPT_PAGE	((uint64_t)(RAM_PAGES - 1) * PAGE)

struct message {
	uint32_t vp;
	size_t len;
	uint64_t data[30];
};

struct guest {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint8_t *ram;
	struct message queue[4096];
	unsigned int posted, taken;
	size_t last_len;		/* of the message taken last */
	unsigned int events[LIS_RELID_MAX + 1];
	uint32_t event_vp[LIS_RELID_MAX + 1];
	int signal_fd[0x3000];
	unsigned int bound;
	unsigned int violations;
	char violation[256];		/* the latest */
	struct hv_effects fx;
	struct vmbus_server *server;
	uint32_t port;
	uint32_t version;
	uint32_t next_gpadl;
};

/* A channel as its guest sees it; ring pages are contiguous in RAM */
struct guest_channel {
	uint32_t relid, connection, gpadl;
	uint32_t page, out_pages, in_pages;
	struct lis_ring_control *out, *in;
	uint8_t *out_data, *in_data;
	uint32_t out_size, in_size;
	unsigned int events_seen;
};

static inline struct timespec deadline(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += PATIENCE;
	return t;
}

/* --- effects -------------------------------------------------------------- */

static inline void fx_post(void *ctx, uint32_t vp, uint32_t sint,
			   const void *payload, size_t len)
{
	struct guest *g = ctx;
	struct message *m;

	pthread_mutex_lock(&g->lock);
	m = &g->queue[g->posted++ % 4096];
	m->vp = vp;
	m->len = len;
	memset(m->data, 0xaa, sizeof(m->data));
	memcpy(m->data, payload, len);
	if (sint != LIS_HV_SINT_VMBUS)
		abort();
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
}

/* Before 2.4: flag 0 means that the bits are in the shared page */
static inline void take_shared_bits(struct guest *g)
{
	uint32_t *page = (uint32_t *)(g->ram + INTERRUPT_PAGE);

	for (uint32_t relid = 0; relid <= LIS_RELID_MAX; relid++) {
		uint32_t bit = 1u << (relid % 32);

		if (__atomic_fetch_and(page + relid / 32, ~bit,
				       __ATOMIC_SEQ_CST) & bit)
			g->events[relid]++;
	}
}

static inline bool fx_event(void *ctx, uint32_t vp, uint32_t sint,
			    uint32_t flag)
{
	struct guest *g = ctx;

	pthread_mutex_lock(&g->lock);
	if (sint == LIS_HV_SINT_VMBUS && flag <= LIS_RELID_MAX) {
		g->events[flag]++;
		g->event_vp[flag] = vp;
	}
	if (!flag)
		take_shared_bits(g);
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
	return true;
}

static inline void *fx_memory(void *ctx, uint64_t gpa, size_t len)
{
	struct guest *g = ctx;
	uint64_t end = (uint64_t)RAM_PAGES * PAGE;

	return gpa <= end && len <= end - gpa ? g->ram + gpa : NULL;
}

static inline int fx_bind(void *ctx, uint32_t connection)
{
	struct guest *g = ctx;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	pthread_mutex_lock(&g->lock);
	g->signal_fd[connection] = fd;
	g->bound++;
	pthread_mutex_unlock(&g->lock);
	return fd;
}

static inline void fx_unbind(void *ctx, uint32_t connection, int fd)
{
	struct guest *g = ctx;

	pthread_mutex_lock(&g->lock);
	if (g->signal_fd[connection] != fd)
		abort();
	g->signal_fd[connection] = -1;
	g->bound--;
	close(fd);
	pthread_mutex_unlock(&g->lock);
}

static inline void fx_violation(void *ctx, const char *fmt, ...)
{
	struct guest *g = ctx;
	va_list args;

	va_start(args, fmt);
	pthread_mutex_lock(&g->lock);
	vsnprintf(g->violation, sizeof(g->violation), fmt, args);
	g->violations++;
	pthread_cond_broadcast(&g->changed);
	pthread_mutex_unlock(&g->lock);
	va_end(args);
}

/* --- life ----------------------------------------------------------------- */

static inline struct guest *guest_new(const char *generation,
				      unsigned int subchannels)
{
	struct vmbus_server_config cfg = {
		.generation = generation,
		.max_subchannels = subchannels,
	};
	struct guest *g = calloc(1, sizeof(*g));

	pthread_mutex_init(&g->lock, NULL);
	pthread_cond_init(&g->changed, NULL);
	memset(g->signal_fd, 0xff, sizeof(g->signal_fd));
	g->ram = mmap(NULL, (size_t)RAM_PAGES * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	g->fx = (struct hv_effects){
		.ctx = g, .post_message = fx_post, .set_event = fx_event,
		.guest_memory = fx_memory, .bind_signal = fx_bind,
		.unbind_signal = fx_unbind, .violation = fx_violation,
		.vp_count = VPS,
	};
	g->next_gpadl = 0xe1e10;
	g->server = vmbus_server_new(&g->fx, &cfg);
	assert_non_null(g->server);
	return g;
}

static inline void guest_free(struct guest *g)
{
	vmbus_server_free(g->server);
	assert_int_equal(g->bound, 0);
	munmap(g->ram, (size_t)RAM_PAGES * PAGE);
	free(g);
}

/* The server found nothing to complain about since the last look. */
#define assert_clean(g) do { \
	if ((g)->violations) \
		fail_msg("unexpected violation: %s", (g)->violation); \
} while (0)

/* It complained, once or more, lastly with these words in it. */
#define assert_violation(g, words) do { \
	pthread_mutex_lock(&(g)->lock); \
	struct timespec t_ = deadline(); \
	while (!(g)->violations && \
	       !pthread_cond_timedwait(&(g)->changed, &(g)->lock, &t_)) \
		; \
	pthread_mutex_unlock(&(g)->lock); \
	if (!(g)->violations) \
		fail_msg("no violation, expected: %s", words); \
	if (!strstr((g)->violation, words)) \
		fail_msg("violation \"%s\" lacks \"%s\"", (g)->violation, \
			 words); \
	(g)->violations = 0; \
} while (0)

/* --- messages ------------------------------------------------------------- */

static inline uint32_t post_on(struct guest *g, uint32_t port, const void *m,
			       size_t len)
{
	return vmbus_server_message(g->server, 0, port, m, len);
}

static inline void post(struct guest *g, const void *m, size_t len)
{
	assert_int_equal(post_on(g, g->port, m, len), LIS_HV_SUCCESS);
}

static inline unsigned int waiting(struct guest *g)
{
	unsigned int n;

	pthread_mutex_lock(&g->lock);
	n = g->posted - g->taken;
	pthread_mutex_unlock(&g->lock);
	return n;
}

/* The next message, which has to be of @type and, unless @len is 0, exactly
 * @len bytes
 */
static inline const void *expect(struct guest *g, uint32_t type, size_t len)
{
	struct timespec t = deadline();
	struct message *m;

	pthread_mutex_lock(&g->lock);
	while (g->posted == g->taken &&
	       !pthread_cond_timedwait(&g->changed, &g->lock, &t))
		;
	m = g->posted == g->taken ? NULL : &g->queue[g->taken++ % 4096];
	pthread_mutex_unlock(&g->lock);
	if (!m)
		fail_msg("no message, expected type %u", type);
	assert_int_equal(((struct lis_msg_hdr *)m->data)->type, type);
	if (len)
		assert_int_equal(m->len, len);
	g->last_len = m->len;
	return m->data;
}

#define EXPECT(g, type, structure) \
	((const structure *)expect(g, type, sizeof(structure)))

static inline struct lis_msg_initiate_contact contact_message(uint32_t version)
{
	struct lis_msg_initiate_contact m = {
		.hdr.type = LIS_MSG_INITIATE_CONTACT,
		.version = version,
		.target_vp = 1,
	};

	if (version >= LIS_VMBUS_V5_0)
		m.target_sint = LIS_HV_SINT_VMBUS;
	else
		m.interrupt_page = INTERRUPT_PAGE;
	return m;
}

/* Ask for one version; true = granted. */
static inline bool contact(struct guest *g, uint32_t version)
{
	struct lis_msg_initiate_contact m = contact_message(version);
	uint32_t port = version >= LIS_VMBUS_V5_0 ? LIS_CONN_MESSAGE_5 :
			LIS_CONN_MESSAGE;
	const struct lis_msg_version_response *r;

	if (post_on(g, port, &m, sizeof(m)) != LIS_HV_SUCCESS)
		return false;
	r = expect(g, LIS_MSG_VERSION_RESPONSE, 0);
	assert_int_equal(g->last_len,
			 r->supported && version >= LIS_VMBUS_V6_0 ?
			 sizeof(struct lis_msg_version_response_6) :
			 sizeof(*r));
	if (!r->supported)
		return false;
	assert_int_equal(r->state, 0);
	g->version = version;
	g->port = port;
	if (version >= LIS_VMBUS_V5_0)
		assert_int_equal(r->connection_id, port);
	else
		assert_int_equal(r->connection_id, version);
	return true;
}

/* Connect and take @count offers of primaries. */
static inline void connect_and_take(struct guest *g, uint32_t version,
				    struct lis_msg_offer *offers,
				    unsigned int count)
{
	struct lis_msg_hdr ask = { .type = LIS_MSG_REQUEST_OFFERS };

	assert_true(contact(g, version));
	post(g, &ask, sizeof(ask));
	for (unsigned int i = 0; i < count; i++)
		offers[i] = *EXPECT(g, LIS_MSG_OFFER_CHANNEL,
				    struct lis_msg_offer);
	expect(g, LIS_MSG_ALL_OFFERS_DELIVERED, sizeof(struct lis_msg_hdr));
}

/* Post a GPADL of consecutive pages; the answer is left to the caller. */
static inline uint32_t gpadl_post(struct guest *g, uint32_t relid,
				  uint64_t first_pfn, uint32_t pages)
{
	uint64_t buffer[LIS_HV_MSG_PAYLOAD_MAX / 8];
	struct lis_msg_gpadl_header *h = (void *)buffer;
	struct lis_msg_gpadl_body *b = (void *)buffer;
	struct lis_gpa_range range = { .byte_count = pages * PAGE };
	uint32_t handle = g->next_gpadl++, done = 0, n;
	uint64_t pfn = first_pfn;

	memset(buffer, 0, sizeof(buffer));
	h->hdr.type = LIS_MSG_GPADL_HEADER;
	h->relid = relid;
	h->gpadl = handle;
	h->range_bytes = 8 + pages * 8;
	h->range_count = 1;
	memcpy(h + 1, &range, 8);
	n = pages < LIS_GPADL_HEADER_QWORDS - 1 ? pages :
	    LIS_GPADL_HEADER_QWORDS - 1;
	for (; done < n; done++, pfn++)
		memcpy((uint8_t *)(h + 1) + 8 + 8 * done, &pfn, 8);
	post(g, h, sizeof(*h) + 8 + 8 * n);
	while (done < pages) {
		uint32_t k = 0;

		memset(buffer, 0, sizeof(buffer));
		b->hdr.type = LIS_MSG_GPADL_BODY;
		b->gpadl = handle;
		for (; k < LIS_GPADL_BODY_QWORDS && done < pages; k++, done++,
		     pfn++)
			memcpy((uint8_t *)(b + 1) + 8 * k, &pfn, 8);
		post(g, b, sizeof(*b) + 8 * k);
	}
	return handle;
}

static inline uint32_t gpadl_create(struct guest *g, uint32_t relid,
				    uint64_t first_pfn, uint32_t pages)
{
	uint32_t handle = gpadl_post(g, relid, first_pfn, pages);
	const struct lis_msg_gpadl_created *r =
		EXPECT(g, LIS_MSG_GPADL_CREATED, struct lis_msg_gpadl_created);

	assert_int_equal(r->relid, relid);
	assert_int_equal(r->gpadl, handle);
	assert_int_equal(r->status, 0);
	return handle;
}

static inline void gpadl_teardown_post(struct guest *g, uint32_t relid,
				       uint32_t handle)
{
	struct lis_msg_gpadl_teardown m = {
		.hdr.type = LIS_MSG_GPADL_TEARDOWN,
		.relid = relid, .gpadl = handle };

	post(g, &m, sizeof(m));
}

static inline void gpadl_destroy(struct guest *g, uint32_t relid,
				 uint32_t handle)
{
	gpadl_teardown_post(g, relid, handle);
	assert_int_equal(EXPECT(g, LIS_MSG_GPADL_TORNDOWN,
				struct lis_msg_gpadl_torndown)->gpadl, handle);
}

static inline void relid_post(struct guest *g, uint32_t type, uint32_t relid)
{
	struct lis_msg_relid m = { .hdr.type = type, .relid = relid };

	post(g, &m, sizeof(m));
}

static inline void open_post(struct guest *g, const struct guest_channel *c,
			     uint32_t vp)
{
	struct lis_msg_open m = {
		.hdr.type = LIS_MSG_OPEN_CHANNEL, .relid = c->relid,
		.open_id = c->relid + 1000, .ring_gpadl = c->gpadl,
		.target_vp = vp, .downstream_page = c->out_pages };

	post(g, &m, sizeof(m));
}

static inline uint32_t open_answer(struct guest *g,
				   const struct guest_channel *c)
{
	const struct lis_msg_open_result *r =
		EXPECT(g, LIS_MSG_OPEN_RESULT, struct lis_msg_open_result);

	assert_int_equal(r->relid, c->relid);
	assert_int_equal(r->open_id, c->relid + 1000);
	return r->status;
}

/* Rings at @page of RAM, @pages each way, and their GPADL */
static inline void channel_rings(struct guest *g, struct guest_channel *c,
				 const struct lis_msg_offer *offer,
				 uint32_t page, uint32_t pages)
{
	memset(c, 0, sizeof(*c));
	c->relid = offer->relid;
	c->connection = offer->connection_id;
	c->page = page;
	c->out_pages = c->in_pages = pages;
	c->out = (void *)(g->ram + (size_t)page * PAGE);
	c->out_data = (uint8_t *)c->out + PAGE;
	c->out_size = (pages - 1) * PAGE;
	c->in = (void *)(c->out_data + c->out_size);
	c->in_data = (uint8_t *)c->in + PAGE;
	c->in_size = c->out_size;
	memset(c->out, 0, PAGE);
	memset(c->in, 0, PAGE);
	c->out->features = LIS_RING_FEATURE_PENDING_SIZE;
	c->gpadl = gpadl_create(g, c->relid, page, 2 * pages);
}

static inline void channel_open_at(struct guest *g, struct guest_channel *c,
				   const struct lis_msg_offer *offer,
				   uint32_t page, uint32_t pages)
{
	channel_rings(g, c, offer, page, pages);
	open_post(g, c, 2);
	assert_int_equal(open_answer(g, c), 0);
}

static inline void channel_close_all(struct guest *g, struct guest_channel *c)
{
	relid_post(g, LIS_MSG_CLOSE_CHANNEL, c->relid);
	gpadl_destroy(g, c->relid, c->gpadl);
}

#endif
