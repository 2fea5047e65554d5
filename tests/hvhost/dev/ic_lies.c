// SPDX-License-Identifier: GPL-2.0-only
/*
 * Integration components: the lies that `hostile` ordered, told in messages
 * that are otherwise right, or out of the blue.
 * Locking: see ic.h; a lie is counted off atomically.
 */
#include <stddef.h>
#include <string.h>

#include <lis/proto/ic_files.h>
#include <lis/proto/ic_kvp.h>

#include "ic.h"

#define FAR_OFF		0xfffffff0u
#define NO_TYPE		0x4711
#define NO_OP		0x77
#define NO_POOL		0xee
#define SHORT_BYTES	18	/* a pipe header and half of an IC header */

/* Is one due?  From the first on the guest may answer what it likes. */
static bool lie(struct ic *ic, enum mischief what)
{
	if (!vmbus_channel_mischief(ic->ch, what))
		return false;
	ic->lied = true;
	ic->counts.lies++;
	return true;
}

static void put32(uint8_t *at, uint32_t n)
{
	memcpy(at, &n, sizeof(n));
}

/* --- the frame ---------------------------------------------------------------- */

static void lie_pipe(struct ic *ic)
{
	struct lis_ic_pipe *pipe = (struct lis_ic_pipe *)ic->packet;

	if (lie(ic, MISCHIEF_IC_PIPE_LENGTH))
		pipe->bytes = FAR_OFF;
	if (lie(ic, MISCHIEF_IC_PIPE_TYPE))
		pipe->type = 7;
}

static void lie_header(struct ic *ic)
{
	struct lis_ic_header h;
	uint8_t *at = ic->packet + sizeof(struct lis_ic_pipe);

	memcpy(&h, at, sizeof(h));
	if (lie(ic, MISCHIEF_IC_SIZE))
		h.bytes = 0xffff;
	if (lie(ic, MISCHIEF_IC_SIZE_ZERO))
		h.bytes = 0;
	if (lie(ic, MISCHIEF_IC_TYPE))
		h.type = NO_TYPE;
	if (lie(ic, MISCHIEF_IC_VERSION))
		h.version = (struct lis_ic_version){ 99, 99 };
	if (lie(ic, MISCHIEF_IC_FLAGS))
		h.flags = 0;
	if (lie(ic, MISCHIEF_IC_RESPONSE))
		h.flags = LIS_IC_FLAG_TRANSACTION | LIS_IC_FLAG_RESPONSE;
	memcpy(at, &h, sizeof(h));
}

/* All lengths agree with each other: on @body bytes */
static uint32_t resize(struct ic *ic, uint32_t body)
{
	struct lis_ic_pipe pipe = { LIS_IC_PIPE_DATA,
				    sizeof(struct lis_ic_header) + body };
	uint16_t size = body;

	memcpy(ic->packet, &pipe, sizeof(pipe));
	memcpy(ic->packet + sizeof(pipe) +
	       offsetof(struct lis_ic_header, bytes), &size, sizeof(size));
	return IC_HEAD + body;
}

/* As long as it may be, and a little longer, if the ring takes that */
static uint32_t lengthen(struct ic *ic, uint32_t bytes)
{
	uint32_t most = vmbus_channel_longest(ic->ch) & ~7u;

	if (most > sizeof(ic->packet))
		most = sizeof(ic->packet);
	if (most <= bytes)
		return bytes;
	memset(ic->packet + bytes, 'A', most - bytes);
	return resize(ic, most - IC_HEAD);
}

/* --- what is in it -------------------------------------------------------------- */

static void lie_kvp(struct ic *ic, uint8_t *body, uint32_t bytes)
{
	uint32_t value = body[0] == LIS_KVP_ENUMERATE ? 8 : 4;

	if (bytes < LIS_KVP_MESSAGE_BYTES)
		return;
	if (lie(ic, MISCHIEF_IC_POOL))
		body[1] = NO_POOL;
	if (lie(ic, MISCHIEF_IC_INDEX))
		put32(body + 4, FAR_OFF);
	if (body[0] == LIS_KVP_DELETE && lie(ic, MISCHIEF_IC_KEY_SIZE))
		put32(body + 4, FAR_OFF);
	else if (lie(ic, MISCHIEF_IC_KEY_SIZE))
		put32(body + value + 4, FAR_OFF);
	if (lie(ic, MISCHIEF_IC_VALUE_SIZE))
		put32(body + value + 8, FAR_OFF);
	if (lie(ic, MISCHIEF_IC_VALUE_TYPE))
		put32(body + value, NO_TYPE);
	if (lie(ic, MISCHIEF_IC_TEXT))
		memset(body + value + 12, 'A',
		       LIS_KVP_KEY_MAX + LIS_KVP_VALUE_MAX);
}

