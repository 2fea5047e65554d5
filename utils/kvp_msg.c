// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key/value pairs and addresses: from the host's form to the daemon's and back.
 *
 * Pure: computes from private copies of what host and daemon sent; neither is
 * trusted with a size or the end of a text.
 */
#include <linux/array_size.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include "pure.h"

static const char too_long[] = "text that is too long";
static const char too_short[] = "request that is too short";

/* Text of @bytes, as the host says, in a field of @room; bytes for the daemon */
static u32 text_in(const u8 *from, u32 bytes, u32 room, u8 *out, u32 out_room)
{
	return bytes > room ? 0 : utils_to_utf8(from, bytes / 2, out, out_room);
}

/* --- from the host ---------------------------------------------------------- */

static const char *key_in(const struct lis_kvp_value *from,
			  struct lis_kvpd_value *to)
{
	to->key_bytes = text_in(from->key, from->key_bytes, sizeof(from->key),
				to->key, sizeof(to->key));
	if (!to->key_bytes)
		return "key that is too long";
	return to->key_bytes > 1 ? NULL : "key without a name";
}

/* Daemons keep text only, so numbers become text. */
static u32 number_in(u64 n, struct lis_kvpd_value *to)
{
	return snprintf((char *)to->value, sizeof(to->value), "%llu",
			(unsigned long long)n) + 1;
}

static u32 value_in(const struct lis_kvp_value *from, struct lis_kvpd_value *to)
{
	u64 qword;
	u32 dword;

	switch (from->type) {
	case LIS_KVP_SZ:
	case LIS_KVP_EXPAND_SZ:
		return text_in(from->value, from->value_bytes,
			       sizeof(from->value), to->value,
			       sizeof(to->value));
	case LIS_KVP_DWORD:
		memcpy(&dword, from->value, sizeof(dword));
		return number_in(dword, to);
	case LIS_KVP_QWORD:
	case LIS_KVP_QWORD_OLD:
		memcpy(&qword, from->value, sizeof(qword));
		return number_in(qword, to);
	}
	return 0;
}

static const char *set_in(const struct lis_kvp_value *from,
			  struct lis_kvpd_value *to)
{
	const char *wrong = key_in(from, to);

	if (wrong)
		return wrong;
	to->type = LIS_KVPD_SZ;
	to->value_bytes = value_in(from, to);
	return to->value_bytes ? NULL : "value of an unknown type or too long";
}

static const char *delete_in(const struct lis_kvp_delete *from,
			     struct lis_kvpd_message *out)
{
	out->del.key_bytes = text_in(from->key, from->key_bytes,
				     sizeof(from->key), out->del.key,
				     sizeof(out->del.key));
	if (!out->del.key_bytes)
		return "key that is too long";
	return out->del.key_bytes > 1 ? NULL : "key without a name";
}

/* The five texts of an address message, in both forms */
static const struct {
	u16 host, host_units;
	u16 guest, guest_room;
} ip_text[] = {
#define FIELD(name)	{						\
	offsetof(struct lis_kvp_ip, name),				\
	sizeof(((struct lis_kvp_ip *)0)->name) / 2,			\
	offsetof(struct lis_kvpd_ip, name),				\
	sizeof(((struct lis_kvpd_ip *)0)->name),			\
}
	FIELD(adapter), FIELD(addresses), FIELD(subnets), FIELD(gateways),
	FIELD(dns),
#undef FIELD
};

static const char *ip_in(const u8 *body, struct lis_kvpd_ip *to, u32 fields)
{
	u8 *text;
	u32 i;

	for (i = 0; i < fields; i++) {
		text = (u8 *)to + ip_text[i].guest;
		if (!utils_to_utf8(body + ip_text[i].host,
				   ip_text[i].host_units, text,
				   ip_text[i].guest_room))
			return too_long;
		if (!utils_is_address_text(text))
			return "address with characters that are in none";
	}
	to->family = body[offsetof(struct lis_kvp_ip, family)];
	to->dhcp = body[offsetof(struct lis_kvp_ip, dhcp)];
	return NULL;
}

/* What a request takes at least, by its kind */
static u32 least_bytes(u8 op)
{
	switch (op) {
	case LIS_KVP_GET:
	case LIS_KVP_SET:
		return sizeof(struct lis_kvp_exchange);
	case LIS_KVP_DELETE:
		return sizeof(struct lis_kvp_delete);
	case LIS_KVP_ENUMERATE:
		return sizeof(struct lis_kvp_enumerate);
	}
	return sizeof(struct lis_kvp_ip);
}

