// SPDX-License-Identifier: GPL-2.0-only
/*
 * Named malformations, for testing how guests take a lying host.
 *
 *	hostile NAME [DEVICE[.SUBCHANNEL]] [COUNT]
 *
 * Locking: runs with server.lock held.
 */
#include <stdlib.h>
#include <string.h>

#include "server_int.h"

static const char *const channel_names[MISCHIEF_COUNT] = {
	[MISCHIEF_BAD_LENGTH] = "bad_length",
	[MISCHIEF_BAD_OFFSET] = "bad_offset",
	[MISCHIEF_BAD_TYPE] = "bad_type",
	[MISCHIEF_INDEX_CORRUPT] = "index_corrupt",
	[MISCHIEF_DUPLICATE_COMPLETION] = "duplicate_completion",
	[MISCHIEF_UNKNOWN_ID] = "unknown_id",
	[MISCHIEF_TRUNCATED_PACKET] = "truncated_packet",
	[MISCHIEF_DROP_COMPLETION] = "drop_completion",
	[MISCHIEF_WRONG_VP] = "wrong_vp",
	[MISCHIEF_TRANSFER_TOO_LONG] = "transfer_length_too_long",
	[MISCHIEF_BAD_SENSE_LENGTH] = "bad_sense_length",
	[MISCHIEF_TOO_MANY_LUNS] = "too_many_luns",
	[MISCHIEF_FC_REFUSED] = "fc_refused",
	[MISCHIEF_FC_NO_NAMES] = "fc_no_names",
	[MISCHIEF_FC_SHORT] = "fc_short",
	[MISCHIEF_NET_RANGE] = "net_range",
	[MISCHIEF_NET_RANGE_LENGTH] = "net_range_length",
	[MISCHIEF_NET_SET] = "net_set",
	[MISCHIEF_NET_TYPE] = "net_type",
	[MISCHIEF_NET_LENGTH] = "net_length",
	[MISCHIEF_NET_DATA] = "net_data",
	[MISCHIEF_NET_SHORT] = "net_short",
	[MISCHIEF_NET_INFO] = "net_info",
	[MISCHIEF_NET_ANSWER] = "net_answer",
	[MISCHIEF_NET_ANSWER_LENGTH] = "net_answer_length",
	[MISCHIEF_NET_MAC] = "net_mac",
	[MISCHIEF_NET_SECTION] = "net_section",
	[MISCHIEF_NET_SEND_SECTION] = "net_send_section",
	[MISCHIEF_NET_TABLE] = "net_table",
	[MISCHIEF_NET_TABLE_ENTRY] = "net_table_entry",
	[MISCHIEF_IC_SHORT] = "ic_short",
	[MISCHIEF_IC_PIPE_LENGTH] = "ic_pipe_length",
	[MISCHIEF_IC_PIPE_TYPE] = "ic_pipe_type",
	[MISCHIEF_IC_SIZE] = "ic_size",
	[MISCHIEF_IC_SIZE_ZERO] = "ic_size_zero",
	[MISCHIEF_IC_TYPE] = "ic_type",
	[MISCHIEF_IC_CUT] = "ic_cut",
	[MISCHIEF_IC_LONG] = "ic_long",
	[MISCHIEF_IC_VERSION] = "ic_version",
	[MISCHIEF_IC_FLAGS] = "ic_flags",
	[MISCHIEF_IC_RESPONSE] = "ic_response",
	[MISCHIEF_IC_REPEAT] = "ic_repeat",
	[MISCHIEF_IC_OP] = "ic_op",
	[MISCHIEF_IC_POOL] = "ic_pool",
	[MISCHIEF_IC_INDEX] = "ic_index",
	[MISCHIEF_IC_KEY_SIZE] = "ic_key_size",
	[MISCHIEF_IC_VALUE_SIZE] = "ic_value_size",
	[MISCHIEF_IC_VALUE_TYPE] = "ic_value_type",
	[MISCHIEF_IC_TEXT] = "ic_text",
	[MISCHIEF_IC_SIZE_INSIDE] = "ic_size_inside",
	[MISCHIEF_IC_OFFSET] = "ic_offset",
	[MISCHIEF_IC_TIME] = "ic_time",
	[MISCHIEF_IC_TIME_ZERO] = "ic_time_zero",
	[MISCHIEF_IC_COUNTS] = "ic_counts",
	[MISCHIEF_IC_COUNTS_ZERO] = "ic_counts_zero",
	[MISCHIEF_IC_NO_VERSION] = "ic_no_version",
	[MISCHIEF_IC_BURST] = "ic_burst",
};

