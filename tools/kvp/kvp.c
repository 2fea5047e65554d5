// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key/value exchange: see kvp.h.  One thread; no locks but those of the
 * pools' files.
 *
 * An enumeration is served from a copy that is taken at index 0: pairs that
 * come and go meanwhile neither hide others nor show any twice.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "kvp.h"
#include "tools/lib/text.h"

_Static_assert(HV_KVP_EXCHANGE_MAX_KEY_SIZE == 512, "keys fit messages");
_Static_assert(HV_KVP_EXCHANGE_MAX_VALUE_SIZE == 2048, "values fit messages");

#define FACTS_MS	5000	/* the host reads one pair at a time */
#define LIST_MS		60000	/* an enumeration that stops half-way */

int kvp_init(struct kvp *k, const char *root)
{
	char path[PATH_MAX];
	int i, err;

	memset(k, 0, sizeof(*k));
	k->root = root;
	k->list_pool = -1;
	strcpy(k->services, "3.1");
	for (i = 0; i < KVP_POOL_COUNT; i++) {
		if (!kvp_pool_path(path, sizeof(path), root, i))
			return -ENAMETOOLONG;
		err = kvp_pool_create(path);
		if (err)
			return err;
	}
	return 0;
}

void kvp_end(struct kvp *k)
{
	kvp_list_free(&k->list);
	k->list_pool = -1;
}

const char *kvp_operation(unsigned int operation)
{
	static const char *const names[] = {
		"get", "set", "delete", "enumerate", "get IP info",
		"set IP info",
	};

	return operation < sizeof(names) / sizeof(names[0]) ?
		names[operation] : "unknown request";
}

static uint32_t failed(struct kvp *k, uint32_t status, const char *why)
{
	text_cut(k->error, sizeof(k->error), why);
	return status;
}

static uint32_t pool_status(struct kvp *k, int err)
{
	switch (err) {
	case 0:
		return HV_S_OK;
	case -ENOENT:		/* the host asks in vain all the time */
		return HV_GUID_NOTFOUND;
	case -EINVAL:
		return failed(k, HV_INVALIDARG, "an empty or too long key or value");
	case -ENOSPC:
	case -EDQUOT:
		return failed(k, HV_ERROR_DISK_FULL, "no room for the pool");
	default:
		return failed(k, HV_E_FAIL, strerror(-err));
	}
}

/* Does the text fit, end, and is it text? */
static bool take(char *out, size_t size, const __u8 *field, __u32 field_size)
{
	return text_take(out, size, field, field_size) >= 0 && text_utf8(out);
}

static void fill_value(struct hv_kvp_exchg_msg_value *data, const char *key,
		       const char *value)
{
	memset(data, 0, sizeof(*data));
	data->value_type = REG_SZ;
	/* files may hold anything: no more than whole characters, and a NUL */
	text_cut((char *)data->key, sizeof(data->key), key);
	text_cut((char *)data->value, sizeof(data->value), value);
	data->key_size = (__u32)strlen((char *)data->key) + 1;
	data->value_size = (__u32)strlen((char *)data->value) + 1;
}

static void refresh_facts(struct kvp *k, int64_t now)
{
	if (k->facts_ms && now - k->facts_ms < FACTS_MS && now >= k->facts_ms)
		return;
	kvp_facts_read(&k->facts, k->root, k->services);
	k->facts_ms = now ? now : 1;
}

static uint32_t get_fact(struct kvp *k, struct hv_kvp_exchg_msg_value *data,
			 const char *key, int64_t now)
{
	int i;

	refresh_facts(k, now);
	for (i = 0; i < KVP_FACTS; i++)
		if (!strcmp(k->facts.pair[i].key, key)) {
			fill_value(data, key, k->facts.pair[i].value);
			return HV_S_OK;
		}
	return HV_GUID_NOTFOUND;
}

static uint32_t get_value(struct kvp *k, int pool, const char *path,
			  struct hv_kvp_exchg_msg_value *data, int64_t now)
{
	char key[KVP_KEY_MAX], value[KVP_VALUE_MAX];
	int err;

	if (!take(key, sizeof(key), data->key, sizeof(data->key)))
		return failed(k, HV_INVALIDARG, "a key that is no text");
	if (pool == KVP_POOL_AUTO)
		return get_fact(k, data, key, now);
	err = kvp_pool_get(path, key, value);
	if (!err)
		fill_value(data, key, value);
	return pool_status(k, err);
}

