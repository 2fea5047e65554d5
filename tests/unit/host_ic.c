// SPDX-License-Identifier: GPL-2.0-only
/*
 * hvhost's integration components: what is offered and negotiated by each
 * generation, what each verb sends, what of a guest's answers is complained of.
 *
 * srcs: tests/hvhost/vmbus/server.c tests/hvhost/vmbus/connection.c tests/hvhost/vmbus/offer.c tests/hvhost/vmbus/gpadl.c
 * srcs: tests/hvhost/vmbus/channel.c tests/hvhost/vmbus/worker.c tests/hvhost/vmbus/packet.c tests/hvhost/vmbus/ring.c
 * srcs: tests/hvhost/vmbus/events.c tests/hvhost/vmbus/stats.c tests/hvhost/vmbus/generation.c tests/hvhost/vmbus/hostile.c
 * srcs: tests/hvhost/vmbus/map.c tests/hvhost/dev/nic.c tests/hvhost/dev/nic_buffer.c tests/hvhost/dev/nic_spec.c
 * srcs: tests/hvhost/dev/netvsp.c tests/hvhost/dev/netvsp_init.c tests/hvhost/dev/netvsp_rx.c tests/hvhost/dev/netvsp_lies.c tests/hvhost/dev/netvsp_tx.c
 * srcs: tests/hvhost/dev/net_backend.c tests/hvhost/dev/net_user.c tests/hvhost/dev/rndis.c tests/hvhost/dev/rndis_query.c tests/hvhost/dev/rndis_set.c
 * srcs: tests/hvhost/dev/rndis_packet.c tests/hvhost/dev/net_frame.c tests/hvhost/dev/net_send.c
 * srcs: tests/hvhost/dev/ic.c tests/hvhost/dev/ic_spec.c tests/hvhost/dev/ic_ctl.c tests/hvhost/dev/ic_args.c tests/hvhost/dev/ic_text.c
 * srcs: tests/hvhost/dev/ic_lies.c tests/hvhost/dev/ic_heartbeat.c tests/hvhost/dev/ic_shutdown.c tests/hvhost/dev/ic_timesync.c
 * srcs: tests/hvhost/dev/ic_kvp.c tests/hvhost/dev/ic_kvp_ip.c tests/hvhost/dev/ic_vss.c tests/hvhost/dev/ic_fcopy.c
 * libs: -ljson-c -lslirp
 */
#include "host_ic.h"

#include <lis/proto/ic_files.h>
#include <lis/proto/ic_kvp.h>

/* --- what there is ---------------------------------------------------------- */

static bool add(const char *generation, const char *spec)
{
	struct guest *g = guest_new(generation, 4);
	char *error = NULL;
	bool ok = vmbus_server_add_ic(g->server, spec, &error);

	assert_true(ok || error);
	free(error);
	guest_free(g);
	return ok;
}

static void test_options(void **state)
{
	(void)state;
	assert_true(add("ws2022", "all"));
	assert_true(add("ws2022", "heartbeat=100,timesync=1,kvp"));
	assert_true(add("ws2008r2", "all"));
	assert_false(add("ws2022", ""));
	assert_false(add("ws2022", "nothing"));
	assert_false(add("ws2022", "kvp,kvp"));
	assert_false(add("ws2022", "kvp=3"));
	assert_false(add("ws2022", "heartbeat="));
	assert_false(add("ws2022", "heartbeat=-1"));
	assert_false(add("ws2022", "heartbeat=99999999"));
	assert_false(add("ws2012", "fcopy"));
}

/* The newest version of that service, and how many there are */
static void expect_versions(const char *generation, const char *spec,
			    unsigned int count, unsigned int major,
			    unsigned int minor)
{
	struct lis_ic_negotiate n;
	struct lis_ic_version v[8];
	struct lis_ic_header h;

	start_with(generation, spec);
	take(&h);
	assert_int_equal(h.type, LIS_IC_NEGOTIATE);
	assert_int_equal(h.flags, LIS_IC_FLAG_TRANSACTION |
			 LIS_IC_FLAG_REQUEST);
	memcpy(&n, body(), sizeof(n));
	assert_int_equal(n.frameworks, 2);
	assert_int_equal(n.messages, count);
	assert_int_equal(h.bytes, sizeof(n) + 4 * (2 + count));
	memcpy(v, body() + sizeof(n), 4 * (2 + count));
	assert_int_equal(v[1].major, 3);
	assert_int_equal(v[1 + count].major, major);
	assert_int_equal(v[1 + count].minor, minor);
	assert_clean(bench->g);
	stop(NULL);
}

