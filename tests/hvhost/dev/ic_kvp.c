// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data exchange: key/value pairs that the guest keeps, or that are about it.
 * Addresses of adapters are in ic_kvp_ip.c.
 * Locking: see ic.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lis/proto/ic_kvp.h>

#include "ic.h"

#define LIMIT_S		60
#define INDEX_MAX	100000	/* a guest that never comes to an end */

static const struct ic_since versions[] = {
	{ { 3, 0 }, 0 }, { { 4, 0 }, LIS_VMBUS_V2_4 },
	{ { 5, 0 }, LIS_VMBUS_V4_0 }, { { 0, 0 }, 0 },
};

static const char *const pools[LIS_KVP_POOLS] = {
	[LIS_KVP_EXTERNAL] = "external",
	[LIS_KVP_GUEST] = "guest",
	[LIS_KVP_AUTO] = "auto",
	[LIS_KVP_AUTO_EXTERNAL] = "auto-external",
	[LIS_KVP_AUTO_INTERNAL] = "auto-internal",
};

/* --- judging answers -------------------------------------------------------- */

static const char *check_value(const struct lis_kvp_value *v)
{
	if (v->key_bytes > LIS_KVP_KEY_MAX)
		return "a key longer than 512 bytes";
	if (v->value_bytes > LIS_KVP_VALUE_MAX)
		return "a value longer than 2048 bytes";
	switch (v->type) {
	case LIS_KVP_SZ:
	case LIS_KVP_EXPAND_SZ:
		return v->value_bytes % 2 ? "text of an odd length" : NULL;
	case LIS_KVP_DWORD:
		return v->value_bytes == 4 ? NULL : "a DWORD not of 4 bytes";
	case LIS_KVP_QWORD:
		return v->value_bytes == 8 ? NULL : "a QWORD not of 8 bytes";
	default:
		return "no such type of value";
	}
}

static const char *answered(struct ic *ic, const uint8_t *sent,
			    const uint8_t *body, uint32_t bytes,
			    uint32_t status)
{
	struct lis_kvp_enumerate e;
	struct lis_kvp_exchange x;

	(void)ic;
	if (memcmp(sent, body, sizeof(struct lis_kvp_head)))
		return "another operation or pool";
	if (status)
		return NULL;
	if (body[0] == LIS_KVP_GET && bytes >= sizeof(x)) {
		memcpy(&x, body, sizeof(x));
		return check_value(&x.data);
	}
	if (body[0] == LIS_KVP_ENUMERATE && bytes >= sizeof(e)) {
		memcpy(&e, body, sizeof(e));
		if (memcmp(sent + offsetof(struct lis_kvp_enumerate, index),
			   &e.index, sizeof(e.index)))
			return "another index";
		return check_value(&e.data);
	}
	return NULL;
}

static uint32_t first_pair(struct ic *ic, uint8_t *body)
{
	struct lis_kvp_enumerate e = { .head = { LIS_KVP_ENUMERATE,
						 LIS_KVP_AUTO } };

	(void)ic;
	memcpy(body, &e, sizeof(e));
	return sizeof(e);
}

/* --- verbs ------------------------------------------------------------------ */

/* The room of the longest message, whichever it is */
union message {
	struct lis_kvp_exchange exchange;
	struct lis_kvp_delete remove;
	struct lis_kvp_enumerate enumerate;
	uint8_t body[LIS_KVP_MESSAGE_BYTES];
};

/* The number of --pool, -1 after a complaint */
static int pool_option(struct ic_args *a, int missing)
{
	const char *text = ic_value(a, "--pool");

	if (!text)
		return missing;
	for (int i = 0; i < LIS_KVP_POOLS; i++)
		if (!strcmp(text, pools[i]) ||
		    (text[0] == '0' + i && !text[1]))
			return i;
	ic_wrong(a, "--pool %s: want 0 to 4, external, guest, auto, auto-external or auto-internal",
		 text);
	return -1;
}

static bool take_key(struct ic_args *a, const char *text, uint8_t *key,
		     uint32_t *bytes)
{
	*bytes = ic_utf16(key, LIS_KVP_KEY_MAX, text);
	return *bytes || ic_wrong(a, "the key is too long, or not UTF-8");
}

static bool number_value(struct ic_args *a, struct lis_kvp_value *v,
			 const char *text)
{
	uint64_t n;
	char *end;

	n = strtoull(text, &end, 0);
	v->value_bytes = v->type == LIS_KVP_DWORD ? 4 : 8;
	if (!*text || *end || (v->value_bytes == 4 && n >> 32))
		return ic_wrong(a, "%s: no number of that type", text);
	memcpy(v->value, &n, v->value_bytes);
	return true;
}

static bool take_value(struct ic_args *a, struct lis_kvp_value *v,
		       const char *text, const char *type)
{
	v->type = LIS_KVP_SZ;
	if (type && !strcmp(type, "dword"))
		v->type = LIS_KVP_DWORD;
	else if (type && !strcmp(type, "qword"))
		v->type = LIS_KVP_QWORD;
	else if (type && !strcmp(type, "expand"))
		v->type = LIS_KVP_EXPAND_SZ;
	else if (type && strcmp(type, "text"))
		return ic_wrong(a, "--type %s: want text, expand, dword or qword",
				type);
	if (v->type == LIS_KVP_DWORD || v->type == LIS_KVP_QWORD)
		return number_value(a, v, text);
	v->value_bytes = ic_utf16(v->value, LIS_KVP_VALUE_MAX, text);
	return v->value_bytes || ic_wrong(a, "the value is too long, or not UTF-8");
}