/* The host writes what is the host's: not the guest's own, not what is made */
static bool host_may_write(int pool)
{
	return pool != KVP_POOL_GUEST && pool != KVP_POOL_AUTO;
}

static uint32_t set_value(struct kvp *k, const char *path,
			  const struct hv_kvp_exchg_msg_value *data)
{
	char key[KVP_KEY_MAX], value[KVP_VALUE_MAX];

	if (!take(key, sizeof(key), data->key, sizeof(data->key)) ||
	    !take(value, sizeof(value), data->value, sizeof(data->value)))
		return failed(k, HV_INVALIDARG, "a key or a value that is no text");
	return pool_status(k, kvp_pool_set(path, key, value));
}

static uint32_t delete_key(struct kvp *k, const char *path,
			   const __u8 *field)
{
	char key[KVP_KEY_MAX];

	if (!take(key, sizeof(key), field, KVP_KEY_MAX) || !*key)
		return failed(k, HV_INVALIDARG, "a key that is no text");
	return pool_status(k, kvp_pool_delete(path, key));
}

static uint32_t enumerate(struct kvp *k, int pool, const char *path,
			  struct hv_kvp_msg_enumerate *e, int64_t now)
{
	uint32_t index = e->index;
	int err;

	if (pool == KVP_POOL_AUTO) {
		if (index >= KVP_FACTS)
			return HV_S_CONT;
		refresh_facts(k, now);
		fill_value(&e->data, k->facts.pair[index].key,
			   k->facts.pair[index].value);
		return HV_S_OK;
	}
	if (!index || k->list_pool != pool || now - k->list_ms > LIST_MS) {
		kvp_list_free(&k->list);
		k->list_pool = -1;
		err = kvp_pool_read(path, &k->list);
		if (err)
			return pool_status(k, err);
		k->list_pool = pool;
	}
	k->list_ms = now;
	if (index >= k->list.count) {
		kvp_end(k);	/* that was all of it */
		return HV_S_CONT;
	}
	fill_value(&e->data, k->list.records[index].key,
		   k->list.records[index].value);
	return HV_S_OK;
}

static uint32_t answer_pool(struct kvp *k, int op, int pool,
			    struct hv_kvp_msg *msg, int64_t now)
{
	char path[PATH_MAX];

	if (pool >= KVP_POOL_COUNT)
		return failed(k, HV_INVALIDARG, "a pool that does not exist");
	if (!kvp_pool_path(path, sizeof(path), k->root, pool))
		return HV_E_FAIL;
	switch (op) {
	case KVP_OP_GET:
		return get_value(k, pool, path, &msg->body.kvp_get.data, now);
	case KVP_OP_ENUMERATE:
		return enumerate(k, pool, path, &msg->body.kvp_enum_data, now);
	}
	if (!host_may_write(pool))
		return failed(k, HV_INVALIDARG, "a pool that the host does not write");
	if (op == KVP_OP_SET)
		return set_value(k, path, &msg->body.kvp_set.data);
	return delete_key(k, path, msg->body.kvp_delete.key);
}

uint32_t kvp_answer(struct kvp *k, struct hv_kvp_msg *msg, int64_t now)
{
	int op = msg->kvp_hdr.operation, pool = msg->kvp_hdr.pool;
	uint32_t status;

	k->error[0] = '\0';
	switch (op) {
	case KVP_OP_GET:
	case KVP_OP_SET:
	case KVP_OP_DELETE:
	case KVP_OP_ENUMERATE:
		status = answer_pool(k, op, pool, msg, now);
		break;
	case KVP_OP_GET_IP_INFO:
		status = k->ip ? k->ip->get(k, &msg->body.kvp_ip_val) :
			HV_ERROR_NOT_SUPPORTED;
		break;
	case KVP_OP_SET_IP_INFO:
		status = k->ip ? k->ip->set(k, &msg->body.kvp_ip_val) :
			HV_ERROR_NOT_SUPPORTED;
		break;
	default:
		status = failed(k, HV_ERROR_NOT_SUPPORTED, "a request that is not known");
	}
	msg->error = (int)status;
	return status;
}