static void lie_fcopy(struct ic *ic, uint8_t *body, uint32_t bytes)
{
	uint64_t offset = -16ull;

	if (bytes == sizeof(struct lis_fcopy_write)) {
		if (lie(ic, MISCHIEF_IC_SIZE_INSIDE))
			put32(body + offsetof(struct lis_fcopy_write, bytes),
			      FAR_OFF);
		if (lie(ic, MISCHIEF_IC_OFFSET))
			memcpy(body + offsetof(struct lis_fcopy_write, offset),
			       &offset, sizeof(offset));
	} else if (bytes == sizeof(struct lis_fcopy_start)) {
		if (lie(ic, MISCHIEF_IC_TEXT))
			memset(body + offsetof(struct lis_fcopy_start, name),
			       'A', 4 * LIS_FCOPY_PATH_MAX);
		if (lie(ic, MISCHIEF_IC_INDEX))
			memset(body + offsetof(struct lis_fcopy_start, bytes),
			       0xff, sizeof(uint64_t));
	}
}

static void lie_body(struct ic *ic, uint8_t *body, uint32_t bytes)
{
	switch (ic->service->type) {
	case LIS_IC_KVP:
		lie_kvp(ic, body, bytes);
		break;
	case LIS_IC_FCOPY:
		lie_fcopy(ic, body, bytes);
		break;
	case LIS_IC_VSS:
		if (body[0] == LIS_VSS_FREEZE &&
		    lie(ic, MISCHIEF_IC_SIZE_INSIDE))
			put32(body + offsetof(struct lis_vss_freeze, luns),
			      FAR_OFF);
		break;
	case LIS_IC_SHUTDOWN:
		if (lie(ic, MISCHIEF_IC_TEXT))
			memset(body + offsetof(struct lis_ic_shutdown, text),
			       'A', 2048);
		return;		/* and it is no operation */
	case LIS_IC_TIMESYNC:
		if (lie(ic, MISCHIEF_IC_TIME))
			memset(body, 0xff, 16);
		if (lie(ic, MISCHIEF_IC_TIME_ZERO))
			memset(body, 0, 16);
		return;
	default:
		return;
	}
	if (lie(ic, MISCHIEF_IC_OP))
		body[0] = NO_OP;
}

uint32_t ic_lie(struct ic *ic, uint32_t bytes, bool *repeat)
{
	struct lis_ic_header h;

	memcpy(&h, ic->packet + sizeof(struct lis_ic_pipe), sizeof(h));
	if (h.type != LIS_IC_NEGOTIATE)
		lie_body(ic, ic->packet + IC_HEAD, bytes - IC_HEAD);
	if (lie(ic, MISCHIEF_IC_CUT))
		bytes = resize(ic, (bytes - IC_HEAD) / 2);
	if (lie(ic, MISCHIEF_IC_LONG))
		bytes = lengthen(ic, bytes);
	lie_pipe(ic);
	lie_header(ic);
	if (lie(ic, MISCHIEF_IC_SHORT))
		bytes = SHORT_BYTES;
	*repeat = lie(ic, MISCHIEF_IC_REPEAT);
	return bytes;
}

/* --- negotiation ------------------------------------------------------------------ */

uint32_t ic_lie_versions(struct ic *ic, uint8_t *body, uint32_t bytes)
{
	struct lis_ic_negotiate n;

	memcpy(&n, body, sizeof(n));
	if (lie(ic, MISCHIEF_IC_COUNTS))
		n.frameworks = n.messages = 0xffff;
	if (lie(ic, MISCHIEF_IC_COUNTS_ZERO)) {
		n.frameworks = n.messages = 0;
		bytes = sizeof(n);
	}
	if (lie(ic, MISCHIEF_IC_NO_VERSION))
		memset(body + sizeof(n), 99, bytes - sizeof(n));
	memcpy(body, &n, sizeof(n));
	return bytes;
}

/* Does the next negotiation hold one of these?  Then there shall be one. */
static bool false_versions_due(struct ic *ic)
{
	return vmbus_channel_mischief_due(ic->ch, MISCHIEF_IC_COUNTS) ||
	       vmbus_channel_mischief_due(ic->ch, MISCHIEF_IC_COUNTS_ZERO) ||
	       vmbus_channel_mischief_due(ic->ch, MISCHIEF_IC_NO_VERSION);
}

/* --- out of the blue ---------------------------------------------------------------- */

/* A request more, whatever is under way; false: no room for it */
static bool send_extra(struct ic *ic)
{
	uint8_t body[IC_BODY_MAX];
	struct lis_ic_negotiate none = { 0, 0, 0 };
	uint16_t type = ic->service->type;
	uint32_t bytes = sizeof(none);

	if (ic->service->harmless) {
		bytes = ic->service->harmless(ic, body);
		if (ic->service->stamp)
			ic->service->stamp(ic, body, bytes);
	} else {
		type = LIS_IC_NEGOTIATE;
		memcpy(body, &none, sizeof(none));
	}
	if (!vmbus_channel_send(ic->ch, LIS_PKT_INBAND, 0, 0, ic->packet,
				ic_build(ic, type, body, bytes)))
		return false;
	ic->owed[ic->transaction]++;
	ic->counts.sent++;
	return true;
}

bool ic_lie_unasked(struct ic *ic)
{
	/* No excuse for odd answers: these requests are as they should be */
	while (vmbus_channel_mischief_due(ic->ch, MISCHIEF_IC_BURST)) {
		if (!send_extra(ic))
			return false;
		vmbus_channel_mischief(ic->ch, MISCHIEF_IC_BURST);
		ic->counts.lies++;
	}
	ic->negotiate |= false_versions_due(ic);
	return true;
}
