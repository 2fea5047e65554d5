// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies of files from the host: hands them piece by piece to hv_fcopy_daemon.
 * Called with svc->lock.
 */
#include <linux/string.h>
#include "utils_int.h"

static unsigned int fcopy_patience(struct utils_service *svc)
{
	return 30;
}

static int fcopy_registers(struct utils_service *svc, const void *data, u32 len)
{
	u32 version;

	if (len != sizeof(version))
		return -EINVAL;
	memcpy(&version, data, sizeof(version));
	if (version > LIS_FCOPYD_VERSION)
		return -EINVAL;
	if (version == LIS_FCOPYD_VERSION_OLD)
		return 0;
	memcpy(svc->relay.greeting, &version, sizeof(version));
	return sizeof(version);
}

static u32 fcopy_message(struct utils_service *svc)
{
	struct utils_copy *c = &svc->fcopy;
	const char *wrong;
	u32 bytes, status;

	wrong = utils_fcopy_request(&c->state, svc->msg, svc->relay.out, &bytes,
				    &status);
	if (wrong) {
		utils_complain(svc, UTILS_CNT_MALFORMED, wrong);
		return status;
	}
	memcpy(&c->asked, svc->msg->body, sizeof(c->asked));
	status = utils_relay_ask(svc, bytes);
	if (status != UTILS_LATER)
		c->state.open = false;
	return status;
}

static u32 fcopy_answer(struct utils_service *svc, const void *data)
{
	u32 status;

	memcpy(&status, data, sizeof(status));
	utils_fcopy_answer(&svc->fcopy.state, svc->fcopy.asked, status);
	return status;
}

/* The daemon that comes next knows nothing of it. */
static void fcopy_forget(struct utils_service *svc)
{
	svc->fcopy.state.open = false;
}

static const struct utils_daemon fcopy_daemon = {
	.node		= "vmbus/hv_fcopy",
	.room		= sizeof(struct lis_fcopy_write),
	.patience	= fcopy_patience,
	.registers	= fcopy_registers,
	.answer_bytes	= sizeof(u32),
	.answer		= fcopy_answer,
	.lost		= fcopy_forget,
};

const struct utils_kind utils_fcopy_kind = {
	.name		= "FCopy",
	.type		= LIS_IC_FCOPY,
	.versions	= { .count = 1, .version = { { 1, 1 } } },
	.daemon		= &fcopy_daemon,
	.begin		= fcopy_forget,
	.message	= fcopy_message,
};