static void test_generations(void **state)
{
	(void)state;
	expect_versions("ws2022", "shutdown", 4, 3, 2);
	expect_versions("ws2012r2", "shutdown", 2, 3, 0);
	expect_versions("ws2022", "timesync", 3, 4, 0);
	expect_versions("ws2012r2", "timesync", 2, 3, 0);
	expect_versions("ws2022", "kvp", 3, 5, 0);
	expect_versions("ws2012r2", "kvp", 2, 4, 0);
	expect_versions("ws2022", "vss", 4, 7, 0);
	expect_versions("ws2012r2", "fcopy", 1, 1, 1);
}

/* --- heartbeat ---------------------------------------------------------------- */

static int start_heartbeat(void **state)
{
	(void)state;
	start_with("ws2022", "heartbeat=300");
	agree(3, 0, 3, 0);
	return 0;
}

static void test_heartbeat(void **state)
{
	struct lis_ic_heartbeat b;
	struct lis_ic_header h;
	struct packet old;
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 3; i++) {
		take(&h);
		assert_int_equal(h.type, LIS_IC_HEARTBEAT);
		assert_int_equal(h.framework.major, 3);
		memcpy(&b, body(), sizeof(b));
		assert_true(b.sequence > last);
		last = ++b.sequence;
		b.application = LIS_IC_APP_HEALTHY;
		memcpy(body(), &b, sizeof(b));
		answer(LIS_IC_S_OK);
	}
	assert_clean(bench->g);
	expect_text("heartbeat", "heartbeat", "ok");
	expect_text("heartbeat", "application", "healthy");
	/* Unanswered it goes on, and is lost after a few */
	say("ic period heartbeat 20");
	take(&h);
	old = bench->packet;
	for (int i = 0; i < 4; i++)
		take(&h);
	expect_text("heartbeat", "heartbeat", "lost");
	assert_true(count_of("heartbeat", "missed") >= 3);
	/* A late answer is none to complain of */
	bench->packet = old;
	answer(LIS_IC_S_OK);
	while (!count_of("heartbeat", "late"))
		usleep(1000);
	assert_clean(bench->g);
}

/* Is there a complaint, soon? */
static bool complained(void)
{
	unsigned int n = 0;

	for (int i = 0; !n && i < 200; i++) {
		usleep(1000);
		pthread_mutex_lock(&bench->g->lock);
		n = bench->g->violations;
		pthread_mutex_unlock(&bench->g->lock);
	}
	return n;
}

static void answer_wrongly(void (*spoil)(struct lis_ic_header *h))
{
	struct lis_ic_heartbeat b;
	struct lis_ic_header h;

	take(&h);
	memcpy(&b, body(), sizeof(b));
	b.sequence++;
	memcpy(body(), &b, sizeof(b));
	memcpy(&h, header(), sizeof(h));
	h.flags = LIS_IC_FLAG_TRANSACTION | LIS_IC_FLAG_RESPONSE;
	spoil(&h);
	memcpy(header(), &h, sizeof(h));
	put_back();
}

/* One that comes too late, on a busy machine, is not looked at: once more then */
static void wrong_answer(void (*spoil)(struct lis_ic_header *h),
			 const char *words)
{
	int tries = 20;

	do
		answer_wrongly(spoil);
	while (!complained() && --tries);
	assert_violation(bench->g, words);
}

static void spoil_flags(struct lis_ic_header *h)
{
	h->flags = LIS_IC_FLAG_RESPONSE;
}

static void spoil_transaction(struct lis_ic_header *h)
{
	h->transaction += 100;
}

static void spoil_type(struct lis_ic_header *h)
{
	h->type = LIS_IC_KVP;
}

static void spoil_size(struct lis_ic_header *h)
{
	h->bytes = 4000;
}

static void spoil_short(struct lis_ic_header *h)
{
	h->bytes = 8;
}

static void spoil_version(struct lis_ic_header *h)
{
	h->version.major = 9;
}

static void spoil_status(struct lis_ic_header *h)
{
	h->status = LIS_IC_E_FAIL;
}

static void spoil_sequence(struct lis_ic_header *h)
{
	(void)h;
	body()[0] += 5;
}

static void spoil_pipe(struct lis_ic_header *h)
{
	(void)h;
	bench->packet.body[4] = 1;
}

static void test_wrong_answers(void **state)
{
	(void)state;
	say("ic period heartbeat 100");
	wrong_answer(spoil_flags, "flags 0x4");
	wrong_answer(spoil_transaction, "is not outstanding");
	wrong_answer(spoil_type, "type 2 to a message of type 1");
	wrong_answer(spoil_size, "body of 4000 bytes in a message of 60");
	wrong_answer(spoil_short, "body of 8 bytes to one of 40");
	wrong_answer(spoil_version, "versions 3.0 and 9.0");
	wrong_answer(spoil_status, "a status that is not 0");
	wrong_answer(spoil_sequence, "not the next one");
	wrong_answer(spoil_pipe, "1 of 64 bytes");
}

