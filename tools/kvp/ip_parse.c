// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network configuration from the host, taken apart.  Pure.  Nothing but
 * addresses that inet_pton() knows gets through.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ip.h"
#include "tools/lib/text.h"

/* Ones from the left, and zeros behind them; -1 if there is one among those */
static int leading_ones(const unsigned char *bytes, int count)
{
	int ones = 0, i;

	while (ones < count * 8 && bytes[ones / 8] & 0x80 >> ones % 8)
		ones++;
	for (i = ones; i < count * 8; i++)
		if (bytes[i / 8] & 0x80 >> i % 8)
			return -1;
	return ones;
}

int ip_prefix(const char *text, bool v6)
{
	unsigned char bytes[16];
	char *end;
	long n;

	text += *text == '/';
	if (inet_pton(v6 ? AF_INET6 : AF_INET, text, bytes) == 1)
		return leading_ones(bytes, v6 ? 16 : 4);
	if (!isdigit((unsigned char)*text))
		return -1;
	n = strtol(text, &end, 10);
	return *end || n > (v6 ? 128 : 32) ? -1 : (int)n;
}

void ip_netmask(char *out, size_t size, unsigned int prefix)
{
	unsigned int mask = prefix ? ~0u << (32 - prefix) : 0;

	snprintf(out, size, "%u.%u.%u.%u", mask >> 24, mask >> 16 & 0xff,
		 mask >> 8 & 0xff, mask & 0xff);
}

/* Takes one element off a list; NULL at its end. */
static char *next_element(char **list)
{
	char *element, *end;

	do {
		element = strsep(list, ";");
		if (!element)
			return NULL;
		element += strspn(element, " \t");
		end = element + strlen(element);
		while (end > element && isspace((unsigned char)end[-1]))
			*--end = '\0';
	} while (!*element);
	return element;
}

static bool take_address(struct ip_address *a, const char *text)
{
	unsigned char bytes[16];

	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, bytes) == 1) {
		a->prefix = 32;
	} else if (inet_pton(AF_INET6, text, bytes) == 1) {
		a->v6 = true;
		a->prefix = 128;
	} else {
		return false;
	}
	return inet_ntop(a->v6 ? AF_INET6 : AF_INET, bytes, a->text,
			 sizeof(a->text));
}

static bool take_list(struct ip_list *list, const void *field, size_t size,
		      const char *what, char *why, size_t why_size)
{
	char text[MAX_IP_ADDR_SIZE * 2], *rest = text, *element;

	list->count = 0;
	if (text_take(text, sizeof(text), field, size) < 0) {
		snprintf(why, why_size, "the list of %s does not end", what);
		return false;
	}
	while ((element = next_element(&rest))) {
		if (list->count < IP_MAX &&
		    take_address(&list->at[list->count], element)) {
			list->count++;
			continue;
		}
		snprintf(why, why_size, "%s: '%.50s' is no address, or one too many",
			 what, element);
		return false;
	}
	return true;
}

static bool take_masks(struct ip_config *c, const void *field, size_t size,
		       char *why, size_t why_size)
{
	char text[MAX_IP_ADDR_SIZE * 2], *rest = text, *element;
	struct ip_address *a;
	size_t i;
	int prefix;

	if (text_take(text, sizeof(text), field, size) < 0)
		text[0] = '\0';
	for (i = 0; i < c->addresses.count; i++) {
		a = &c->addresses.at[i];
		element = next_element(&rest);
		prefix = element ? ip_prefix(element, a->v6) : -1;
		if (prefix <= 0) {
			snprintf(why, why_size, "subnets: '%.50s' is no mask for %s",
				 element ? element : "", a->text);
			return false;
		}
		a->prefix = (unsigned int)prefix;
	}
	return true;
}

bool ip_parse(struct ip_config *c, const struct hv_kvp_ipaddr_value *v,
	      char *why, size_t why_size)
{
	c->dhcp = v->dhcp_enabled;
	if (!take_list(&c->addresses, v->ip_addr, sizeof(v->ip_addr),
		       "addresses", why, why_size) ||
	    !take_list(&c->gateways, v->gate_way, sizeof(v->gate_way),
		       "gateways", why, why_size) ||
	    !take_list(&c->servers, v->dns_addr, sizeof(v->dns_addr),
		       "name servers", why, why_size))
		return false;
	if (c->dhcp) {
		/* what comes along is what was before */
		c->addresses.count = 0;
		c->gateways.count = 0;
		return true;
	}
	if (!c->addresses.count) {
		snprintf(why, why_size, "neither addresses nor DHCP");
		return false;
	}
	return take_masks(c, v->sub_net, sizeof(v->sub_net), why, why_size);
}
