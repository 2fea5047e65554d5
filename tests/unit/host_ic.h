/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A guest's end of one integration component in user space, and hvctl, for unit
 * tests of hvhost's.
 * Locking: none, one test thread, but for the thread that is hvctl waiting.
 */
#ifndef HOST_IC_H
#define HOST_IC_H

#include "host_guest_ring.h"

#include <json-c/json.h>
#include <lis/proto/ic.h>

#include "dev/ic.h"
#include "vmbus/server_int.h"

#define RING_PAGES	8
#define IC_ERROR_BYTES	2048
#define COMMAND_BYTES	500

static struct bench {
	struct guest *g;
	struct guest_channel c;
	struct lis_msg_offer offer;
	struct packet packet;
	char service[16];		/* the first word of the option */
	pthread_t thread;
	struct call {
		struct vmbus_server *server;
		char command[COMMAND_BYTES];
		struct json_object *reply;
		bool done;
		char error[IC_ERROR_BYTES];
	} call;				/* by that thread */
} *bench;

/* --- messages ----------------------------------------------------------------- */

static inline uint8_t *header(void)
{
	return bench->packet.body + sizeof(struct lis_ic_pipe);
}

static inline uint8_t *body(void)
{
	return bench->packet.body + IC_HEAD;
}

static inline void take(struct lis_ic_header *h)
{
	struct lis_ic_pipe pipe;

	assert_true(ring_wait(bench->g, &bench->c, &bench->packet, PATIENCE));
	assert_int_equal(bench->packet.desc.type, LIS_PKT_INBAND);
	memcpy(&pipe, bench->packet.body, sizeof(pipe));
	memcpy(h, header(), sizeof(*h));
	assert_int_equal(pipe.type, LIS_IC_PIPE_DATA);
	assert_int_equal(pipe.bytes, sizeof(*h) + h->bytes);
}

/* The packet that was taken, as it is now */
static inline void put_back(void)
{
	unsigned int tries = PATIENCE * 1000;

	bench->packet.desc.flags = 0;
	while (!ring_write(&bench->c, &bench->packet, 16 +
			   bench->packet.body_bytes)) {
		assert_int_not_equal(tries--, 0);
		usleep(1000);
	}
	signal_host(bench->g, &bench->c);
}

static inline void answer(uint32_t status)
{
	struct lis_ic_header h;

	memcpy(&h, header(), sizeof(h));
	h.status = status;
	h.flags = LIS_IC_FLAG_TRANSACTION | LIS_IC_FLAG_RESPONSE;
	memcpy(header(), &h, sizeof(h));
	put_back();
}

/* Wait for the negotiation and agree on these, offered or not. */
static inline void agree(uint16_t f_major, uint16_t f_minor, uint16_t major,
			 uint16_t minor)
{
	struct lis_ic_negotiate n = { .frameworks = 1, .messages = 1 };
	struct lis_ic_version v[2] = { { f_major, f_minor }, { major, minor } };
	struct lis_ic_header h;

	take(&h);
	assert_int_equal(h.type, LIS_IC_NEGOTIATE);
	memcpy(body(), &n, sizeof(n));
	memcpy(body() + sizeof(n), v, sizeof(v));
	h.bytes = sizeof(n) + sizeof(v);
	memcpy(header(), &h, sizeof(h));
	answer(LIS_IC_S_OK);
}

/* --- hvctl --------------------------------------------------------------------- */

static const struct {
	const char *name;
	ic_verb *serve;
} ic_verbs[] = {
	{ "ic", ic_control }, { "kvp", kvp_control }, { "vss", vss_control },
	{ "fcopy", fcopy_control },
};

static inline void *hvctl(void *arg)
{
	struct call *c = arg;
	char copy[COMMAND_BYTES], *rest = copy, *word;
	const char *argv[20];
	int argc = 0;

	strcpy(copy, c->command);
	while (argc < 20 && (word = strsep(&rest, " ")))
		argv[argc++] = word;
	for (size_t i = 0; i < sizeof(ic_verbs) / sizeof(ic_verbs[0]); i++)
		if (!strcmp(ic_verbs[i].name, argv[0]))
			c->done = ic_verbs[i].serve(c->server, argc - 1,
						    argv + 1, c->reply,
						    c->error, IC_ERROR_BYTES);
	return NULL;
}