/* --- negotiation ----------------------------------------------------------------- */

static int start_silent(void **state)
{
	(void)state;
	return start_with("ws2022", "kvp");
}

static void test_nothing_in_common(void **state)
{
	struct lis_ic_header h;

	(void)state;
	take(&h);
	memset(body(), 0, 4);
	answer(LIS_IC_S_OK);
	expect_state("kvp", "refused");
	assert_clean(bench->g);
	say_no("ic negotiate nothing", "no such service");
	say("ic negotiate kvp");
	agree(3, 0, 4, 0);
	expect_state("kvp", "ready");
	expect_text("kvp", "version", "4.0");
	assert_clean(bench->g);
}

static void test_not_offered(void **state)
{
	(void)state;
	agree(3, 0, 3, 1);
	assert_violation(bench->g, "3.0 and 3.1 were not offered");
	expect_state("kvp", "refused");
	say("ic negotiate kvp");
	agree(4, 0, 4, 0);
	assert_violation(bench->g, "4.0 and 4.0 were not offered");
}

/* --- pairs ------------------------------------------------------------------------ */

static int start_kvp(void **state)
{
	(void)state;
	start_with("ws2022", "kvp");
	agree(3, 0, 4, 0);
	return 0;
}

static void test_kvp_set(void **state)
{
	struct lis_kvp_exchange x;
	struct lis_ic_header h;

	(void)state;
	ask("kvp set --pool external Colour blå");
	take(&h);
	assert_int_equal(h.type, LIS_IC_KVP);
	assert_int_equal(h.version.major, 4);
	assert_int_equal(h.bytes, LIS_KVP_MESSAGE_BYTES);
	memcpy(&x, body(), sizeof(x));
	assert_int_equal(x.head.op, LIS_KVP_SET);
	assert_int_equal(x.head.pool, LIS_KVP_EXTERNAL);
	assert_int_equal(x.data.type, LIS_KVP_SZ);
	assert_int_equal(x.data.key_bytes, 14);
	assert_memory_equal(x.data.key, "C\0o\0l\0o\0u\0r\0\0", 14);
	assert_int_equal(x.data.value_bytes, 8);
	assert_memory_equal(x.data.value, "b\0l\0\xe5\0\0", 8);
	answer(LIS_IC_S_OK);
	expect_done();
	ask("kvp delete Colour");
	take(&h);
	assert_int_equal(body()[0], LIS_KVP_DELETE);
	assert_int_equal(body()[4], 14);
	answer(LIS_IC_E_NOT_FOUND);
	expect_refusal("not found");
	assert_clean(bench->g);
}

static void put_pair(uint32_t type, const char *value, uint32_t bytes)
{
	struct lis_kvp_enumerate e;

	memcpy(&e, body(), sizeof(e));
	e.data.type = type;
	e.data.key_bytes = 4;
	memcpy(e.data.key, "k\0\0", 4);
	e.data.value_bytes = bytes;
	memcpy(e.data.value, value, bytes < 64 ? bytes : 64);
	memcpy(body(), &e, sizeof(e));
}

static void test_kvp_list(void **state)
{
	struct lis_ic_header h;

	(void)state;
	ask("kvp list --pool guest");
	for (unsigned int i = 0; i < 2; i++) {
		take(&h);
		assert_int_equal(body()[0], LIS_KVP_ENUMERATE);
		assert_int_equal(body()[1], LIS_KVP_GUEST);
		assert_int_equal(body()[4], i);
		if (i)
			put_pair(LIS_KVP_DWORD, "\7\0\0\0", 4);
		else
			put_pair(LIS_KVP_SZ, "v\0\0", 4);
		answer(LIS_IC_S_OK);
	}
	take(&h);
	answer(LIS_IC_E_NO_MORE);
	expect_done();
	assert_reply("\"value\":\"v\"");
	assert_reply("\"value\":7");
	assert_clean(bench->g);
}

static void list_with(uint32_t type, uint32_t bytes, const char *words)
{
	static const char zeroes[64];
	struct lis_ic_header h;

	ask("kvp list");
	take(&h);
	put_pair(type, zeroes, bytes);
	answer(LIS_IC_S_OK);
	assert_violation(bench->g, words);
	take(&h);
	answer(LIS_IC_E_NO_MORE);
	expect_done();
}

