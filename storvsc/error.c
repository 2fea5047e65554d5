// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a completed request means: the only place where host status codes are
 * judged.  One table maps SRB codes, one SCSI statuses, one maps sense codes to
 * rescans.
 *
 * Pure.  The rule for everything unknown is "failed, may be retried": an
 * answer we do not understand is never a success.
 */
#include <linux/array_size.h>
#include "pure.h"

#define GOOD			0x00
#define CHECK_CONDITION		0x02
#define CONDITION_MET		0x04
#define BUSY			0x08
#define RESERVATION_CONFLICT	0x18
#define TASK_SET_FULL		0x28
#define ACA_ACTIVE		0x30
#define TASK_ABORTED		0x40

struct srb_rule {
	const char *name;
	enum storvsc_outcome outcome;
	u32 actions;
};

#define QUIET	0
#define TELL	STORVSC_LOG
#define LOOK	(STORVSC_LOG | STORVSC_SEE_BUS)

/*
 * Outcome of an SRB code that came without valid sense data.  Codes that are
 * absent (pending, reserved) have no name and count as RETRY.
 */
static const struct srb_rule srb_rules[] = {
	[LIS_SRB_SUCCESS]	= { "success", STORVSC_OK, QUIET },
	[LIS_SRB_ABORTED]	= { "aborted", STORVSC_RETRY, TELL },
	[LIS_SRB_ABORT_FAILED]	= { "abort failed", STORVSC_RETRY, TELL },
	[LIS_SRB_ERROR]		= { "error", STORVSC_RETRY, TELL },
	[LIS_SRB_BUSY]		= { "busy", STORVSC_BUSY, QUIET },
	[LIS_SRB_INVALID_REQUEST] = { "invalid request", STORVSC_REJECTED,
				      TELL },
	[LIS_SRB_INVALID_PATH]	= { "invalid path", STORVSC_GONE, LOOK },
	[LIS_SRB_NO_DEVICE]	= { "no device", STORVSC_GONE, LOOK },
	/* The host's own time limit: our block layer keeps the real one. */
	[LIS_SRB_TIMEOUT]	= { "timeout", STORVSC_RETRY, TELL },
	[LIS_SRB_SELECTION_TIMEOUT] = { "selection timeout", STORVSC_GONE,
					LOOK },
	[LIS_SRB_COMMAND_TIMEOUT] = { "command timeout", STORVSC_RETRY, TELL },
	[LIS_SRB_MESSAGE_REJECT] = { "message reject", STORVSC_REJECTED, TELL },
	[LIS_SRB_BUS_RESET]	= { "bus reset", STORVSC_RESET, TELL },
	[LIS_SRB_PARITY]	= { "parity", STORVSC_RETRY, TELL },
	[LIS_SRB_SENSE_FAILED]	= { "sense failed", STORVSC_RETRY, TELL },
	[LIS_SRB_NO_HBA]	= { "no adapter", STORVSC_GONE, LOOK },
	/* Usually an underrun (INQUIRY wanted more than there is). */
	[LIS_SRB_DATA_OVERRUN]	= { "data overrun", STORVSC_OK, QUIET },
	[LIS_SRB_BUS_FREE]	= { "bus free", STORVSC_RETRY, TELL },
	[LIS_SRB_PHASE]		= { "phase", STORVSC_RETRY, TELL },
	[LIS_SRB_BAD_LENGTH]	= { "bad length", STORVSC_REJECTED, TELL },
	[LIS_SRB_FLUSHED]	= { "flushed", STORVSC_RETRY, TELL },
	[LIS_SRB_INVALID_LUN]	= { "invalid LUN", STORVSC_GONE, LOOK },
	[LIS_SRB_INVALID_TARGET] = { "invalid target", STORVSC_GONE, LOOK },
	[LIS_SRB_BAD_FUNCTION]	= { "bad function", STORVSC_REJECTED, TELL },
	[LIS_SRB_ERROR_RECOVERY] = { "error recovery", STORVSC_RETRY, TELL },
	[LIS_SRB_NOT_POWERED]	= { "not powered", STORVSC_RETRY, TELL },
	[LIS_SRB_LINK_DOWN]	= { "link down", STORVSC_LINK, TELL },
	/* The host is short of memory; it has done nothing. */
	[LIS_SRB_INTERNAL_ERROR] = { "internal error", STORVSC_RETRY, TELL },
};

static const struct srb_rule unknown_srb = { NULL, STORVSC_RETRY, TELL };

/*
 * What a SCSI status says beside the SRB code.  Those that are absent do not
 * exist (any more), and make a request fail that the host calls done.
 */
