// SPDX-License-Identifier: GPL-2.0-only
/*
 * Key/value pairs: hands the host's requests to hv_kvp_daemon.
 * Called with svc->lock.
 */
#include <linux/string.h>
#include "utils_int.h"

static unsigned int kvp_patience(struct utils_service *svc)
{
	return 30;
}

/* The greeting has a version, which daemons show the host as that of the
 * integration services.
 */
static int kvp_registers(struct utils_service *svc, const void *data, u32 len)
{
	struct lis_kvpd_message *greeting = svc->relay.greeting;
	const struct lis_kvpd_message *m = data;

	if (len != sizeof(*m) || (m->op != LIS_KVPD_REGISTER &&
				  m->op != LIS_KVPD_REGISTER_OLD))
		return -EINVAL;
	svc->relay.old = m->op == LIS_KVPD_REGISTER_OLD;
	memset(greeting, 0, sizeof(*greeting));
	greeting->op = m->op;
	memcpy(greeting->version, LIS_VERSION, sizeof(LIS_VERSION));
	return sizeof(*greeting);
}

static u32 kvp_message(struct utils_service *svc)
{
	struct lis_kvpd_message *out = svc->relay.out;
	const char *wrong = utils_kvp_request(svc->msg, out);

	if (wrong) {
		utils_complain(svc, UTILS_CNT_MALFORMED, wrong);
		return LIS_IC_E_INVALID;
	}
	if (svc->relay.old && out->op >= LIS_KVP_GET_IP)
		return LIS_IC_E_FAIL;
	return utils_relay_ask(svc, sizeof(*out));
}

static u32 kvp_answer(struct utils_service *svc, const void *data)
{
	return utils_kvp_answer(svc->msg, data, svc->relay.old);
}

static const struct utils_daemon kvp_daemon = {
	.node		= "vmbus/hv_kvp",
	.room		= sizeof(struct lis_kvpd_message),
	.patience	= kvp_patience,
	.registers	= kvp_registers,
	.answer_bytes	= sizeof(struct lis_kvpd_message),
	.answer		= kvp_answer,
};

const struct utils_kind utils_kvp_kind = {
	.name		= "KVP",
	.type		= LIS_IC_KVP,
	.versions	= { .count = 2, .version = { { 4, 0 }, { 3, 0 } } },
	.daemon		= &kvp_daemon,
	.message	= kvp_message,
};