static void test_kvp_wrong_values(void **state)
{
	(void)state;
	list_with(LIS_KVP_SZ, 2050, "longer than 2048");
	list_with(LIS_KVP_SZ, 3, "odd length");
	list_with(LIS_KVP_DWORD, 8, "DWORD");
	list_with(17, 8, "no such type");
}

static void test_kvp_addresses(void **state)
{
	struct lis_kvp_ip ip;
	struct lis_ic_header h;

	(void)state;
	ask("kvp ip-set 00:15:5D:00:00:01 --address 10.0.0.2;10.0.0.3 --subnet 255.0.0.0;255.0.0.0 --gateway 10.0.0.1 --dns 10.0.0.9");
	take(&h);
	assert_int_equal(h.bytes, sizeof(ip));
	memcpy(&ip, body(), sizeof(ip));
	assert_int_equal(ip.head.op, LIS_KVP_SET_IP);
	assert_int_equal(ip.family, LIS_KVP_IP_V4);
	assert_int_equal(ip.dhcp, 0);
	assert_int_equal(ip.addresses[8], ';');
	assert_int_equal(ip.dns[7], '9');
	assert_int_equal(ip.adapter[16], '1');
	answer(LIS_IC_S_OK);
	expect_done();
	ask("kvp ip-get 00:15:5D:00:00:01");
	take(&h);
	memcpy(&ip, body(), sizeof(ip));
	assert_int_equal(ip.head.op, LIS_KVP_GET_IP);
	ip.dhcp = 1;
	ip.family = LIS_KVP_IP_V4 | LIS_KVP_IP_V6;
	memcpy(ip.addresses, "1\0;\0:\0:\0001\0\0", 12);
	memcpy(body(), &ip, sizeof(ip));
	answer(LIS_IC_S_OK);
	expect_done();
	assert_reply("\"dhcp\":true");
	assert_reply("\"addresses\":\"1;::1\"");
	assert_clean(bench->g);
}

static void test_kvp_addresses_binary(void **state)
{
	struct lis_kvp_ip_binary ip;
	struct lis_ic_header h;

	(void)state;
	say("ic negotiate kvp");
	agree(3, 0, 5, 0);
	expect_state("kvp", "ready");
	say_no("kvp ip-set x --address 10.0.0.300", "no list of addresses");
	ask("kvp ip-set x --family both --address 10.0.0.2;fe80::1 --subnet 255.0.0.0;64");
	take(&h);
	assert_int_equal(h.bytes, sizeof(ip));
	memcpy(&ip, body(), sizeof(ip));
	assert_int_equal(ip.v4_addresses, 1);
	assert_int_equal(ip.v6_addresses, 1);
	assert_int_equal(ip.v4_address[0][3], 2);
	assert_int_equal(ip.v6_address[0][15], 1);
	assert_int_equal(ip.v6_prefix[0], 64);
	answer(LIS_IC_E_FAIL);
	expect_refusal("0x80004005");
	assert_clean(bench->g);
}

static void test_gone_while_asking(void **state)
{
	struct lis_ic_header h;

	(void)state;
	say_no("kvp get a --pool 9", "--pool 9");
	say_no("kvp get", "expected");
	say_no("kvp get a --fast", "no such option");
	say_no("vss freeze", "not offered");
	ask("kvp get a");
	take(&h);
	say("ic negotiate kvp");
	expect_refusal("negotiated again");
	answer(LIS_IC_S_OK);
	agree(3, 0, 4, 0);
	ask("kvp get a");
	take(&h);
	relid_post(bench->g, LIS_MSG_CLOSE_CHANNEL, bench->c.relid);
	expect_refusal("the channel was closed");
	say_no("kvp get a --limit 1", "has not opened");
	assert_clean(bench->g);
}

static void test_time_limit(void **state)
{
	struct lis_ic_header h;

	(void)state;
	ask("kvp get a --limit 1");
	take(&h);
	expect_refusal("has not answered in time");
	answer(LIS_IC_S_OK);
	ask("kvp get b");
	take(&h);
	answer(LIS_IC_E_NOT_FOUND);
	expect_refusal("not found");
	assert_int_equal(count_of("kvp", "late"), 1);
	assert_clean(bench->g);
}

#define S(name, start) cmocka_unit_test_setup_teardown(test_##name, start, stop)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_generations),
		S(heartbeat, start_heartbeat),
		S(wrong_answers, start_heartbeat),
		S(nothing_in_common, start_silent),
		S(not_offered, start_silent),
		S(kvp_set, start_kvp),
		S(kvp_list, start_kvp),
		S(kvp_wrong_values, start_kvp),
		S(kvp_addresses, start_kvp),
		S(kvp_addresses_binary, start_kvp),
		S(gone_while_asking, start_kvp),
		S(time_limit, start_kvp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