enum status_kind {
	STATUS_UNKNOWN,
	STATUS_GOOD,		/* the SRB code and the byte count decide */
	STATUS_SENSE,		/* explained by sense data */
	STATUS_SPEAKS,		/* explains itself to the midlayer */
};

static const struct {
	u8 status;
	enum status_kind kind;
} statuses[] = {
	{ GOOD, STATUS_GOOD },
	{ CHECK_CONDITION, STATUS_SENSE },
	{ CONDITION_MET, STATUS_SPEAKS },
	{ BUSY, STATUS_SPEAKS },
	{ RESERVATION_CONFLICT, STATUS_SPEAKS },
	{ TASK_SET_FULL, STATUS_SPEAKS },
	{ ACA_ACTIVE, STATUS_SPEAKS },
	{ TASK_ABORTED, STATUS_SPEAKS },
};

/* Unit attentions after which something must be looked at again. */
static const struct {
	u8 asc;
	u8 ascq;
	u32 actions;
} attentions[] = {
	{ 0x28, 0x00, STORVSC_SEE_DEVICE },	/* medium may have changed */
	{ 0x2a, 0x01, STORVSC_SEE_DEVICE },	/* mode parameters changed */
	{ 0x2a, 0x09, STORVSC_SEE_DEVICE },	/* capacity changed */
	{ 0x3f, 0x03, STORVSC_SEE_DEVICE },	/* inquiry data changed */
	{ 0x3f, 0x0e, STORVSC_SEE_BUS },	/* reported LUNs changed */
};

#define UNIT_ATTENTION	0x06

/* Key, ASC and ASCQ of fixed or descriptor sense; false when too short. */
static bool parse_sense(const u8 *sense, u32 len, u8 *key, u8 *asc, u8 *ascq)
{
	u8 format = sense[0] & 0x7f;

	if ((format == 0x72 || format == 0x73) && len >= 4) {
		*key = sense[1] & 0x0f;
		*asc = sense[2];
		*ascq = sense[3];
		return true;
	}
	if ((format == 0x70 || format == 0x71) && len >= 14) {
		*key = sense[2] & 0x0f;
		*asc = sense[12];
		*ascq = sense[13];
		return true;
	}
	return false;
}

static u32 sense_actions(const struct storvsc_reply *r)
{
	u8 key, asc, ascq;
	u32 i;

	if (!parse_sense(r->sense, r->sense_len, &key, &asc, &ascq))
		return 0;
	if (key != UNIT_ATTENTION)
		return 0;
	for (i = 0; i < ARRAY_SIZE(attentions); i++) {
		if (attentions[i].asc == asc && attentions[i].ascq == ascq)
			return attentions[i].actions;
	}
	return 0;
}

static const struct srb_rule *srb_rule(u8 code)
{
	if (code >= ARRAY_SIZE(srb_rules) || !srb_rules[code].name)
		return &unknown_srb;
	return &srb_rules[code];
}

const char *storvsc_srb_name(u8 srb_code)
{
	const char *name = srb_rule(srb_code)->name;

	return name ? name : "unknown";
}

static enum status_kind kind_of(u8 status)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		if (statuses[i].status == status)
			return statuses[i].kind;
	}
	return STATUS_UNKNOWN;
}

static struct storvsc_verdict with_status(u8 status, bool use_sense, u32 act)
{
	struct storvsc_verdict v = {
		.outcome = STORVSC_OK,
		.scsi_status = status,
		.use_sense = use_sense,
		.actions = act,
	};

	return v;
}

struct storvsc_verdict storvsc_judge(const struct storvsc_reply *r,
				     u32 underflow)
{
	const struct srb_rule *rule = srb_rule(r->srb_code);
	enum status_kind kind = kind_of(r->scsi_status);
	struct storvsc_verdict v = {
		.outcome = rule->outcome,
		.actions = rule->actions,
	};

	/* An absent device is absent whatever status and sense came along. */
	if (v.outcome == STORVSC_GONE)
		return v;
	/* Some hosts say "error, sense is valid" and leave the status at 0. */
	if (r->sense && (kind == STATUS_SENSE ||
			 (kind == STATUS_GOOD && v.outcome != STORVSC_OK)))
		return with_status(CHECK_CONDITION, true, sense_actions(r));
	if (kind == STATUS_SPEAKS)
		return with_status(r->scsi_status, false, 0);
	if (v.outcome != STORVSC_OK)
		return v;
	/* Left: the host calls it done, with GOOD, with a CHECK CONDITION
	 * nobody can read, or with a status that does not exist.
	 */
	if (kind == STATUS_GOOD && r->transferred >= underflow)
		return v;
	v.outcome = STORVSC_RETRY;
	v.actions = STORVSC_LOG;
	return v;
}
