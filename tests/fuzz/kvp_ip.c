// SPDX-License-Identifier: GPL-2.0-only
/*
 * Network configuration of any content: what is believed is addresses, and
 * what is written down for the system has nothing else of the host's.
 */
/* srcs: tools/kvp/ip_parse.c tools/kvp/ip_render.c tools/lib/text.c */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tools/kvp/ip.h"

static void check_list(const struct ip_list *list)
{
	size_t i;

	if (list->count > IP_MAX)
		abort();
	for (i = 0; i < list->count; i++) {
		const struct ip_address *a = &list->at[i];

		if (a->prefix > (a->v6 ? 128 : 32) || !*a->text ||
		    a->text[strspn(a->text, "0123456789abcdef:.")])
			abort();
	}
}

/* Copies a piece of the input to where a list goes. */
static void take(const uint8_t **in, size_t *size, void *field, size_t room)
{
	size_t len = *size ? (*in)[0] : 0;

	if (!*size)
		return;
	*in += 1;
	*size -= 1;
	if (len > *size)
		len = *size;
	if (len > room)
		len = room;
	memcpy(field, *in, len);
	*in += len;
	*size -= len;
}

int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *in, size_t size)
{
	struct hv_kvp_ipaddr_value v = { 0 };
	static struct ip_config c;
	static char out[65536], old[512];
	char why[256];
	int form;

	if (!size)
		return 0;
	v.dhcp_enabled = in[0] & 1;
	in++;
	size--;
	take(&in, &size, &v.ip_addr, sizeof(v.ip_addr));
	take(&in, &size, &v.sub_net, sizeof(v.sub_net));
	take(&in, &size, &v.gate_way, sizeof(v.gate_way));
	take(&in, &size, &v.dns_addr, sizeof(v.dns_addr));
	memset(old, 0, sizeof(old));
	take(&in, &size, old, sizeof(old) - 1);
	strcpy(c.name, "eth0");
	strcpy(c.mac, "00:15:5d:00:00:01");
	if (!ip_parse(&c, &v, why, sizeof(why)))
		return 0;
	check_list(&c.addresses);
	check_list(&c.gateways);
	check_list(&c.servers);
	for (form = 0; form < IP_FORMS; form++)
		if (!ip_render(form, &c, old, out, sizeof(out)))
			abort();
	return 0;
}