static inline void call_init(struct call *c, const char *command)
{
	c->server = bench->g->server;
	c->done = false;
	c->error[0] = 0;
	assert_true(strlen(command) < COMMAND_BYTES);
	strcpy(c->command, command);
	c->reply = json_object_new_object();
}

static inline void ask(const char *command)
{
	json_object_put(bench->call.reply);
	call_init(&bench->call, command);
	assert_int_equal(pthread_create(&bench->thread, NULL, hvctl,
					&bench->call), 0);
}

static inline void expect_done(void)
{
	pthread_join(bench->thread, NULL);
	if (!bench->call.done)
		fail_msg("%s: %s", bench->call.command, bench->call.error);
}

static inline void expect_refusal(const char *words)
{
	pthread_join(bench->thread, NULL);
	if (bench->call.done || !strstr(bench->call.error, words))
		fail_msg("%s: \"%s\" lacks \"%s\"", bench->call.command,
			 bench->call.error, words);
}

/* What needs no answer of the guest's, also while something else is asked */
static inline void say(const char *command)
{
	struct call c;

	call_init(&c, command);
	hvctl(&c);
	json_object_put(c.reply);
	if (!c.done)
		fail_msg("%s: %s", command, c.error);
}

static inline void say_no(const char *command, const char *words)
{
	struct call c;

	call_init(&c, command);
	hvctl(&c);
	json_object_put(c.reply);
	if (c.done || !strstr(c.error, words))
		fail_msg("%s: \"%s\" lacks \"%s\"", command, c.error, words);
}

#define assert_reply(words) do { \
	const char *text_ = json_object_to_json_string_ext(bench->call.reply, \
						JSON_C_TO_STRING_PLAIN); \
	if (!strstr(text_, words)) \
		fail_msg("%s lacks %s", text_, words); \
} while (0)

/* What `hvctl ic list` says of a service; to be put */
static inline struct json_object *described(const char *service)
{
	struct json_object *list, *o, *name;
	struct call c;

	call_init(&c, "ic list");
	hvctl(&c);
	assert_true(c.done);
	json_object_object_get_ex(c.reply, "services", &list);
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		o = json_object_array_get_idx(list, i);
		json_object_object_get_ex(o, "service", &name);
		if (strcmp(json_object_get_string(name), service))
			continue;
		o = json_object_get(o);
		json_object_put(c.reply);
		return o;
	}
	fail_msg("no service %s", service);
	return NULL;
}

static inline void expect_text(const char *service, const char *key,
			       const char *text)
{
	struct json_object *o = described(service), *value;

	assert_true(json_object_object_get_ex(o, key, &value));
	assert_string_equal(json_object_get_string(value), text);
	json_object_put(o);
}

static inline uint64_t count_of(const char *service, const char *key)
{
	struct json_object *o = described(service), *value;
	uint64_t n;

	assert_true(json_object_object_get_ex(o, key, &value));
	n = json_object_get_int64(value);
	json_object_put(o);
	return n;
}

static inline void expect_state(const char *service, const char *what)
{
	char command[100];

	snprintf(command, sizeof(command), "ic wait %s %s --limit %d", service,
		 what, PATIENCE);
	say(command);
}

/* --- life ------------------------------------------------------------------------ */

static inline int start_with(const char *generation, const char *spec)
{
	uint32_t version = LIS_VMBUS_V5_3;
	char *error;

	if (!strcmp(generation, "ws2012r2"))
		version = LIS_VMBUS_V3_0;
	bench = calloc(1, sizeof(*bench));
	bench->g = guest_new(generation, 4);
	memcpy(bench->service, spec, strcspn(spec, "=,"));
	assert_true(vmbus_server_add_ic(bench->g->server, spec, &error));
	connect_and_take(bench->g, version, &bench->offer, 1);
	assert_int_equal(bench->offer.flags,
			 LIS_OFFER_ENUMERATE | LIS_OFFER_NAMED_PIPE);
	channel_open_at(bench->g, &bench->c, &bench->offer, 64, RING_PAGES);
	return 0;
}

static inline int stop(void **state)
{
	(void)state;
	guest_free(bench->g);
	json_object_put(bench->call.reply);
	free(bench);
	return 0;
}

#endif
