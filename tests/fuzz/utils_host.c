// SPDX-License-Identifier: GPL-2.0-only
/* srcs: utils/frame.c utils/simple.c utils/clock.c utils/text.c utils/kvp_msg.c utils/vss_msg.c */
/* srcs: utils/fcopy_msg.c */
/*
 * Any bytes as messages of a host, and as answers of a daemon: nothing may be
 * read or written out of bounds, what a daemon gets is text that ends, and what
 * it answers becomes a message that the host can read.
 */
#include <stdlib.h>
#include <string.h>

#include "utils/pure.h"

static void require(bool ok)
{
	if (!ok)
		abort();
}

static bool ends(const u8 *text, u32 room)
{
	return memchr(text, 0, room);
}

static void check_kvp(struct utils_frame *f, const struct lis_kvpd_message *d,
		      bool old)
{
	struct lis_kvpd_message m;

	if (utils_kvp_request(f, &m))
		return;
	require(m.op < LIS_KVP_OPS);
	if (m.op == LIS_KVP_SET || m.op == LIS_KVP_GET) {
		require(m.value.key_bytes > 1 &&
			m.value.key_bytes <= sizeof(m.value.key) &&
			m.value.value_bytes <= sizeof(m.value.value));
		require(ends(m.value.key, sizeof(m.value.key)) &&
			ends(m.value.value, sizeof(m.value.value)));
	} else if (m.op == LIS_KVP_DELETE) {
		require(ends(m.del.key, sizeof(m.del.key)));
	} else if (m.op >= LIS_KVP_GET_IP) {
		require(ends(m.ip.adapter, sizeof(m.ip.adapter)) &&
			utils_is_address_text(m.ip.adapter));
		require(ends(m.ip.dns, sizeof(m.ip.dns)) &&
			utils_is_address_text(m.ip.dns));
	}
	if (!utils_kvp_answer(f, d, old) && m.op == LIS_KVP_ENUMERATE) {
		const struct lis_kvp_enumerate *e = (void *)f->body;

		require(e->data.key_bytes >= 2 && !(e->data.key_bytes & 1) &&
			e->data.key_bytes <= LIS_KVP_KEY_MAX);
		require(e->data.value_bytes >= 2 &&
			e->data.value_bytes <= LIS_KVP_VALUE_MAX);
	}
	require(f->body[0] == m.op && f->body[1] == m.pool);
}

static void check_fcopy(const struct utils_frame *f)
{
	struct utils_fcopy c = { .open = true, .bytes = 1 << 20 };
	struct lis_fcopy_start *s;
	struct lis_fcopy_write *w;
	u8 *out = malloc(sizeof(*w));
	u32 len = 0, status, op;

	if (!utils_fcopy_request(&c, f, out, &len, &status)) {
		s = (void *)out;
		w = (void *)out;
		memcpy(&op, out, sizeof(op));
		require(len >= 36 && len <= sizeof(*w));
		if (op == LIS_FCOPY_START)
			require(ends((u8 *)s->name, sizeof(s->name)) &&
				*(char *)s->path == '/' &&
				!strchr((char *)s->name, '/') &&
				!strstr((char *)s->path, "/../"));
		if (op == LIS_FCOPY_WRITE)
			require(w->offset + w->bytes <= c.bytes &&
				len == 52 + w->bytes);
	}
	free(out);
}

static void check_rest(struct utils_frame *f, u32 version)
{
	static const struct utils_versions ours = {
		.count = 2, .version = { { 3, 0 }, { 1, 0 } },
	};
	struct lis_vssd_message out;
	struct utils_sample sample;
	struct utils_vss vss = {};
	struct utils_terms terms;
	enum utils_power what;
	const char *wrong;
	u32 status, was;
	s64 now;

	if (!utils_read_time(f, version, &sample) &&
	    utils_host_now(&sample, sample.reference + 1000, &now))
		require(now > 0);
	if (!utils_shutdown(f, &what))
		require(what <= UTILS_HIBERNATE);
	if (utils_vss_request(&vss, f, version, &out, &status, &wrong) ==
	    UTILS_VSS_ASK)
		utils_vss_answer(&vss, f, out.head.op, 0);
	utils_heartbeat(f, 1);
	was = f->pipe.bytes;
	if (utils_negotiate(f, &ours, &terms, &wrong))
		require(!wrong && terms.framework.major && terms.message.major);
	require(f->pipe.bytes <= was && f->head.bytes <= was);
	require(utils_answer(f, 0) <= sizeof(*f));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lis_kvpd_message *daemon;
	struct utils_frame *f;
	u8 how, turn;

	if (size < 30 || size > sizeof(*f) + 2)
		return 0;
	how = data[0];
	turn = data[1];
	f = calloc(1, sizeof(*f));
	daemon = malloc(sizeof(*daemon));
	memcpy(f, data + 2, size - 2);
	memset(daemon, turn, sizeof(*daemon));
	memcpy(daemon, data + 2 + 28, size - 30 < sizeof(*daemon) ? size - 30 :
	       sizeof(*daemon));
	daemon->status = 0;
	/* most inputs would end here otherwise */
	if (how & 0x80) {
		f->pipe.type = LIS_IC_PIPE_DATA;
		f->pipe.bytes = size - 2 - sizeof(f->pipe);
		f->head.bytes = sizeof(f->body) - (turn & 3) * 1000;
		f->pipe.bytes = sizeof(f->head) + f->head.bytes;
		f->head.flags = 3;
		size = sizeof(*f) + 2;
	}
	if (!utils_check_frame(f, size - 2)) {
		require(f->head.bytes <= sizeof(f->body));
		check_kvp(f, daemon, how & 1);
		check_fcopy(f);
		check_rest(f, UTILS_VERSION(3 + (how >> 1 & 3), 0));
	}
	free(daemon);
	free(f);
	return 0;
}