static struct json_object *text_json(const uint8_t *from, uint32_t bytes)
{
	char *text = ic_utf8(from, bytes);
	struct json_object *o = text ? json_object_new_string(text) : NULL;

	free(text);
	return o;
}

static struct json_object *value_json(const struct lis_kvp_value *v)
{
	uint64_t n = 0;

	if (v->type != LIS_KVP_DWORD && v->type != LIS_KVP_QWORD)
		return text_json(v->value, v->value_bytes < LIS_KVP_VALUE_MAX ?
				 v->value_bytes : LIS_KVP_VALUE_MAX);
	memcpy(&n, v->value, v->type == LIS_KVP_DWORD ? 4 : 8);
	return json_object_new_uint64(n);
}

static struct json_object *key_json(const struct lis_kvp_value *v)
{
	return text_json(v->key, v->key_bytes < LIS_KVP_KEY_MAX ?
			 v->key_bytes : LIS_KVP_KEY_MAX);
}

struct call {
	struct ic *ic;
	struct ic_args *args;
	long long limit_s;
};

static bool ask(const struct call *c, union message *m, uint32_t *status)
{
	return ic_ask(c->ic, m->body, sizeof(*m), status, c->limit_s * 1000,
		      c->args->error);
}

static bool ask_ok(const struct call *c, union message *m)
{
	uint32_t status;

	return ask(c, m, &status) && ic_status_ok(c->args, status);
}

static bool get(const struct call *c, int pool, struct json_object *reply)
{
	union message m = { .exchange.head = { LIS_KVP_GET, pool } };
	struct lis_kvp_value *v = &m.exchange.data;

	v->type = LIS_KVP_SZ;
	if (!take_key(c->args, c->args->argv[0], v->key, &v->key_bytes) ||
	    !ask_ok(c, &m))
		return false;
	json_object_object_add(reply, "key", key_json(v));
	json_object_object_add(reply, "type", json_object_new_int(v->type));
	json_object_object_add(reply, "value", value_json(v));
	return true;
}

static bool set(const struct call *c, int pool, const char *type)
{
	union message m = { .exchange.head = { LIS_KVP_SET, pool } };
	struct lis_kvp_value *v = &m.exchange.data;

	return take_key(c->args, c->args->argv[0], v->key, &v->key_bytes) &&
	       take_value(c->args, v, c->args->argv[1], type) && ask_ok(c, &m);
}

static bool delete(const struct call *c, int pool)
{
	union message m = { .remove.head = { LIS_KVP_DELETE, pool } };

	return take_key(c->args, c->args->argv[0], m.remove.key,
			&m.remove.key_bytes) && ask_ok(c, &m);
}

static struct json_object *pair_json(const struct lis_kvp_enumerate *e)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "index", json_object_new_int64(e->index));
	json_object_object_add(o, "key", key_json(&e->data));
	json_object_object_add(o, "type", json_object_new_int(e->data.type));
	json_object_object_add(o, "value", value_json(&e->data));
	return o;
}

/* Pairs by index, until the guest says that there is none */
static bool list(const struct call *c, int pool, struct json_object *reply)
{
	struct json_object *all = json_object_new_array();
	uint32_t status = LIS_IC_S_OK;

	json_object_object_add(reply, "pairs", all);
	for (uint32_t i = 0; i < INDEX_MAX; i++) {
		union message m = { .enumerate = {
			.head = { LIS_KVP_ENUMERATE, pool }, .index = i } };

		if (!ask(c, &m, &status))
			return false;
		if (status == LIS_IC_E_NO_MORE)
			return true;
		if (!ic_status_ok(c->args, status))
			return false;
		json_object_array_add(all, pair_json(&m.enumerate));
	}
	return ic_wrong(c->args, "more than %u pairs", INDEX_MAX);
}

bool kvp_control(struct vmbus_server *s, int argc, const char *const *argv,
		 struct json_object *reply, char *error, size_t error_size)
{
	const char *verb = argc ? argv[0] : "", *type;
	struct ic_args a;
	struct call c = { .args = &a };
	int pool;

	(void)error_size;
	ic_args_init(&a, "kvp", argc - !!argc, argv + !!argc, error);
	if (!strcmp(verb, "ip-get"))
		return kvp_get_ip(s, &a, reply);
	if (!strcmp(verb, "ip-set"))
		return kvp_set_ip(s, &a);
	pool = pool_option(&a, strcmp(verb, "list") ? LIS_KVP_EXTERNAL :
			   LIS_KVP_AUTO);
	type = ic_value(&a, "--type");
	c.limit_s = ic_number(&a, "--limit", 1, 3600, LIMIT_S);
	if (!ic_words(&a, 0, 2, "list [--pool P], get KEY, set KEY VALUE [--type T], delete KEY, ip-get ADAPTER, ip-set ADAPTER"))
		return false;
	c.ic = ic_named(s, &ic_kvp, &a);
	if (!c.ic)
		return false;
	if (!strcmp(verb, "list") && !a.argc)
		return list(&c, pool, reply);
	if (!strcmp(verb, "get") && a.argc == 1)
		return get(&c, pool, reply);
	if (!strcmp(verb, "set") && a.argc == 2)
		return set(&c, pool, type);
	if (!strcmp(verb, "delete") && a.argc == 1)
		return delete(&c, pool);
	return ic_wrong(&a, "expected list, get KEY, set KEY VALUE, delete KEY, ip-get or ip-set");
}

const struct ic_service ic_kvp = {
	.name = "kvp",
	.class_id = LIS_IC_KVP_CLASS,
	.instance_id = LIS_IC_KVP_INSTANCE,
	.type = LIS_IC_KVP,
	.versions = versions,
	.answer = answered,
	.harmless = first_pair,
};
