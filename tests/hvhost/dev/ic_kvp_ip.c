// SPDX-License-Identifier: GPL-2.0-only
/*
 * Data exchange: what addresses an adapter of the guest has, and shall have, as
 * text (before version 5.0) or binary.
 * Locking: see ic.h.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lis/proto/ic_kvp.h>

#include "ic.h"
#include "nic.h"

#define LIMIT_S		120
#define LISTS		4

enum list { ADDRESSES, SUBNETS, GATEWAYS, DNS };

static const char *const list_names[LISTS] = {
	"addresses", "subnets", "gateways", "dns",
};

union message {
	struct lis_kvp_head head;
	struct lis_kvp_ip text;
	struct lis_kvp_ip_binary binary;
};

struct request {
	struct ic *ic;
	struct ic_args *args;
	long long limit_s;
	bool binary;
	uint8_t family;
	bool dhcp;
	const char *lists[LISTS];	/* "" if not given */
	union message m;
};

/* "nic0" is that adapter's address, as Windows writes it; all else is taken
 * as it is.
 */
static bool take_adapter(struct vmbus_server *s, struct request *r,
			 const char *word)
{
	unsigned int n;
	struct nic *nic;
	char text[32], end;
	const uint8_t *b;

	if (sscanf(word, "nic%u%c", &n, &end) == 1) {
		nic = nic_find(s, n);
		if (!nic)
			return ic_wrong(r->args, "no such NIC: %s", word);
		b = nic->rndis.permanent_mac;
		snprintf(text, sizeof(text), "%02X:%02X:%02X:%02X:%02X:%02X",
			 b[0], b[1], b[2], b[3], b[4], b[5]);
		word = text;
	}
	return ic_utf16(r->binary ? (uint8_t *)r->m.binary.adapter :
			(uint8_t *)r->m.text.adapter,
			sizeof(r->m.text.adapter), word) ||
	       ic_wrong(r->args, "the adapter's name is too long, or not UTF-8");
}

static bool prepare(struct vmbus_server *s, struct request *r, uint8_t op,
		    const char *usage)
{
	memset(&r->m, 0, sizeof(r->m));
	r->limit_s = ic_number(r->args, "--limit", 1, 3600, LIMIT_S);
	if (!ic_words(r->args, 1, 1, usage))
		return false;
	r->ic = ic_named(s, &ic_kvp, r->args);
	if (!r->ic)
		return false;
	pthread_mutex_lock(&r->ic->lock);
	r->binary = ic_speaks(r->ic, 5, 0);
	pthread_mutex_unlock(&r->ic->lock);
	r->m.head.op = op;
	return take_adapter(s, r, r->args->argv[0]);
}

static bool ask(struct request *r)
{
	uint32_t status;

	return ic_ask(r->ic, (uint8_t *)&r->m, r->binary ?
		      sizeof(r->m.binary) : sizeof(r->m.text), &status,
		      r->limit_s * 1000, r->args->error) &&
	       ic_status_ok(r->args, status);
}

/* --- as text ---------------------------------------------------------------- */

static uint8_t *text_list(struct lis_kvp_ip *t, enum list which,
			  uint32_t *bytes)
{
	switch (which) {
	case ADDRESSES:
		*bytes = sizeof(t->addresses);
		return (uint8_t *)t->addresses;
	case SUBNETS:
		*bytes = sizeof(t->subnets);
		return (uint8_t *)t->subnets;
	case GATEWAYS:
		*bytes = sizeof(t->gateways);
		return (uint8_t *)t->gateways;
	default:
		*bytes = sizeof(t->dns);
		return (uint8_t *)t->dns;
	}
}

static bool fill_text(struct request *r)
{
	struct lis_kvp_ip *t = &r->m.text;

	t->family = r->family;
	t->dhcp = r->dhcp;
	for (int i = 0; i < LISTS; i++) {
		uint32_t bytes;
		uint8_t *to = text_list(t, i, &bytes);

		if (!ic_utf16(to, bytes, r->lists[i]))
			return ic_wrong(r->args, "%s: too long, or not UTF-8",
					list_names[i]);
	}
	return true;
}

static void show_text(struct request *r, struct json_object *reply)
{
	struct lis_kvp_ip *t = &r->m.text;

	json_object_object_add(reply, "family", json_object_new_int(t->family));
	json_object_object_add(reply, "dhcp", json_object_new_boolean(t->dhcp));
	for (int i = 0; i < LISTS; i++) {
		uint32_t bytes;
		uint8_t *from = text_list(t, i, &bytes);
		char *text = ic_utf8(from, bytes);

		json_object_object_add(reply, list_names[i],
				       text ? json_object_new_string(text) :
				       NULL);
		free(text);
	}
}

/* --- binary ------------------------------------------------------------------ */

struct room {
	uint8_t *v4, *v6;		/* v6 prefixes: u32 each */
	uint32_t max, *v4_count, *v6_count;
};

static struct room binary_room(struct lis_kvp_ip_binary *b, enum list which)
{
	switch (which) {
	case ADDRESSES:
		return (struct room){ b->v4_address[0], b->v6_address[0], 64,
				      &b->v4_addresses, &b->v6_addresses };
	case GATEWAYS:
		return (struct room){ b->v4_gateway[0], b->v6_gateway[0], 5,
				      &b->v4_gateways, &b->v6_gateways };
	default:
		return (struct room){ b->v4_dns[0], b->v6_dns[0], 64,
				      &b->v4_dns_servers, &b->v6_dns_servers };
	}
}

