// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backup: the guest is asked to hold still while its disks are copied.
 * Locking: see ic.h.
 */
#include <stdio.h>
#include <string.h>

#include <lis/proto/ic_files.h>

#include "ic.h"

#define LIMIT_S		100	/* hvctl's callers have 150 */

static const struct ic_since versions[] = {
	{ { 4, 0 }, 0 }, { { 5, 0 }, LIS_VMBUS_V2_4 },
	{ { 6, 0 }, LIS_VMBUS_V4_0 }, { { 7, 0 }, LIS_VMBUS_V5_2 },
	{ { 0, 0 }, 0 },
};

static const char *answered(struct ic *ic, const uint8_t *sent,
			    const uint8_t *body, uint32_t bytes,
			    uint32_t status)
{
	(void)bytes;
	if (sent[0] != body[0])
		return "another operation";
	if (status)
		return NULL;
	if (body[0] == LIS_VSS_FREEZE || body[0] == LIS_VSS_CREATE)
		ic->frozen = true;
	if (body[0] == LIS_VSS_THAW || body[0] == LIS_VSS_DELETE)
		ic->frozen = false;
	return NULL;
}

static uint32_t question(struct ic *ic, uint8_t *body)
{
	struct lis_vss_flags q = { .head.op = LIS_VSS_HOT_BACKUP };

	(void)ic;
	memcpy(body, &q, sizeof(q));
	return sizeof(q);
}

static void describe(struct ic *ic, struct json_object *to)
{
	json_object_object_add(to, "frozen",
			       json_object_new_boolean(ic->frozen));
}

/* What of the body of FREEZE comes before its LUNs */
#define FREEZE_HEAD	offsetof(struct lis_vss_freeze, lun)

union message {
	struct lis_vss_head head;
	struct lis_vss_flags flags;
	struct lis_vss_freeze freeze;
};

/* CREATE and DELETE name a set of snapshots: that one */
static const uint8_t set_id[16] = "OpenLIS test set";

static uint32_t build(union message *m, uint8_t op, unsigned int luns)
{
	memset(m, 0, sizeof(*m));
	m->head.op = op;
	switch (op) {
	case LIS_VSS_FREEZE:
	case LIS_VSS_AUTO_RECOVER:
		m->freeze.luns = luns;
		for (unsigned int i = 0; i < luns; i++)
			m->freeze.lun[i].lun = i;
		return FREEZE_HEAD + luns * sizeof(struct lis_vss_lun);
	case LIS_VSS_CREATE:
	case LIS_VSS_DELETE:
		memcpy(&m->head + 1, set_id, sizeof(set_id));
		return sizeof(m->head) + sizeof(set_id);
	default:
		return sizeof(m->flags);
	}
}

static const struct {
	const char *word;
	uint8_t op;
	bool flags;			/* the answer has some */
} verbs[] = {
	{ "check", LIS_VSS_HOT_BACKUP, true },
	{ "dm-info", LIS_VSS_DM_INFO, true },
	{ "freeze", LIS_VSS_FREEZE, false },
	{ "thaw", LIS_VSS_THAW, false },
	{ "complete", LIS_VSS_BACKUP_DONE, false },
	{ "create", LIS_VSS_CREATE, false },
	{ "delete", LIS_VSS_DELETE, false },
	{ "auto-recover", LIS_VSS_AUTO_RECOVER, false },
	{ "query-cluster", LIS_VSS_QUERY_CLUSTER, false },
};

#define VERBS	(sizeof(verbs) / sizeof(verbs[0]))

bool vss_control(struct vmbus_server *s, int argc, const char *const *argv,
		 struct json_object *reply, char *error, size_t error_size)
{
	long long limit, luns;
	uint32_t status, bytes;
	struct ic_args a;
	union message m;
	size_t i = 0;
	struct ic *ic;

	(void)error_size;
	ic_args_init(&a, "vss", argc, argv, error);
	limit = ic_number(&a, "--limit", 1, 3600, LIMIT_S);
	luns = ic_number(&a, "--luns", 0, LIS_VSS_LUNS_MAX, 0);
	while (i < VERBS && a.argc && strcmp(a.argv[0], verbs[i].word))
		i++;
	if (!ic_words(&a, 1, 1, "check, dm-info, freeze [--luns N], thaw, complete, create, delete, auto-recover or query-cluster, [--limit S]"))
		return false;
	if (i == VERBS)
		return ic_wrong(&a, "%s: no such verb", a.argv[0]);
	ic = ic_named(s, &ic_vss, &a);
	if (!ic)
		return false;
	bytes = build(&m, verbs[i].op, luns);
	if (!ic_ask(ic, (uint8_t *)&m, bytes, &status, limit * 1000, error) ||
	    !ic_status_ok(&a, status))
		return false;
	if (verbs[i].flags)
		json_object_object_add(reply, "flags",
				       json_object_new_int64(m.flags.flags));
	return true;
}

const struct ic_service ic_vss = {
	.name = "vss",
	.class_id = LIS_IC_VSS_CLASS,
	.instance_id = LIS_IC_VSS_INSTANCE,
	.type = LIS_IC_VSS,
	.versions = versions,
	.answer = answered,
	.harmless = question,
	.describe = describe,
};
