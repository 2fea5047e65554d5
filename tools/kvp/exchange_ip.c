// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two requests about network configuration, between the message and the
 * machine.
 */
#include <stdio.h>
#include <string.h>

#include "ip.h"
#include "kvp.h"
#include "tools/lib/text.h"

#define ADAPTER_MAX	256

/* Which interface the message speaks of; 0 or a status */
static uint32_t find(struct kvp *k, const struct hv_kvp_ipaddr_value *v,
		     char *name, char *mac)
{
	char adapter[ADAPTER_MAX], shown[80];

	if (text_take(adapter, sizeof(adapter), v->adapter_id,
		      sizeof(v->adapter_id)) < 0) {
		strcpy(k->error, "the adapter's name does not end");
		return HV_INVALIDARG;
	}
	if (ip_find(k->root, adapter, name, mac))
		return HV_S_OK;
	text_cut(shown, sizeof(shown), adapter);
	snprintf(k->error, sizeof(k->error), "there is no adapter '%s'", shown);
	return HV_GUID_NOTFOUND;
}

static uint32_t get(struct kvp *k, struct hv_kvp_ipaddr_value *v)
{
	char name[IF_NAMESIZE], mac[18];
	uint32_t status = find(k, v, name, mac);

	return status ? status : ip_query(k->root, name, v);
}

static uint32_t set(struct kvp *k, const struct hv_kvp_ipaddr_value *v)
{
	static struct ip_config c;
	uint32_t status;

	if (!strcmp(k->way->backend, "none")) {
		strcpy(k->error, "configuring the network is switched off");
		return HV_ERROR_NOT_SUPPORTED;
	}
	memset(&c, 0, sizeof(c));
	status = find(k, v, c.name, c.mac);
	if (status)
		return status;
	if (!ip_parse(&c, v, k->error, sizeof(k->error)))
		return HV_INVALIDARG;
	if (ip_apply(k->way, &c, k->error, sizeof(k->error)))
		return HV_S_OK;
	return HV_E_FAIL;
}

const struct kvp_ip_ops kvp_ip_ops = {
	.get = get,
	.set = set,
};