static const char *check_request(const struct utils_frame *f)
{
	if (f->head.bytes < sizeof(struct lis_kvp_head))
		return too_short;
	if (f->body[0] >= LIS_KVP_OPS)
		return "unknown operation";
	if (f->head.bytes < least_bytes(f->body[0]))
		return too_short;
	if (f->body[0] < LIS_KVP_GET_IP && f->body[1] >= LIS_KVP_POOLS)
		return "unknown pool";
	return NULL;
}

const char *utils_kvp_request(const struct utils_frame *f,
			      struct lis_kvpd_message *out)
{
	const char *wrong = check_request(f);
	const void *body = f->body;

	memset(out, 0, sizeof(*out));
	if (wrong)
		return wrong;
	out->op = f->body[0];
	out->pool = f->body[1];
	switch (out->op) {
	case LIS_KVP_GET:
		/* how much a daemon may write: Debian's writes no more */
		out->value.value_bytes = sizeof(out->value.value);
		return key_in(body + offsetof(struct lis_kvp_exchange, data),
			      &out->value);
	case LIS_KVP_SET:
		return set_in(body + offsetof(struct lis_kvp_exchange, data),
			      &out->value);
	case LIS_KVP_DELETE:
		return delete_in(body, out);
	case LIS_KVP_ENUMERATE:
		memcpy(&out->enumerate.index,
		       body + offsetof(struct lis_kvp_enumerate, index),
		       sizeof(out->enumerate.index));
		return NULL;
	case LIS_KVP_GET_IP:
		return ip_in(body, &out->ip, 1);	/* no more than whose */
	}
	return ip_in(body, &out->ip, ARRAY_SIZE(ip_text));
}

/* --- to the host ------------------------------------------------------------ */

static void value_out(u8 *at, const struct lis_kvpd_value *from)
{
	struct lis_kvp_value *to = (struct lis_kvp_value *)at;

	to->type = LIS_KVP_SZ;
	memset(to->value, 0, sizeof(to->value));
	to->value_bytes = utils_to_utf16(from->value, sizeof(from->value),
					 to->value, sizeof(to->value));
}

static void pair_out(u8 *at, const struct lis_kvpd_value *from)
{
	struct lis_kvp_value *to = (struct lis_kvp_value *)at;

	memset(to->key, 0, sizeof(to->key));
	to->key_bytes = utils_to_utf16(from->key, sizeof(from->key), to->key,
				       sizeof(to->key));
	value_out(at, from);
}

static void ip_out(u8 *body, const struct lis_kvpd_ip *from)
{
	const u8 *text;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ip_text); i++) {
		u8 *to = body + ip_text[i].host;

		text = (const u8 *)from + ip_text[i].guest;
		if (i == 0 && !text[0])
			continue;	/* the host knows whom it asked for */
		memset(to, 0, 2 * ip_text[i].host_units);
		utils_to_utf16(text, ip_text[i].guest_room, to,
			       2 * ip_text[i].host_units);
	}
	body[offsetof(struct lis_kvp_ip, family)] = from->family;
	body[offsetof(struct lis_kvp_ip, dhcp)] = from->dhcp;
}

/* Old daemons say "no more" with an empty key. */
static u32 old_status(u8 op, const struct lis_kvpd_message *in)
{
	if (op == LIS_KVP_ENUMERATE && !in->enumerate.value.key[0])
		return LIS_IC_E_NO_MORE;
	return LIS_IC_S_OK;
}

u32 utils_kvp_answer(struct utils_frame *f, const struct lis_kvpd_message *in,
		     bool old)
{
	u8 op = f->body[0];
	u32 status = old ? old_status(op, in) : in->status;

	if (status)
		return status;
	switch (op) {
	case LIS_KVP_GET:
		value_out(f->body + offsetof(struct lis_kvp_exchange, data),
			  &in->value);
		break;
	case LIS_KVP_ENUMERATE:
		pair_out(f->body + offsetof(struct lis_kvp_enumerate, data),
			 &in->enumerate.value);
		break;
	case LIS_KVP_GET_IP:
		ip_out(f->body, &in->ip);
		break;
	}
	return LIS_IC_S_OK;
}