/* Spoil the next COUNT of something that the bus does later */
static const char *const bus_names[BUS_MISCHIEF_COUNT] = {
	[BUS_OPEN_FAIL] = "open_fail",
	[BUS_GPADL_FAIL] = "gpadl_fail",
	[BUS_NEVER_ANSWER] = "never_answer",
	[BUS_OFFER_REVERSE] = "offer_order",
	[BUS_OFFER_DUPLICATE] = "offer_duplicate_relid",
	[BUS_OFFER_BAD_RELID] = "offer_bad_relid",
	[BUS_POST_BUSY] = "post_busy",
	[BUS_POST_NO_MEMORY] = "post_no_memory",
};

struct target {
	struct vmbus_channel *ch;
	uint32_t relid;
};

/* --- messages out of the blue --------------------------------------------- */

static void rescind_unknown(struct vmbus_server *s, const struct target *t)
{
	(void)t;
	server_post(s, &(struct lis_msg_relid){
		.hdr.type = LIS_MSG_RESCIND_OFFER, .relid = LIS_RELID_MAX },
		sizeof(struct lis_msg_relid));
}

static void open_result_stray(struct vmbus_server *s, const struct target *t)
{
	server_post(s, &(struct lis_msg_open_result){
		.hdr.type = LIS_MSG_OPEN_RESULT, .relid = t->relid,
		.open_id = 0xdeadbeef },
		sizeof(struct lis_msg_open_result));
}

static void gpadl_created_stray(struct vmbus_server *s, const struct target *t)
{
	gpadl_send_created(s, t->relid, 0xdeadbeef, 0);
}

static void torndown_stray(struct vmbus_server *s, const struct target *t)
{
	(void)t;
	server_post(s, &(struct lis_msg_gpadl_torndown){
		.hdr.type = LIS_MSG_GPADL_TORNDOWN, .gpadl = 0xdeadbeef },
		sizeof(struct lis_msg_gpadl_torndown));
}

static void message_short(struct vmbus_server *s, const struct target *t)
{
	struct lis_msg_offer m = {
		.hdr.type = LIS_MSG_OFFER_CHANNEL, .relid = t->relid };

	server_post(s, &m, 20);
}

static void message_unknown(struct vmbus_server *s, const struct target *t)
{
	(void)t;
	server_post(s, &(struct lis_msg_hdr){ .type = 4711 },
		    sizeof(struct lis_msg_hdr));
}

static void version_stray(struct vmbus_server *s, const struct target *t)
{
	(void)t;
	server_post(s, &(struct lis_msg_version_response){
		.hdr.type = LIS_MSG_VERSION_RESPONSE, .supported = 1,
		.connection_id = 0xffffffff },
		sizeof(struct lis_msg_version_response));
}

/* A sub-channel whose primary does not exist */
static void offer_subchannel_first(struct vmbus_server *s,
				   const struct target *t)
{
	struct lis_msg_offer m;

	if (!t->ch)
		return;
	offer_fill(t->ch, &m);
	m.relid = LIS_RELID_MAX;
	m.connection_id = 0x2000 | LIS_RELID_MAX;
	m.subchannel_index = 1;
	m.instance_id.b[0] ^= 0xff;
	server_post(s, &m, sizeof(m));
}

/* The offer of a live channel once more, now */
static void offer_again_now(struct vmbus_server *s, const struct target *t)
{
	struct lis_msg_offer m;

	if (!t->ch)
		return;
	offer_fill(t->ch, &m);
	server_post(s, &m, sizeof(m));
}

/* Event flags of channels that do not exist, 0 among them */
static void stray_events(struct vmbus_server *s, const struct target *t)
{
	uint32_t vp = t->ch ? atomic_load(&t->ch->target_vp) : 0;

	s->fx->set_event(s->fx->ctx, vp, LIS_HV_SINT_VMBUS, 0);
	s->fx->set_event(s->fx->ctx, vp, LIS_HV_SINT_VMBUS, LIS_RELID_MAX);
}

