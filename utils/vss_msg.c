// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backup: which requests of the host go to the daemon, and whether file systems
 * are frozen.
 *
 * Pure: computes from a private copy of what the host sent.
 */
#include <linux/string.h>
#include "pure.h"

/* Before 5.0 a set is created, with what is frozen, and deleted. */
static u8 op_of(const struct utils_frame *f, u32 version)
{
	u8 op = f->body[0];

	if (version >= UTILS_VERSION(5, 0))
		return op;
	return op == LIS_VSS_CREATE ? LIS_VSS_FREEZE :
	       op == LIS_VSS_DELETE ? LIS_VSS_THAW : op;
}

static void say_flags(struct utils_frame *f, u32 flags)
{
	if (f->head.bytes >= sizeof(struct lis_vss_flags))
		memcpy(f->body + sizeof(struct lis_vss_head), &flags,
		       sizeof(flags));
}

/* Thawed without the host: a backup that ends now is none. */
static bool was_let_go(struct utils_vss *v)
{
	bool was = v->let_go && !v->frozen;

	v->let_go = false;
	return was;
}

enum utils_vss_step utils_vss_request(struct utils_vss *v,
				      const struct utils_frame *f, u32 version,
				      struct lis_vssd_message *out,
				      u32 *status, const char **wrong)
{
	*status = LIS_IC_E_NOT_SUPPORTED;
	*wrong = NULL;
	if (f->head.bytes < sizeof(struct lis_vss_head)) {
		*wrong = "request that is too short";
		*status = LIS_IC_E_INVALID;
		return UTILS_VSS_ANSWER;
	}
	memset(out, 0, sizeof(*out));
	out->head.op = op_of(f, version);
	switch (out->head.op) {
	case LIS_VSS_FREEZE:
		/* once more would be asked of a daemon that may be stuck */
		*status = LIS_IC_E_FAIL;
		if (v->frozen)
			return UTILS_VSS_ANSWER;
		v->let_go = false;
		return UTILS_VSS_ASK;
	case LIS_VSS_THAW:
		*status = LIS_IC_E_FAIL;
		return was_let_go(v) ? UTILS_VSS_ANSWER : UTILS_VSS_ASK;
	case LIS_VSS_HOT_BACKUP:
		return UTILS_VSS_ASK;
	case LIS_VSS_DM_INFO:
	case LIS_VSS_BACKUP_DONE:
		*status = LIS_IC_S_OK;
		return UTILS_VSS_ANSWER;
	}
	if (out->head.op >= LIS_VSS_OPS)
		*wrong = "unknown operation";
	return UTILS_VSS_ANSWER;
}

u32 utils_vss_answer(struct utils_vss *v, struct utils_frame *f, u8 asked,
		     u32 status)
{
	if (asked == LIS_VSS_THAW && !status)
		v->frozen = false;
	if (asked == LIS_VSS_FREEZE)
		v->frozen = !status;
	if (asked == LIS_VSS_HOT_BACKUP && !status)
		say_flags(f, LIS_VSS_HBU_POSSIBLE |
			     LIS_VSS_HBU_NO_AUTO_RECOVERY);
	return status;
}