static bool add_item(struct room *to, const char *item)
{
	uint8_t address[16];

	if (inet_pton(AF_INET, item, address) == 1 && *to->v4_count < to->max) {
		memcpy(to->v4 + 4 * (*to->v4_count)++, address, 4);
		return true;
	}
	if (inet_pton(AF_INET6, item, address) != 1 || *to->v6_count >= to->max)
		return false;
	memcpy(to->v6 + 16 * (*to->v6_count)++, address, 16);
	return true;
}

/* A mask is of IPv4, a number a prefix of IPv6 */
static bool add_subnet(struct lis_kvp_ip_binary *b, unsigned int *v4,
		       unsigned int *v6, const char *item)
{
	char *end;
	unsigned long n = strtoul(item, &end, 10);

	if (*v4 < 64 && inet_pton(AF_INET, item, b->v4_subnet[*v4]) == 1) {
		++*v4;
		return true;
	}
	if (!*item || *end || n > 128 || *v6 >= 64)
		return false;
	b->v6_prefix[(*v6)++] = n;
	return true;
}

static bool fill_list(struct lis_kvp_ip_binary *b, enum list which, char *rest)
{
	struct room room = binary_room(b, which);
	unsigned int v4 = 0, v6 = 0;
	char *item;
	bool ok = true;

	while (ok && (item = strsep(&rest, ";")))
		ok = !*item || (which == SUBNETS ?
				add_subnet(b, &v4, &v6, item) :
				add_item(&room, item));
	return ok;
}

static bool fill_binary(struct request *r)
{
	struct lis_kvp_ip_binary *b = &r->m.binary;
	bool ok = true;

	b->family = r->family;
	b->dhcp = r->dhcp;
	for (int i = 0; ok && i < LISTS; i++) {
		char *copy = strdup(r->lists[i]);

		if (!copy)
			abort();
		ok = fill_list(b, i, copy);
		free(copy);
		if (!ok)
			ic_wrong(r->args, "%s %s: no list of addresses",
				 list_names[i], r->lists[i]);
	}
	return ok;
}

static void append(char *to, size_t size, const char *item)
{
	size_t used = strlen(to);

	snprintf(to + used, size - used, "%s%s", used ? ";" : "", item);
}

static void show_binary(struct request *r, struct json_object *reply)
{
	struct lis_kvp_ip_binary *b = &r->m.binary;
	char item[INET6_ADDRSTRLEN], text[8192];

	json_object_object_add(reply, "family", json_object_new_int(b->family));
	json_object_object_add(reply, "dhcp", json_object_new_boolean(b->dhcp));
	for (int i = 0; i < LISTS; i++) {
		struct room room = binary_room(b, i == SUBNETS ? ADDRESSES : i);
		const uint8_t *v4 = i == SUBNETS ? b->v4_subnet[0] : room.v4;

		text[0] = 0;
		for (uint32_t n = 0; n < *room.v4_count && n < room.max; n++)
			append(text, sizeof(text),
			       inet_ntop(AF_INET, v4 + 4 * n, item,
					 sizeof(item)));
		for (uint32_t n = 0; n < *room.v6_count && n < room.max; n++) {
			if (i == SUBNETS)
				snprintf(item, sizeof(item), "%u",
					 b->v6_prefix[n]);
			else
				inet_ntop(AF_INET6, room.v6 + 16 * n, item,
					  sizeof(item));
			append(text, sizeof(text), item);
		}
		json_object_object_add(reply, list_names[i],
				       json_object_new_string(text));
	}
}

/* --- verbs -------------------------------------------------------------------- */

bool kvp_get_ip(struct vmbus_server *s, struct ic_args *a,
		struct json_object *reply)
{
	struct request r = { .args = a };

	if (!prepare(s, &r, LIS_KVP_GET_IP, "ADAPTER [--limit S]") || !ask(&r))
		return false;
	if (r.binary)
		show_binary(&r, reply);
	else
		show_text(&r, reply);
	return true;
}

static bool family_option(struct request *r)
{
	const char *text = ic_value(r->args, "--family");

	r->family = LIS_KVP_IP_V4;
	if (text && !strcmp(text, "6"))
		r->family = LIS_KVP_IP_V6;
	else if (text && !strcmp(text, "both"))
		r->family = LIS_KVP_IP_V4 | LIS_KVP_IP_V6;
	else if (text && strcmp(text, "4"))
		return ic_wrong(r->args, "--family %s: want 4, 6 or both",
				text);
	return true;
}

bool kvp_set_ip(struct vmbus_server *s, struct ic_args *a)
{
	struct request r = { .args = a };

	r.dhcp = ic_flag(a, "--dhcp");
	r.lists[ADDRESSES] = ic_value(a, "--address") ?: "";
	r.lists[SUBNETS] = ic_value(a, "--subnet") ?: "";
	r.lists[GATEWAYS] = ic_value(a, "--gateway") ?: "";
	r.lists[DNS] = ic_value(a, "--dns") ?: "";
	return family_option(&r) &&
	       prepare(s, &r, LIS_KVP_SET_IP, "ADAPTER [--dhcp] [--family 4|6|both] [--address A;...] [--subnet S;...] [--gateway G;...] [--dns D;...] [--limit S]") &&
	       (r.binary ? fill_binary(&r) : fill_text(&r)) && ask(&r);
}