static const struct {
	const char *name;
	void (*send)(struct vmbus_server *s, const struct target *t);
} messages[] = {
	{ "stray_events", stray_events },
	{ "rescind_unknown", rescind_unknown },
	{ "open_result_stray", open_result_stray },
	{ "gpadl_created_stray", gpadl_created_stray },
	{ "torndown_stray", torndown_stray },
	{ "message_short", message_short },
	{ "message_unknown", message_unknown },
	{ "version_stray", version_stray },
	{ "offer_subchannel_first", offer_subchannel_first },
	{ "offer_repeat", offer_again_now },
};

#define MESSAGES (sizeof(messages) / sizeof(messages[0]))

/* --- choosing ------------------------------------------------------------- */

static int find_name(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

/* "scsi0", "scsi0.2" or nothing: the first channel that is open */
static struct vmbus_channel *find_target(struct vmbus_server *s,
					 const char *text)
{
	unsigned long sub = 0;
	size_t len = 0;
	const char *dot;

	if (text) {
		dot = strchr(text, '.');
		len = dot ? (size_t)(dot - text) : strlen(text);
		sub = dot ? strtoul(dot + 1, NULL, 10) : 0;
	}
	for (uint32_t relid = 1; relid <= LIS_RELID_MAX; relid++) {
		struct vmbus_channel *ch = s->channels[relid];

		if (!ch || ch->rescinded)
			continue;
		if (!text ? ch->guest_open : ch->subchannel == sub &&
		    strlen(ch->dev->name) == len &&
		    !strncmp(ch->dev->name, text, len))
			return ch;
	}
	return NULL;
}

static bool on_channel(struct vmbus_channel *ch, const char *name,
		       unsigned int count)
{
	int i = find_name(channel_names, MISCHIEF_COUNT, name);

	if (i >= 0) {
		atomic_fetch_add(&ch->mischief[i], count);
		atomic_fetch_add(&ch->mischief_any, count);
		/* Some of a service's are told without an occasion */
		if (i >= MISCHIEF_IC_SHORT)
			channel_kick(ch);
	} else if (!strcmp(name, "storm")) {
		atomic_store(&ch->storm, count);
		channel_kick(ch);
	} else {
		return false;
	}
	return true;
}

static bool on_bus(struct vmbus_server *s, const char *name,
		   const struct target *t, unsigned int count)
{
	int i = find_name(bus_names, BUS_MISCHIEF_COUNT, name);

	if (i >= 0) {
		s->bus_mischief[i] += count;
		return true;
	}
	for (size_t k = 0; k < MESSAGES; k++) {
		if (strcmp(messages[k].name, name))
			continue;
		while (count--)
			messages[k].send(s, t);
		return true;
	}
	return false;
}

static void list_names(char *to, size_t size)
{
	size_t n = snprintf(to, size, "hostile: expected one of: storm");

	for (int i = 0; i < MISCHIEF_COUNT && n < size; i++)
		n += snprintf(to + n, size - n, " %s", channel_names[i]);
	for (int i = 0; i < BUS_MISCHIEF_COUNT && n < size; i++)
		n += snprintf(to + n, size - n, " %s", bus_names[i]);
	for (size_t i = 0; i < MESSAGES && n < size; i++)
		n += snprintf(to + n, size - n, " %s", messages[i].name);
}

bool hostile_apply(struct vmbus_server *s, int argc, const char *const *argv,
		   char *error, size_t error_size)
{
	struct target t = { .relid = 1 };
	const char *where = NULL;
	unsigned int count = 1;

	for (int i = 1; i < argc; i++) {
		if (argv[i][0] >= '0' && argv[i][0] <= '9')
			count = strtoul(argv[i], NULL, 10);
		else
			where = argv[i];
	}
	t.ch = find_target(s, where);
	if (t.ch)
		t.relid = t.ch->relid;
	if (where && !t.ch) {
		snprintf(error, error_size, "hostile %s: no such channel: %s",
			 argv[0], where);
		return false;
	}
	if (argc && t.ch && on_channel(t.ch, argv[0], count))
		return true;
	if (argc && on_bus(s, argv[0], &t, count))
		return true;
	if (argc && !t.ch && find_name(channel_names, MISCHIEF_COUNT,
				       argv[0]) >= 0)
		snprintf(error, error_size, "hostile %s: no channel is open",
			 argv[0]);
	else
		list_names(error, error_size);
	return false;
}
